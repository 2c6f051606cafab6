#!/usr/bin/env python3
"""The documentation page in a real browser: `browser.py BASE_URL USERNAME PASSWORD [--try METHOD PATH]`.

Signs in by the Authorize button (OAuth2 password flow), tries a call, wants to see its 200, and refuses
any request to another server, any failed asset and any word on the console.
"""

import argparse
import sys
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Page, Request, Response, expect, sync_playwright

CHROMIUM = "/usr/bin/chromium"
PATIENCE_MS = 90_000
"""The whole document is megabytes, and the machine may be busy: how long is not what is tried here."""


class Watch:
    """What must not happen while the page is used."""

    def __init__(self, page: Page, base: str) -> None:
        self.faults: list[str] = []
        self.home = urlsplit(base).netloc
        page.on("request", self.asked)
        page.on("response", self.answered)
        page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        page.on("console", lambda said: self.said(said.type, said.text))

    def asked(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in {"data", "blob"} and address.netloc != self.home:
            self.faults.append(f"another server: {request.url}")

    def answered(self, response: Response) -> None:
        if response.status >= 400:
            self.faults.append(f"{response.status}: {response.url}")

    def said(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"}:
            self.faults.append(f"console {kind}: {text}")


def sign_in(page: Page, username: str, password: str) -> None:
    page.locator("button.authorize").first.click()
    form = page.locator(".auth-container").filter(has_text="Flow: password").first
    form.locator("input#oauth_username").fill(username)
    form.locator("input#oauth_password").fill(password)
    form.get_by_text("select all", exact=True).click()
    form.locator("button.authorize").click()
    expect(form.get_by_text("Logout", exact=True)).to_be_visible()
    page.locator("button.btn-done").first.click()


def try_call(page: Page, operation_id: str) -> None:
    block = page.locator(f".opblock[id$='-{operation_id}']")
    block.locator(".opblock-summary-control").click()
    block.locator("button.execute").click()
    answer = block.locator(".live-responses-table tr.response").first
    expect(answer.locator(".response-col_status")).to_contain_text("200")
    expect(answer.locator(".response-col_description")).to_contain_text("has_more")
    expect(block.locator(".curl-command")).to_contain_text("Bearer")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("base_url")
    parser.add_argument("username")
    parser.add_argument("password")
    parser.add_argument("--operation", default="listLeads", help="a list that needs no parameter")
    parser.add_argument("--screenshot", type=Path)
    given = parser.parse_args()
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 1600})
        watch = Watch(page, given.base_url)
        for audience in ("/portal", "/partner", ""):
            page.goto(f"{given.base_url}/docs{audience}#/")
            expect(page.locator(".opblock-tag").first).to_be_visible()
        page.locator(".opblock-tag[data-tag='leads']").click()
        sign_in(page, given.username, given.password)
        try_call(page, given.operation)
        page.reload()
        page.locator(".opblock-tag[data-tag='leads']").click()
        expect(page.locator("button.authorize.locked, .authorize .locked").first).to_be_visible()
        if given.screenshot:
            page.screenshot(path=given.screenshot)
        browser.close()
    print(
        "\n".join(watch.faults)
        or "Signed in, called, answered 200; nothing from elsewhere, nothing on the console."
    )
    return 1 if watch.faults else 0


if __name__ == "__main__":
    sys.exit(main())

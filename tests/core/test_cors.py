from dataclasses import replace

import httpx
import pytest
from fastapi import FastAPI

from crm_api.core.settings import Settings
from crm_api.main import create_app

pytestmark = pytest.mark.anyio
FRONT = "https://front.elamana.example"


async def test_a_browser_application_may_call_only_from_an_origin_that_is_listed(app: FastAPI) -> None:
    settings = app.state.tools.settings.model_copy(update={"cors_origins": [FRONT]})
    served = create_app(app.state.database.url, replace(app.state.tools, settings=settings))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(served), base_url="http://test") as client:
        asks = {"Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": "If-Match"}
        ours = await client.options("/v1/agencies", headers=asks | {"Origin": FRONT})
        assert ours.headers["access-control-allow-origin"] == FRONT
        assert ours.headers["access-control-max-age"] == "7200"
        theirs = await client.options("/v1/agencies", headers=asks | {"Origin": "https://evil.example"})
        assert "access-control-allow-origin" not in theirs.headers
        answer = await client.get("/livez", headers={"Origin": FRONT})
        assert "ETag" in answer.headers["access-control-expose-headers"]


def test_lists_of_settings_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_CORS_ORIGINS", f"{FRONT}, https://other.example")
    monkeypatch.setenv("CRM_TRUSTED_PROXIES", "10.0.0.1")
    settings = Settings()
    assert settings.cors_origins == [FRONT, "https://other.example"]
    assert settings.trusted_proxies == ["10.0.0.1"]

"""What is judged when a template is saved, and what is kept ready of it."""

from collections.abc import Callable
from typing import Any, NamedTuple

from crm_api.kit.errors import ValidationFailed
from crm_api.templates import layout
from crm_api.templates.fields import FOOTER, examples
from crm_api.templates.merging import BadTemplate, Text
from crm_api.templates.models import TemplateChannel, TemplateFormat, TemplatePurpose
from crm_api.templates.sms import sms_parts


class Sources(NamedTuple):
    """What somebody wrote."""

    channel: TemplateChannel
    language: str
    purpose: TemplatePurpose
    format: TemplateFormat
    subject: str | None
    body: str


def compile_template(sources: Sources) -> dict[str, Any]:
    """The columns that follow from it. Raises ValidationFailed naming each fault and its line."""
    _refuse_misshapen(sources)
    faults: list[dict[str, Any]] = []
    subject = _read(faults, "/subject", lambda: _text(sources.subject or ""))
    page = _read(faults, "/body", lambda: _page(sources))
    source = layout.as_text(page.source) if page else sources.body
    text = _read(faults, "/body", lambda: _text(source)) if page or not _is_laid_out(sources) else None
    texts = [one for one in (subject, page, text) if one is not None]
    variables = list(dict.fromkeys(name for one in texts for name in one.variables))
    if not faults:
        faults += _missing_footer(sources, variables)
    if faults:
        raise ValidationFailed(*_each_once(faults))
    is_sms = sources.channel is TemplateChannel.SMS and text is not None
    return {
        "html": page.source if page else None,
        "text": source,
        "variables": variables,
        "sms_segments": sms_parts(text.fill(examples())).parts if is_sms and text else None,
    }


def _is_laid_out(sources: Sources) -> bool:
    return sources.format is not TemplateFormat.TEXT


def _page(sources: Sources) -> Text | None:
    """The layout with its fields, read; faults of Liquid are named by the lines of what was written."""
    if not _is_laid_out(sources):
        return None
    _text(sources.body)
    make = layout.from_mjml if sources.format is TemplateFormat.MJML else layout.from_html
    html = make(sources.body, sources.language)
    layout.sound(html)
    page = Text(html, escapes=True)
    page.tried()
    return page


def _text(source: str) -> Text:
    text = Text(source)
    text.tried()
    return text


def _read(faults: list[dict[str, Any]], pointer: str, read: Callable[[], Text | None]) -> Text | None:
    try:
        return read()
    except BadTemplate as bad:
        faults += [_fault(pointer, one.code, one.detail, one.line) for one in bad.refusals[:20]]
        return None


def _fault(pointer: str, code: str, detail: str, line: int | None = None) -> dict[str, Any]:
    told = f"Line {line}: {detail}" if line else detail
    fault: dict[str, Any] = {"pointer": pointer, "location": "body", "code": code, "detail": told}
    return fault | {"values": {"line": line, "what": detail}}


def _refuse_misshapen(sources: Sources) -> None:
    is_email = sources.channel is TemplateChannel.EMAIL
    if is_email != bool(sources.subject) and (is_email or sources.channel is TemplateChannel.SMS):
        raise ValidationFailed.at("/subject", "template_subject", "An e-mail has a subject, an SMS has none.")
    if _is_laid_out(sources) and not is_email:
        raise ValidationFailed.at("/format", "template_format", "Only e-mails have a layout.")


def _missing_footer(sources: Sources, variables: list[str]) -> list[dict[str, Any]]:
    """Domain.md J: identity, address, reason and unsubscription; of an SMS the word STOP."""
    if sources.purpose is not TemplatePurpose.MARKETING:
        return []
    if sources.channel is TemplateChannel.EMAIL:
        lacking = [name for name in FOOTER if name not in variables]
        detail = "A marketing e-mail ends with {{{{ {name} }}}}."
        return [_fault("/body", "template_footer", detail.format(name=name)) for name in lacking]
    if sources.channel is TemplateChannel.SMS and "stop" not in sources.body.lower():
        return [_fault("/body", "template_footer", "A marketing SMS says how to STOP.")]
    return []


def _each_once(faults: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return list({(one["pointer"], one["code"], one["detail"]): one for one in faults}.values())

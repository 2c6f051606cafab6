"""Traces, where CRM_OTLP_ENDPOINT says to send them: one span a request, named by its route.

Spans hold the route template, the method, the status and our request id: no path, no query, no body. The
`traceparent` of a caller is continued. Without an endpoint nothing of this is installed.
"""

from typing import TYPE_CHECKING

from opentelemetry import trace
from opentelemetry.propagate import extract
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, StatusCode
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crm_api.core.telemetry import route_of
from crm_api.kit.later import later

if TYPE_CHECKING:
    from opentelemetry.exporter.otlp.proto.http import trace_exporter
else:
    trace_exporter = later("opentelemetry.exporter.otlp.proto.http.trace_exporter")


def to_collector(endpoint: str) -> SpanProcessor:
    """Sends spans in the background; a collector that is away costs no request anything."""
    return BatchSpanProcessor(trace_exporter.OTLPSpanExporter(endpoint=endpoint))


class Traced:
    """Outermost of all layers, so that a span lasts as long as the request."""

    def __init__(self, app: ASGIApp, processor: SpanProcessor) -> None:
        provider = TracerProvider(resource=Resource.create({"service.name": "crm-api"}))
        provider.add_span_processor(processor)
        self.app, self._tracer = app, provider.get_tracer("crm_api")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        with self._tracer.start_as_current_span(
            scope["method"], context=extract(headers), kind=SpanKind.SERVER, record_exception=False
        ) as span:

            async def answer(message: Message) -> None:
                if message["type"] == "http.response.start":
                    _describe(span, scope, message["status"])
                await send(message)

            await self.app(scope, receive, answer)


def _describe(span: trace.Span, scope: Scope, status: int) -> None:
    route = route_of(scope)
    span.update_name(f"{scope['method']} {route}")
    span.set_attributes(
        {
            "http.request.method": scope["method"],
            "http.route": route,
            "http.response.status_code": status,
            "crm.request_id": scope.get("request_id", ""),
        }
    )
    if status >= 500:
        span.set_status(StatusCode.ERROR)

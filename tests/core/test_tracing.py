from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from actors import actor
from crm_api.core.tracing import Traced

pytestmark = pytest.mark.anyio
PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


async def test_a_request_is_one_span_that_names_its_route_and_nothing_of_anybody(app: FastAPI) -> None:
    seen = InMemorySpanExporter()
    traced: Any = Traced(app, SimpleSpanProcessor(seen))
    headers = actor(uuid4(), "agencies:read") | {"traceparent": PARENT}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(traced), base_url="http://test") as client:
        await client.get(f"/v1/agencies/{uuid4()}?secret=1", headers=headers)
    (span,) = seen.get_finished_spans()
    assert span.name == "GET /v1/agencies/{agency_id}"
    assert span.attributes is not None
    assert span.attributes["http.response.status_code"] == 404
    assert span.context is not None
    assert f"{span.context.trace_id:032x}" == PARENT.split("-")[1]
    assert "secret" not in span.to_json()

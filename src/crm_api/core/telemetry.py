"""What the house says about itself: structured logs without personal data, Prometheus metrics.

A log line names ids, routes, figures; never bodies, query strings, addresses of people or exception
messages (they may hold values).
"""

import logging
import sys
import traceback
from functools import lru_cache
from typing import Any

import orjson
import structlog
from prometheus_client import Counter, Histogram
from starlette.types import Scope

REQUESTS = Histogram(
    "crm_http_request_seconds",
    "Time to answer, by route template",
    ("method", "route", "status"),
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
FAILURES = Counter("crm_http_failures_total", "Requests that met a bug of ours", ("route",))
JOBS = Histogram(
    "crm_job_seconds",
    "Time a job took, by its outcome: done, again, held, released",
    ("job", "outcome"),
    buckets=(0.01, 0.05, 0.25, 1, 5, 30, 120, 600),
)
log = structlog.get_logger("crm")


def configure(level: str) -> None:
    """JSON lines on standard output, one per request and per notable event."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(serializer=_bytes),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.BytesLoggerFactory(sys.stdout.buffer),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, format='{"logger":"%(name)s","level":"%(levelname)s"}')


def served(scope: Scope, status: int, seconds: float) -> None:
    route = route_of(scope)
    _duration(scope["method"], route, status).observe(seconds)
    principal = scope["principal"]
    log.info(
        "request",
        method=scope["method"],
        route=route,
        status=status,
        ms=round(seconds * 1000, 2),
        request_id=scope["request_id"],
        organization_id=principal and principal.organization_id,
        actor_id=principal and principal.id,
    )


@lru_cache(maxsize=5000)
def _duration(method: str, route: str, status: int) -> Histogram:
    """Looked up once: finding the labels costs more than observing."""
    return REQUESTS.labels(method, route, str(status))


def failed(scope: Scope, error: Exception) -> None:
    """A bug: where it happened, without the message of the exception."""
    route = route_of(scope)
    FAILURES.labels(route).inc()
    log.error(
        "bug",
        route=route,
        request_id=scope["request_id"],
        kind=type(error).__name__,
        places=_places(error)[-12:],
    )


def broke(what: str, error: Exception) -> None:
    """A bug met outside a request."""
    log.error("bug", what=what, kind=type(error).__name__, places=_places(error)[-12:])


def worked(job: str, outcome: str, seconds: float, job_id: int, error: BaseException | None = None) -> None:
    """One try of a job, without the message of what went wrong."""
    JOBS.labels(job, outcome).observe(seconds)
    write = log.warning if error else log.info
    write(
        "job",
        job=job,
        outcome=outcome,
        job_id=job_id,
        ms=round(seconds * 1000, 2),
        kind=type(error).__name__ if error else None,
        places=_places(error)[-6:] if error else None,
    )


def route_of(scope: Scope) -> str:
    """The template (`/v1/leads/{lead_id}`), never the path itself: it would hold ids and grow without end."""
    route = scope.get("route")
    return getattr(route, "path_format", None) or "unmatched"


def _places(error: BaseException) -> list[str]:
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]


def _bytes(value: Any, **_: Any) -> bytes:
    return orjson.dumps(value, default=str)

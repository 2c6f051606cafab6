"""From rounds to a table, and to build/bench.json."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median

from benchmarks.load import Result

DEMAND = {"get": 0.45, "list 50": 0.60, "create": 0.95, "patch": 0.60, "prefix search": 0.55}
MOONSHOT = {"get": 0.60, "list 50": 0.80, "create": 1.2, "patch": 0.75, "prefix search": 0.70}


@dataclass(frozen=True, slots=True)
class Line:
    """One kind of request at one size; ratios are medians over the rounds of application / bare handler."""

    request: str
    size: str
    req_s: int
    p50_ms: float
    p99_ms: float
    cpu_us: int
    ratio_to_raw: float
    errors: int
    raw_req_s: int
    raw_cpu_us: int
    ratio_min: float
    ratio_max: float

    @property
    def is_below_demand(self) -> bool:
        return self.ratio_to_raw < DEMAND.get(self.request, 0)

    def as_json(self) -> dict[str, object]:
        return asdict(self)


def line(kind: str, size: str, real: Sequence[Result], raw: Sequence[Result]) -> Line:
    latencies = sorted(latency for result in real for latency in result.latencies)
    ratios = [one.per_second / other.per_second for one, other in zip(real, raw, strict=True)]
    return Line(
        request=kind,
        size=size,
        req_s=round(median(result.per_second for result in real)),
        p50_ms=_percentile(latencies, 0.50),
        p99_ms=_percentile(latencies, 0.99),
        cpu_us=round(median(result.cpu_us for result in real)),
        ratio_to_raw=round(median(ratios), 2),
        errors=sum(result.errors for result in (*real, *raw)),
        raw_req_s=round(median(result.per_second for result in raw)),
        raw_cpu_us=round(median(result.cpu_us for result in raw)),
        ratio_min=round(min(ratios), 2),
        ratio_max=round(max(ratios), 2),
    )


def table(lines: Sequence[Line]) -> str:
    head = (
        "| request | leads | req/s | p50 ms | p99 ms | CPU µs | raw req/s | raw CPU µs"
        " | ratio (min-max) | demand | moonshot | errors |"
    )
    rows = [head, "|---" * 12 + "|"]
    for one in lines:
        ratio = f"**{one.ratio_to_raw:.2f}** ({one.ratio_min:.2f}-{one.ratio_max:.2f})"
        targets = DEMAND.get(one.request, ""), MOONSHOT.get(one.request, "")
        rows.append(
            f"| {one.request} | {one.size} | {one.req_s} | {one.p50_ms} | {one.p99_ms} | {one.cpu_us}"
            f" | {one.raw_req_s} | {one.raw_cpu_us} | {ratio} | {targets[0]} | {targets[1]} | {one.errors} |"
        )
    return "\n".join(rows)


def _percentile(ordered: Sequence[float], share: float) -> float:
    return round(ordered[int(len(ordered) * share)] * 1000, 2) if ordered else 0.0

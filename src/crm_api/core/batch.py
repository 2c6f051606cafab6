"""Up to a hundred creations, changes and deletions in one request, for any service that has these verbs.

One transaction, a savepoint per row: a refused row is undone alone, or (`atomic`) takes all with it.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any, Generic, Literal, Protocol, TypeVar
from uuid import UUID

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic_core import to_json

from crm_api.core.context import Context
from crm_api.core.problems import fault_of, problem, refusal_of
from crm_api.core.repository import ANY_VERSION
from crm_api.kit.errors import Conflict, DomainError, InsufficientScope, Unavailable, ValidationFailed
from crm_api.kit.schemas import Input, Json, Output

C = TypeVar("C", bound=BaseModel)
P = TypeVar("P", bound=BaseModel)
R = TypeVar("R", bound=BaseModel)
D = TypeVar("D", bound=BaseModel)
T = TypeVar("T")
C_contra = TypeVar("C_contra", contravariant=True, bound=BaseModel)
P_contra = TypeVar("P_contra", contravariant=True, bound=BaseModel)
R_co = TypeVar("R_co", covariant=True, bound=BaseModel)
MOST = 100
UNDONE = 424
"""Status of a row that was right itself, and is undone because another of its atomic batch was not."""


class BatchRefused(Conflict):
    """{failed} operation(s) refused, so none was done."""

    # extra: results, as in the answer of a batch


class Faulty:
    """Stands for data that its schema refuses: the row fails, not the request."""

    def __init__(self, error: ValidationError) -> None:
        self.error = error

    def refusal(self) -> ValidationFailed:
        found = self.error.errors(include_url=False, include_input=False)[:200]
        return ValidationFailed(*(fault_of({**fault, "loc": ("body", *fault["loc"])}) for fault in found))


def _row_by_row(value: Any, read: ValidatorFunctionWrapHandler) -> Any:
    try:
        return read(value)
    except ValidationError as error:
        return Faulty(error)


RowByRow = WrapValidator(_row_by_row)
"""Annotates one row of many: a faulty one is kept as `Faulty`, see `sound`."""


class BatchCreate(Input, Generic[C]):
    """One object to create."""

    op: Literal["create"]
    """What to do."""
    data: Annotated[C, RowByRow]
    """The object, as in a single creation."""


class BatchUpdate(Input, Generic[P]):
    """One object to change."""

    op: Literal["update"]
    """What to do."""
    id: UUID
    """Which object."""
    version: int = Field(ge=1, le=2_147_483_647, examples=[7])
    """The version you read; an older one is refused."""
    data: Annotated[P, RowByRow]
    """What to change, as in a single change."""


class BatchDelete(Input):
    """One object to put in the bin."""

    op: Literal["delete"]
    """What to do."""
    id: UUID
    """Which object."""
    version: int | None = Field(default=None, ge=1, le=2_147_483_647, examples=[7])
    """The version you read; left out: whatever it is now."""


class Batch(Input, Generic[C, P]):
    """Several operations in one request."""

    operations: list[Annotated[BatchCreate[C] | BatchUpdate[P] | BatchDelete, Field(discriminator="op")]] = (
        Field(min_length=1, max_length=MOST)
    )
    """Done in this order."""
    atomic: bool = False
    """true: all or nothing (409 with the results when one is refused)."""


class RowProblem(BaseModel):
    """Why a row was refused: a problem document (RFC 9457)."""

    model_config = ConfigDict(extra="allow", use_attribute_docstrings=True)

    type: str = Field(max_length=200, examples=["/problems/version-conflict"])
    """Page that explains this kind of problem."""
    title: str = Field(max_length=200, examples=["Version dépassée"])
    """Short title, in your language."""
    status: int = Field(ge=400, le=599, examples=[412])
    """HTTP status that the operation alone would have had."""
    code: str = Field(max_length=80, examples=["version_conflict"])
    """Stable code of the problem."""
    detail: str = Field(max_length=1000, examples=["Quelqu'un l'a modifié depuis votre lecture."])
    """What happened, in your language."""


class BatchRow(Output, Generic[R]):
    """What became of one operation."""

    index: int = Field(ge=0, lt=MOST, examples=[0])
    """Its place in the request, from 0."""
    status: int = Field(ge=200, le=599, examples=[201])
    """HTTP status that it alone would have had; 424: undone with its atomic batch."""
    data: R | None
    """The object as it is now; null after a deletion or a refusal."""
    problem: RowProblem | None
    """Why it was refused."""


class BatchResult(Output, Generic[R]):
    """What became of each operation."""

    results: list[BatchRow[R]] = Field(max_length=MOST)
    """In the order of the operations."""
    succeeded: int = Field(ge=0, le=MOST, examples=[2])
    """How many were done."""
    failed: int = Field(ge=0, le=MOST, examples=[0])
    """How many were refused."""


class BatchGet(Input):
    """Which objects."""

    ids: list[UUID] = Field(min_length=1, max_length=MOST)
    """Identifiers, at most 100."""


class Found(Output, Generic[R]):
    """The objects asked for."""

    data: list[R | None] = Field(max_length=MOST)
    """In the order of `ids`; null where there is none that you may see."""


class Changeable(Protocol[C_contra, P_contra, R_co]):
    """A service that a batch can drive."""

    async def create(self, data: C_contra) -> Json[R_co]: ...
    async def update(self, id: UUID, data: P_contra, version: int, /) -> Json[R_co]: ...
    async def delete(self, id: UUID, version: int, /) -> None: ...


class _Row:
    """One line of the answer, as it is being written."""

    def __init__(self, status: int, data: bytes = b"null", problem: dict[str, Any] | None = None) -> None:
        self.status, self.data, self.problem = status, data, problem

    def json(self, index: int) -> bytes:
        return b'{"index":%d,"status":%d,"data":%b,"problem":%b}' % (
            index,
            self.status,
            self.data,
            to_json(self.problem, fallback=str),
        )


async def run_batch(
    ctx: Context,
    service: Changeable[C, P, R],
    batch: Batch[C, P],
    read: type[R],
    *,
    deleting: str,
) -> Json[BatchResult[R]]:
    """`deleting`: the scope that deletions need. Raises BatchRefused (atomic ones only)."""
    ctx.begin()
    rows = [await _done_alone(ctx, service, operation, deleting) for operation in batch.operations]
    failed = sum(row.problem is not None for row in rows)
    if failed and batch.atomic:
        raise BatchRefused(failed=failed, results=[_undone(index, row) for index, row in enumerate(rows)])
    body = b'{"results":[%b],"succeeded":%d,"failed":%d}' % (
        b",".join(row.json(index) for index, row in enumerate(rows)),
        len(rows) - failed,
        failed,
    )
    return Json(BatchResult[read], body.decode())  # type: ignore[valid-type]


def found(read: type[R], rows: Sequence[Json[R] | None]) -> Json[Found[R]]:
    """The answer of `POST .../batch-get`, around what `Repository.get_many` gave."""
    bodies = b",".join(b"null" if row is None else row.body for row in rows)
    return Json(Found[read], f'{{"data":[{bodies.decode()}]}}')  # type: ignore[valid-type]


async def _done_alone(
    ctx: Context,
    service: Changeable[C, P, R],
    operation: BatchCreate[C] | BatchUpdate[P] | BatchDelete,
    deleting: str,
) -> _Row:
    done = await alone(ctx, lambda: _done(ctx, service, operation, deleting))
    return done if isinstance(done, _Row) else _Row(done.status, problem=document(ctx, done))


async def alone(ctx: Context, work: Callable[[], Awaitable[T]]) -> T | DomainError:
    """What `work` gives, or why it was refused; then nothing of it is left."""
    try:
        async with ctx.session.begin_nested():
            return await work()
    except Exception as error:
        refusal = refusal_of(error)
        if refusal is None or isinstance(refusal, Unavailable):
            raise
        return refusal


async def _done(
    ctx: Context,
    service: Changeable[C, P, R],
    operation: BatchCreate[C] | BatchUpdate[P] | BatchDelete,
    deleting: str,
) -> _Row:
    if isinstance(operation, BatchDelete):
        if deleting not in ctx.principal.scopes:
            raise InsufficientScope(required_scopes=[deleting])
        await service.delete(operation.id, operation.version or ANY_VERSION)
        return _Row(204)
    if isinstance(operation, BatchCreate):
        return _Row(201, (await service.create(sound(operation.data))).body)
    return _Row(200, (await service.update(operation.id, sound(operation.data), operation.version)).body)


def sound(data: D) -> D:
    """The data of a row. Raises ValidationFailed when its schema refused it."""
    if isinstance(data, Faulty):
        raise data.refusal()
    return data


def document(ctx: Context, refusal: DomainError) -> dict[str, Any]:
    """The problem document of one row."""
    return problem(refusal, ctx.origin.locale, "", ctx.origin.request_id or "")


def _undone(index: int, row: _Row) -> dict[str, Any]:
    status = row.status if row.problem else UNDONE
    return {"index": index, "status": status, "data": None, "problem": row.problem}

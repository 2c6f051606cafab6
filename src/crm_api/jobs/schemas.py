from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from crm_api.core.progress import JobResult, JobRun, RunOutcome, RunStatus
from crm_api.kit.listing import ListQuery, Page, equals, one_of
from crm_api.kit.schemas import Output, Timestamp

Kind = Annotated[str, Field(max_length=60, examples=["import_agencies"])]
Code = Annotated[str, Field(max_length=60, examples=["invalid_phone"])]
Sentence = Annotated[str, Field(max_length=1000, examples=["Ce n'est pas un numéro de téléphone."])]
Count = Annotated[int, Field(ge=0, examples=[128])]


class JobCounts(Output):
    """How many lines."""

    total: Count
    """In all, once known."""
    done: Count
    """Finished well."""
    failed: Count
    """Refused."""


class JobFile(Output):
    """What the job made."""

    href: str = Field(max_length=300, examples=["/v1/files/01936e2a-5f00-7abc-8def-0123456789ab/content"])
    """Where to get it."""
    expires_at: Timestamp | None
    """Until when it is kept."""


class JobError(Output):
    """What stopped the job."""

    code: Code
    """The code of the problem (see /v1/problems)."""
    detail: Sentence
    """The same, for people."""


class JobRead(Output):
    """Long work that somebody waits for."""

    id: UUID
    """Identifier."""
    kind: Kind
    """What is being done."""
    status: RunStatus
    """queued, running, then succeeded, failed or cancelled."""
    progress: float = Field(ge=0, le=1, examples=[0.42])
    """Share that is finished."""
    counts: JobCounts
    """Lines so far."""
    result: JobFile | None
    """What was made, when there is something to fetch."""
    error: JobError | None
    """What stopped it, when it failed."""
    created_by_id: UUID | None
    """Who asked for it."""
    created_at: Timestamp
    """When it was asked for."""
    started_at: Timestamp | None
    """When it began."""
    finished_at: Timestamp | None
    """When it ended."""
    version: int = Field(ge=1, examples=[3])
    """Grows with every report."""


class JobPage(Page[JobRead]):
    """One page of jobs."""


class JobQuery(ListQuery):
    """Which jobs."""

    sortable: ClassVar = {"created_at": JobRun.created_at}

    sort: Literal["created_at", "-created_at"] = "-created_at"
    """Sort key; a leading `-` means descending."""
    kind: Annotated[list[Kind] | None, one_of(JobRun.kind)] = Field(default=None, max_length=20)
    """One or several kinds (repeat the parameter)."""
    status: Annotated[list[RunStatus] | None, one_of(JobRun.status)] = Field(default=None, max_length=5)
    """One or several states."""


class LineFault(Output):
    """One thing wrong with a line."""

    pointer: str = Field(max_length=500, examples=["/phone"])
    """The column."""
    code: Code
    """What is wrong, for programs."""
    detail: Sentence
    """What is wrong, for people."""


class JobResultRead(Output):
    """What became of one line."""

    number: int = Field(ge=1, examples=[12])
    """The line, counted from 1 without the header."""
    outcome: RunOutcome
    """created, updated, unchanged or failed."""
    key: str | None = Field(max_length=200, examples=["16012"])
    """What the line calls its object: an agency number, an external id."""
    object_id: UUID | None
    """The object that it made or changed."""
    faults: list[LineFault] = Field(max_length=200)
    """Why it was refused."""


class JobResultPage(Page[JobResultRead]):
    """One page of a job's lines."""


class JobResultQuery(ListQuery):
    """Which lines."""

    sortable: ClassVar = {"number": JobResult.number}

    sort: Literal["number", "-number"] = "number"
    """Sort key; a leading `-` means descending."""
    outcome: Annotated[list[RunOutcome] | None, one_of(JobResult.outcome)] = Field(default=None, max_length=4)
    """One or several outcomes."""


class LinesOfOneJob(JobResultQuery):
    """The same, for the job in the path."""

    job_id: Annotated[UUID, equals(JobResult.job_id)]
    """The job."""

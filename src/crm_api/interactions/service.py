from collections.abc import Sequence
from uuid import UUID

from pydantic import MISSING

from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import publish
from crm_api.core.repository import ANY_VERSION
from crm_api.interactions.errors import (
    AlreadyCorrected,
    EditWindowClosed,
    ExternalMessageKnown,
    NothingPromised,
    NotYourInteraction,
    PartyKnown,
)
from crm_api.interactions.events import InteractionCorrected, InteractionRecorded, Linked, PromiseSettled
from crm_api.interactions.models import (
    EDITABLE,
    PROMISE,
    Interaction,
    PromiseStatus,
)
from crm_api.interactions.recording import Recording, moment, rows_of, set_promise, told
from crm_api.interactions.repository import InteractionRepository
from crm_api.interactions.schemas import (
    Identified,
    InteractionCorrection,
    InteractionCreate,
    InteractionFilter,
    InteractionIdentify,
    InteractionPage,
    InteractionPatch,
    InteractionQuery,
    InteractionRead,
    LastPromise,
    LastPromiseQuery,
    ObjectLink,
)
from crm_api.kit.errors import NotFound, ValidationFailed, VersionConflict
from crm_api.kit.listing import Count
from crm_api.kit.schemas import Json

TAKEN_OVER = (
    *("channel", "direction", "outcome", "occurred_at", "duration_seconds", "wait_seconds", "subject"),
    *("body", "body_format", "summary", "participants", "anonymous_party", "owner_user_id", "agency_id"),
    *("thread_key", "recording_document_id", "recording_reference", "recording_notice_given", "transcript"),
    *("language", "sentiment", "promise_text", "promise_due_on", "promise_status", "promise_settled_at"),
    "promise_settled_by_id",
)
"""What a correction starts from."""


class InteractionService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.interactions = InteractionRepository(ctx)

    # --- reads

    async def page(self, query: InteractionQuery) -> Json[InteractionPage]:
        return await self.interactions.page_of_lines(query)

    async def count(self, query: InteractionFilter) -> Count:
        return await self.interactions.count(query)

    async def get(self, interaction_id: UUID) -> Json[InteractionRead]:
        return await self.interactions.get(interaction_id)

    async def last_promise(self, query: LastPromiseQuery) -> Json[LastPromise]:
        """Raises NotFound for a client that is not to be seen."""
        found = await self.interactions.last_promise(query.object_type, query.object_id)
        if found is None:
            raise NotFound(id=str(query.object_id))
        return found

    # --- writing down

    async def record(self, data: InteractionCreate, *, known: Sequence[Linked] = ()) -> Json[InteractionRead]:
        """Once for each message of a channel; what was recorded before is answered as it stands.

        `known`: objects that the caller found by itself, not to be looked up again.
        Raises UnknownObject, PartyMissing, UnknownAgent, UnknownRecording, ExternalMessageKnown.
        """
        self.ctx.begin()
        if data.external_message_id is not None:
            before = await self.interactions.claim_message(data.channel, data.external_message_id)
            if before is not None:
                return await self._known(before)
        recording = Recording(self.ctx)
        occurred_at = moment(data.occurred_at)
        links = await recording.links(data, known)
        await recording.refuse_unknown_participants(data.participants)
        await recording.refuse_unknown_recording(data.recording_document_id)
        agent_id, agency_id = await recording.agent(data.agent_user_id)
        given = data.model_dump(
            exclude={"links", "agent_user_id", "occurred_at", "participants", "anonymous_party"}
        )
        interaction = Interaction(
            **told(given, data.body_format),
            occurred_at=occurred_at,
            owner_user_id=agent_id,
            agency_id=agency_id,
            participants=[one.model_dump(mode="json") for one in data.participants],
            anonymous_party=data.anonymous_party and data.anonymous_party.model_dump(mode="json"),
        )
        set_promise(interaction)
        await self.interactions.save(interaction)
        await self.interactions.put_links(rows_of(interaction, links))
        await publish(self.ctx, _recorded(interaction, links))
        answer = await self.interactions.get(interaction.id)
        answer.created = True
        return answer

    async def update(
        self, interaction_id: UUID, data: InteractionPatch, version: int
    ) -> Json[InteractionRead]:
        """By who recorded it or took part in it, for a quarter of an hour.

        Raises NotYourInteraction, EditWindowClosed, AlreadyCorrected.
        """
        interaction = await self._loaded(interaction_id, version)
        self._refuse_corrected(interaction)
        if self.ctx.principal.id not in (interaction.created_by_id, interaction.owner_user_id):
            raise NotYourInteraction
        if now() - interaction.created_at > EDITABLE:
            raise EditWindowClosed(minutes=int(EDITABLE.total_seconds() // 60))
        outcome, promised = interaction.outcome, interaction.promise_text is not None
        body_format = interaction.body_format if data.body_format is MISSING else data.body_format
        for name, value in told(dict(data), body_format).items():
            setattr(interaction, name, value)
        self._refuse_unpromised(interaction)
        set_promise(interaction)
        await self.interactions.save(interaction)
        if promised != (interaction.promise_text is not None):
            await self.interactions.mark_promise(interaction.id, not promised)
        if outcome is not interaction.outcome:
            await publish(self.ctx, _corrected(interaction, None, await self._links(interaction_id)))
        return await self.interactions.get(interaction_id)

    async def correct(self, interaction_id: UUID, data: InteractionCorrection) -> Json[InteractionRead]:
        """Another interaction says it better; the first stays as it was, out of lists and timelines.

        Raises AlreadyCorrected.
        """
        wrong = await self.interactions.load(interaction_id)
        self._refuse_corrected(wrong)
        body_format = wrong.body_format if data.body_format is MISSING else data.body_format
        changes = told(dict(data), body_format)
        reason = changes.pop("reason")
        kept = {name: getattr(wrong, name) for name in TAKEN_OVER}
        right = Interaction(**kept | changes, correction_of_id=wrong.id, correction_reason=reason)
        right.occurred_at = moment(right.occurred_at)
        self._refuse_unpromised(right)
        set_promise(right)
        await self.interactions.save(right)
        links = await self._links(wrong.id)
        await self.interactions.put_links(rows_of(right, links))
        wrong.corrected_by_id = right.id
        await self.interactions.save(wrong)
        await publish(self.ctx, _corrected(right, wrong.id, links))
        return await self.interactions.get(right.id)

    # --- what it is about

    async def link(self, interaction_id: UUID, data: ObjectLink) -> Json[InteractionRead]:
        """It is about this object too. Raises UnknownObject."""
        interaction = await self.interactions.load(interaction_id)
        added = Linked(data.object_type, data.object_id)
        await Recording(self.ctx).refuse_unknown([added])
        if added not in await self._links(interaction_id):
            await self._add_links(interaction, [added])
        return await self.interactions.get(interaction_id)

    async def identify(self, interaction_id: UUID, data: InteractionIdentify) -> Identified:
        """The unknown party is somebody after all. Raises PartyKnown, UnknownObject."""
        interaction = await self.interactions.load(interaction_id)
        if interaction.anonymous_party is None:
            raise PartyKnown
        found = Linked(data.object_type, data.object_id)
        await Recording(self.ctx).refuse_unknown([found])
        linked = set()
        if found not in await self._links(interaction_id):
            await self._add_links(interaction, [found])
        linked.add(interaction_id)
        if data.all_of_this_phone and interaction.anonymous_phone:
            linked |= set(
                await self.interactions.link_phone(
                    interaction.anonymous_phone, data.object_type, data.object_id
                )
            )
        return Identified(linked=len(linked))

    async def follow(self, old: Linked, new: Linked, via_id: UUID) -> None:
        """What is about a lead is about the customer it became; what is about a merged sheet, about the
        one that stays. `via_id` names the conversion or the merge, for an undoing."""
        await self.interactions.link_also(
            old.object_type, old.object_id, new.object_type, new.object_id, via_id
        )

    async def unfollow(self, new: Linked, via_id: UUID) -> None:
        await self.interactions.unlink_via(via_id, new.object_type, new.object_id)

    # --- promises

    async def keep_promise(self, interaction_id: UUID, version: int) -> Json[InteractionRead]:
        return await self._settle(interaction_id, version, PromiseStatus.KEPT)

    async def break_promise(self, interaction_id: UUID, version: int) -> Json[InteractionRead]:
        return await self._settle(interaction_id, version, PromiseStatus.BROKEN)

    async def _settle(
        self, interaction_id: UUID, version: int, status: PromiseStatus
    ) -> Json[InteractionRead]:
        interaction = await self._loaded(interaction_id, version)
        self._refuse_corrected(interaction)
        if interaction.promise_status is None:
            raise NothingPromised
        PROMISE.check(interaction.promise_status, status)
        interaction.promise_status, interaction.promise_settled_at = status, now()
        interaction.promise_settled_by_id = self.ctx.principal.id
        await self.interactions.save(interaction)
        await publish(self.ctx, PromiseSettled(interaction.id, status))
        return await self.interactions.get(interaction_id)

    # ---

    async def _known(self, interaction_id: UUID) -> Json[InteractionRead]:
        try:
            return await self.interactions.get(interaction_id)
        except NotFound as error:
            raise ExternalMessageKnown from error

    async def _loaded(self, interaction_id: UUID, version: int) -> Interaction:
        interaction = await self.interactions.load(interaction_id)
        if version not in (interaction.version, ANY_VERSION):
            raise VersionConflict(current_version=interaction.version)
        return interaction

    async def _links(self, interaction_id: UUID) -> list[Linked]:
        rows = await self.interactions.links_of(interaction_id)
        return [Linked(row.object_type, row.object_id) for row in rows]

    async def _add_links(self, interaction: Interaction, links: list[Linked]) -> None:
        await self.interactions.put_links(rows_of(interaction, links))
        for link in links:
            changes = {"links": [None, f"{link.object_type}:{link.object_id}"]}
            self.ctx.note("interaction.linked", Interaction.label, interaction.id, changes=changes)

    @staticmethod
    def _refuse_corrected(interaction: Interaction) -> None:
        if interaction.corrected_by_id is not None:
            raise AlreadyCorrected(corrected_by_id=str(interaction.corrected_by_id))

    @staticmethod
    def _refuse_unpromised(interaction: Interaction) -> None:
        if interaction.promise_due_on is not None and interaction.promise_text is None:
            raise ValidationFailed.at("/promise_due_on", "promise_without_text", "Say what was promised.")


def _recorded(interaction: Interaction, links: list[Linked]) -> InteractionRecorded:
    outcome = interaction.outcome and interaction.outcome.value
    return InteractionRecorded(
        interaction.id, interaction.channel.value, interaction.direction.value, outcome, tuple(links)
    )


def _corrected(interaction: Interaction, wrong_id: UUID | None, links: list[Linked]) -> InteractionCorrected:
    """Of the one that was wrong: the same where its author changed it."""
    outcome = interaction.outcome and interaction.outcome.value
    return InteractionCorrected(
        wrong_id or interaction.id,
        interaction.id if wrong_id else None,
        interaction.channel.value,
        interaction.direction.value,
        outcome,
        tuple(links),
    )

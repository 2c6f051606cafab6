"""What whoever has the link sees and answers. The link is signed, for one invitation, and stored nowhere."""

from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import publish
from crm_api.core.principal import SYSTEM_ID
from crm_api.core.signed_links import LinkExpired, LinkSigner, SignedLink
from crm_api.kit.errors import NotFound
from crm_api.kit.ids import new_id
from crm_api.organizations.service import OrganizationService
from crm_api.surveys.alarm import Alarm
from crm_api.surveys.errors import SurveyLinkExpired, SurveyLinkUnknown, SurveyLinkUsed
from crm_api.surveys.events import SurveyAnswered
from crm_api.surveys.judging import Judged, judged
from crm_api.surveys.models import (
    EDITABLE,
    INVITATION,
    SCALES,
    Survey,
    SurveyInvitation,
    SurveyInvitationStatus,
    SurveyQuestionKind,
    SurveyResponse,
    SurveyStatus,
)
from crm_api.surveys.repository.responses import ResponseRepository
from crm_api.surveys.repository.surveys import InvitationRepository, SurveyRepository
from crm_api.surveys.schemas.form import SurveyAnswer, SurveyForm

PURPOSE = "the answer to a survey"
_STATUS = SurveyInvitationStatus


def link_of(ctx: Context, invitation: SurveyInvitation) -> str:
    """Always the same for one invitation."""
    last = invitation.expires_at.replace(microsecond=0)
    link = SignedLink(ctx.organization_id, invitation.id, SYSTEM_ID, "system", last)
    return f"{ctx.tools.settings.base_url}/survey#token={ctx.tools.links.sign(link, PURPOSE)}"


def opened(links: LinkSigner, token: str) -> SignedLink:
    """Raises SurveyLinkUnknown, SurveyLinkExpired."""
    try:
        return links.verify(token, PURPOSE)
    except LinkExpired as expired:
        raise SurveyLinkExpired from expired
    except NotFound as unknown:
        raise SurveyLinkUnknown from unknown


_OF_THE_INVITATION = (
    *("survey_id", "wave_id", "contact_id", "language"),
    *("related_type", "related_id", "agency_id", "agent_id"),
)


class _Asked(NamedTuple):
    invitation: SurveyInvitation
    survey: Survey
    answer: SurveyResponse | None


class Filling:
    """For the house: whoever has the link is nobody we know."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.invitations = InvitationRepository(ctx)
        self.responses = ResponseRepository(ctx)

    async def view(self, invitation_id: UUID) -> SurveyForm:
        """The first look is noted. Raises SurveyLinkUnknown, SurveyLinkExpired, SurveyLinkUsed."""
        asked = await self._asked(invitation_id)
        if asked.invitation.status is _STATUS.SENT:
            self._step(asked.invitation, _STATUS.OPENED)
            asked.invitation.opened_at = now()
            await self.invitations.save(asked.invitation)
        return await self._shown(asked)

    async def answer(self, invitation_id: UUID, data: SurveyAnswer) -> SurveyForm:
        """Raises the same, and ValidationFailed for what does not fit the questions."""
        asked = await self._asked(invitation_id)
        found = judged(asked.survey, data)
        if asked.survey.anonymous:
            await self._keep_nameless(asked, found)
            return await self._shown(asked, done=True)
        kept = await self._keep(asked, found)
        event = SurveyAnswered(asked.survey.id, kept.id, kept.score, kept.agency_id)
        await publish(self.ctx, event)
        await Alarm(self.ctx).look(asked.survey, kept)
        return await self._shown(asked._replace(answer=kept))

    async def _keep(self, asked: _Asked, found: Judged) -> SurveyResponse:
        invitation, known = asked.invitation, asked.answer
        if known is not None:
            for name, value in found._asdict().items():
                setattr(known, name, value)
            known.edited_at = now()
            return await self.responses.save(known)
        moment = now()
        response = SurveyResponse(
            id=new_id(),
            invitation_id=invitation.id,
            answered_at=moment,
            **{name: getattr(invitation, name) for name in _OF_THE_INVITATION},
            **found._asdict(),
        )
        self._step(invitation, _STATUS.ANSWERED)
        invitation.answered_at = moment
        await self.invitations.save(invitation)
        return await self.responses.save(response)

    async def _keep_nameless(self, asked: _Asked, found: Judged) -> None:
        INVITATION.check(asked.invitation.status, _STATUS.ANSWERED)
        about: dict[str, Any] = {
            name: getattr(asked.invitation, name) for name in ("survey_id", "wave_id", "language")
        }
        day = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        await self.responses.keep_nameless(about | found._asdict(), day)
        await self.invitations.answered_anonymously(asked.invitation.id)

    # --- inside

    async def _asked(self, invitation_id: UUID) -> _Asked:
        try:
            invitation = await self.invitations.load(invitation_id)
        except NotFound as unknown:
            raise SurveyLinkUnknown from unknown
        survey = await SurveyRepository(self.ctx).known(invitation.survey_id)
        if invitation.status in (_STATUS.PLANNED, _STATUS.FAILED):
            raise SurveyLinkUnknown
        answer = None
        if invitation.status is _STATUS.ANSWERED:
            answer = await self.responses.to_invitation(invitation.id)
            if answer is None or now() - answer.answered_at > EDITABLE:
                raise SurveyLinkUsed
        elif invitation.expires_at < now() or survey.status is not SurveyStatus.ACTIVE:
            raise SurveyLinkExpired
        return _Asked(invitation, survey, answer)

    def _step(self, invitation: SurveyInvitation, wanted: SurveyInvitationStatus) -> None:
        INVITATION.check(invitation.status, wanted)
        invitation.status = wanted

    async def _shown(self, asked: _Asked, *, done: bool = False) -> SurveyForm:
        organization = await OrganizationService(self.ctx).shown()
        survey, answer, language = asked.survey, asked.answer, asked.invitation.language
        return SurveyForm.model_validate(
            {
                "organization": organization.name or "",
                **{name: getattr(survey, name) for name in ("name", "type", "anonymous")},
                "language": language,
                "questions": [_question(survey, one, language) for one in survey.questions],
                "expires_at": asked.invitation.expires_at,
                "answered": done or answer is not None,
                "editable_until": answer and answer.answered_at + EDITABLE,
                "answers": answer.answers if answer else [],
                "comment": answer and answer.comment,
            }
        )


def _question(survey: Survey, question: dict[str, Any], language: str) -> dict[str, Any]:
    scored = question["kind"] == SurveyQuestionKind.SCORE
    lowest, highest = SCALES[survey.type] if scored else (None, None)
    options = [{"key": one["key"], "label": one["label"][language]} for one in question["options"]]
    return {
        **{name: question[name] for name in ("key", "kind")},
        "required": question["required"] or scored,
        "label": question["label"][language],
        "lowest": lowest,
        "highest": highest,
        "options": options,
    }

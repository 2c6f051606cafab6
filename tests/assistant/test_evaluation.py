"""How good the answers are, on the labelled questions; the half that tuning never looked at counts."""

import pytest

from crm_api.assistant.evaluation import figures, labelled_questions, put
from crm_api.demo.library import stock
from knowledge.shelf import Shelf

pytestmark = pytest.mark.anyio


async def test_the_figures_stand(shelf: Shelf) -> None:
    ctx = shelf.company.context()
    await stock(ctx, shelf.company.admin.id)
    await ctx.commit()
    await ctx.close()
    questions = labelled_questions()
    outcomes = await put(shelf.company.context(), questions)
    every = figures(outcomes)
    held_out = figures([one for one in outcomes if one.labelled.held_out])
    assert every.questions >= 120
    assert every.questions - every.with_answer >= every.questions / 3
    for share in (every, held_out):
        assert share.hit_3 >= 0.88
        assert share.hit_1 >= 0.8
        assert share.wrong <= 0.05
        assert share.refused_rightly >= 0.9
        assert share.answered_right >= 0.5


async def test_without_articles_everything_is_refused(shelf: Shelf) -> None:
    outcomes = await put(shelf.company.context(), labelled_questions()[:10])
    assert (figures(outcomes).refused, figures(outcomes).wrong) == (1, 0)

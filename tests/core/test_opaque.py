from uuid import UUID, uuid4

import pytest

from crm_api.core import opaque
from crm_api.kit.errors import Unauthenticated

ORGANIZATION = UUID("01936e2a-0000-7000-8000-0000000000ff")


@pytest.mark.parametrize("prefix", ["rt", "crm_key"])
def test_a_secret_names_its_organization_and_is_recognised_by_its_digest(prefix: str) -> None:
    for organization in (ORGANIZATION, UUID(int=0), UUID(int=2**128 - 1), uuid4()):
        text, digest = opaque.make(prefix, organization)
        assert opaque.parse(text, prefix) == (organization, digest)
        assert len(digest) == 64
        assert text not in digest


def test_no_two_secrets_are_alike() -> None:
    assert len({opaque.make("rt", ORGANIZATION)[0] for _ in range(1000)}) == 1000


def malformed() -> dict[str, str]:
    text, _ = opaque.make("rt", ORGANIZATION)
    last = "A" if text[-1] != "A" else "E"
    return {
        "empty": "",
        "of another kind": "wk" + text[2:],
        "shortened": text[:-1],
        "lengthened": text + "A",
        "padded": text[:-1] + "=",
        "another spelling of the same bytes": text[:-1] + chr(ord(last) + 1),
        "signs outside the alphabet": text[:5] + "!" + text[6:],
        "no separator": text[:25] + "A" + text[26:],
        "not ASCII": text[:-1] + "é",
        "half a surrogate pair": text[:-1] + "\ud800",
        "a line break": text[:-1] + "\n",
    }


@pytest.mark.parametrize("fault", malformed())
def test_a_malformed_secret_is_refused(fault: str) -> None:
    with pytest.raises(Unauthenticated):
        opaque.parse(malformed()[fault], "rt")


def test_an_altered_secret_or_organization_has_another_digest() -> None:
    text, digest = opaque.make("rt", ORGANIZATION)
    altered = text[:30] + ("A" if text[30] != "A" else "B") + text[31:]
    assert not opaque.matches(opaque.parse(altered, "rt")[1], digest)
    foreign = "rt_" + opaque.make("rt", uuid4())[0][3:25] + text[25:]
    assert not opaque.matches(opaque.parse(foreign, "rt")[1], digest)
    assert opaque.matches(opaque.parse(text, "rt")[1], digest)

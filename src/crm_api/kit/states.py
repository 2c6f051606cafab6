"""State machines as data: a table says which state may follow which."""

from collections.abc import Mapping
from dataclasses import dataclass

from crm_api.kit.errors import InvalidTransition


@dataclass(frozen=True, slots=True)
class Machine:
    """The states of one kind of object; `entry` holds those it may be born in."""

    entity: str
    entry: tuple[str, ...]
    transitions: Mapping[str, tuple[str, ...]]

    @property
    def states(self) -> tuple[str, ...]:
        return tuple(self.transitions)

    @property
    def final(self) -> frozenset[str]:
        return frozenset(state for state, following in self.transitions.items() if not following)

    def allowed(self, current: str) -> tuple[str, ...]:
        return self.transitions[current]

    def check(self, current: str, wanted: str) -> None:
        """Raise InvalidTransition unless `wanted` may follow `current`; no state follows itself."""
        if wanted not in self.transitions[current]:
            raise self.refusal(current, wanted)

    def refusal(self, current: str, wanted: str) -> InvalidTransition:
        """For a step that the table allows and the verb asked for is not the way to."""
        return InvalidTransition(
            entity=self.entity, current=str(current), wanted=str(wanted), allowed=[*self.allowed(current)]
        )


def machine(entity: str, table: str, *, entry: tuple[str, ...] = ()) -> Machine:
    """Written one state a line, `contacted: qualified nurturing`; born in the first unless told otherwise.

    A state that follows another and has no line of its own is final.
    """
    lines = (line.partition(":") for line in table.strip().splitlines())
    listed = {state.strip(): tuple(following.split()) for state, _, following in lines}
    final = {state: () for following in listed.values() for state in following if state not in listed}
    unknown = set(entry) - set(listed)
    if unknown:
        raise ValueError(f"{entity} cannot be born in {unknown}")
    return Machine(entity, entry or (next(iter(listed)),), listed | final)

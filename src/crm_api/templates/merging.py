"""Liquid, as far as users may use it: fields of the catalogue, conditions, loops; limits stop a bomb.

Importing Liquid costs 19 MiB, so it is loaded by whoever first renders or saves.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from crm_api.kit.later import later
from crm_api.templates.fields import FIELDS, FieldType, Value, examples

if TYPE_CHECKING:
    import liquid
    from liquid import exceptions
else:
    liquid = later("liquid")
    exceptions = later("liquid.exceptions")

MOST_LOOPS = 1000
MOST_OUTPUT = 400_000
MOST_LOCALS = 10_000
DEEPEST = 20
TAGS = frozenset(
    {"assign", "break", "case", "comment", "content", "continue", "for", "if", "illegal", "output", "unless"}
)
FILTERS = frozenset(
    {
        *("append", "capitalize", "default", "downcase", "escape", "first", "join", "last", "lstrip"),
        *(
            "prepend",
            "rstrip",
            "size",
            "squish",
            "strip",
            "truncate",
            "truncatewords",
            "upcase",
            "url_encode",
        ),
    }
)
"""Those that cannot make much of little, nor mark a text as safe."""
_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_STRING = re.compile(r"\"[^\"]*\"|'[^']*'")


class Refusal(NamedTuple):
    """What is wrong with a template, and in which line (from 1)."""

    code: str
    detail: str
    line: int


class BadTemplate(ValueError):
    """The refusals of one text."""

    def __init__(self, *refusals: Refusal) -> None:
        super().__init__("; ".join(one.detail for one in refusals))
        self.refusals = refusals


class TooMuch(Exception):
    """Filling a template in would take more than it may."""


@cache
def _environment(*, escapes: bool) -> "liquid.Environment":
    made: Any = liquid.Environment(autoescape=escapes)
    made.loop_iteration_limit = MOST_LOOPS
    made.output_stream_limit = MOST_OUTPUT
    made.local_namespace_limit = MOST_LOCALS
    made.block_nesting_limit = DEEPEST
    for name in set(made.tags) - TAGS:
        del made.tags[name]
    for name in set(made.filters) - FILTERS:
        del made.filters[name]
    return cast("liquid.Environment", made)


class Text:
    """One text of a template, read once. Raises BadTemplate when it is no Liquid."""

    __slots__ = ("_template", "source", "variables")

    def __init__(self, source: str, *, escapes: bool = False) -> None:
        self.source = source
        self._refuse_ranges()
        try:
            self._template = _environment(escapes=escapes).from_string(source)
            found = self._template.analyze()
        except exceptions.LiquidError as error:
            raise BadTemplate(_syntax(source, error)) from error
        except RecursionError as error:
            raise BadTemplate(Refusal("template_limit", "Too deeply nested.", 1)) from error
        self.variables = tuple(dict.fromkeys(_path(one) for each in found.globals.values() for one in each))
        self._refuse_strangers(found)

    def _refuse_ranges(self) -> None:
        """`(1..100000000) | join` runs for 20 seconds before any limit of Liquid's counts it."""
        for tag in _TAG.finditer(self.source):
            if ".." in _STRING.sub("", tag[0]):
                line = self.line(tag.start())
                raise BadTemplate(Refusal("template_syntax", "Ranges (1..9) are not allowed.", line))

    def _refuse_strangers(self, found: Any) -> None:
        refusals = [
            Refusal("template_field", f"There is no field {_path(one)}.", self.line(one.span.index))
            for each in found.globals.values()
            for one in each
            if _path(one) not in FIELDS
        ]
        refusals += [
            Refusal("template_filter", f"There is no filter {name}.", self.line(span.index))
            for name, spans in found.filters.items()
            if name not in FILTERS
            for span in spans
        ]
        if refusals:
            raise BadTemplate(*sorted(set(refusals), key=lambda one: one.line))

    def line(self, index: int) -> int:
        return self.source.count("\n", 0, max(index, 0)) + 1

    def fill(self, fields: Mapping[str, Value]) -> str:
        """With these values by their dotted codes; what is not given is empty. Raises TooMuch."""
        try:
            return str(self._template.render(**_nested(fields)))
        except (exceptions.LiquidError, RecursionError) as error:
            raise TooMuch from error

    def tried(self) -> None:
        """With the examples. Raises BadTemplate for a bomb."""
        try:
            self._template.render(**_nested(examples()))
        except exceptions.ResourceLimitError as error:
            detail = "Filling this in takes more than a message may: loops, length or variables."
            raise BadTemplate(Refusal("template_limit", detail, 1)) from error
        except (exceptions.LiquidError, RecursionError) as error:
            raise BadTemplate(_syntax(self.source, error)) from error


def _path(variable: Any) -> str:
    return ".".join(str(segment) for segment in variable.segments)


def _syntax(source: str, error: Any) -> Refusal:
    index = getattr(getattr(error, "token", None), "start_index", 0) or 0
    said = str(getattr(error, "args", ("",))[0] or error).splitlines()[0][:200]
    code = "template_limit" if isinstance(error, exceptions.ResourceLimitError) else "template_syntax"
    return Refusal(code, f"{said[:1].upper()}{said[1:]}.", source.count("\n", 0, max(index, 0)) + 1)


def _nested(fields: Mapping[str, Value]) -> dict[str, Any]:
    """`policy.number` becomes `{"policy": {"number": ...}}`; no value is believed to be safe."""
    made: dict[str, Any] = {}
    for code, value in fields.items():
        first, _, rest = code.partition(".")
        plain = [str.__str__(one) for one in value] if isinstance(value, list) else str.__str__(value)
        if rest:
            made.setdefault(first, {})[rest] = plain
        else:
            made[first] = plain
    return made


def is_link(code: str) -> bool:
    return code in FIELDS and FIELDS[code].type is FieldType.URL

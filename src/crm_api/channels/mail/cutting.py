"""What somebody wrote just now, without what they answer and without their signature.

A table of marks, French first: a program that answers mails introduces the quote in its own words. When in
doubt nothing is cut, and never so much that nothing is left: the whole mail is kept beside.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

_DAY = (
    r"(?:lun|mar|mer|jeu|ven|sam|dim|mon|tue|wed|thu|fri|sat|sun)[a-zé]*\.?,?\s+"
    r"|\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|\d{4}-\d\d-\d\d|\d{1,2}(?:er)?\s+[a-zéûô]{3,9}\.?,?\s"
)
ATTRIBUTIONS: Sequence[str] = (
    # Gmail, Thunderbird, Apple Mail, Yahoo: "Le lun. 23 nov. 2026 à 14:32, Karim <k@x.dz> a écrit :"
    rf"le\s+(?:{_DAY}).{{0,250}}?\ba\s+écrit\s*:",
    r"le\s+(?:lun|mar|mer|jeu|ven|sam|dim)\w*\.?,?\s.{5,200}?\ba\s+ecrit\s*:",
    rf"(?:on|am)\s+(?:{_DAY}).{{0,250}}?(?:\bwrote|\bschrieb.{{0,80}}?)\s*:",
    rf"(?:{_DAY}).{{0,120}}?<[^<>\s]+@[^<>\s]+>\s*(?:a\s+écrit\s*)?:",
    r"[^\n<>.!?]{1,60}<[^<>\s]+@[^<>\s]+>\s+(?:a\s+écrit|wrote)\s*(?:le\b.{0,60})?:",
    # Arabic: "في الاثنين 23 نوفمبر 2026 كتب كريم:"
    r"(?:في|بتاريخ)\s.{0,200}?(?:كتب|كتبت)\s?.{0,120}?:",
    r"كتب(?:ت)?\s.{1,120}?(?:في|بتاريخ)\s.{1,80}?:",
)
"""The line before a quote; a long one goes over up to three lines."""
RULERS: Sequence[str] = (
    r"[-_]{2,}\s*(?:message|courriel|e-?mail|mail)\s+(?:d['’]origine|original|initial|transf[ée]r[ée])\s*[-_]{2,}",
    r"[-_]{2,}\s*(?:original|forwarded|reply)\s+(?:message|e-?mail)\s*[-_]{2,}",
    r"[-_]{2,}\s*(?:الرسالة الأصلية|رسالة أصلية)\s*[-_]{2,}",
    r"_{20,}",
    r"-{3,}\s*r[ée]pondre au-dessus de cette ligne\s*-{3,}",
    r"#{2,}-?\s*(?:veuillez )?(?:répondre|écrire) au-dessus de cette ligne.*",
)
"""A line that says by itself that an older mail follows."""
FORWARDS: Sequence[str] = (
    r"-{2,}\s*(?:forwarded message|message transf[ée]r[ée])\s*-{2,}",
    r"début du message (?:transféré|réexpédié)\s*:",
    r"begin forwarded message\s*:",
)
"""What follows is what the sender wants us to read."""
BLOCK_FIRST = r"\*?(?:de|from|expéditeur|من)\s*\*?\s*:\s*\*?\s*\S.*"
BLOCK_NEXT = (
    r"\*?(?:envoyé(?:\s+le)?|date|sent|à|to|cc|objet|subject|destinataire|إلى|الموضوع|التاريخ|تاريخ)"
    r"\s*\*?\s*:.*"
)
"""Outlook: `De :`, then within four lines two of `Envoyé :`, `À :`, `Objet :`."""
CLOSINGS: Sequence[str] = (
    r"(?:(?:bien|très|tres)\s+)?(?:cordialement|respectueusement|sincèrement|amicalement|courtoisement)"
    r"(?:\s+(?:votre|vôtre|à vous))?\s*[,.!]?",
    r"(?:meilleures|sincères|cordiales|respectueuses|mes)\s+salutations(?:\s+(?:distinguées|respectueuses))?\s*[,.!]?",
    r"salutations(?:\s+(?:distinguées|cordiales|respectueuses))?\s*[,.!]?",
    r"cdlt\.?,?|cdt\.?,?|bàv\.?,?|bien à vous\s*[,.]?|bonne (?:journée|soirée|réception)\s*[,.!]?",
    r"(?:je vous prie|nous vous prions|veuillez)\s+(?:d['’])?(?:agréer|recevoir|croire)\b.*",
    r"(?:dans l['’]attente|en vous remerciant|avec mes remerciements|merci d['’]avance)\b.*",
    r"(?:best |kind |warm )?regards\s*[,.]?|sincerely\s*[,.]?|best\s*,",
    r"مع (?:خالص )?(?:التحية|تحياتي|الشكر|فائق الاحترام)\s*.{0,40}",
    r"تقبلوا .{0,80}|وشكرا\s*[.،]?|تحياتي\s*[.،]?",
)
"""Formulas at the end of a letter: they stay; the lines after them, up to eight short ones, go."""
SIGNATURES: Sequence[str] = (
    r"--\s?",
    r"—\s?",
    r"(?:envoyé|expédié)\s+(?:de|depuis|à partir d[eu]|via|avec)\s+"
    r"(?:mon|ma|un|une|le|la|l['’]|yahoo|gmail|outlook|proton|l['’]application|courrier|orange|djezzy|mobilis|ooredoo|bluemail|iphone|android).{0,80}",
    r"sent\s+from\s+(?:my|a|the|yahoo|outlook|mail|proton|samsung).{0,80}",
    r"(?:téléchargez|télécharger|get)\s+outlook\s+(?:pour|for)\b.{0,60}",
    r"أرسل(?:ت)?\s+من\s.{0,60}|تم الإرسال من\s.{0,60}",
    r"(?:provenance|garanti sans virus|analysé par)\s*[.:]?.{0,60}avast.{0,40}",
    r"(?:ce (?:message|courriel|mail|document)|le présent (?:message|courriel)|this (?:e-?mail|message))\b"
    r".{0,80}(?:confidentie|pièces? jointes?|destinataire|intended|privileged).*",
    r"(?:pensez|penser)\s+à\s+l['’]environnement.*|avant d['’]imprimer.*|p\s+avant d['’]imprimer.*",
    r"\*{0,2}(?:avertissement|clause de confidentialité|confidentialité|disclaimer)\*{0,2}\s*:?.{0,20}",
)
"""From such a line on, all is signature: when nothing but short lines or a legal notice follow."""
MOST_SIGNATURE_LINES, LONGEST_SIGNATURE_LINE = 8, 90


class Cut(NamedTuple):
    """`text`: what was written now; `quote` and `signature`: what was cut, as it stood."""

    text: str
    quote: str
    signature: str


def _any(patterns: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.I)


_ATTRIBUTION, _RULER, _FORWARD = _any(ATTRIBUTIONS), _any(RULERS), _any(FORWARDS)
_FIRST, _NEXT = re.compile(BLOCK_FIRST, re.I), re.compile(BLOCK_NEXT, re.I)
_CLOSING, _SIGN = _any(CLOSINGS), _any(SIGNATURES)
_QUOTED = re.compile(r"\s{0,3}[>|]")


def cut(text: str) -> Cut:
    """See the module. Lines are compared without blanks and `*`; at most 4,000 lines are looked at."""
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    if any(_FORWARD.match(_bare(line)) for line in lines[:400]):
        return Cut("\n".join(lines).strip(), "", "")
    end = _quote_from(lines)
    if not _said(lines[:end]):
        end = len(lines)
    kept, quote = _without_quoted_tail(lines[:end])
    start = _signature_from(kept)
    if not _said(kept[:start]):
        start = len(kept)
    cut_quote = "\n".join([*quote, *lines[end:]]).strip()
    return Cut("\n".join(kept[:start]).strip(), cut_quote, "\n".join(kept[start:]).strip())


def _quote_from(lines: list[str]) -> int:
    """The first line of what is answered; the number of lines when there is none."""
    for number, line in enumerate(lines[:4000]):
        bare = _bare(line)
        if not bare:
            continue
        if _RULER.fullmatch(bare) or (_FIRST.fullmatch(bare) and _is_block(lines, number)):
            return number
        if _introduces(lines[number : number + 3]):
            return number
    return len(lines)


def _introduces(lines: list[str]) -> bool:
    """Whether the first one, alone or with the one or two right below it, says who wrote what follows."""
    joined = ""
    for line in lines:
        if not (bare := _bare(line.lstrip("> "))):
            return False
        joined = f"{joined} {bare}".strip()[:400]
        found = _ATTRIBUTION.match(joined)
        if found and not joined[found.end() :].strip():
            return True
    return False


def _is_block(lines: list[str], number: int) -> bool:
    following = [_bare(line) for line in lines[number + 1 : number + 6]]
    return sum(1 for line in following if _NEXT.fullmatch(line)) >= 2


def _without_quoted_tail(lines: list[str]) -> tuple[list[str], list[str]]:
    """Quoted lines at the end go; an answer written between quoted lines stays as it is."""
    end = len(lines)
    while end and (not lines[end - 1].strip() or _QUOTED.match(lines[end - 1])):
        end -= 1
    if not _said(lines[:end]):
        return lines, []
    return lines[:end], lines[end:]


def _signature_from(lines: list[str]) -> int:
    for number, line in enumerate(lines):
        bare = _bare(line)
        if not bare:
            continue
        if _SIGN.fullmatch(bare) and _short(lines[number + 1 :], bare):
            return number
        if _CLOSING.fullmatch(bare) and _short(lines[number + 1 :], ""):
            return number + 1
    return len(lines)


def _short(rest: list[str], mark: str) -> bool:
    """Whether these lines may be a signature: few and short; after a legal notice, whatever they are."""
    said = [bare for line in rest if (bare := _bare(line))]
    if len(mark) > 30:
        return True
    for number, line in enumerate(said):
        if _SIGN.fullmatch(line):
            return number <= MOST_SIGNATURE_LINES
        if len(line) > LONGEST_SIGNATURE_LINE or line.endswith("?"):
            return False
    return len(said) <= MOST_SIGNATURE_LINES


def _bare(line: str) -> str:
    return " ".join(line.strip(" \t*\u00a0\u200e\u200f").split())


def _said(lines: list[str]) -> bool:
    return any(line.strip() and not _QUOTED.match(line) for line in lines)

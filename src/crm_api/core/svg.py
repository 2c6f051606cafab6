"""Which SVG may be a logo: a plain drawing, by lists of what is allowed.

Scripts, event handlers, links, animations, embedded pictures, external references, entities and foreign
namespaces are all refused, because none of them is on the lists. When in doubt a PNG will do.
"""

import re
from xml.etree import ElementTree

LARGEST = 1024 * 1024
NAMESPACE = "{http://www.w3.org/2000/svg}"
ELEMENTS = frozenset(
    "svg g path rect circle ellipse line polyline polygon text tspan title desc defs "  # noqa: SIM905
    "linearGradient radialGradient stop clipPath mask".split()
)
ATTRIBUTES = frozenset(
    "id class version baseProfile viewBox preserveAspectRatio width height x y x1 y1 x2 y2 "  # noqa: SIM905
    "cx cy r rx ry fx fy d dx dy points pathLength transform offset "
    "gradientUnits gradientTransform spreadMethod clipPathUnits maskUnits maskContentUnits "
    "clip-path clip-rule mask opacity fill fill-opacity fill-rule stroke stroke-dasharray stroke-dashoffset "
    "stroke-linecap stroke-linejoin stroke-miterlimit stroke-opacity stroke-width stop-color stop-opacity "
    "color display visibility font-family font-size font-style font-weight letter-spacing text-anchor "
    "style".split()
)
DECLARATION = re.compile(
    r"""\A<\?xml version=["']1\.0["'](?: encoding=["']utf-8["'])?(?: standalone=["'](?:yes|no)["'])?\s*\?>""",
    re.I,
)
SUSPECT = re.compile(r"[\\@<&]|/\*|:\s*//|(?:javascript|data|vbscript)\s*:|expression", re.I)
REFERENCE = re.compile(r"url\s*\((?!#[\w-]+\))", re.I)
"""Every url() but one to a part of the same drawing."""


def is_harmless_svg(data: bytes) -> bool:
    if len(data) > LARGEST:
        return False
    try:
        text = DECLARATION.sub("", data.decode("utf-8-sig"), count=1)
        if "<!" in re.sub(r"<!--.*?-->", "", text, flags=re.S) or "<?" in text:
            return False  # a document type could declare entities, an instruction name a style sheet
        root = ElementTree.fromstring(text)  # noqa: S314 - without entities there is nothing to expand
    except (UnicodeDecodeError, ElementTree.ParseError):
        return False
    return root.tag == f"{NAMESPACE}svg" and all(_is_allowed(element) for element in root.iter())


def _is_allowed(element: ElementTree.Element) -> bool:
    namespace, tag = element.tag[: len(NAMESPACE)], element.tag[len(NAMESPACE) :]
    return (namespace == NAMESPACE and tag in ELEMENTS) and all(
        name in ATTRIBUTES and not SUSPECT.search(value) and not REFERENCE.search(value)
        for name, value in element.attrib.items()
    )

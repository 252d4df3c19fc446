"""Checks pages for browsers, read from standard input; prints one fault per line.

The pages close every element, so a strict parser reads them: text that was not escaped shows as an
element or as an error. Further rules concern scripts, external resources and accessibility.
"""

import re
import sys
import unicodedata
import xml.etree.ElementTree as tree

ELEMENTS = set(
    "html head meta title link style body header main footer nav section div h1 h2 p a span strong "
    "small ul li dl dt dd table caption thead tbody tr th td form label input button details summary "
    "abbr bdi code time svg rect circle path".split()
)
HEADINGS = ["h1", "h2", "h3", "h4", "h5", "h6"]


def luminance(colour):
    digits = colour[1:] if len(colour) == 7 else "".join(c * 2 for c in colour[1:])
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def style_faults(sheet):
    """WCAG AA: 4.5 for text, 3 for the parts of drawings, in both colour schemes."""
    schemes = re.findall(r":root\{([^}]*)\}", sheet)
    if len(schemes) != 2:
        yield f"{len(schemes)} colour schemes"
    for scheme in schemes:
        colours = dict(re.findall(r"--(\w+):(#[0-9a-f]+)", scheme))
        for back in ("back", "card"):
            for name in ("text", "soft", "link", "ok", "bad", "warn"):
                if (found := contrast(colours[name], colours[back])) < 4.5:
                    yield f"{name} on {back} has a contrast of {found:.2f}"
        for name in ("bar", "p1", "p2", "p3", "p4", "p5"):
            if (found := contrast(colours[name], colours["card"])) < 3:
                yield f"{name} on card has a contrast of {found:.2f}"
    for left in re.findall(r"url\(|@import|expression", sheet):
        yield f"the style contains {left}"


def attribute_faults(element):
    for name, value in element.attrib.items():
        if name == "style" or name.startswith("on"):
            yield f"{element.tag} has {name}"
        if name in ("href", "src", "action"):
            is_icon = element.tag == "link" and value.startswith("data:image/svg+xml,")
            if not is_icon and not re.match(r"/(?!/)", value):
                yield f"{element.tag} has {name}={value}"


def label_faults(root, ids):
    for element in root.iter():
        name = element.attrib.get("aria-label") or element.attrib.get("aria-labelledby")
        if element.tag in ("section", "nav") and not name:
            yield f"{element.tag} has no name"
        if (target := element.attrib.get("aria-labelledby")) and target not in ids:
            yield f"no element has the id {target}"
        if element.tag == "th" and element.attrib.get("scope") not in ("row", "col"):
            yield "th without scope"
        if element.tag == "table" and (not len(element) or element[0].tag != "caption"):
            yield "table without a caption"
        if element.tag == "svg" and element.attrib.get("aria-hidden") != "true":
            title = element[0] if len(element) else None
            is_titled = title is not None and title.tag == "title" and (title.text or "").strip()
            if element.attrib.get("role") != "img" or not is_titled:
                yield "svg without role or title"
        if element.tag == "input" and element.attrib.get("type") != "hidden":
            labels = [label for label in root.iter("label") if element in list(label.iter())]
            if not labels:
                yield "input without a label"
        if element.tag in ("a", "button") and not "".join(element.itertext()).strip():
            yield f"{element.tag} without text"


def faults(page):
    if not page.startswith("<!DOCTYPE html>\n"):
        yield "no doctype"
    try:
        root = tree.fromstring(page)
    except tree.ParseError as error:
        yield f"not well-formed: {error}"
        return
    if root.tag != "html" or root.attrib != {"lang": "en"}:
        yield "the root is not html in English"
    ids = [element.attrib["id"] for element in root.iter() if "id" in element.attrib]
    yield from (f"the id {name} occurs twice" for name in set(ids) if ids.count(name) > 1)
    for element in root.iter():
        if element.tag not in ELEMENTS:
            yield f"element {element.tag}"
        yield from attribute_faults(element)
    levels = [HEADINGS.index(e.tag) for e in root.iter() if e.tag in HEADINGS]
    if levels.count(0) != 1 or levels[0] != 0 or any(b > a + 1 for a, b in zip(levels, levels[1:])):
        yield f"heading levels {levels}"
    for name in ("main", "header", "footer", "title", "style"):
        if len(list(root.iter(name))) < 1 or name == "main" and len(list(root.iter(name))) > 1:
            yield f"not one {name}"
    metas = {e.attrib.get("name") for e in root.iter("meta")}
    if not metas >= {"viewport", "color-scheme"}:
        yield "no viewport or colour scheme"
    yield from label_faults(root, ids)
    yield from style_faults(root.find("head/style").text)
    text = "".join(root.itertext()) + "".join(v for e in root.iter() for v in e.attrib.values())
    for scalar in sorted(set(text)):
        if scalar != "\n" and unicodedata.category(scalar) in ("Cc", "Cf", "Zl", "Zp"):
            yield f"U+{ord(scalar):04X} in the text"


for fault in faults(sys.stdin.read()):
    print(fault)

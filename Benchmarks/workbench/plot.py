"""Draws lines on logarithmic axes as SVG: panels side by side, readable without colour."""

import math
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 430, 330
LEFT, RIGHT, TOP, BOTTOM = 58, 130, 44, 46
# They differ in hue, lightness and mark.
STYLES = [
    ("#0b6e4f", "circle"),
    ("#555555", "square"),
    ("#c8553d", "triangle"),
    ("#3b6ea5", "diamond"),
]


@dataclass
class Panel:
    """A title, and lines by name: pairs of x and y above zero."""

    title: str
    unit: str
    lines: dict


def decades(values):
    """The powers of ten that enclose the values."""
    low = math.floor(math.log10(min(values)))
    high = max(low + 1, math.ceil(math.log10(max(values))))
    return range(low, high + 1)


def number(value):
    return f"{value:,.0f}" if value >= 1 else f"{value:g}"


def mark(shape, x, y, colour):
    r = 3.5
    match shape:
        case "circle":
            return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r}" fill="{colour}"/>'
        case "square":
            points = [(-r, -r), (r, -r), (r, r), (-r, r)]
        case "triangle":
            points = [(0, -r - 1), (r + 1, r), (-r - 1, r)]
        case "diamond":
            points = [(0, -r - 1), (r + 1, 0), (0, r + 1), (-r - 1, 0)]
    corners = " ".join(f"{x + dx:.1f},{y + dy:.1f}" for dx, dy in points)
    return f'<polygon points="{corners}" fill="{colour}"/>'


def text(x, y, words, **attributes):
    """A text element; underscores in names of attributes become hyphens."""
    more = "".join(f' {name.replace("_", "-")}="{value}"' for name, value in attributes.items())
    return f'<text x="{x:.1f}" y="{y:.1f}"{more}>{escape(words)}</text>'


def labels(ends, least=13):
    """The height of each label: near the end of its line, without overlapping another."""
    heights = {}
    last = -math.inf
    for name, y in sorted(ends.items(), key=lambda end: end[1]):
        last = heights[name] = max(y, last + least)
    return heights


def draw_panel(panel, offset):
    points = [point for line in panel.lines.values() for point in line]
    xs, ys = decades([x for x, _ in points]), decades([y for _, y in points])
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM

    def place(x, y):
        return (
            LEFT + (math.log10(x) - xs[0]) / (xs[-1] - xs[0]) * (right - LEFT),
            bottom - (math.log10(y) - ys[0]) / (ys[-1] - ys[0]) * (bottom - TOP),
        )

    parts = [f'<g transform="translate({offset} 0)">']
    parts.append(text(LEFT, 22, panel.title, font_weight="bold"))
    parts.append(text(LEFT - 8, TOP - 8, panel.unit, text_anchor="end"))
    for power in ys:
        y = place(10 ** xs[0], 10**power)[1]
        parts.append(f'<path d="M{LEFT} {y:.1f}H{right}" stroke="#ddd"/>')
        parts.append(text(LEFT - 8, y + 4, number(10**power), text_anchor="end"))
    for power in xs:
        x = place(10**power, 10 ** ys[0])[0]
        parts.append(f'<path d="M{x:.1f} {bottom}v4" stroke="#999"/>')
        parts.append(text(x, bottom + 18, number(10**power), text_anchor="middle"))
    parts.append(text((LEFT + right) / 2, bottom + 36, "peers", text_anchor="middle"))
    ends = {}
    for (name, line), (colour, shape) in zip(panel.lines.items(), STYLES):
        places = [place(*point) for point in line]
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
        parts.append(f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        parts += [mark(shape, x, y, colour) for x, y in places]
        ends[name] = places[-1]
    heights = labels({name: y for name, (_, y) in ends.items()})
    for (name, (x, _)), (colour, _) in zip(ends.items(), STYLES):
        parts.append(text(x + 9, heights[name] + 4, name, fill=colour))
    return [*parts, "</g>"]


def draw(panels, note):
    """The SVG document, with a note below the panels."""
    width, height = WIDTH * len(panels), HEIGHT + 18
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" font-family="sans-serif" font-size="11" fill="#222">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
    ]
    for place, panel in enumerate(panels):
        parts += draw_panel(panel, place * WIDTH)
    parts.append(text(LEFT, height - 8, note, fill="#666"))
    return "\n".join([*parts, "</svg>", ""])

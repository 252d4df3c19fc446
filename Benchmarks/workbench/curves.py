"""Draws the curves of detection as SVG: one chart for each disturbance, readable without colour."""

import math
from dataclasses import dataclass

from workbench.plot import mark, number, text

WIDTH, HEIGHT, COLUMNS = 320, 300, 3
LEFT, RIGHT, TOP, BOTTOM = 66, 14, 46, 44
LEGEND = 34
# Seconds and false downs per node-year. No false down is drawn on the lowest line; points to the
# right of the axis are left out.
SECONDS = (5, 500)
RATES = range(-1, 7)
TICKS = [5, 10, 20, 50, 100, 200, 500]
# They differ in hue, lightness and mark.
STYLES = {
    "naive": ("#555555", "square"),
    "service, down after 1": ("#0b6e4f", "circle"),
    "service, down after 2": ("#3b6ea5", "diamond"),
    "service, down after 3": ("#8a4fa3", "down"),
    "phi-accrual": ("#c8553d", "triangle"),
}


@dataclass
class Chart:
    """A title, and lines by name: pairs of x and y."""

    title: str
    lines: dict


def place(x, y):
    low, high = (math.log10(bound) for bound in SECONDS)
    across = (math.log10(x) - low) / (high - low)
    rate = max(RATES[0], min(RATES[-1], math.log10(y) if y > 0 else RATES[0]))
    up = (rate - RATES[0]) / (RATES[-1] - RATES[0])
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    return LEFT + across * (right - LEFT), bottom - up * (bottom - TOP)


def symbol(shape, x, y, colour):
    if shape != "down":
        return mark(shape, x, y, colour)
    points = f"{x:.1f},{y + 4.5:.1f} {x + 4.5:.1f},{y - 3.5:.1f} {x - 4.5:.1f},{y - 3.5:.1f}"
    return f'<polygon points="{points}" fill="{colour}"/>'


def axes(chart):
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    yield text(LEFT, 20, chart.title, font_weight="bold")
    yield text(LEFT, 36, "false downs per node-year", fill="#666")
    for power in RATES:
        y = place(SECONDS[0], 10**power)[1]
        yield f'<path d="M{LEFT} {y:.1f}H{right}" stroke="#ddd"/>'
        label = "none" if power == RATES[0] else number(10**power)
        yield text(LEFT - 6, y + 4, label, text_anchor="end")
    for tick in TICKS:
        x = place(tick, 1)[0]
        yield f'<path d="M{x:.1f} {bottom}v4" stroke="#999"/>'
        yield text(x, bottom + 17, number(tick), text_anchor="middle")
    yield text((LEFT + right) / 2, bottom + 34, "seconds to down on all, p50", text_anchor="middle")


def draw_chart(chart, column, row):
    parts = [f'<g transform="translate({column * WIDTH} {LEGEND + row * HEIGHT})">', *axes(chart)]
    for name, line in chart.lines.items():
        colour, shape = STYLES[name]
        places = [place(x, y) for x, y in line if SECONDS[0] <= x <= SECONDS[1]]
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
        parts.append(f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        parts += [symbol(shape, x, y, colour) for x, y in places]
    return [*parts, "</g>"]


def draw(charts):
    """The SVG document, with one legend above all charts."""
    width, height = WIDTH * COLUMNS, LEGEND + HEIGHT * -(-len(charts) // COLUMNS)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" font-family="sans-serif" font-size="11" fill="#222">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
    ]
    for place_, (name, (colour, shape)) in enumerate(STYLES.items()):
        x = LEFT + place_ * 175
        parts += [symbol(shape, x, 18, colour), text(x + 10, 22, name, fill=colour)]
    for number_, chart in enumerate(charts):
        parts += draw_chart(chart, number_ % COLUMNS, number_ // COLUMNS)
    return "\n".join([*parts, "</svg>", ""])

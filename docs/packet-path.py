#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Draws packet-path.svg from packet-path.txt: packet-path.py <packet-path.txt >packet-path.svg"""

import sys
from html import escape

WIDTH, GAP, MARGIN = 580, 40, 24  # of a column, between columns, around all
LINE, SMALL = 18, 15
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
STYLE = """
text { font-family: %s; font-size: 13px; fill: #1b2733; }
.title { font-size: 19px; font-weight: 600; }
.hook { font-weight: 600; }
.program, .table { font-family: ui-monospace, 'SFMono-Regular', Menlo, Consolas, monospace; font-size: 11px; fill: #4a6079; }
.reason { font-size: 11px; font-weight: 600; fill: #8f1d1d; }
.way { font-style: italic; fill: #4a6079; }
""" % FONT


def read(lines):
    """The columns: a title and the items, ("hook" | "step" | "way", the parts of its line)."""
    columns = []
    for line in lines:
        kind, _, rest = line.strip().partition(" ")
        parts = [part.strip() for part in rest.split("|")]
        if kind == "column":
            columns.append((rest, []))
        elif kind in ("hook", "step", "way"):
            columns[-1][1].append((kind, parts))
    return columns


def words(text):
    return [word.strip() for word in text.split(",") if word.strip()]


def text(x, y, what, kind, anchor="start"):
    return '<text x="%d" y="%d" class="%s" text-anchor="%s">%s</text>' % (x, y, kind, anchor, escape(what, quote=False))


def box(x, y, width, height, fill, stroke, radius=6):
    return '<rect x="%d" y="%d" width="%d" height="%d" rx="%d" fill="%s" stroke="%s"/>' % (
        x, y, width, height, radius, fill, stroke)


def chips(right, y, reasons):
    """Reasons of a drop, beside each other, the last at the right end."""
    out = []
    for reason in reversed(reasons):
        width = 7 * len(reason) + 14
        right -= width
        out += [box(right, y, width, LINE, "#fdecec", "#d98a8a", 9), text(right + width // 2, y + 13, reason, "reason", "middle")]
        right -= 6
    return out


def rows(reasons):
    """At most four chips stand in a row."""
    return [reasons[at:at + 4] for at in range(0, len(reasons), 4)]


def step_height(parts):
    return LINE + SMALL * bool(parts[1]) + (LINE + 4) * len(rows(words(parts[2]))) + 8


def draw_step(x, y, parts):
    out = [text(x + 30, y + 14, parts[0], "step"),
           '<circle cx="%d" cy="%d" r="3" fill="#4a6079"/>' % (x + 18, y + 10)]
    y += LINE
    if parts[1]:
        out.append(text(x + 30, y + 11, parts[1], "table"))
        y += SMALL
    for row in rows(words(parts[2])):
        out += chips(x + WIDTH - 14, y + 1, row)
        y += LINE + 4
    return out


def arrow(x, y, height):
    return ['<path d="M%d %d v%d" stroke="#4a6079" stroke-width="2" marker-end="url(#end)"/>' % (x, y, height - 6)]


def draw_column(x, title, items):
    """The column's elements, and where it ends."""
    out, y, middle = [text(x, MARGIN + 18, title, "title")], MARGIN + 36, x + WIDTH // 2
    for at, (kind, parts) in enumerate(items):
        if kind == "way":
            out += arrow(middle, y, 22) + [text(middle, y + 37, parts[0], "way", "middle")]
            y += 44
        elif kind == "hook":
            if at:
                out += arrow(middle, y, 22)
                y += 22
            steps = []
            for following in items[at + 1:]:
                if following[0] != "step":
                    break
                steps.append(following[1])
            height = 30 + sum(step_height(step) for step in steps) + 4
            out += [box(x, y, WIDTH, height, "#f3f7fb", "#8aa4c0"), text(x + 14, y + 20, parts[0], "hook"),
                    text(x + WIDTH - 14, y + 20, parts[1], "program", "end")]
            y += 30
            for step in steps:
                out += draw_step(x, y, step)
                y += step_height(step)
            y += 4
    return out, y


def main():
    columns = read(sys.stdin)
    body, bottom = [], 0
    for at, (title, items) in enumerate(columns):
        drawn, end = draw_column(MARGIN + at * (WIDTH + GAP), title, items)
        body += drawn
        bottom = max(bottom, end)
    width, height = 2 * MARGIN + len(columns) * WIDTH + (len(columns) - 1) * GAP, bottom + MARGIN
    print('<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img">' % (
        width, height, width, height))
    print("<title>The path of a packet</title>")
    print("<desc>The hooks that a packet to and from a container meets, the steps of the program at each, the tables they "
          "read, and the reasons for which each drops. packet-path.md says the same in words.</desc>")
    print("<style>%s</style>" % STYLE)
    print('<defs><marker id="end" viewBox="0 0 10 10" refX="5" refY="5" markerWidth="5" markerHeight="5" orient="auto">'
          '<path d="M0 0 L10 5 L0 10 z" fill="#4a6079"/></marker></defs>')
    print('<rect width="%d" height="%d" fill="#ffffff"/>' % (width, height))
    print("\n".join(body))
    print("</svg>")


main()

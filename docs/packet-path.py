#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Draws packet-path.svg from packet-path.txt: packet-path.py <packet-path.txt >packet-path.svg"""

import sys
from html import escape

WIDTH, GAP, MARGIN = 560, 36, 20  # of a column, between columns, around all
LINE, SMALL, CHIP = 18, 16, 17    # heights
TEXT_AT, EDGE, BETWEEN = 28, 12, 5  # a step's text from the left, chips from the right, between chips
ARROW = 20
STEP_CHAR, HOOK_CHAR, TABLE_CHAR, CHIP_CHAR = 7.2, 8, 6.8, 7.2  # wider than the widest of the fonts is on the average
INK, DIM = "#1b2733", "#4a6079"
COLOURS = {"reason": ("#fdecec", "#d98a8a"), "pass": ("#e8f5ec", "#86bb98")}
STYLE = """
text { font-family: system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif; font-size: 13px; fill: %s; }
.title { font-size: 19px; font-weight: 600; }
.hook { font-weight: 600; }
.program, .table { font-family: ui-monospace, 'SFMono-Regular', Menlo, Consolas, monospace; font-size: 11px; fill: %s; }
.reason { font-size: 11px; font-weight: 600; fill: #8f1d1d; }
.pass { font-size: 11px; font-weight: 600; fill: #1c5c34; }
.way { font-style: italic; fill: %s; }
""" % (INK, DIM, DIM)


def read(lines):
    """The columns: a title and the items, ("hook" | "step" | "way" | "key", the four parts of its line)."""
    columns = []
    for line in lines:
        kind, _, rest = line.strip().partition(" ")
        parts = [part.strip() for part in rest.split("|")]
        if kind == "column":
            columns.append((rest, []))
        elif kind in ("hook", "step", "way", "key"):
            columns[-1][1].append((kind, parts + [""] * (4 - len(parts))))
    return columns


def words(text):
    return [word.strip() for word in text.split(",") if word.strip()]


def text(x, y, what, kind, anchor="start"):
    return '<text x="%d" y="%d" class="%s" text-anchor="%s">%s</text>' % (x, y, kind, anchor, escape(what, quote=False))


def box(x, y, width, height, fill, stroke, radius):
    return '<rect x="%d" y="%d" width="%d" height="%d" rx="%d" fill="%s" stroke="%s"/>' % (
        x, y, width, height, radius, fill, stroke)


def chips_of(parts):
    """(kind, word) of a step, from left to right."""
    return [("reason", reason) for reason in words(parts[2])] + [("pass", word) for word in words(parts[3])]


def chip_width(word):
    return int(CHIP_CHAR * len(word)) + 14


def row_width(row):
    return sum(chip_width(word) + BETWEEN for _, word in row)


def draw_row(right, y, row):
    """Chips beside each other, the last at the right end."""
    out, x = [], right - row_width(row) + BETWEEN
    for kind, word in row:
        width = chip_width(word)
        out += [box(x, y, width, CHIP, *COLOURS[kind], 8), text(x + width // 2, y + 12, word, kind, "middle")]
        x += width + BETWEEN
    return out


def lines_of(parts):
    """A step's lines: (text, class, height, the chips at its end). Chips stand where there is room: else below."""
    chips = chips_of(parts)
    lines = [(parts[0], "step", LINE, STEP_CHAR)] + [(parts[1], "table", SMALL, TABLE_CHAR)] * bool(parts[1])
    out, room = [], WIDTH - TEXT_AT - EDGE
    for what, kind, height, char in lines:
        left = room - char * len(what)
        if left < 0:
            sys.exit("too long for the picture: " + what)
        fits = chips and row_width(chips) + 6 <= left
        out.append((what, kind, height, chips if fits else []))
        chips = [] if fits else chips
    while chips:
        n = len(chips)
        while row_width(chips[:n]) > room:
            n = (n + 1) // 2
        out.append(("", "step", CHIP + 3, chips[:n]))
        chips = chips[n:]
    return out


def step_height(parts):
    return sum(height for _, _, height, _ in lines_of(parts)) + 7


def draw_step(x, y, parts):
    out = ['<circle cx="%d" cy="%d" r="2.5" fill="%s"/>' % (x + 16, y + 9, DIM)]
    for what, kind, height, chips in lines_of(parts):
        if what:
            out.append(text(x + TEXT_AT, y + (13 if kind == "step" else 11), what, kind))
        out += draw_row(x + WIDTH - EDGE, y, chips)
        y += height
    return out


def draw_hook(x, y, parts, steps):
    if HOOK_CHAR * len(parts[0]) + TABLE_CHAR * len(parts[1]) + 3 * EDGE > WIDTH:
        sys.exit("too long for the picture: " + parts[0])
    height = 28 + sum(step_height(step) for step in steps)
    out = [box(x, y, WIDTH, height, "#f3f7fb", "#8aa4c0", 6), text(x + 12, y + 19, parts[0], "hook"),
           text(x + WIDTH - EDGE, y + 19, parts[1], "program", "end")]
    y += 28
    for step in steps:
        out.append('<path d="M%d %d h%d" stroke="#dbe5ef"/>' % (x + 1, y, WIDTH - 2))
        out += draw_step(x, y + 2, step)
        y += step_height(step)
    return out, y


def arrow(x, y):
    return '<path d="M%d %d v%d" stroke="%s" stroke-width="2" marker-end="url(#end)"/>' % (x, y, ARROW - 4, DIM)


def draw_key(x, y, parts):
    kind, sample, meaning = parts[:3]
    drawn = [text(x, y + 12, sample, kind)] if kind == "table" else draw_row(x + chip_width(sample), y, [(kind, sample)])
    return drawn + [text(x + 76, y + 13, meaning, "step")], y + 26


def draw_column(x, title, items):
    """The column's elements, and where it ends."""
    out, y, middle, before = [text(x, MARGIN + 18, title, "title")], MARGIN + 34, x + WIDTH // 2, None
    for at, (kind, parts) in enumerate(items):
        if kind in ("way", "hook") and before:
            out.append(arrow(middle, y))
            y += ARROW
        if kind == "way":
            out.append(text(middle, y + 14, parts[0], "way", "middle"))
            y += LINE + 2
        elif kind == "hook":
            steps = []
            for following, step in items[at + 1:]:
                if following != "step":
                    break
                steps.append(step)
            drawn, y = draw_hook(x, y, parts, steps)
            out += drawn
        elif kind == "key":
            drawn, y = draw_key(x, y + (24 if before != "key" else 0), parts)
            out += drawn
        before = kind
    return out, y


def main():
    columns = read(sys.stdin)
    body, bottom = [], 0
    for at, (title, items) in enumerate(columns):
        drawn, end = draw_column(MARGIN + at * (WIDTH + GAP), title, items)
        body += drawn
        bottom = max(bottom, end)
    width, height = 2 * MARGIN + len(columns) * WIDTH + (len(columns) - 1) * GAP, bottom + MARGIN
    print('<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img" '
          'aria-labelledby="title desc">' % (width, height, width, height))
    print('<title id="title">The path of a packet</title>')
    print('<desc id="desc">The hooks that a packet to and from a container meets, the steps of the program at each, the '
          "tables they read and write, and the reasons for which each drops. packet-path.md says the same in words.</desc>")
    print("<style>%s</style>" % STYLE)
    print('<defs><marker id="end" viewBox="0 0 10 10" refX="5" refY="5" markerWidth="5" markerHeight="5" orient="auto">'
          '<path d="M0 0 L10 5 L0 10 z" fill="%s"/></marker></defs>' % DIM)
    print('<rect width="%d" height="%d" fill="#ffffff"/>' % (width, height))
    print("\n".join(body))
    print("</svg>")


main()

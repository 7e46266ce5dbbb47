#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""bulkhead -j help | docs/synopsis.py docs/bulkhead.8 prints the page with the synopses that the binary has.

What stands between the two comments in SYNOPSIS is made anew, and so are the headings behind each comment that names a
command.
"""

import json
import re
import sys

BEGIN, END = '.\\" the commands', '.\\" end of the commands'
COMMAND = '.\\" command '


def font(match):
    word = match.group()
    if word.startswith("..."):
        return word
    letter = "I" if word[0].isupper() else "B"
    return "\\f%s%s\\fR" % (letter, word.replace("-", "\\-"))


def roff(text):
    """Words of the command are bold, kinds of words italic."""
    marked = re.sub(r"\.\.\.|[A-Z]+(\.o)?|-?[a-z][A-Za-z]*(?:-[a-z]+)*", font, text)
    return re.sub(r"(\\fB[^\\]*)\\fR \\fB", r"\1 ", marked.replace("[-", "[\\-"))


def forms(synopsis):
    """Those that | with blanks around it parts, where no bracket is open."""
    depth, found = 0, [""]
    for word in synopsis.split(" "):
        if word == "|" and not depth:
            found.append("")
            continue
        depth += word.count("[") - word.count("]")
        found[-1] = (found[-1] + " " + word).strip()
    return found


def lines(command):
    return [roff((command["name"] + " " + form).strip()) for form in forms(command["synopsis"].split("\n")[0])]


def commands_block(commands):
    definitions = []
    for command in commands:
        definitions += [d for d in command["synopsis"].split("\n")[1:] if d not in definitions]
    yield "\n.br\n".join("\\fBbulkhead\\fR " + line for command in commands for line in lines(command))
    yield ".PP"
    yield "\n.br\n".join(roff(definition) for definition in definitions)


def headings(command):
    for number, line in enumerate(lines(command)):
        yield ".TQ" if number else ".TP"
        yield line


def main():
    commands = json.load(sys.stdin)
    missing = {command["name"]: command for command in commands}
    page = open(sys.argv[1]).read().split("\n")
    at = 0
    while at < len(page):
        print(page[at], end="\n" if at < len(page) - 1 else "")
        if page[at] == BEGIN:
            print("\n".join(commands_block(commands)))
            at = page.index(END, at)
        elif page[at].startswith(COMMAND):
            print("\n".join(headings(missing.pop(page[at][len(COMMAND):]))))
            at += 1
            while page[at] in (".TP", ".TQ"):
                at += 2
        else:
            at += 1
    if missing:
        sys.exit("synopsis.py: not in the page: " + " ".join(missing))


main()

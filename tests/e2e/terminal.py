#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A terminal for a command: terminal.py COLUMNS ROWS STEP... -- COMMAND...

Runs the command on a pseudo terminal, does the steps, then waits for its end. Prints one JSON object: `raw` (all that it wrote),
`status`, `screens` (a list of lines for each `look`), `main` (the screen it was started on, at the end), `cursor` (whether it is
shown), and `faults`: what no terminal should get, such as a sequence that is not known here, or a line that went over the edge.

  wait SECONDS        as a user who looks on
  until TEXT          until TEXT is on the screen, for 10 seconds
  look                keeps what is on the screen
  size COLUMNS ROWS   changes the terminal's size
  kill SIGNAL         sends the command a signal: INT, TERM, TSTP, CONT
"""

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time

SEQUENCE = re.compile(r"\x1b(?:\[([?0-9;]*)([A-Za-z])|(.))", re.S)


class Screen:
    """The few sequences that bulkhead uses; whatever else comes is a fault."""

    def __init__(self, columns, rows):
        self.faults = []
        self.cursor = True
        self.size = (columns, rows)
        self.lines = self.blank()
        self.main = None  # the lines of the first screen while the other is there
        self.x = self.y = 0
        self.rest = ""

    def blank(self):
        return [[" "] * self.size[0] for _ in range(self.size[1])]

    def resize(self, columns, rows):
        self.size = (columns, rows)
        lines = self.blank()
        for y, line in enumerate(self.lines[:rows]):
            lines[y][: min(columns, len(line))] = line[:columns]
        self.lines = lines
        self.x, self.y = min(self.x, columns - 1), min(self.y, rows - 1)

    def text(self, lines=None):
        return ["".join(line).rstrip() for line in (self.lines if lines is None else lines)]

    def newline(self):
        if self.y + 1 < self.size[1]:
            self.y += 1
            return
        if self.main is not None:
            self.faults.append("scrolled")
        self.lines = self.lines[1:] + [[" "] * self.size[0]]

    def put(self, char):
        if self.x == self.size[0]:
            if self.main is not None:
                self.faults.append("wrapped")
            self.x = 0
            self.newline()
        self.lines[self.y][self.x] = char
        self.x += 1

    def erase(self, whole):
        x = min(self.x, self.size[0] - 1)
        if self.x == self.size[0]:
            self.faults.append("erased the last column")
        self.lines[self.y][x:] = [" "] * (self.size[0] - x)
        if whole:
            for y in range(self.y + 1, self.size[1]):
                self.lines[y] = [" "] * self.size[0]

    def private(self, words, letter):
        if words == "?25":
            self.cursor = letter == "h"
        elif words == "?1049" and letter == "h" and self.main is None:
            self.main, self.lines = self.lines, self.blank()
        elif words == "?1049" and letter == "l" and self.main is not None:
            self.lines, self.main = self.main, None
            self.resize(*self.size)
        else:
            self.faults.append("ESC[%s%s" % (words, letter))

    def sequence(self, words, letter):
        if letter in ("h", "l"):
            self.private(words, letter)
        elif letter == "m":
            pass
        elif letter == "H" and not words:
            self.x = self.y = 0
        elif letter in ("K", "J") and not words:
            self.erase(letter == "J")
        else:
            self.faults.append("ESC[%s%s" % (words, letter))

    def feed(self, text):
        text = self.rest + text
        self.rest = ""
        at = 0
        while at < len(text):
            if text[at] == "\x1b":
                match = SEQUENCE.match(text, at)
                if not match:
                    self.rest = text[at:]
                    return
                self.sequence(match.group(1) or "", match.group(2) or "")
                at = match.end()
                continue
            if text[at] == "\r":
                self.x = 0
            elif text[at] == "\n":
                self.newline()
            elif text[at] < " ":
                self.faults.append(repr(text[at]))
            else:
                self.put(text[at])
            at += 1


def set_size(fd, columns, rows):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


class Session:
    def __init__(self, columns, rows, command):
        self.screen = Screen(columns, rows)
        self.raw = b""
        self.decoded = 0
        self.screens = []
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            set_size(0, columns, rows)
            os.execvp(command[0], command)
        set_size(self.fd, columns, rows)

    def read(self, seconds):
        """What comes in that time; False at the end."""
        if not select.select([self.fd], [], [], max(seconds, 0))[0]:
            return True
        try:
            more = os.read(self.fd, 65536)
        except OSError:
            return False
        self.raw += more
        whole = self.raw[self.decoded:]
        try:
            text = whole.decode("utf-8")
        except UnicodeDecodeError as error:
            text = whole[: error.start].decode("utf-8")
            whole = whole[: error.start]
        self.decoded += len(whole)
        self.screen.feed(text)
        return bool(more)

    def go_on(self, seconds, until=lambda: False):
        end = time.monotonic() + seconds
        while not until() and time.monotonic() < end:
            if not self.read(min(0.05, end - time.monotonic())):
                return

    def step(self, words):
        verb = words.pop(0)
        if verb == "wait":
            self.go_on(float(words.pop(0)))
        elif verb == "until":
            wanted = words.pop(0)
            self.go_on(10, lambda: wanted in "\n".join(self.screen.text()))
        elif verb == "look":
            self.screens.append(self.screen.text())
        elif verb == "size":
            columns, rows = int(words.pop(0)), int(words.pop(0))
            self.screen.resize(columns, rows)
            set_size(self.fd, columns, rows)
        elif verb == "kill":
            os.kill(self.pid, getattr(signal, "SIG" + words.pop(0)))
        else:
            sys.exit("terminal: %s: no such step" % verb)

    def end(self):
        stop = time.monotonic() + 10
        while time.monotonic() < stop and self.read(0.2):
            pass
        if time.monotonic() >= stop:
            os.kill(self.pid, signal.SIGKILL)
        status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        screen = self.screen
        return {
            "raw": self.raw.decode("utf-8", "replace"),
            "status": status,
            "screens": self.screens,
            "main": screen.text(screen.main),
            "is_back": screen.main is None,
            "cursor": screen.cursor,
            "faults": screen.faults,
        }


def main():
    words = sys.argv[1:]
    split = words.index("--")
    session = Session(int(words[0]), int(words[1]), words[split + 1:])
    steps = words[2:split]
    while steps:
        session.step(steps)
    print(json.dumps(session.end()))


main()

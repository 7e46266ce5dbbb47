#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""console.py PAGE.md [write]: types what stands behind "# " in the page's ```console blocks into one shell, as its user would,
and compares what it answers with what the page says. `write` puts the answers into the page instead.

What differs from run to run is declared in the page, before the block: <!-- varies: PATTERN --> for the one that follows,
<!-- varies everywhere: PATTERN --> for all. What matches there is the same as whatever else matches."""

import difflib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time

PROMPT = "<prompt %d>" % os.getpid()
SECONDS = 60  # for one command
PAUSE = 3  # seconds in which what was put into the background begins: nobody types faster
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07|\r")


class Shell:
    def __init__(self):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            environment = dict(os.environ, PS1=PROMPT, PS2="", TERM="dumb", NO_COLOR="1", LC_ALL="C", HISTFILE="")
            os.execvpe("bash", ["bash", "--norc", "--noprofile", "--noediting", "-i"], environment)
        settings = termios.tcgetattr(self.fd)
        settings[3] &= ~termios.ECHO
        termios.tcsetattr(self.fd, termios.TCSANOW, settings)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 200, 0, 0))
        self.until_prompt()

    def until_prompt(self):
        said = ""
        end = time.monotonic() + SECONDS
        while not said.endswith(PROMPT):
            if not select.select([self.fd], [], [], max(0, end - time.monotonic()))[0]:
                raise SystemExit("no end after %d seconds: %s" % (SECONDS, said))
            said += os.read(self.fd, 65536).decode("utf-8", "replace")
        return ESCAPES.sub("", said[: -len(PROMPT)])

    def run(self, command):
        os.write(self.fd, command.encode() + b"\n")
        return self.until_prompt()

    def close(self):
        os.kill(self.pid, signal.SIGHUP)
        os.close(self.fd)
        os.waitpid(self.pid, 0)


def commands_of(block):
    """(command, answer) for each; a command goes on behind a backslash at its line's end."""
    found = []
    lines = iter(block.splitlines())
    for line in lines:
        if line.startswith("# "):
            command = line[2:]
            while command.endswith("\\"):
                command += "\n" + next(lines)
            found.append((command, []))
        else:
            found[-1][1].append(line)
    return [(command, "".join(line + "\n" for line in answer)) for command, answer in found]


def same(pattern, text):
    return re.sub(pattern, "~", text, flags=re.MULTILINE) if pattern else text


PART = re.compile(r"<!-- varies( everywhere)?: (.*?) -->\n|^```console\n(.*?)^```\n", re.DOTALL | re.MULTILINE)


def main(page, mode="check"):
    with open(page, encoding="utf-8") as file:
        text = file.read()
    everywhere, here, bad, number = [], [], 0, 0
    shell = Shell()
    written, at = "", 0
    for part in PART.finditer(text):
        everywhere_too, pattern, block = part.groups()
        if pattern:
            (everywhere if everywhere_too else here).append("(?:%s)" % pattern)
            continue
        varies = "|".join(everywhere + here)
        here = []
        answers = ""
        for command, wanted in commands_of(block):
            got = shell.run(command)
            if command.endswith("&"):
                time.sleep(PAUSE)
            ok = same(varies, got) == same(varies, wanted)
            answers += "# %s\n%s" % (command, wanted if ok else got)
            if mode == "write":
                continue
            number += 1
            print("%s %d - %s" % ("ok" if ok else "not ok", number, command.splitlines()[0].replace("#", "")))
            if not ok:
                bad += 1
                for line in difflib.unified_diff(wanted.splitlines(), got.splitlines(), "page", "shell", lineterm=""):
                    print("#   " + line)
        written += text[at : part.start(3)] + answers
        at = part.end(3)
    shell.close()
    if mode == "write":
        with open(page, "w", encoding="utf-8") as file:
            file.write(written + text[at:])
        return 0
    print("1..%d" % number)
    return 1 if bad or not number else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

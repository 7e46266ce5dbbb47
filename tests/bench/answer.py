# SPDX-License-Identifier: GPL-2.0
"""The frame that answers one: answer.py FRAME ANSWER. IPv4 without options or tags, TCP or UDP; checksums are left as they are."""

import sys


def swapped(frame, at, size):
    return frame[:at] + frame[at + size:at + 2 * size] + frame[at:at + size] + frame[at + 2 * size:]


def main():
    with open(sys.argv[1], "rb") as file:
        frame = file.read()
    frame = swapped(swapped(frame, 26, 4), 34, 2) # addresses, ports
    if frame[23] == 6:
        frame = swapped(frame, 38, 4) # what was sent and what was acknowledged
    with open(sys.argv[2], "wb") as file:
        file.write(frame)


main()

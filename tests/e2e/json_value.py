#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""json_value.py document|lines EXPRESSION: a value of the JSON on standard input, over d. A missing key gives None."""

import json
import sys


class Lenient(dict):
    def __missing__(self, key):
        return None


def read(text):
    return json.loads(text, object_pairs_hook=Lenient)


try:
    if sys.argv[1] == "lines":
        d = [read(line) for line in sys.stdin if line.strip()]
    else:
        d = read(sys.stdin.read())
    print(eval(sys.argv[2]))  # pylint: disable=eval-used
except (ValueError, LookupError, TypeError) as error:
    sys.exit("json_value: %s: %s" % (sys.argv[2], error))

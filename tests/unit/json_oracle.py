# SPDX-License-Identifier: GPL-2.0
"""Reads texts, in hexadecimal, one a line; prints for each what Python's json sees in it, as json_oracle_test does, or
"-" where it refuses it. It takes NaN, Infinity and halves of surrogate pairs, which RFC 8259 leaves open or does not have;
those and what is more than 64 deep are "-" too. A string with a NUL in it is shown as no more than that."""
import json
import sys


class Refused(ValueError):
    pass


def refuse(_):
    raise Refused


def show(value, depth=0):
    depth += isinstance(value, (dict, list))
    if depth > 64:
        raise Refused
    if isinstance(value, str):
        return '"' + ("00" if "\0" in value else value.encode("utf-8").hex())
    if isinstance(value, tuple):
        return value[0]
    if isinstance(value, dict):
        return "{" + "".join(show(k) + ":" + show(v, depth) + ";" for k, v in value["pairs"]) + "}"
    if isinstance(value, list):
        return "[" + "".join(show(v, depth) + ";" for v in value) + "]"
    return json.dumps(value)


def see(text):
    try:
        value = json.loads(text.decode("utf-8"), parse_int=lambda s: (s,), parse_float=lambda s: (s,),
                           parse_constant=refuse, object_pairs_hook=lambda pairs: {"pairs": pairs})
        return show(value)
    except (ValueError, RecursionError):
        return "-"


for line in sys.stdin:
    print(see(bytes.fromhex(line)))

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""validate.py SCHEMAS SAID: what bulkhead -j printed, against docs/schema. lib.sh keeps in SAID, for each run: N.words, N.out,
N.err, and N.status unless it was left running. Prints what is wrong and exits 1; else how many documents there were."""

import json
import os
import re
import sys

try:
    import jsonschema
except ImportError:  # Debian's package belongs to Debian's Python
    if sys.executable != "/usr/bin/python3":
        os.execv("/usr/bin/python3", ["/usr/bin/python3"] + sys.argv)
    raise

LONG = 200  # of a longer list that many of its ends
STREAMS = ("events", "stats", "batch", "why")
MANY_ERRORS = ("apply", "check")  # a line for each that their file has


class Wrong(Exception):
    pass


class Schemas:
    def __init__(self, folder):
        self.folder = folder
        self.known = {}

    def check(self, name, document):
        if name not in self.known:
            path = os.path.join(self.folder, name + ".json")
            if not os.path.exists(path):
                raise Wrong("there is no schema %s" % path)
            with open(path, encoding="utf-8") as file:
                self.known[name] = jsonschema.Draft202012Validator(json.load(file))
        if isinstance(document, list) and len(document) > 2 * LONG:
            document = document[:LONG] + document[-LONG:]
        error = jsonschema.exceptions.best_match(self.known[name].iter_errors(document))
        if error:
            place = "/".join(str(step) for step in error.absolute_path)
            raise Wrong("%s.json: at /%s: %s" % (name, place, error.message[:300]))


def unique_keys(pairs):
    keys = [key for key, _ in pairs]
    if len(set(keys)) != len(keys):
        raise Wrong("a key stands twice in %s" % keys)
    return dict(pairs)


def documents(path, may_be_cut):
    """Each line is one; of a process that was killed in the middle of the last, those before."""
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as file:
        lines = file.read().split("\n")
    if lines[-1] and not may_be_cut:
        raise Wrong("no newline at the end: %s" % lines[-1][:200])
    try:
        return [json.loads(line, object_pairs_hook=unique_keys) for line in lines[:-1]]
    except ValueError as error:
        raise Wrong("no JSON: %s: %s" % (error, "\n".join(lines)[:300])) from error


def command_of(words):
    """As loader/invocation.c reads them: options stand before the command. `-n apply` is a check."""
    rest = list(words)
    asked = None
    dry_run = False
    while rest and rest[0].startswith("-") and rest[0] != "-":
        option = rest.pop(0)
        if option == "--":
            break
        if option == "--bpffs" and rest:
            rest.pop(0)
        if option == "--version" or (option == "--help" or re.fullmatch("-[a-z]*h[a-z]*", option)):
            asked = option.strip("-") if option.startswith("--") else "help"
        if re.fullmatch("--dry-run|-[a-z]*n[a-z]*", option):
            dry_run = True
    command = asked or (rest[0] if rest else "help")
    return "check" if dry_run and command == "apply" else command


def check_run(schemas, start):
    with open(start + ".words", encoding="utf-8", errors="surrogateescape") as file:
        words = file.read().split("\0")[:-1]
    status = None
    if os.path.exists(start + ".status"):
        with open(start + ".status", encoding="ascii") as file:
            status = int(file.read())
    command = command_of(words)
    is_stream = command in STREAMS
    killed = status is None or status > 4
    try:
        said = documents(start + ".out", killed)
        for document in said:
            schemas.check(command, document)
        if not is_stream and not killed and (len(said) > 1 or not said and status == 0):
            raise Wrong("exit status %d, and %d documents" % (status, len(said)))
        told = documents(start + ".err", killed)
        errors = [document for document in told if "error" in document]
        for document in told:
            schemas.check("error" if "error" in document else "remark", document)
        number = max(len(errors), 1) if command in MANY_ERRORS else 1
        if not killed and [error["exit"] for error in errors] != [status] * number * (status != 0):
            raise Wrong("exit status %d, and these errors: %s" % (status, errors))
        return len(said) + len(told)
    except Wrong as wrong:
        raise Wrong("%s: %s" % (" ".join(words), wrong)) from wrong


def main(folder, said):
    schemas = Schemas(folder)
    number, bad = 0, []
    for name in sorted(os.listdir(said)):
        if name.endswith(".words"):
            try:
                number += check_run(schemas, os.path.join(said, name[: -len(".words")]))
            except Wrong as wrong:
                bad.append(str(wrong))
    print("\n".join(bad[:20]) if bad else number)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

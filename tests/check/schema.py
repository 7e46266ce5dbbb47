# SPDX-License-Identifier: GPL-2.0
"""schema.py FOLDER EVENT_PRINT_C: each schema is strict, each key is described, and what has one name is the same everywhere."""

import json
import pathlib
import re
import sys

DRAFT = "https://json-schema.org/draft/2020-12/schema"
bad = []
same = {}


def complain(path, place, what):
    bad.append("%s: %s: %s" % (path.name, "/".join(place) or "/", what))


def check_object(path, place, schema, root):
    keys = schema.get("properties", {})
    if schema.get("additionalProperties", True) is True:
        complain(path, place, "other keys are allowed")
    for key in schema.get("required", []):
        if key not in keys:
            complain(path, place, "%s is required and not described" % key)
    for key, value in keys.items():
        target = root["$defs"][value["$ref"].split("/")[-1]] if "$ref" in value else {}
        if "description" not in value and "description" not in target:
            complain(path, place + [key], "no description")


def walk(path, place, schema, root):
    if not isinstance(schema, dict):
        return
    if "$ref" in schema and schema["$ref"].split("/")[-1] not in root.get("$defs", {}):
        complain(path, place, "%s is not there" % schema["$ref"])
    elif schema.get("type") == "object":
        check_object(path, place, schema, root)
    if schema.get("type") == "array" and "items" not in schema:
        complain(path, place, "items of any shape")
    for key, value in schema.get("properties", {}).items():
        walk(path, place + [key], value, root)
    for key, value in schema.get("$defs", {}).items():
        walk(path, place + [key], value, root)
    for key in ("items", "additionalProperties", "propertyNames"):
        walk(path, place, schema.get(key), root)
    for value in schema.get("anyOf", []):
        walk(path, place, value, root)


def main(folder, event_print):
    for path in sorted(pathlib.Path(folder).glob("*.json")):
        schema = json.loads(path.read_text(encoding="utf-8"))
        for key in ("title", "description"):
            if key not in schema:
                complain(path, [], "no %s" % key)
        if schema.get("$schema") != DRAFT:
            complain(path, [], "not of draft 2020-12")
        walk(path, [], schema, schema)
        for name, value in schema.get("$defs", {}).items():
            if same.setdefault(name, value) != value:
                complain(path, ["$defs", name], "another file says something else")
    source = pathlib.Path(event_print).read_text(encoding="utf-8")
    reasons = re.findall(r'\[FW_REASON_\w+\] = "(\w+)"', source)
    if reasons != ["none"] + same["reason"]["enum"]:
        bad.append("the reasons are not those of %s" % event_print)
    print("\n".join(bad))
    return 1 if bad else 0


sys.exit(main(*sys.argv[1:]))

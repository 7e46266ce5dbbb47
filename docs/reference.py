# SPDX-License-Identifier: GPL-2.0
"""reference.py FOLDER-OF-SCHEMAS <HELP >REFERENCE: the page of all commands and keys, from `bulkhead -j help` and docs/schema."""

import json
import pathlib
import sys

HEAD = """# Reference

Each command, and each key of what it prints with `-j`. This page is made from `bulkhead -j help` and [schema/](schema/) by
`docs/reference.py`: change those. [bulkhead.8](bulkhead.8) says more in words, [tutorial.md](tutorial.md) in examples.

    bulkhead [-j|--json] [-q|--quiet] [-n|--dry-run] [--bpffs DIR] COMMAND

| option | is |
|---|---|
| `-j`, `--json` | standard output is JSON, one document a line; errors and remarks are JSON on standard error |
| `-q`, `--quiet` | no progress and no remarks |
| `-n`, `--dry-run` | checks the command, changes nothing |
| `--bpffs DIR` | the bpf file system, instead of `/sys/fs/bpf`: another directory is another firewall |

| exit status | is |
|---|---|
| 0 | done |
| 1 | the kernel or the system refused |
| 2 | wrong words or a wrong file; nothing was changed |
| 3 | no such object: a container, rule or entry, a device, process or cgroup |
| 4 | this kernel lacks a needed feature |

Numbers of cgroups have 64 bits and are strings, since readers of JSON lose bits of such numbers; counters are numbers. Lists
are always in the same order, and an empty one is `[]`. Versions to come may add keys. A whole policy can also stand in a file,
these lines without `bulkhead`: `apply FILE`, `check FILE`, `export`.
"""


class Schema:
    def __init__(self, path):
        self.root = json.loads(path.read_text(encoding="utf-8"))
        self.rows = []

    def resolve(self, schema):
        if "$ref" not in schema:
            return schema
        return {**self.root["$defs"][schema["$ref"].split("/")[-1]], **schema}

    def kind(self, schema):
        schema = self.resolve(schema)
        if "const" in schema:
            return "`%s`" % json.dumps(schema["const"])
        if "enum" in schema:
            return ", ".join("`%s`" % json.dumps(value) for value in schema["enum"])
        if "anyOf" in schema:
            return " or ".join(self.kind(value) for value in schema["anyOf"])
        if schema.get("type") == "array":
            return "list of " + self.kind(schema["items"])
        return schema["type"] if isinstance(schema["type"], str) else " or ".join(schema["type"])

    def list_keys(self, schema, place):
        """A row for each key; an object in a list is `name[].key`."""
        schema = self.resolve(schema)
        if schema.get("type") == "array":
            self.list_keys(schema["items"], place + "[]")
        if schema.get("type") == "object" and not schema.get("properties"):
            self.rows.append((place + ".NAME", self.kind(schema["additionalProperties"]), "", False))
        for key, value in schema.get("properties", {}).items():
            sometimes = key not in schema["required"]
            name = "%s.%s" % (place, key) if place else key
            description = value.get("description", "")
            self.rows.append((name, self.kind(value), description, sometimes))
            self.list_keys(value, name)

    def table(self, schema):
        self.rows = []
        schema = self.resolve(schema)
        place = ""
        if schema.get("type") == "array":
            place = "[]"
            schema = self.resolve(schema["items"])
        if schema.get("type") != "object":
            self.rows.append((place, self.kind(schema), schema["description"], False))
        self.list_keys(schema, place)
        lines = ["| key | type | is |", "|---|---|---|"]
        for name, kind, description, sometimes in self.rows:
            lines.append("| `%s` | %s%s | %s |" % (name, kind, "; not always" if sometimes else "", description))
        return "\n".join(lines)

    def text(self):
        forms = self.root.get("anyOf", [self.root])
        if len(forms) == 1:
            return self.table(forms[0]) + "\n"
        return "\n".join("%s\n\n%s\n" % (self.label(form), self.table(form)) for form in forms)

    def label(self, form):
        return form["description"].rstrip(".") + (", a list:" if form.get("type") == "array" else ":")


def section(command, schema):
    synopsis = (command["name"] + " " + command["synopsis"]).strip().replace("\n", "\n    ")
    lines = ["", "## " + command["name"], "", "    bulkhead " + synopsis, ""]
    lines += [command["summary"][0].upper() + command["summary"][1:] + ".", ""]
    if command["details"].strip():
        lines += ["```", command["details"].rstrip(), "```", ""]
    lines += ["JSON: " + schema.root["description"], "", schema.text().rstrip()]
    return "\n".join(lines) + "\n"


def main(folder):
    folder = pathlib.Path(folder)
    page = HEAD
    for name, title in (("error", "Errors"), ("remark", "Remarks")):
        schema = Schema(folder / (name + ".json"))
        page += "\n## %s\n\n%s\n\n%s" % (title, schema.root["description"], schema.text())
    for command in json.load(sys.stdin):
        page += section(command, Schema(folder / (command["name"] + ".json")))
    sys.stdout.write(page)


main(*sys.argv[1:])

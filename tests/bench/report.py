#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Makes tables and pictures of the records of a run.

  report RECORDS FOLDER   writes README.md, figures.json and a .svg for each plot into FOLDER, and the table to standard output
  report page FIGURES     README.md alone, of a figures.json, to standard output

The same figures give the same bytes. The records are described in tests/bench/lib.sh.
"""

import collections
import json
import os
import platform
import statistics
import subprocess
import sys
import time

HEAD = """# Measured beside its peers

`make bench`, as root, makes this page and the pictures: it installs the peers from Debian, and runs ours and theirs by turns,
in the same run, pinned to one core. `make bench ROWS="xdp block"` runs some of the rows, `QUICK=1 make bench` fewer rounds; what
these make goes to `build/bench/report`. Each row is a script in [tests/bench/rows](../../tests/bench/rows).

## How to read it

- A figure is the median of all rounds, with the quartiles in brackets. All rounds are in [figures.json](figures.json).
- The ratio is ours divided by theirs: below 1, ours takes less. Where more is better (`/s`) it is theirs divided by ours.
- Ours and each peer have a network namespace of their own, all alike, and the same frames or files; each verdict is checked, and
  that a set holds what it should.
- A single program is run by BPF_PROG_TEST_RUN. What concerns the stack comes by live frames (BPF_F_TEST_XDP_LIVE_FRAMES), which
  go the way of what a veth receives; the figure is of the whole way. `Above ...` means that the floor, what the same frame costs
  with no firewall or an empty program, was taken off both sides first.
- Time is processor time where one thread does all the work (what others do on the core meanwhile is not in it), and wall time
  where a whole command is meant. Resident is the most that a command had in memory. System calls are counted by strace, in a
  run of its own.

[What the machine does for a packet](../hot-path.md) says what each load and call of the hot paths is for.

"""


def by_kind(records):
    found = collections.defaultdict(list)
    for record in records:
        kind = next(k for k in ("compare", "at_most", "missing", "remark", "because", "plot", "failed", "value") if k in record)
        found[kind].append(record)
    return found


def read(path):
    with open(path, encoding="utf-8") as file:
        return by_kind(json.loads(line) for line in file)


def said_by(*command):
    try:
        told = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False).stdout
    except OSError:
        return None
    return told.strip().split("\n")[0] if told.strip() else None


def package(name):
    return said_by("dpkg-query", "-W", "-f=${Version}", name)


def processor():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for line in file:
            if line.lower().startswith(("model name", "cpu model", "hardware")):
                return line.split(":", 1)[1].strip()
    return platform.machine()


def machine():
    peers = ("xdp-tools", "nftables", "iptables", "ipset", "bpftool", "libbpf-dev", "iperf3")
    when = os.environ.get("SOURCE_DATE_EPOCH", time.time())
    return {
        "kernel": platform.release(), "architecture": platform.machine(), "processor": processor(),
        "cores": os.cpu_count(), "pinned_to_core": os.environ.get("BENCH_CPU"), "quick": bool(os.environ.get("QUICK")),
        "date": time.strftime("%Y-%m-%d", time.gmtime(float(when))),
        "bulkhead": said_by(os.environ.get("BULKHEAD", "build/bulkhead"), "version"),
        "peers": {name: package(name) for name in peers},
    }


class Figures:
    """Of series, each with its values in the order of the rounds; a key is row, who, series and x."""

    def __init__(self, series):
        self.rounds, self.unit = {}, {}
        for one in series:
            key = (one["row"], one["who"], one["series"], one["x"])
            self.rounds[key], self.unit[key] = one["values"], one["unit"]

    def median(self, key):
        return statistics.median(self.rounds[key])

    def quartiles(self, key):
        values = self.rounds[key]
        if len(values) < 2:
            return values[0], values[0]
        low, _, high = statistics.quantiles(values, n=4, method="inclusive")
        return low, high

    def spread(self, key):
        low, high = self.quartiles(key)
        return "" if low == high else " (%s to %s)" % (short(low), short(high))

    def series(self, row, line):
        who, series = line.split("/", 1)
        keys = [k for k in self.rounds if k[:3] == (row, who, series) and k[3] is not None]
        return sorted(keys, key=lambda k: k[3])


def short(value):
    if abs(value) >= 1000:
        return format(round(value), ",")
    return "%.3g" % value if abs(value) < 100 else "%d" % round(value)


def in_words(figures, key, value):
    """With a unit that people read."""
    unit = figures.unit[key]
    for small, times, large in (("us", 1000, "ms"), ("ms", 1000, "s"), ("KiB", 1024, "MiB")):
        if unit == small and abs(value) >= 10 * times:
            value, unit = value / times, large
    return "%s %s" % (short(value), unit)


def with_spread(figures, key, taken_off):
    value = figures.median(key) - taken_off
    text = in_words(figures, key, value)
    low, high = (q - taken_off for q in figures.quartiles(key))
    if low != high:
        text += " (%s to %s)" % (in_words(figures, key, low).split()[0], in_words(figures, key, high))
    return text


def verdict(value, target):
    if target is None:
        return "", ""
    return "at most %s" % short(target), "yes" if value <= target else "**no**"


def shown(ratio, limit):
    """With a digit more where two would hide on which side of the limit it is."""
    return "%.*f" % (3 if limit and abs(ratio - limit) < 0.005 else 2, ratio)


def compared(figures, record):
    mine = (record["row"], "bulkhead", record["series"], record["x"])
    peer = (record["row"], record["peer"], record["peer_series"], record["peer_x"])
    floor = 0
    if record["floor"]:
        who, series, x = record["floor"].rsplit("/", 2)
        floor = figures.median((record["row"], who, series, None if x == "-" else int(x)))
    a, b = figures.median(mine) - floor, figures.median(peer) - floor
    if figures.unit[mine].endswith("/s"):
        a, b = b, a
    ratio = a / b if b > 0 else float("inf")
    target, outcome = verdict(ratio, record["target"])
    return {"row": record["row"], "work": record["compare"], "peer": record["peer"],
            "ours": with_spread(figures, mine, floor), "theirs": with_spread(figures, peer, floor),
            "ratio": shown(ratio, record["target"]), "target": target, "outcome": outcome, "value": ratio, "limit": record["target"]}


def alone(figures, record):
    key = (record["row"], "bulkhead", record["series"], record["x"])
    value, limit = figures.median(key), record["limit"]
    _, outcome = verdict(value, limit)
    return {"row": record["row"], "work": record["at_most"], "peer": "", "ours": with_spread(figures, key, 0), "theirs": "",
            "ratio": "", "target": "" if limit is None else "at most " + in_words(figures, key, limit), "outcome": outcome,
            "value": value, "limit": limit}


def results(found, figures):
    """In the order of the records; what has no figures is said, and None."""
    order = {name: i for i, name in enumerate(dict.fromkeys(k[0] for k in figures.rounds))}
    for record in sorted(found["compare"] + found["at_most"], key=lambda r: order.get(r["row"], len(order))):
        try:
            yield compared(figures, record) if "compare" in record else alone(figures, record)
        except KeyError as lacking:
            yield {"row": record["row"], "work": record.get("compare") or record["at_most"], "lacks": str(lacking)}


def is_compared(row):
    """Against a peer or a target: what else ours costs stands in a table of its own."""
    return "lacks" in row or row["peer"] or row["limit"] is not None


COLUMNS = ("work", "peer", "ours", "theirs", "ratio", "target", "outcome")
TITLES = ("work", "peer", "ours", "theirs", "ratio", "target", "met")


def table(rows):
    lines = ["| %s |" % " | ".join(TITLES), "|%s" % ("---|" * len(TITLES))]
    for row in rows:
        if "lacks" in row:
            lines.append("| %s | | not measured | | | | |" % row["work"])
        else:
            lines.append("| %s |" % " | ".join(row[column] for column in COLUMNS))
    return "\n".join(lines) + "\n"


def missed(rows, reasons):
    """A table of the targets that were missed: why, and what would be next."""
    lines = []
    for row in rows:
        if row.get("outcome") != "**no**":
            continue
        reason = next((r for r in reasons if r["row"] == row["row"] and row["work"].startswith(r["because"])), None)
        lines.append("| %s | %s | %s | %s | %s |" % (
            row["work"], row["ratio"] or row["ours"], row["target"], reason["why"] if reason else "not looked into yet",
            reason["next"] if reason else ""))
    if not lines:
        return ""
    return "## Targets that are missed\n\n| work | ratio | target | why | next |\n|---|---|---|---|---|\n%s\n\n" % "\n".join(lines)


def all_figures(found, figures):
    """Every series, those that nothing is held against included."""
    lines = ["| row | series | at | who | median (quartiles) | least to most | rounds |", "|---|---|---|---|---|---|---|"]
    for key in figures.rounds:
        row, who, series, x = key
        values = figures.rounds[key]
        lines.append("| %s | %s | %s | %s | %s | %s to %s | %d |" % (
            row, series, "" if x is None else format(x, ","), who, with_spread(figures, key, 0), short(min(values)),
            short(max(values)), len(values)))
    return "\n".join(lines) + "\n"


def is_drawn(figures, plot):
    return any(figures.series(plot["row"], line) for line in plot["lines"])


def draw(figures, plot, folder):
    import matplotlib
    matplotlib.use("svg")
    matplotlib.rcParams.update({"svg.hashsalt": plot["plot"], "font.size": 9, "axes.spines.top": False,
                                "axes.spines.right": False, "svg.fonttype": "none"})
    from matplotlib import pyplot, ticker

    figure, axes = pyplot.subplots(figsize=(6.4, 3.6))
    unit = ""
    for line in plot["lines"]:
        keys = figures.series(plot["row"], line)
        if not keys:
            continue
        unit = figures.unit[keys[0]]
        xs, ys = [k[3] for k in keys], [figures.median(k) for k in keys]
        spread = list(zip(*[figures.quartiles(k) for k in keys]))
        who, series = line.split("/", 1)
        drawn = axes.plot(xs, ys, marker="o", markersize=3, linewidth=1.2, label="%s: %s" % (who, series))[0]
        axes.fill_between(xs, spread[0], spread[1], alpha=0.2, color=drawn.get_color(), linewidth=0)
    axes.set_xscale("log")
    axes.set_yscale(plot["scale"])
    if plot["scale"] == "linear":
        axes.set_ylim(bottom=0)
    else:
        axes.yaxis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_minor_locator(ticker.NullLocator())
    axes.xaxis.set_major_formatter(ticker.FuncFormatter(lambda x, _: format(int(x), ",")))
    axes.yaxis.set_major_formatter(ticker.FuncFormatter(lambda y, _: "%g" % y if y < 1000 else format(int(y), ",")))
    axes.set_xlabel(plot["xlabel"])
    axes.set_ylabel(unit)
    axes.set_title(plot["title"], fontsize=10)
    axes.grid(alpha=0.3, linewidth=0.5)
    axes.legend(fontsize=7, frameon=False)
    figure.tight_layout()
    path = os.path.join(folder, plot["plot"] + ".svg")
    figure.savefig(path, metadata={"Date": None, "Creator": None})
    pyplot.close(figure)
    with open(path, encoding="utf-8") as file:
        text = "\n".join(line.rstrip() for line in file.read().rstrip().split("\n")) + "\n"
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def page(data):
    """The text of README.md, of what figures.json holds."""
    found, figures, host = by_kind(data["records"]), Figures(data["series"]), data["machine"]
    rows = list(results(found, figures))
    drawn = [plot for plot in found["plot"] if is_drawn(figures, plot)]
    peers = ", ".join("%s %s" % (name, version) for name, version in host["peers"].items() if version)
    text = HEAD
    text += "Measured on %s, on core %s of %d (%s), Linux %s, %s, against %s%s.\n\n" % (
        host["date"], host["pinned_to_core"], host["cores"], host["processor"], host["kernel"],
        host["bulkhead"] or "bulkhead", peers, ", in a quick run" if host["quick"] else "")
    text += table([row for row in rows if is_compared(row)]) + "\n"
    text += missed(rows, found["because"])
    if found["missing"] or found["failed"]:
        text += "## What this run could not measure\n\n"
        text += "".join("- %s, %s, %s: %s\n" % (m["row"], m["missing"], m["who"], m["why"]) for m in found["missing"])
        text += "".join("- %s: the row failed\n" % f["failed"] for f in found["failed"]) + "\n"
    if drawn:
        text += "## How it grows\n\n"
        text += "".join("![%s](%s.svg)\n\n" % (plot["title"], plot["plot"]) for plot in drawn)
    if found["remark"]:
        text += "## What was done\n\n"
        text += "".join("- %s: %s\n" % (remark["row"], remark["remark"]) for remark in found["remark"]) + "\n"
    alone_rows = [row for row in rows if not is_compared(row)]
    if alone_rows:
        text += "## Ours alone\n\n| work | |\n|---|---|\n"
        text += "".join("| %s | %s |\n" % (row["work"], row["ours"]) for row in alone_rows) + "\n"
    return text + "## Every figure\n\n" + all_figures(found, figures)


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def series_of(values):
    series = {}
    for record in values:
        key = (record["row"], record["who"], record["series"], record["x"])
        one = series.setdefault(key, dict(zip(("row", "who", "series", "x"), key), unit=record["unit"], values=[]))
        one["values"].append(record["value"])
    return list(series.values())


def one_a_line(records):
    return "[\n%s\n]" % ",\n".join(json.dumps(record) for record in records)


def write_all(found, folder):
    data = {"machine": machine(), "series": series_of(found.pop("value", [])),
            "records": [record for records in found.values() for record in records]}
    figures = Figures(data["series"])
    rows = list(results(by_kind(data["records"]), figures))
    write(os.path.join(folder, "figures.json"), '{"machine": %s,\n"results": %s,\n"records": %s,\n"series": %s}\n' % (
        json.dumps(data["machine"]), one_a_line(rows), one_a_line(data["records"]), one_a_line(data["series"])))
    write(os.path.join(folder, "README.md"), page(data))
    for plot in by_kind(data["records"])["plot"]:
        if is_drawn(figures, plot):
            draw(figures, plot, folder)
    return rows


def main():
    if sys.argv[1] == "page":
        with open(sys.argv[2], encoding="utf-8") as file:
            sys.stdout.write(page(json.load(file)))
        return 0
    found, folder = read(sys.argv[1]), sys.argv[2]
    explained = {record["row"] for record in found["missing"]}
    rows = write_all(found, folder)
    print(table([row for row in rows if is_compared(row)]))
    lacking = [row for row in rows if "lacks" in row]
    for row in lacking:
        print("not measured: %s, %s" % (row["row"], row["work"]))
    print("bench: written: %s" % os.path.join(folder, "README.md"))
    return 1 if any(row["row"] not in explained for row in lacking) else 0


sys.exit(main())

# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What the rows share: places to measure in, records of what was measured, and what is to be compared with what.
#
# A place is a host, a host outside and one container, each a network namespace, as in tests/e2e/lib.sh:
#
#   PLACE-out 192.0.2.2 out0 ── up0 192.0.2.1 PLACE 10.77.1.1 h0 ── eth0 10.77.1.2 PLACE-in
#
# Ours and each peer have one of their own, all alike, so that rounds can alternate with nothing to put up in between.
# Records are JSON, one a line, in the file $BENCH_RECORDS; tests/bench/report.py reads them.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../e2e/lib.sh"

tools=$top/build/bench
bench=$top/tests/bench
row=$(basename "$0")
BENCH_RECORDS=${BENCH_RECORDS:-/dev/stdout}
QUICK=${QUICK:-}
frames=$work/frames
export ours=bulkhead # who, in records
round=0

die() {
	echo "$row: $*" >&2
	exit 1
}

# What has to succeed: must COMMAND...
must() { "$@" || die "$* failed"; }

[ "$(id -u)" -eq 0 ] || die "only root can measure: run it as root"
[ -x "$tools/measure" ] || die "the tools are not built: make bench-tools"

# quick A B: A in a whole run, B in a quick one.
quick() { if [ -n "$QUICK" ]; then echo "$2"; else echo "$1"; fi; }

# ---- records ----

# A figure: record SERIES X WHO VALUE UNIT; X is a number that the series grows with, or - .
record() {
	case $4 in '' | *[!0-9.]*) die "no figure for $3, $1 at $2: '$4'" ;; esac
	printf '{"row": "%s", "series": "%s", "x": %s, "who": "%s", "value": %s, "unit": "%s", "round": %d}\n' \
		"$row" "$1" "${2/#-/null}" "$3" "$4" "$5" "$round" >>"$BENCH_RECORDS"
}

# What is to be compared: compare WORK SERIES X PEER TARGET [PEER-SERIES PEER-X [FLOOR]], TARGET being the ratio to reach,
# or - ; FLOOR (WHO/SERIES/X) is taken off both sides first.
compare() {
	printf '{"compare": "%s", "row": "%s", "series": "%s", "x": %s, "peer": "%s", "target": %s, "peer_series": "%s", "peer_x": %s, "floor": "%s"}\n' \
		"$1" "$row" "$2" "${3/#-/null}" "$4" "${5/#-/null}" "${6:-$2}" "$(tmp=${7:-$3} && echo "${tmp/#-/null}")" "${8:-}" \
		>>"$BENCH_RECORDS"
}

# A figure of ours alone, held against a number: at_most WORK SERIES X LIMIT; LIMIT - : only told.
at_most() {
	printf '{"at_most": "%s", "row": "%s", "series": "%s", "x": %s, "limit": %s}\n' "$1" "$row" "$2" "${3/#-/null}" \
		"${4/#-/null}" >>"$BENCH_RECORDS"
}

# What could not be measured here, and why: missing WORK WHO WHY.
missing() {
	echo "$row: $1: $2: not measured: $3"
	printf '{"missing": "%s", "row": "%s", "who": "%s", "why": "%s"}\n' "$1" "$row" "$2" "${3//\"/\'}" >>"$BENCH_RECORDS"
}

# Whether a peer works here at all; if not, that is told: can WORK WHO COMMAND...
can() {
	local work_of=$1 who=$2
	shift 2
	"$@" >"$work/can" 2>&1 && return
	missing "$work_of" "$who" "$*: $(tail -n 1 "$work/can")"
	return 1
}

# What a reader of the row's figures should know: remark TEXT.
remark() { printf '{"remark": "%s", "row": "%s"}\n' "${1//\"/\'}" "$row" >>"$BENCH_RECORDS"; }

# Where a target is missed: because WORK WHY NEXT, WORK being how compare's and at_most's begin, WHY what the time goes into,
# and NEXT what would be tried next.
because() {
	printf '{"because": "%s", "row": "%s", "why": "%s", "next": "%s"}\n' "$1" "$row" "${2//\"/\'}" "${3//\"/\'}" >>"$BENCH_RECORDS"
}

# A picture: plot FILE TITLE XLABEL log|linear WHO/SERIES..., a line for each, over X. The unit is the series'.
plot() {
	local file=$1 title=$2 xlabel=$3 scale=$4
	shift 4
	printf '{"plot": "%s", "row": "%s", "title": "%s", "xlabel": "%s", "scale": "%s", "lines": [%s]}\n' "$file" "$row" \
		"$title" "$xlabel" "$scale" "$(printf '"%s", ' "$@" | sed 's/, $//')" >>"$BENCH_RECORDS"
}

# rounds N FUNCTION...: each in turn, N times, so that what disturbs one disturbs the others too; every second time backwards.
rounds() {
	local last_round=$1 function backwards # no name of a row's own
	shift
	backwards=$(printf '%s\n' "$@" | tac | xargs)
	for round in $(seq "$last_round"); do
		# shellcheck disable=SC2086 # a list of words
		for function in $(if [ $((round % 2)) = 1 ]; then echo "$@"; else echo $backwards; fi); do
			"$function" || die "$function failed in round $round"
		done
	done
	round=0
}

# ---- places ----

declare -A place_index=()

in_place() { # PLACE COMMAND...
	local place=$1
	shift
	# shellcheck disable=SC2031 # as meant: it is for one process
	$run_by nsenter --net=/run/netns/"$tag-$place" "$@"
}

bh_in() { # PLACE bulkhead's words
	local place=$1
	shift
	in_place "$place" "$BULKHEAD" --bpffs "$work/bpf-$place" -q "$@"
}

pin() { echo "$work/bpf-$1/bulkhead/$2"; } # PLACE progs/NAME or maps/NAME

in_inside() { # PLACE COMMAND...: as a process of its container
	local place=$1
	shift
	# shellcheck disable=SC2016,SC2031 # for the inner shell
	$run_by sh -c 'echo $$ >"$1/cgroup.procs" && shift && exec "$@"' sh "$cgroup_root/$place" \
		nsenter --net="/run/netns/$tag-$place-in" "$@"
}

in_out() { # PLACE COMMAND...
	local place=$1
	shift
	# shellcheck disable=SC2031
	$run_by nsenter --net=/run/netns/"$tag-$place-out" "$@"
}

make_place() { # NAME
	local place=$1 ns=$tag-$1
	for ns in "$ns-in" "$ns-out" "$ns"; do must ip netns add "$ns"; done
	quiet_ipv6 "$ns" && quiet_ipv6 "$ns-in" && quiet_ipv6 "$ns-out"
	ip -n "$ns" link add up0 type veth peer name out0 netns "$ns-out"
	ip -n "$ns" link add h0 type veth peer name eth0 netns "$ns-in"
	ip -n "$ns-out" addr add 192.0.2.2/24 dev out0
	ip -n "$ns-in" addr add 10.77.1.2/24 dev eth0
	ip -n "$ns" addr add 192.0.2.1/24 dev up0
	ip -n "$ns" addr add 10.77.1.1/24 dev h0
	ip -n "$ns" link set up0 address 02:00:00:00:00:01 up
	ip -n "$ns" link set h0 address 02:00:00:00:00:01 up
	ip -n "$ns-out" link set out0 address 02:00:00:00:00:02 up
	ip -n "$ns-in" link set eth0 address 02:00:00:00:00:02 up
	ip -n "$ns-out" route add default via 192.0.2.1
	ip -n "$ns-in" route add default via 10.77.1.1
	in_place "$place" sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
	mkdir -p "$cgroup_root/$place"
	place_index[$place]=$(ip -n "$ns" -o link show h0 | cut -d: -f1)
}

# The same, with bulkhead up and the container under it, and no limit that the load would meet.
make_protected() { # NAME [attach's words]
	local place=$1
	shift
	make_place "$place"
	mkdir -p "$work/bpf-$place" && mount -t bpf bpf "$work/bpf-$place"
	at_end+=("bh_in $place down")
	protect "$place" "$@"
}

# bulkhead in a place where it is not, or not any more.
protect() { # PLACE [attach's words]
	local place=$1
	shift
	bh_in "$place" up up0 || die "up failed"
	bh_in "$place" limit rate 1000000000 burst 1000000 || die "limit failed"
	bh_in "$place" attach web dev h0 addr 10.77.1.2 cgroup "$cgroup_root/$place" "$@" || die "attach failed"
}

# All that a device receives is dropped by a program of one instruction: the least that a drop by cls_bpf takes.
drop_at_once() { # PLACE DEVICE
	must in_place "$1" tc qdisc add dev "$2" clsact
	must in_place "$1" tc filter add dev "$2" ingress bpf direct-action bytecode '1,6 0 0 2,' # TC_ACT_SHOT
}

# Devices dFIRST to dLAST, FIRST odd; pairs, since any kernel that has the rest has these.
add_devices() { # PLACE FIRST LAST
	seq "$2" 2 "$3" | awk '{ printf "link add d%d type veth peer name d%d\nlink set d%d up\nlink set d%d up\n", $1, $1 + 1, $1, $1 + 1 }' |
		ip -n "$tag-$1" -batch - || die "no devices"
}

# Containers cFIRST to cLAST on those, in a hurry: attach_devices PLACE FIRST LAST [SECONDS]. Where time was up before the last:
# status 1; $attached has how many there are now.
attach_devices() {
	local place=$1
	hurry
	seq "$2" "$3" | awk '{ printf "attach c%d dev d%d addr 10.%d.%d.%d\n", $1, $1, 78 + $1 / 62500, $1 / 250 % 250, $1 % 250 + 1 }' \
		>"$work/attach"
	in_place "$place" timeout "${4:-300}" "$BULKHEAD" --bpffs "$work/bpf-$place" -q batch <"$work/attach" >"$work/attached"
	calm
	attached=$(grep -c '"exit": *0' "$work/attached")
	[ "$(wc -l <"$work/attached")" = "$attached" ] ||
		die "not all were attached: $(grep -v '"exit": *0' "$work/attached" | head -n 1)"
	attached=$((attached + $2 - 1))
	[ "$attached" = "$3" ]
}

make_frames() { # [PLACE]: and the context of a frame from its container
	"$PYTHON" "$bench/frames.py" "$frames" ${1:+"${place_index[$1]}"} || die "no frames"
}

nft_in() { # PLACE: a ruleset on standard input
	in_place "$1" nft -f - || die "nft refused"
}

# Putting up much that is not measured itself: the kernel waits for its readers less patiently (RCU, on the whole machine).
patience=$(cat /sys/kernel/rcu_expedited 2>/dev/null)
hurry() { [ -z "$patience" ] || echo 1 >/sys/kernel/rcu_expedited; }
calm() { [ -z "$patience" ] || echo "$patience" >/sys/kernel/rcu_expedited; }
finish() {
	local ended=$?
	hurry
	(exit "$ended")
	(clean_up) # which exits with the status before it
	ended=$?
	calm
	exit "$ended"
}
trap finish EXIT

# ---- figures ----

# What one run takes, whose verdict has to be VERDICT: test_run PLACE VERDICT test_run's words
test_run() {
	local place=$1 verdict=$2 told
	shift 2
	told=$(in_place "$place" "$tools/test_run" "$@") || die "test_run $* failed"
	[ "${told#* }" = "$verdict" ] || die "the verdict of $* is ${told#* } where it should be $verdict"
	echo "${told% *}"
}

# What one frame takes that comes from the container by live frames.
packets=$(quick 200000 50000)
inject() { # PLACE FRAME...
	local place=$1
	shift
	in_place "$place" "$tools/inject" -p "$packets" h0 "$@" || die "live frames failed in $place"
}

has_live_frames() { # PLACE
	in_place "$1" "$tools/inject" -p 64 h0 "$frames/out" >/dev/null 2>&1
}

# Of 640 frames from the container, WANTED have to be left (that nftables' MATCH fits) behind all that is done before routing.
verify() { # PLACE WANTED FRAME [MATCH]
	local got
	echo "table ip verify { chain last { type filter hook prerouting priority 300; ${4:-} counter; }; }" | nft_in "$1"
	in_place "$1" "$tools/inject" -p 640 h0 "$3" >/dev/null || die "live frames failed in $1"
	got=$(in_place "$1" nft list table ip verify | sed -nE 's/.*counter packets ([0-9]+) .*/\1/p')
	in_place "$1" nft delete table ip verify
	[ "$got" = "$2" ] || die "$1: of 640 frames $got went on to routing, where $2 should"
}

# Wall time, processor time and memory of a command: measure PLACE SERIES X WHO COMMAND..., into records: SERIES and
# SERIES-processor in us, SERIES-resident in KiB.
measure() {
	local place=$1 series=$2 x=$3 who=$4 us kib used
	shift 4
	rm -f "$work/measured"
	in_place "$place" "$tools/measure" -o "$work/measured" "$(command -v "$1")" "${@:2}" >"$work/measured.out" 2>&1 ||
		die "$who: $* failed: $(tail -n 3 "$work/measured.out")"
	read -r us kib used <"$work/measured"
	record "$series" "$x" "$who" "$us" us
	record "$series-processor" "$x" "$who" "$used" us
	record "$series-resident" "$x" "$who" "$kib" KiB
}

# System calls of a command, in a run of its own, which gets 100 seconds: calls PLACE SERIES X WHO COMMAND...
calls() {
	local place=$1 series=$2 x=$3 who=$4 n
	shift 4
	n=$(in_place "$place" timeout 100 strace -f -c -o "$work/calls" "$@" >"$work/calls.out" 2>&1 &&
		awk '$NF == "total" { print $4 }' "$work/calls" | head -n 1)
	case $n in
	'') missing "$series: system calls" "$who" "strace gave no sum within 100 seconds" ;;
	*) record "$series-calls" "$x" "$who" "$n" calls ;;
	esac
}

cgroup_root=${cgroup_root:?}
mkdir -p "$cgroup_root"

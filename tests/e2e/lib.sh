# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# A small world for one test: a host, a host outside and containers, each a network namespace of its own; containers have a
# cgroup and a process too. bulkhead runs in the host's namespace, with a bpf file system of its own, so a firewall that
# really runs on this machine is not touched. All of it goes away at exit, however the test ends.
#
#   outside 192.0.2.2, 2001:db8:1::2  ──up0──  host 192.0.2.1  ──hNAME──  container NAME 10.77.N.2, fd77:N::2, eth0
#
# The host outside also answers as 198.51.100.7 and 2001:db8:7::7, and as 203.0.113.9 and 2001:db8:bad::9.

set -u
PATH=$PATH:/usr/sbin:/sbin
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# With OLD_KERNEL=4.19 or 5.10 each command meets that kernel's answers.
BULKHEAD=${BULKHEAD:-$top/$([ -n "${OLD_KERNEL:-}" ] && echo tests/kernels || echo build)/bulkhead}
NET=$top/tests/e2e/net.py
PYTHON=$(python3 -c 'import sys; print(sys.executable)')

tag=bh$$
work=$(mktemp -d "/tmp/$tag.XXXXXX")
said=$work/said
mkdir "$said"
bpffs=$work/bpf
host_ns=$tag-host
outside_ns=$tag-out
cgroup2=$(awk '{ for (i = 7; i < NF; i++) if ($i == "-" && $(i + 1) == "cgroup2") { print $5; exit } }' /proc/self/mountinfo)
cgroup_root=$cgroup2/$tag
number=0 bad=0
declare -A container_number=() container_pid=()
spawned=()
at_end=() # commands for the end, whatever happens

# ---- TAP ----

tap() { # STATUS WHAT [DETAIL]
	number=$((number + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $number - $2"
	else
		bad=$((bad + 1))
		echo "not ok $number - $2"
		[ $# -lt 3 ] || printf '%s\n' "$3" | head -n 30 | sed 's/^/#   /'
	fi
	return "$1"
}

skip() { # WHAT WHY
	number=$((number + 1))
	echo "ok $number - $1 # SKIP $2"
}

note() {
	printf '%s\n' "$*" | sed 's/^/# /'
}

# ok WHAT COMMAND...: it succeeds; no WHAT COMMAND...: it fails; exits STATUS WHAT COMMAND...: it fails with exactly that.
ok() {
	local what=$1 output status
	shift
	output=$("$@" 2>&1 </dev/null)
	status=$?
	tap "$status" "$what" "$* gave $status: $output"
}

no() {
	local what=$1 output
	shift
	output=$("$@" 2>&1 </dev/null)
	case $? in 0) tap 1 "$what" "$* succeeded: $output" ;; *) tap 0 "$what" ;; esac
}

exits() {
	local want=$1 what=$2 output status
	shift 2
	output=$("$@" 2>&1 </dev/null)
	status=$?
	[ "$status" -eq "$want" ]
	tap $? "$what (exit $want)" "$* gave $status: $output"
}

is() { # WHAT WANT GOT
	[ "$2" = "$3" ]
	tap $? "$1" "wanted: $2
got: $3"
}

like() { # WHAT PATTERN TEXT (an extended regular expression)
	grep -qE -- "$2" <<<"$3"
	tap $? "$1" "wanted: $2
got: $3"
}

unlike() { # WHAT PATTERN TEXT
	! grep -qE -- "$2" <<<"$3"
	tap $? "$1" "unwanted: $2
got: $3"
}

# A value of a JSON document on standard input: json EXPRESSION, over d. A key that is not there gives None.
json() {
	"$PYTHON" "$top/tests/e2e/json_value.py" document "$1"
}

# The same over lines of JSON: d is the list of them.
json_lines() {
	"$PYTHON" "$top/tests/e2e/json_value.py" lines "$1"
}

# Tries COMMAND until it succeeds, for SECONDS.
until_ok() { # SECONDS COMMAND...
	local end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.05
	done
}

# ---- the kernel ----

# What it has, by bulkhead's own probe.
has() { # FEATURE...
	local features feature
	features=$(bh -j probe)
	for feature; do
		[ "$(json "d['features']['$feature']" <<<"$features")" = yes ] || return 1
	done
}

# How many programs are put on a container's cgroup: for both ways; for queries and for connect(2), by what that takes.
cgroup_hooks() {
	local n=2
	! has cgroup_mark shared_storage || n=$((n + 1))
	! has cgroup_connect shared_storage || n=$((n + 2))
	echo "$n"
}

# What connect(2) gives for what is not allowed out: where no program is asked, the packet never gets there.
refused_at_connect() { if has cgroup_connect shared_storage; then echo EPERM; else echo timeout; fi; }

# ---- the world ----

# In a process that spawn made, run_by is "exec", so that its pid is the command's.
run_by=
in_host() { $run_by nsenter --net=/run/netns/"$host_ns" "$@"; }
in_outside() { $run_by nsenter --net=/run/netns/"$outside_ns" "$@"; }

# In the container's namespace and cgroup, as one of its processes.
in_container() { # NAME COMMAND...
	local name=$1
	shift
	# shellcheck disable=SC2016 # for the inner shell
	$run_by sh -c 'echo $$ >"$1/cgroup.procs" && shift && exec "$@"' sh "$cgroup_root/$name" \
		nsenter --net="/run/netns/$tag-$name" "$@"
}

# One of its processes, but on the host's network: net.py's words.
in_container_on_host() { # NAME WORDS...
	local name=$1
	shift
	# shellcheck disable=SC2016 # for the inner shell
	sh -c 'echo $$ >"$1/cgroup.procs" && shift && exec "$@"' sh "$cgroup_root/$name" \
		nsenter --net=/run/netns/"$host_ns" "$PYTHON" "$NET" "$@"
}

# What is printed with -j is kept, and at the end held against docs/schema: keep N COMMAND..., the last N words being bulkhead's.
keep() {
	local n=$1 start=$said/$EPOCHREALTIME.$BASHPID.$RANDOM status
	shift
	if ! asks_json "${@:$# - n + 1}"; then
		"$@"
		return
	fi
	printf '%s\0' "${@:$# - n + 1}" >"$start.words"
	if [ -n "$run_by" ]; then
		keep_file 1 "$start.out" $BASHPID
		keep_file 2 "$start.err" $BASHPID
		"$@"
		return
	fi
	"$@" >"$start.out" 2>"$start.err"
	status=$?
	echo "$status" >"$start.status"
	cat "$start.out"
	[ ! -s "$start.err" ] || cat "$start.err" >&2
	return "$status"
}

asks_json() {
	while [[ ${1-} == -?* ]]; do
		case $1 in
		--json) return 0 ;;
		--bpffs) shift ;;
		--*) ;;
		*j*) return 0 ;;
		esac
		shift
	done
	return 1
}

# Of a process that goes on, by a second name of the file that it writes to.
keep_file() { # DESCRIPTOR NAME PID
	local file
	file=$(readlink "/proc/$3/fd/$1")
	case $file in "$work"/*) [ ! -f "$file" ] || ln "$file" "$2" ;; esac
}

bh() { keep $# in_host "$BULKHEAD" --bpffs "$bpffs" "$@"; }
net() { "$PYTHON" "$NET" "$@"; }
from_outside() { in_outside "$PYTHON" "$NET" "$@"; }
from_host() { in_host "$PYTHON" "$NET" "$@"; }
from() { # CONTAINER net.py's words
	local name=$1
	shift
	in_container "$name" "$PYTHON" "$NET" "$@"
}

pid_of() { echo "${container_pid[$1]}"; }
cgroup_of() { echo "$cgroup_root/$1"; }
address_of() { echo "10.77.${container_number[$1]}.2"; }
address6_of() { echo "fd77:${container_number[$1]}::2"; }
device_of() { echo "h$1"; }

# Runs in the background until the test ends: spawn FUNCTION-OR-COMMAND... Its pid is left in $spawn_pid.
spawn() {
	(
		run_by="exec"
		"$@"
	) <&0 &
	spawn_pid=$!
	disown "$spawn_pid"
	spawned+=("$spawn_pid")
}

# What was spawned last is `sleep` at last: in its namespace and cgroup by then.
until_it_sleeps() {
	until_ok 5 sh -c "tr '\0' ' ' <'/proc/$spawn_pid/cmdline' | grep -q '^sleep'"
}

# Kills processes, and waits until they are in no cgroup any more: a signal that has been sent has ended nobody yet.
kill_and_wait() { # PID...
	local pid
	kill -9 "$@"
	for pid in "$@"; do
		until_ok 10 sh -c "! kill -0 $pid" || return 1
	done
}

# A server that says when it is ready: serve WHERE net.py's words, WHERE being outside, host or a container.
serve() {
	local where=$1 log
	shift
	log=$work/serve.$RANDOM$RANDOM
	case $where in
	outside) spawn from_outside "$@" >"$log" ;;
	host) spawn from_host "$@" >"$log" ;;
	*) spawn from "$where" "$@" >"$log" ;;
	esac
	until_ok 10 grep -q ready "$log" || note "not ready: $where $*"
}

# A TCP connection that stays open: hold KEY outside|CONTAINER ADDRESS PORT [from ADDRESS]; then speak KEY sends a word over
# it and succeeds where its echo comes.
declare -A held_words=()
hold() {
	local key=$1 where=$2 words
	shift 2
	mkfifo "$work/words.$key"
	exec {words}<>"$work/words.$key"
	held_words[$key]=$words
	if [ "$where" = outside ]; then
		spawn from_outside hold "$@" <"$work/words.$key" >"$work/held.$key" 2>&1
	else
		spawn from "$where" hold "$@" <"$work/words.$key" >"$work/held.$key" 2>&1
	fi
	until_ok 5 grep -q open "$work/held.$key" || note "not open: $*"
}

speak() {
	local before
	before=$(wc -l <"$work/held.$1")
	echo word >&"${held_words[$1]}"
	until_ok 5 sh -c "[ \$(wc -l <'$work/held.$1') -gt $before ]"
	[ "$(tail -n 1 "$work/held.$1")" = echo ]
}

quiet_ipv6() { # NAMESPACE: no autoconfiguration, no waiting for duplicate addresses
	# shellcheck disable=SC2016 # for the inner shell
	nsenter --net=/run/netns/"$1" sh -c '
		for f in all default; do
			echo 0 >/proc/sys/net/ipv6/conf/$f/accept_dad
			echo 0 >/proc/sys/net/ipv6/conf/$f/accept_ra
			echo 0 >/proc/sys/net/ipv6/conf/$f/autoconf
			echo 0 >/proc/sys/net/ipv6/conf/$f/router_solicitations
			echo 0 >/proc/sys/net/ipv4/conf/$f/rp_filter
		done'
	ip -n "$1" link set lo up
}

make_host() {
	ip netns add "$host_ns" && quiet_ipv6 "$host_ns"
	in_host sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding'
	mkdir -p "$bpffs" && mount -t bpf bpf "$bpffs"
	mkdir "$cgroup_root"
}

make_outside() {
	ip netns add "$outside_ns" && quiet_ipv6 "$outside_ns"
	ip -n "$host_ns" link add up0 type veth peer name out0 netns "$outside_ns"
	ip -n "$host_ns" addr add 192.0.2.1/24 dev up0
	ip -n "$host_ns" addr add 2001:db8:1::1/64 dev up0 nodad
	ip -n "$host_ns" link set up0 up
	for address in 192.0.2.2/24 198.51.100.7/32 203.0.113.9/32; do
		ip -n "$outside_ns" addr add "$address" dev out0
	done
	for address in 2001:db8:1::2/64 2001:db8:7::7/128 2001:db8:bad::9/128; do
		ip -n "$outside_ns" addr add "$address" dev out0 nodad
	done
	ip -n "$outside_ns" link set out0 up
	ip -n "$host_ns" route add default via 192.0.2.2
	ip -n "$host_ns" route add default via 2001:db8:1::2
	ip -n "$outside_ns" route add 10.77.0.0/16 via 192.0.2.1 src 192.0.2.2
	ip -n "$outside_ns" route add fd77::/16 via 2001:db8:1::1 src 2001:db8:1::2
}

# The next free number is the container's; its namespace gets a device, addresses and routes.
connect_container() { # NAME
	local name=$1 n=$((${#container_number[@]} + 1)) ns=$tag-$1
	container_number[$name]=$n
	quiet_ipv6 "$ns"
	ip -n "$host_ns" link add "h$name" type veth peer name eth0 netns "$ns"
	ip -n "$host_ns" addr add "10.77.$n.1/24" dev "h$name"
	ip -n "$host_ns" addr add "fd77:$n::1/64" dev "h$name" nodad
	ip -n "$host_ns" link set "h$name" up
	ip -n "$ns" addr add "10.77.$n.2/24" dev eth0
	ip -n "$ns" addr add "fd77:$n::2/64" dev eth0 nodad
	ip -n "$ns" link set eth0 up
	ip -n "$ns" route add default via "10.77.$n.1"
	ip -n "$ns" route add default via "fd77:$n::1"
}

# A process in a namespace and a cgroup.
make_container() { # NAME
	local name=$1
	mkdir "$cgroup_root/$name"
	ip netns add "$tag-$name"
	connect_container "$name"
	spawn in_container "$name" sleep 1000
	container_pid[$name]=$spawn_pid
	until_it_sleeps
}

# The same by runc, with a busybox root file system.
make_runc_container() { # NAME
	local name=$1 bundle=$work/bundle-$1 id=$tag-$1
	mkdir -p "$bundle/rootfs/bin"
	cp "$(command -v busybox)" "$bundle/rootfs/bin/busybox"
	for applet in sh sleep nc ping; do
		ln -s busybox "$bundle/rootfs/bin/$applet"
	done
	(cd "$bundle" && runc spec)
	"$PYTHON" - "$bundle/config.json" "/$tag/$id" <<-'PYTHON'
		import json, sys
		config = json.load(open(sys.argv[1]))
		config["linux"]["cgroupsPath"] = sys.argv[2]
		config["process"].update(terminal=False, args=["/bin/sleep", "1000"])
		config["process"].pop("rlimits", None)
		for name in ("bounding", "effective", "permitted"):
		    config["process"]["capabilities"][name].append("CAP_NET_RAW")
		json.dump(config, open(sys.argv[1], "w"))
	PYTHON
	at_end+=("runc --root $work/runc delete --force $id 2>/dev/null")
	runc --root "$work/runc" run --detach --bundle "$bundle" "$id" >"$work/runc.log" 2>&1 </dev/null || cat "$work/runc.log"
	container_pid[$name]=$(runc --root "$work/runc" state "$id" | json 'd["pid"]')
	ip netns attach "$id" "${container_pid[$name]}"
	connect_container "$name"
}

run_in_runc() { # NAME COMMAND...
	local name=$1
	shift
	runc --root "$work/runc" exec "$tag-$name" "$@"
}

# The whole of it: world [CONTAINER...]
world() {
	[ "$(id -u)" -eq 0 ] || { skip "everything" "not root" && exit 0; }
	make_host
	make_outside
	for container in "$@"; do
		make_container "$container"
	done
	wait_for_addresses
}

wait_for_addresses() {
	until_ok 5 addresses_are_ready || note "IPv6 addresses are not ready"
}

# A router asks for its neighbours from its link-local addresses, which come a moment after the link.
addresses_are_ready() {
	local ns
	for ns in /run/netns/"$tag"-*; do
		ip -n "$(basename "$ns")" -6 -o addr show scope link | grep -q . || return 1
		ip -n "$(basename "$ns")" -6 -o addr show tentative | grep -q . && return 1
	done
	return 0
}

# up with the uplink, and each container attached by its process, default deny unless said otherwise.
protect() { # [CONTAINER...]
	bh up up0 || note "up failed"
	for container in "$@"; do
		bh attach "$container" pid "$(pid_of "$container")" || note "attach failed"
	done
}

# What is pinned in a bpf file system, but for what the kernel itself puts into a new one.
pins_in() {
	find "$1" -mindepth 1 ! -name progs.debug ! -name maps.debug
}

# ---- what bulkhead saw ----

# Follows the events in the background, into $work/events; events_of EXPRESSION evaluates over the list d of them.
follow_events() {
	rm -f "$work/events" "$work/events.errors"
	: >"$work/events"
	spawn_reader "$work/events" bh -j events "$@"
}

# Spawns a reader of events and waits until it reads, which it says.
spawn_reader() { # OUTPUT COMMAND -j events...
	spawn "${@:2}" >"$1" 2>"$1.errors"
	until_ok 10 sh -c "grep -q 'they are read from here on' '$1.errors' || ! kill -0 $spawn_pid"
	kill -0 "$spawn_pid" || note "no reader: $(cat "$1.errors")"
}

# Ends the reader that was spawned last: there is one at a time.
stop_events() {
	kill "$spawn_pid" 2>/dev/null
	until_ok 3 sh -c "! kill -0 $spawn_pid"
}

events_of() { json_lines "$1" <"$work/events"; }

# Waits until an event with that EXPRESSION over e has come.
event_comes() { # WHAT EXPRESSION
	until_ok 5 event_is_there "$2"
	tap $? "$1" "no event with $2 in:
$(tail -n 8 "$work/events")"
}

event_is_there() { [ "$(events_of "any($1 for e in d)")" = True ]; }

# The same for a drop at the cgroup, of which a kernel may have no way to tell: then there is none.
cgroup_event_comes() { # WHAT EXPRESSION
	if has ringbuf || has cgroup_events; then
		event_comes "$1" "($2) and e['layer'] == 'cgroup'"
	else
		sleep 0.3
		no "$1: none, on this kernel" event_is_there "($2) and e['layer'] == 'cgroup'"
	fi
}

# One counter of a container: counter NAME KEY, or counter NAME drops.REASON.
counter() {
	local key=${2#drops.}
	if [ "$key" = "$2" ]; then
		bh -j stats "$1" | json "d[0]['$key']"
	else
		bh -j stats "$1" | json "d[0]['drops'].get('$key', 0)"
	fi
}

# ---- raw frames ----

mac_of() { # NAMESPACE DEVICE
	ip -n "$1" -o link show "$2" | sed -nE 's|.*link/ether ([^ ]*) .*|\1|p'
}

# Sends frames (see net.py) from one end and looks whether any comes out at the other, by a mark M in their payloads.
crosses() { # FROM-NAMESPACE DEVICE TO-NAMESPACE DEVICE DESTINATION-MAC FRAME...
	local from=$1 out=$2 to=$3 in=$4 mac=$5 mark=mark$RANDOM$RANDOM log
	shift 5
	log=$work/$mark
	nsenter --net=/run/netns/"$to" "$PYTHON" "$NET" seen "$in" 60 "$mark" >"$log" &
	until_ok 5 grep -q ready "$log"
	NET_MARK=$mark NET_DST=$mac NET_SRC=$(mac_of "$from" "$out") \
		nsenter --net=/run/netns/"$from" "$PYTHON" "$NET" send "$out" "$@"
	sleep 0.3
	kill -TERM $!
	wait $!
	[ "$(tail -n 1 "$log")" -gt 0 ]
}

# From outside to a container; from a container to the outside.
arrives() { # CONTAINER FRAME...
	local name=$1
	shift
	crosses "$outside_ns" out0 "$tag-$name" eth0 "$(mac_of "$host_ns" up0)" "$@"
}

leaves() { # CONTAINER FRAME...
	local name=$1
	shift
	crosses "$tag-$name" eth0 "$outside_ns" out0 "$(mac_of "$host_ns" "h$name")" "$@"
}

# ---- the end ----

# Whatever the test has made, as each listing tells it.
say_all() {
	local command
	for command in status list rules stats conntrack blocked domains limit quota timeout; do
		bh -j "$command"
	done
}

as_schemas_say() {
	local told
	[ -n "$(ls "$said")" ] || return 0
	told=$("$PYTHON" "$top/tests/e2e/validate.py" "$top/docs/schema" "$said" 2>&1)
	tap $? "what was printed with -j is as docs/schema says" "$told"
}

remove_cgroups() {
	find "$cgroup_root" -depth -type d -exec rmdir {} +
	[ ! -d "$cgroup_root" ]
}

clean_up() {
	local status=$? pid ns command
	trap '' INT TERM
	if [ -d "$bpffs/bulkhead" ]; then
		say_all >/dev/null 2>&1
		bh down >"$work/down" 2>&1 || cat "$work/down"
	fi
	for command in "${at_end[@]}"; do
		eval "$command"
	done
	for pid in "${spawned[@]}"; do
		# Of one that has ended, another process may have the number by now.
		[ "$(ps -o ppid= -p "$pid" | tr -d ' ')" != $$ ] || kill -9 "$pid" 2>/dev/null
	done
	if [ -d "$cgroup_root" ]; then
		[ ! -e "$cgroup_root/cgroup.kill" ] || echo 1 >"$cgroup_root/cgroup.kill"
		until_ok 5 remove_cgroups
	fi
	for ns in /run/netns/"$tag"-*; do
		[ ! -e "$ns" ] || ip netns del "$(basename "$ns")"
	done
	awk -v work="$work/" 'index($5, work) == 1 { print $5 }' /proc/self/mountinfo | tac | xargs -r -n 1 umount -l
	as_schemas_say
	rm -rf --one-file-system "$work"
	[ "$number" -eq 0 ] || echo "1..$number"
	[ "$bad" -eq 0 ] || status=1
	exit "$status"
}

trap clean_up EXIT
trap 'exit 130' INT TERM

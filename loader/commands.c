/* SPDX-License-Identifier: GPL-2.0 */
/* The table of commands, in the order in which `help` lists them. */
#include "loader/commands.h"

#include <stddef.h>

#include "loader/command.h"
#include "loader/container_policy.h"

#define PREFIX_NOTE "PREFIX is an address (192.0.2.1, 2001:db8::1) or a prefix (192.0.2.0/24, 2001:db8::/32).\n"
#define FILE_NOTE "FILE has one a line; # begins a comment, and - is standard input.\n"
#define RULE_NOTE                                                                                                      \
	"icmp is ICMPv6 too. `in` takes from, `out` takes to; port goes with tcp and udp and is the destination\n"     \
	"port of the connection's first packet.\n"                                                                     \
	"Rules have no order: deny beats allow, whatever their prefixes' lengths. What no rule matches gets the\n"     \
	"container's default. A name may have rules before it is attached.\n"

#define PROTOS "\nPROTO := tcp | udp | icmp | any | NUMBER"
#define RULE "NAME in|out PROTO [from|to PREFIX|any] [port N[-M]]" PROTOS

const struct command commands[] = {
	{ "up", up_run, "[DEV...] [xdp auto|native|generic]",
	  "load the programs, make and pin the maps, attach to each uplink DEV",
	  "Attaches XDP and the rate limiter to each DEV. On a running system the programs are replaced by this\n"
	  "binary's own, one by one; maps, rules, connections and attachments stay, and without DEV the uplinks too.\n"
	  "xdp says how XDP is attached: native needs the driver, generic does not, auto tries native first.\n\n"
	  "  bulkhead up eth0\n"
	  "  bulkhead up eth0 eth1 xdp generic" },
	{ "down", down_run, "", "detach everything, remove every pin",
	  "Nothing is left behind: no program, map, link, filter or qdisc of bulkhead's. Twice is fine." },
	{ "status", status_run, "", "what is up: programs, attachments, how events come",
	  "With the timeouts of tracked connections, and the limit and the quota of what has none of its own." },
	{ "probe", probe_run, "", "what this kernel can do, and what is done without the rest",
	  "Asks the kernel for each feature, changes nothing. Without the right to ask, the answer is unknown." },
	{ "version", version_run, "", "the version of this binary", "" },
	{ "help", help_run, "[COMMAND]", "the commands, or one of them", "" },
	{ "completion", completion_run, "bash|zsh|fish | next [WORD]...", "what a shell needs to complete these words",
	  "Prints a script for the shell. It asks `completion next` for the words that may stand in the place of the\n"
	  "last of those given: commands, what the synopsis has there, containers, devices, and / for files.\n\n"
	  "  bulkhead completion bash >/usr/share/bash-completion/completions/bulkhead\n"
	  "  bulkhead completion zsh >/usr/local/share/zsh/site-functions/_bulkhead\n"
	  "  bulkhead completion fish >/usr/share/fish/vendor_completions.d/bulkhead.fish" },
	{ "attach", attach_run,
	  "NAME TARGET... [default deny|allow]\n"
	  "TARGET := pid N | docker ID | container ID | cgroup PATH | dev IFNAME | netns PATH | addr IP[,IP]",
	  "put a container under the firewall",
	  "TARGET is one or more of\n"
	  "  pid N          a process of the container: its cgroup, and the devices of its network namespace\n"
	  "  docker ID      the same, by its id or the first digits of it\n"
	  "  container ID   that of any runtime (podman, containerd, CRI-O, runc, systemd-nspawn), or its whole name\n"
	  "  cgroup PATH    a directory of the cgroup2 file system\n"
	  "  dev IFNAME     the host's side of its device\n"
	  "  netns PATH     its network namespace\n"
	  "  addr IP[,IP]   its addresses: it can send with no other\n\n"
	  "NAME is yours to choose. What no rule matches gets the default, which is deny. A repeated attach adds\n"
	  "targets, and puts new ones in the place of those that have gone, as after a restart; a default that it\n"
	  "does not name stays. detach takes along a default that attach was told.\n\n"
	  "  bulkhead attach web pid 4711\n"
	  "  bulkhead attach web docker 3f2a9c81d0b7\n"
	  "  bulkhead attach db dev veth3 cgroup /machine/db addr 10.0.0.5 default deny" },
	{ "detach", detach_run, "NAME", "take a container's programs off; its policy stays",
	  "Rules stay, and what a file said of default, limit and quota. Targets, addresses and a default that attach\n"
	  "was told go; where nothing stays, the limit and quota of commands too." },
	{ "list", list_run, "", "the attached containers",
	  "With the limit and the quota of those that have their own. (gone) stands behind a device or cgroup that is\n"
	  "not there any more: attach the container again, or clear it with gc. With -j, connections are those that\n"
	  "count against the quota, with idle ones that are past their timeout until their room is needed." },
	{ "gc", gc_run, "", "clear what containers that died have left",
	  "Of whose devices and cgroup nothing is there any more, as list tells, is detached: its rules stay. Of "
	  "others\n"
	  "what has gone is forgotten. It prints what it cleared; with -n what it would." },
	{ "block", block_run, "PREFIX... [for DURATION] | -f FILE [for DURATION]",
	  "drop every packet from and to these addresses",
	  PREFIX_NOTE FILE_NOTE
	  "Dropped at XDP on the uplinks, and in both directions at the containers, before any rule is asked.\n"
	  "With for it ends by itself: 90s, 10m, 12h, 7d. What is blocked for good stays so.\n\n"
	  "  bulkhead block 198.51.100.7 for 10m\n"
	  "  bulkhead block 203.0.113.0/24 2001:db8:bad::/48\n"
	  "  bulkhead block -f blocklist.txt" },
	{ "unblock", unblock_run, "PREFIX... | -f FILE | all", "take addresses off the blocklist",
	  PREFIX_NOTE FILE_NOTE "Each must be on the list as it is written; all empties it." },
	{ "blocked", blocked_run, "", "the blocklist", "" },
	{ "allow", allow_run, RULE, "let connections of a container pass",
	  RULE_NOTE "\n  bulkhead allow web in tcp port 80\n"
		    "  bulkhead allow web out udp to 192.0.2.53 port 53" },
	{ "deny", deny_run, RULE, "refuse connections of a container",
	  RULE_NOTE "\n  bulkhead deny web in tcp from 198.51.100.0/24 port 80" },
	{ "revoke", revoke_run, RULE, "take back a rule",
	  "The words are those of the rule; where an allow and a deny have the same, both go. It prints which.\n"
	  "Connections that only it allowed end with their next packet." },
	{ "rules", rules_run, "[NAME]", "the rules in force", "" },
	{ "limit", limit_run, "[[NAME] LIMIT]\nLIMIT := rate N burst N | off",
	  "how many packets a second each source may send",
	  "Counts TCP SYN, UDP and ICMP packets; a source is an IPv4 address or an IPv6 /64. At first 100 a second\n"
	  "and 100 at once, at the uplinks and where a container has no limit of its own; off: any number. Without\n"
	  "words: what is in force.\n"
	  "At an uplink, answers over UDP count as well: behind it a resolver may answer 100 times a second.\n\n"
	  "  bulkhead limit rate 1000 burst 200\n"
	  "  bulkhead limit web rate 50 burst 50\n"
	  "  bulkhead limit dns off" },
	{ "timeout", timeout_run,
	  "[WHAT SECONDS|default]...\n"
	  "WHAT := syn | established | closing | udp | unreplied | icmp | other | fragment",
	  "how long an idle connection is tracked",
	  "syn is the handshake, unreplied is udp without an answer, fragment the pieces of a datagram. Without\n"
	  "words: what they are. In force at once, for connections that there are too. At first, in seconds: syn 60,\n"
	  "established 7200, closing 10, udp 60, unreplied 30, icmp 30, other 600, fragment 30.\n\n"
	  "  bulkhead timeout syn 30 established 86400\n"
	  "  bulkhead timeout syn default" },
	{ "quota", quota_run, "[[NAME] N|default]", "how many established connections a container may have",
	  "Of TCP; a new one over it is dropped with the reason table_full, those that there are live on. At first\n"
	  "a quarter of what there is room for, which is 16384, for each container that has no quota of its own.\n"
	  "Without words: what they are.\n\n"
	  "  bulkhead quota 10000\n"
	  "  bulkhead quota web 200" },
	{ "room", room_run,
	  "[WHAT ENTRIES|default]...\n"
	  "WHAT := connections | sources | events",
	  "how large the tables are that packets fill",
	  "connections are established ones, 65536 at first; those that are not yet, or are no TCP, have a quarter.\n"
	  "sources are those whose rate is known, 16384 at first, and events the KiB of their buffer, 256 at first,\n"
	  "a power of two. Without words: what they are. Connections stay that there are: they are moved to other\n"
	  "tables. A quota that is as at first goes along: a quarter of the connections. In a policy they are\n"
	  "changed before the rest, and stay where the policy before it comes back.\n\n"
	  "  bulkhead room connections 1000000 sources 65536\n"
	  "  bulkhead room connections 1024 events 64" },
	{ "dns", dns_run, "block DOMAIN... | block -f FILE | unblock DOMAIN... | unblock -f FILE | unblock all",
	  "refuse queries for names",
	  "A blocked DOMAIN stands for itself and every name below it; =DOMAIN for that name alone. Queries over UDP\n"
	  "and TCP are dropped, whichever server they go to. A million names take about 350 MB of kernel "
	  "memory.\n" FILE_NOTE "\n"
	  "  bulkhead dns block ads.example =tracker.example.org\n"
	  "  bulkhead dns unblock ads.example" },
	{ "domains", domains_run, "", "the blocked names", "" },
	{ "default", default_action_run, "NAME deny|allow", "what becomes of what no rule of a container matches",
	  "At first deny.\n\n"
	  "  bulkhead default web allow" },
	{ "apply", apply_run, "FILE|DIR [confirm SECONDS] | FILE|DIR watch", "put a whole policy in force, in one step",
	  "FILE has command lines without `bulkhead`: allow, deny, default, block, dns block, limit, quota, room\n"
	  "and timeout; # begins a comment, - is standard input. What it does not say is not in force afterwards;\n"
	  "what containers are attached to is no part of it. `define NAME = WORD...` lets $NAME stand for words,\n"
	  "`include GLOB` takes in other files from beside it. All errors are told, and then nothing was changed.\n"
	  "Of a DIR those named *.policy are read, in the order of their names, as one file.\n"
	  "Each packet sees the old policy or the new one; connections stay that the new one allows. With confirm\n"
	  "the old one comes back after SECONDS, unless `bulkhead confirm` was run. With watch it stays, and puts in\n"
	  "force what comes to stand there, as it does so and once it is whole: git, Ansible or a ConfigMap may bring\n"
	  "it. A wrong one leaves the one before in force; status and stats prometheus tell. Ends with 2 where the\n"
	  "last one was wrong; SIGHUP lets it look again.\n\n"
	  "  bulkhead apply /etc/bulkhead/policy\n"
	  "  bulkhead apply new.policy confirm 30\n"
	  "  bulkhead apply /etc/bulkhead/policy.d watch" },
	{ "check", check_run, "FILE|DIR", "what apply would change",
	  "A line with + would come into force, one with - would go. Changes nothing." },
	{ "confirm", confirm_run, "", "keep the policy that apply put in force for a time", "" },
	{ "export", export_run, "", "the policy in force, as a file for apply", "" },
	{ "events", events_run,
	  "[NAME] [FILTER...]\n"
	  "FILTER := container NAME | layer xdp|tc|cgroup | reason REASON | from PREFIX | to PREFIX | count N",
	  "follow drops as they happen",
	  "Those that fit all the filters. REASON is one that stats counts by, PREFIX an address or a prefix. A NAME\n"
	  "that is one of these words has `container` before it. Ends after N events, when interrupted, or when the\n"
	  "firewall goes down; goes on while `up` puts other programs in place.\n"
	  "With -j each event is an object on a line. In colour on a terminal, unless NO_COLOR is set.\n\n"
	  "  bulkhead events web reason default_deny\n"
	  "  bulkhead -j events layer tc from 192.0.2.0/24 count 10" },
	{ "stats", stats_run, "[NAME] [watch SECONDS] [prometheus [FILE]]", "packets, bytes and drops by reason",
	  "A packet is counted once, whichever layers it crosses. watch prints again and again; on a terminal it\n"
	  "shows rates in place, the drops behind them by reason, and how the last samples went. prometheus prints\n"
	  "that system's text format, or puts it into FILE in one step, for a textfile collector.\n\n"
	  "  bulkhead stats watch 1\n"
	  "  bulkhead stats prometheus /var/lib/prometheus/node-exporter/bulkhead.prom" },
	{ "conntrack", conntrack_run, "[NAME]", "the tracked connections", "" },
	{ "flush", flush_run, "conntrack", "forget the tracked connections: each must be allowed anew", "" },
	{ "batch", batch_run, "", "commands from standard input, an answer of one line to each",
	  "For programs: one process instead of many. A line is a command without bulkhead before it; # begins a\n"
	  "comment, and \"a word with blanks\" may have \\\" and \\\\ in it. A line has at most 65535 bytes, and ends. "
	  "Each\n"
	  "is answered by {\"id\": its line's number, \"remarks\": [], \"exit\": status, \"output\": what -j prints, "
	  "or\n"
	  "null, \"error\": where it failed}. Ends where standard input does. What has no end is refused.\n\n"
	  "  printf 'allow web in tcp port 80\\nstats web\\n' | bulkhead batch" },
	{ "why", why_run, "NAME in|out PROTO from IP [port N] to IP [port N] [name DOMAIN] | FILE [NAME]" PROTOS,
	  "what would become of a packet, and by which rule",
	  "The programs themselves say so: they are loaded once more and tried on such a packet. Nothing is sent,\n"
	  "counted or tracked. It is the first packet of a connection, or the next one where one is tracked between\n"
	  "these very ports; without a port, one that no rule names. name asks for a blocked domain: out udp, port "
	  "53.\n"
	  "FILE is a capture (pcap; - is standard input): each packet from or to a container's addresses is judged, "
	  "one\n"
	  "after the other, by the policy that is in force now.\n\n"
	  "  bulkhead why web in tcp from 198.51.100.7 to 10.0.0.5 port 80\n"
	  "  tcpdump -i any -w - | bulkhead why - web" },
	{ "object", object_run, "FILE.o", "what an eBPF object holds",
	  "Programs with their types, instructions and relocations, maps, type information, licence. Reads the file\n"
	  "and asks the kernel nothing." },
	{ "load", load_run, "FILE.o DIR", "load any eBPF object and pin it below DIR",
	  "Makes the maps with their contents, loads every program, and pins both in DIR under their names. DIR is\n"
	  "made; it must be on a bpf file system. A map with `pinning` by name is shared: it is pinned in the bpf "
	  "file\n"
	  "system's root, and used where it is there already. CO-RE relocations, kernel functions (kfuncs), kernel\n"
	  "symbols and struct_ops are refused by name.\n\n"
	  "  bulkhead load prog.o /sys/fs/bpf/prog" },
	{ "cni", cni_run, "", "be a CNI plugin, which container runtimes call",
	  "Chained behind one that makes interfaces (bridge, ptp), it attaches the host's end of each under the name\n"
	  "NAMESPACE:POD, or the container's id, and puts the container's policy in force before. What is asked comes\n"
	  "in the environment (CNI_COMMAND and others) and on standard input, as CNI 0.4.0, 1.0.0 and 1.1.0 say;\n"
	  "the answer, and errors, are JSON on standard output. The same when it is called as bulkhead-cni.\n"
	  "In the network's configuration, \"policy\" is a list of lines such as `allow out tcp port 443`, without a\n"
	  "name, and \"policyFile\" a file of such lines below /etc/bulkhead/policies. There, NAMESPACE/POD and\n"
	  "NAMESPACE/default go before them, and runtimeConfig.bulkhead before all.\n\n"
	  "  { \"type\": \"bulkhead-cni\", \"policy\": [\"allow out tcp to any port 443\"] }" },
	{ "oci-hook", oci_hook_run, "createRuntime|poststop [policy POLICY]",
	  "what OCI runtimes call when a container comes and goes",
	  "Takes the container's state from standard input, as runc, crun, podman and CRI-O write it to a hook. One\n"
	  "binary serves both stages. At createRuntime the container's cgroup, and the devices of its network\n"
	  "namespace, are attached before any of its processes runs, under the policy that the annotation\n"
	  "bulkhead.policy has: the name of a file in " CONTAINER_POLICIES ", or, where there is a blank in it,\n"
	  "lines of a policy without the container's name. The annotation bulkhead.name is the container's name, else\n"
	  "its id is. POLICY goes before the annotation; without either nothing is done. What fails keeps\n"
	  "the container from starting, and is told in the kernel's log too. At poststop it is detached, and the "
	  "policy\n"
	  "goes. apply leaves it alone meanwhile, export leaves it out.\n\n"
	  "  bulkhead oci-hook createRuntime <state.json\n"
	  "  bulkhead oci-hook createRuntime policy base <state.json" },
	{ "", NULL, NULL, NULL, NULL },
};

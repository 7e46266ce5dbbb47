/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/commands.h"

#include <stddef.h>

#define TARGETS "pid N, cgroup PATH, dev IFNAME, netns PATH, addr IP[,IP]"
#define RULE "in|out PROTO [from|to PREFIX|any] [port N[-M]]"
#define RULE_DETAILS                                                                                                   \
	"PROTO is tcp, udp, icmp, any or a number; `in` takes from, `out` takes to; port goes with tcp and udp.\n"     \
	"Rules have no order: deny beats allow, and what no rule matches gets the container's default.\n"

const struct command commands[] = {
	{ "up", up_run, "[DEV...] [xdp auto|native|generic]", "load the programs, and attach them to the uplinks",
	  "Twice is fine: the programs are replaced in place, and maps, attachments and connections stay.\n\n"
	  "  bulkhead up eth0\n  bulkhead up eth0 eth1 xdp generic\n" },
	{ "down", down_run, "", "detach everything and leave nothing behind", "  bulkhead down\n" },
	{ "status", status_run, "", "what is loaded and attached, and how",
	  "  bulkhead status\n  bulkhead -j status\n" },
	{ "probe", probe_run, "", "what this kernel can do, and what replaces what it cannot",
	  "BULKHEAD_WITHOUT=ringbuf,link,tcx,… denies features, to try the replacements.\n\n  bulkhead probe\n" },
	{ "version", version_run, "", "the version", "  bulkhead version\n" },
	{ "help", help_run, "[COMMAND]", "this text, or one command's", "  bulkhead help attach\n" },

	{ "attach", attach_run, "NAME TARGET... [default deny|allow]", "protect a container",
	  "A TARGET is one of " TARGETS ".\nSeveral combine. The default is deny unless said otherwise.\n\n"
	  "  bulkhead attach web pid 4711\n  bulkhead attach db dev veth3 addr 10.0.0.7 default allow\n" },
	{ "detach", detach_run, "NAME", "stop protecting a container; its rules stay", "  bulkhead detach web\n" },
	{ "list", list_run, "", "the attached containers", "  bulkhead list\n" },

	{ "block", block_run, "PREFIX... | -f FILE", "drop everything from and to these addresses",
	  "FILE has one a line, # begins a comment, - is standard input.\n\n"
	  "  bulkhead block 203.0.113.0/24 2001:db8:bad::/48\n  bulkhead block -f drop.txt\n" },
	{ "unblock", unblock_run, "PREFIX... | -f FILE | all", "take addresses off the blocklist",
	  "  bulkhead unblock 203.0.113.0/24\n" },
	{ "blocked", blocked_run, "", "the blocklist", "  bulkhead blocked\n" },
	{ "allow", allow_run, "NAME " RULE, "let connections through",
	  RULE_DETAILS "\n  bulkhead allow web in tcp port 80\n  bulkhead allow web out tcp to 10.0.0.0/8 port 443\n" },
	{ "deny", deny_run, "NAME " RULE, "refuse connections", RULE_DETAILS "\n  bulkhead deny web in tcp port 22\n" },
	{ "revoke", revoke_run, "NAME " RULE, "take back the rule with the same words",
	  "Connections that it had allowed end with their next packet.\n\n  bulkhead revoke web in tcp port 80\n" },
	{ "rules", rules_run, "[NAME]", "the rules in force", "  bulkhead rules web\n" },
	{ "limit", limit_run, "[NAME] rate N burst N", "packets a second that one source may begin work with",
	  "It counts TCP SYN, UDP and ICMP; without NAME it is for all that have none of their own.\n\n"
	  "  bulkhead limit rate 100 burst 100\n" },
	{ "dns", dns_run, "block DOMAIN... | block -f FILE | unblock DOMAIN... | unblock all",
	  "refuse queries for a name and every name below it",
	  "=DOMAIN is that name alone.\n\n  bulkhead dns block example.com\n  bulkhead dns block =example.org\n" },
	{ "domains", domains_run, "", "the blocked domains", "  bulkhead domains\n" },

	{ "events", events_run, "[NAME] [count N]", "drops as they happen",
	  "One reader at a time. With -j one JSON object a line.\n\n  bulkhead events\n  bulkhead -j events web count "
	  "10\n" },
	{ "stats", stats_run, "[NAME] [watch SECONDS] [prometheus]", "packets, bytes and drops",
	  "  bulkhead stats\n  bulkhead stats watch 1\n  bulkhead stats prometheus\n" },
	{ "conntrack", conntrack_run, "[NAME]", "the tracked connections", "  bulkhead conntrack web\n" },
	{ "flush", flush_run, "conntrack", "forget the tracked connections", "  bulkhead flush conntrack\n" },

	{ "object", object_run, "FILE.o", "what an eBPF object holds", "  bulkhead object prog.o\n" },
	{ "load", load_run, "FILE.o DIR", "load an eBPF object and pin its programs and maps in DIR",
	  "DIR is made on the bpf file system. Maps with pinning by name go to the bpf file system's root.\n\n"
	  "  bulkhead load prog.o /sys/fs/bpf/prog\n" },
	{ NULL, NULL, NULL, NULL, NULL },
};

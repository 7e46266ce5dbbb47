/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A firewall that is put up, attached to a container by its process, tried by traffic, put up again and taken down:
 * with what this kernel has, and with each fallback by force. What was there before, and no more, is there afterwards.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/mount.h>
#include <sys/socket.h>

#include "tests/vm/guest.h"

#define REFUSED_MS 300
#define PASSED_MS 5000

static int resolver;

/* ---- what is asked of bulkhead ---- */

/* As `probe` has it, with what is denied. */
static bool has(const char *feature)
{
	char text[64];

	snprintf(text, sizeof(text), "\"%s\":\"yes\"", feature);
	return strstr(bulkhead("-j probe")->out, text);
}

/* Of the first attachment of that layer in `status -j`. */
static void method_of(const char *status, const char *layer, char method[16])
{
	char text[32];
	const char *at;

	snprintf(text, sizeof(text), "\"layer\":\"%s\"", layer);
	at = strstr(status, text);
	at = at ? strstr(at, "\"method\":\"") : NULL;
	snprintf(method, 16, "%.*s", at ? (int)strcspn(at + 10, "\"") : 1, at ? at + 10 : "?");
}

static void check_method(const char *layer, const char *feature, const char *without)
{
	const char *wanted = has(feature) ? "link" : without;
	char method[16];

	method_of(bulkhead("-j status")->out, layer, method);
	ok(!strcmp(method, wanted), "%s by %s, is %s", layer, wanted, method);
}

static void check_methods(void)
{
	const char *events = has("ringbuf") ? "\"events\":\"ringbuf\"" : "\"events\":\"perf\"";

	check_method("xdp", "xdp_link", "netlink");
	check_method("tc", "tcx", "netlink");
	check_method("cgroup", "cgroup_link", "prog_attach");
	ok(strstr(bulkhead("-j status")->out, events), "%s", events);
}

/* ---- traffic ---- */

static void check_passes(void)
{
	ok(!connect_from(OUTSIDE, NULL, "10.77.1.2", 80, PASSED_MS), "allowed, IPv4");
	ok(!connect_from(OUTSIDE, NULL, "fd77:1::2", 80, PASSED_MS), "allowed, IPv6");
	ok(!query_from(CONTAINER, "192.0.2.2", 53, "example.net") && arrives(resolver, PASSED_MS), "a datagram out");
}

static void check_drops(struct follower *events)
{
	ok(connect_from(OUTSIDE, NULL, "10.77.1.2", 81, REFUSED_MS), "not allowed");
	ok(event_comes(events, "\"default_deny\"", "\"tc\""), "its event");
	ok(connect_from(CONTAINER, NULL, "192.0.2.2", 80, REFUSED_MS), "egress that is not allowed");
	/* What connect(2) refuses is told by ring buffers alone. */
	query_from(CONTAINER, "192.0.2.2", 80, "example.net");
	ok(event_comes(events, "\"egress\"", "\"cgroup\""), "its event");
}

static void check_lists(struct follower *events)
{
	ok(connect_from(OUTSIDE, "203.0.113.9", "10.77.1.2", 80, REFUSED_MS), "from a blocked address");
	ok(event_comes(events, "\"blocklist\"", "\"xdp\""), "its event");
	query_from(CONTAINER, "192.0.2.2", 53, "www.example.com");
	ok(event_comes(events, "\"dns\"", "www.example.com"), "a query for a blocked name, its event");
	ok(!arrives(resolver, REFUSED_MS), "it does not arrive");
}

static void check_again(void)
{
	succeeds("up up0");
	ok(!connect_from(OUTSIDE, NULL, "10.77.1.2", 80, PASSED_MS), "allowed, after up again");
	ok(connect_from(OUTSIDE, NULL, "10.77.1.2", 81, REFUSED_MS), "not allowed, after up again");
}

/* ---- one firewall's life ---- */

static bool is_as_before(const void *before)
{
	static char now[16384];

	list_all(now, sizeof(now));
	return !strcmp(now, before);
}

static void check_left(const char *before)
{
	static char now[16384];

	/* Programs go when nobody runs them any more, which is a moment later. */
	if (ok(comes_true(is_as_before, before, 5000), "nothing is left"))
		return;
	list_all(now, sizeof(now));
	printf("# before:\n%s# now:\n%s", before, now);
}

/* `lists`: with addresses and names that are blocked, for which the programs are loaded again; that takes long. */
static void live(const char *attach, bool lists)
{
	struct follower *events = calloc(1, sizeof(*events));
	static char before[16384];

	list_all(before, sizeof(before));
	if (!events || !succeeds("up up0") || !succeeds(attach)) {
		succeeds("down");
		free(events);
		return;
	}
	succeeds("allow web in tcp port 80");
	succeeds("allow web out udp port 53");
	if (lists)
		ok(succeeds("block 203.0.113.0/24") && succeeds("dns block example.com"), "lists");
	check_methods();
	ok(events_follow(events), "events are followed");
	check_passes();
	check_drops(events);
	if (lists)
		check_lists(events);
	events_stop(events);
	free(events);
	if (!lists)
		check_again();
	succeeds("down");
	check_left(before);
	ok(!connect_from(OUTSIDE, NULL, "10.77.1.2", 81, PASSED_MS), "all passes when it is down");
}

static void begin(void)
{
	web_begin();
	serve_at(CONTAINER, "fd77:1::2", 80, SOCK_STREAM);
	serve_at(OUTSIDE, "192.0.2.2", 80, SOCK_STREAM);
	resolver = serve_at(OUTSIDE, "192.0.2.2", 53, SOCK_DGRAM);
}

static void live_without(const char *features, bool lists)
{
	char attach[64];

	printf("# without %s\n", *features ? features : "anything forced");
	snprintf(attach, sizeof(attach), "attach web pid %d", (int)network_process());
	setenv("BULKHEAD_WITHOUT", features, 1);
	live(attach, lists);
	unsetenv("BULKHEAD_WITHOUT");
}

int attach_tests(void)
{
	begin();
	live_without("", true);
	return web_end();
}

int capability_tests(void)
{
	begin();
	if (mount("bpf", "/sys/fs/bpf", "bpf", 0, NULL))
		printf("# bpf: %s\n", strerror(errno));
	few_capabilities = true;
	live("attach web dev hweb cgroup /web", false);
	return web_end();
}

int fallback_tests(void)
{
	static const char *const denied[] = { "ringbuf",        "cgroup_link",   "xdp_link",    "tcx",
					      "link,tcx",       "batch",         "btf",         "func_info",
					      "names",          "memcg_account", "attach_type", "cgroup_storage",
					      "cgroup_connect", "cgroup_mark",   "prog_query" };
	unsigned i;

	begin();
	for (i = 0; i < sizeof(denied) / sizeof(*denied); i++)
		live_without(denied[i], false);
	return web_end();
}

int no_fallback_left(void)
{
	begin();
	live_without("ringbuf,link,tcx,batch,btf,func_info,names,jmp32,bounded_loops,large_programs,global_data,"
		     "cgroup_connect,cgroup_mark,mmap_array,log_true_size,gso_size",
		     true);
	return web_end();
}

/* SPDX-License-Identifier: GPL-2.0 */
/* why's answers word by word, and every pinned map before and after: asking leaves no trace. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loader/cpus.h"
#include "loader/firewall.h"
#include "loader/frame.h"
#include "syscalls/bpf.h"
#include "tests/packets/packet.h"
#include "tests/packets/world.h"

#define LIMITED_TOKENS 40

static unsigned number, failed;

static void tap(bool passed, const char *what, const char *wanted, const char *got)
{
	printf("%sok %u - %s\n", passed ? "" : "not ", ++number, what);
	if (!passed)
		printf("# wanted: %s\n# got: %s\n", wanted, got);
	failed += !passed;
}

/* What the command line writes to standard output, less its last newline. */
static const char *answer(const char *line)
{
	static char text[4096];
	FILE *file = tmpfile();
	int out = dup(STDOUT_FILENO);
	size_t n;

	fflush(stdout);
	dup2(fileno(file), STDOUT_FILENO);
	world_command(line, BOX, 4);
	fflush(stdout);
	dup2(out, STDOUT_FILENO);
	close(out);
	rewind(file);
	n = fread(text, 1, sizeof(text) - 1, file);
	text[n && text[n - 1] == '\n' ? n - 1 : n] = '\0';
	fclose(file);
	return text;
}

static void says(const char *line, const char *wanted)
{
	const char *got = answer(line);

	tap(!strcmp(got, wanted), line, wanted, got);
}

static void send_segment(enum way way, __u16 sport, __u16 dport, __u8 flags, __u32 seq, __u32 ack)
{
	static __u8 frame[FRAME_MAX];
	const struct packet packet = { .sport = sport, .dport = dport, .flags = flags, .seq = seq, .ack = ack };
	struct run run = { .program = way == IN ? TC_EGRESS : TC_INGRESS, .box = BOX, .frame = frame };

	run.size = packet_build(&packet, &(const struct framing) { .family = 4, .way = way }, frame);
	world_run(&run);
}

/* A connection from PEER's port 40000 to port 80, as far as the second or the third packet. */
static void open_connection(bool whole)
{
	world_forget();
	send_segment(IN, 40000, 80, SYN, 1000, 0);
	send_segment(OUT, 80, 40000, SYN | ACK, 5000, 1001);
	if (whole)
		send_segment(IN, 40000, 80, ACK, 1001, 5001);
}

static void use_up(enum program program, int uplink)
{
	static __u8 frame[FRAME_MAX];
	const struct packet packet = { .proto = UDP, .sport = 1, .dport = 9 };
	struct run run = { .program = program, .box = BOX, .uplink = uplink, .frame = frame };
	unsigned i;

	run.size = packet_build(&packet, &(const struct framing) { .family = 4, .way = uplink ? IN : OUT }, frame);
	for (i = 0; i < LIMITED_TOKENS; i++)
		world_run(&run);
}

static const struct {
	const char *line, *wanted;
} rows[] = {
	{ "why box in tcp from PEER to 192.168.7.2 port 80", "pass: rule: allow box in tcp port 80" },
	{ "why box in tcp from 2001:db8::7 to fd00:7::2 port 80", "pass: rule: allow box in tcp port 80" },
	{ "why box in tcp from PEER to 192.168.7.2 port 81", "drop at tc: default_deny: no rule of box allows it" },
	{ "why box in tcp from PEER to 192.168.7.2", "drop at tc: default_deny: no rule of box allows it" },
	{ "why open in tcp from PEER to 192.168.7.2 port 22", "drop at tc: rule: deny open in tcp port 22" },
	{ "why open in tcp from PEER to 192.168.7.2 port 23", "pass: default: no rule of open refuses it" },
	{ "why open in 47 from PEER to 192.168.7.2", "pass: default: no rule of open refuses it" },
	{ "why open in icmp from fd00:9::1 to fd00:7::2", "pass: default: no rule of open refuses it" },
	{ "why box in tcp from 203.0.113.77 to 192.168.7.2 port 80", "drop at xdp: blocklist: block 203.0.113.0/24" },
	{ "why box in tcp from 192.0.2.66 to 192.168.7.2 port 80", "drop at xdp: blocklist: block 192.0.2.66" },
	{ "why box in tcp from 2001:db8:bad::1 to fd00:7::2 port 80",
	  "drop at xdp: blocklist: block 2001:db8:bad::/48" },
	{ "why box out udp from 192.168.7.2 to 203.0.113.77 port 9", "drop at tc: blocklist: block 203.0.113.0/24" },
	{ "why box out tcp from 192.168.7.2 to 10.1.2.3 port 443",
	  "pass: rule: allow box out tcp to 10.0.0.0/8 port 443" },
	{ "why box out icmp from fd00:7::2 to fd00:10::1", "pass: rule: allow box out icmp to fd00:10::/32" },
	{ "why box out udp from 192.168.7.3 to 192.168.7.53 port 53",
	  "drop at tc: spoof: 192.168.7.3 is no address that box may send with" },
	{ "why box out udp from 192.168.7.2 to 192.168.7.53 port 53",
	  "pass: rule: allow box out udp to 192.168.7.53 port 53" },
	{ "why box out udp from 192.168.7.2 to 192.168.7.53 port 53 name a.b.Example.COM",
	  "drop at tc: dns: dns block example.com" },
	{ "why box out udp from 192.168.7.2 to 192.168.7.53 port 53 name alone.example.net",
	  "drop at tc: dns: dns block =alone.example.net" },
	{ "why box out udp from 192.168.7.2 to 192.168.7.53 port 53 name not.alone.example.net",
	  "pass: rule: allow box out udp to 192.168.7.53 port 53" },
	{ "why box out tcp from 127.0.0.1 to 127.0.0.1 port 80",
	  "pass: inside: it stays in the container, where nobody looks" },
	{ "why later in tcp from PEER to 192.168.7.9 port 80",
	  "pass: unguarded: the container is not attached: nobody looks" },
	{ "why box in tcp from PEER port 40000 to 192.168.7.2 port 80",
	  "pass: tracked connection, let in by allow box in tcp port 80" },
	{ "why box out tcp from 192.168.7.2 port 80 to PEER port 40000",
	  "pass: tracked connection, let in by allow box in tcp port 80" },
	{ "why box out tcp from 192.168.7.2 port 80 to PEER port 40001",
	  "drop at tc: default_deny: no rule of box allows it" },
};

/* ---- a capture ---- */

static void put_packet(FILE *file, enum way way, const struct packet *packet)
{
	static __u8 frame[FRAME_MAX];
	unsigned size = packet_build(packet, &(const struct framing) { .family = 4, .way = way, .tags = 1 }, frame);
	const __u32 header[4] = { 1, 2, size, size };

	fwrite(header, sizeof(header), 1, file);
	fwrite(frame, 1, size, file);
}

static void says_of_a_capture(void)
{
	static const __u32 header[6] = {
		0xa1b2c3d4, __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 0x00040002 : 0x00020004, 0, 0, 65535, 1
	};
	char path[] = "/tmp/bulkhead-why-XXXXXX", line[64];
	FILE *file = fdopen(mkstemp(path), "w");

	fwrite(header, sizeof(header), 1, file);
	put_packet(file, IN, &(const struct packet) { .sport = 41000, .dport = 80, .flags = SYN, .seq = 1000 });
	put_packet(
		file, OUT,
		&(const struct packet) { .sport = 80, .dport = 41000, .flags = SYN | ACK, .seq = 5000, .ack = 1001 });
	put_packet(file, IN,
		   &(const struct packet) { .sport = 41000, .dport = 80, .flags = ACK, .seq = 1001, .ack = 5001 });
	put_packet(file, IN,
		   &(const struct packet) { .sport = 41000, .dport = 80, .flags = ACK, .seq = 9000000, .ack = 5001 });
	put_packet(file, IN,
		   &(const struct packet) { .proto = UDP, .sport = 9, .dport = 9, .src = SERVER, .dst = PEER });
	put_packet(file, IN, &(const struct packet) { .proto = UDP, .sport = 9, .dport = 9, .src = BLOCKED });
	fclose(file);
	snprintf(line, sizeof(line), "why %s box", path);
	says(line,
	     "1 box in tcp 198.51.100.9:41000 -> 192.168.7.2:80: pass: rule: allow box in tcp port 80\n"
	     "2 box out tcp 192.168.7.2:80 -> 198.51.100.9:41000: pass: tracked connection, let in by allow box in tcp "
	     "port 80\n"
	     "3 box in tcp 198.51.100.9:41000 -> 192.168.7.2:80: pass: tracked connection, let in by allow box in tcp "
	     "port 80\n"
	     "4 box in tcp 198.51.100.9:41000 -> 192.168.7.2:80: drop at tc: no_state: it opens no connection, and "
	     "fits "
	     "none that is tracked\n"
	     "5 udp 10.1.2.3:9 -> 198.51.100.9:9: skip: neither address is a container's\n"
	     "6 box in udp 203.0.113.7:9 -> 192.168.7.2:9: drop at xdp: blocklist: block 203.0.113.0/24");
	unlink(path);
}

/* ---- no trace ---- */

/* All entries of a map, as one number: their order is the map's, which stays where nothing is written. */
static __u64 digest(int fd, void *value, size_t size)
{
	union {
		struct fw_query_key query;
		char bytes[FW_NAME_MAX];
	} keys[2];
	const void *last = NULL;
	__u64 hash = FNV1A_OFFSET_BASIS;
	int at = 0;
	size_t i;

	for (; !sys_bpf_map_next_key(fd, last, &keys[at]); at = !at) {
		last = &keys[at];
		memset(value, 0, size);
		sys_bpf_map_lookup(fd, last, value);
		for (i = 0; i < size; i++)
			hash = fnv1a_hash(hash, ((__u8 *)value)[i]);
	}
	return hash;
}

static void digests(__u64 out[MAP_N])
{
	size_t size = cpus_bound() * 2048; /* no value is larger, for each CPU */
	void *value = malloc(size);
	int map;

	for (map = 0; map < MAP_N; map++)
		out[map] = map == MAP_FW_EVENTS || !value ? 0 : digest(world_firewall()->map_fd[map], value, size);
	free(value);
}

static void leaves_no_trace(const char *when, const __u64 before[MAP_N])
{
	__u64 after[MAP_N];
	int map;

	digests(after);
	for (map = 0; map < MAP_N && before[map] == after[map]; map++)
		;
	tap(map == MAP_N, when, "no map has changed", map == MAP_N ? "" : firewall_map_name(map));
}

static int run(void)
{
	__u64 before[MAP_N], other[MAP_N];
	size_t i;

	if (world_command("up up0 xdp generic", BOX, 4) || world_command("allow later in tcp port 80", BOX, 4) ||
	    world_renew())
		return 1;
	open_connection(true);
	digests(before);
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		says(rows[i].line, rows[i].wanted);
	says_of_a_capture();
	leaves_no_trace("asked for one packet after the other, no map has changed", before);

	open_connection(false);
	digests(other);
	tap(memcmp(before, other, sizeof(before)), "and what a packet changes would be seen", "a change", "none");
	says("why box in tcp from PEER port 40000 to 192.168.7.2 port 80",
	     "pass: tracked connection, let in by allow box in tcp port 80");
	says("why box out tcp from 192.168.7.2 port 80 to PEER port 40000",
	     "pass: tracked connection, let in by allow box in tcp port 80");
	world_command("revoke box in tcp port 80", BOX, 4);
	world_renew();
	digests(before);
	says("why box in tcp from PEER port 40000 to 192.168.7.2 port 80",
	     "drop at tc: default_deny: no rule of box allows it");
	leaves_no_trace("a connection that is refused now is still there", before);

	world_command("limit box rate 1 burst 1000", BOX, 4);
	use_up(RATE_LIMIT, 0);
	world_command("limit box rate 1 burst 3", BOX, 4);
	says("why box out udp from 192.168.7.2 to 192.168.7.53 port 53",
	     "drop at tc: rate_limit: 192.168.7.2 has used up what it may send: limit box rate 1 burst 3");
	world_command("limit rate 1 burst 1000", BOX, 4);
	use_up(RATE_LIMIT, 1);
	world_command("limit rate 1 burst 3", BOX, 4);
	digests(before);
	says("why open in udp from PEER to 192.168.7.2 port 9",
	     "drop at tc: rate_limit: 198.51.100.9 has used up what it may send: limit rate 1 burst 3");
	leaves_no_trace("no bucket has lost a token", before);
	printf("1..%u\n", number);
	return failed != 0;
}

int main(void)
{
	return world_main("what why says", NULL, run);
}

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The verdicts that are promised, row by row, as frames between devices: what is to pass arrives byte for byte and is
 * counted as no drop, what is to be dropped is counted once, by the reason and where that is due, and does not arrive.
 */
#include <stdio.h>
#include <string.h>

#include "tests/packets/corpus.h"
#include "tests/packets/wire.h"

static unsigned n_frames;

/* Whether the row has something to say of this path. */
static bool applies(const struct variant *variant)
{
	const struct step *step = variant->row->steps;
	unsigned only = variant->row->only;

	if (variant->path != ASIDE)
		return !(only & NO_UPLINK);
	while (step->kind != STEP_END && !step->uplink)
		step++;
	return step->kind == STEP_END && !(only & (ONLY_XDP | NO_ASIDE));
}

/* Where a frame's way has to end. */
struct end {
	enum fw_reason reason;
	enum box where;
	bool past_uplink; /* there or behind the uplink, whatever is decided there */
};

static struct end end_of(const struct variant *variant, const struct step *step)
{
	struct end end = { .reason = expected_of(variant, step), .where = step->twin ? TWIN : variant->box };
	enum fw_reason xdp = xdp_of(variant->row, end.reason);

	if (step->way == OUT || variant->path == ASIDE)
		return end;
	if (xdp)
		return (struct end) { .reason = xdp, .where = BOX_N };
	if (variant->row->only & ONLY_XDP)
		return (struct end) { .past_uplink = true };
	if (step->uplink)
		return (struct end) { .reason = end.reason, .where = BOX_N, .past_uplink = !end.reason };
	return end;
}

static bool ends_there(const struct crossing *crossing, const struct end *end)
{
	if (crossing->error || crossing->strays || crossing->arrived + crossing->counted != 1)
		return false;
	if (crossing->arrived)
		return !end->reason;
	if (end->past_uplink)
		return crossing->where != BOX_N;
	return end->reason == crossing->reason && end->where == crossing->where;
}

static void cross(const struct variant *variant, const struct step *step, unsigned at, const struct sending *sending)
{
	static const char *const places[] = { "box", "open", "twin", "the uplink" };
	static const char *const paths[PATHS_N] = { "by the uplink", "by the uplink, generic XDP", "past the uplinks" };
	struct end end = end_of(variant, step);
	struct crossing crossing = wire_cross(sending);
	char what[240];

	if (!crossing.error)
		n_frames++;
	if (ends_there(&crossing, &end))
		return;
	if (crossing.error)
		snprintf(what, sizeof(what), "cannot be sent: %u bytes: %s", sending->size, strerror(-crossing.error));
	else
		snprintf(what, sizeof(what),
			 "%s: expected %s%s at %s, arrived %u times, %u drops counted, %s at %s; %u strays",
			 paths[variant->path], verdict_title(end.reason),
			 end.past_uplink ? " or any drop behind the uplink" : "", places[end.where], crossing.arrived,
			 crossing.counted, verdict_title(crossing.reason), places[crossing.where], crossing.strays);
	wrong(variant, at, what);
}

static void run_packet(const struct variant *variant, const struct step *step, unsigned at)
{
	static __u8 frame[FRAME_MAX];
	struct sending sending = {
		.box = step->twin ? TWIN : variant->box, .path = variant->path, .way = step->way, .frame = frame
	};
	unsigned i;

	sending.size = variant_build(variant, step, frame);
	for (i = 0; i < (step->times ? step->times : 1); i++)
		cross(variant, step, at, &sending);
}

#define LARGE 5000
#define LARGE_SYN(port) SEGMENT(CLIENT, port, SYN, .zeroes = LARGE)

/*
 * Of such a frame the kernel has the Ethernet header in the linear part of its buffer and all else behind it, in pages.
 * XDP takes none that is larger than a page.
 */
static const struct row large[] = {
	ROW("37", "good headers in the non-linear part", ONLY_TC | NO_UPLINK, PACKET_IN(FIELDS(LARGE_SYN(80)), PASS),
	    PACKET_OUT(FIELDS(SEGMENT(CLIENT, 443, SYN, .dst = SERVER, .zeroes = LARGE)), PASS)),
	ROW("37+", "headers in the non-linear part, of what is not allowed", ONLY_TC | NO_UPLINK,
	    PACKET_IN(FIELDS(LARGE_SYN(22)), DEFAULT_DENY, RULE),
	    PACKET_IN(FIELDS(LARGE_SYN(80), .src = BLOCKED), BLOCKLIST),
	    PACKET_OUT(FIELDS(LARGE_SYN(80), .src = STRANGER, .dst = SERVER), SPOOF),
	    PACKET_IN(FIELDS(LARGE_SYN(80), .data_offset = 4), INVALID)),
	ROW("37+", "extension headers in the non-linear part", ONLY_TC | ONLY_V6 | NO_UPLINK,
	    PACKET_IN(FIELDS(LARGE_SYN(80), EXTENSIONS(EXT(ROUTING, .bits = 2 << 8), EXT(DESTINATION, .len = 2))),
		      PASS),
	    PACKET_IN(FIELDS(LARGE_SYN(22), EXTENSIONS(EXT(ROUTING, .bits = 2 << 8), EXT(DESTINATION, .len = 2))),
		      DEFAULT_DENY, RULE)),
	ROW("37+", "options in the non-linear part", ONLY_TC | ONLY_V4 | NO_UPLINK,
	    PACKET_IN(FIELDS(LARGE_SYN(80), .options = TEXT("\001\001\001\001")), PASS),
	    PACKET_IN(FIELDS(LARGE_SYN(80), .options = TEXT("\203\003\004\001")), INVALID)),
};
static const struct table large_rows = { large, sizeof(large) / sizeof(*large) };

static int run(void)
{
	static const struct corpus corpus = { .without = ONLY_CGROUP | NO_WIRE,
					      .more = &large_rows,
					      .paths = PATHS_N,
					      .applies = applies,
					      .run_packet = run_packet };
	unsigned n, strays;
	int failed;

	if (wire_rise()) {
		printf("1..1\nnot ok 1 - the devices rise\n");
		return 1;
	}
	failed = corpus_run(&corpus, &n);
	strays = wire_strays();
	if (strays)
		printf("# %u frames arrived that nobody waited for\n", strays);
	printf("# %u rows, %u frames sent over the wire\n", n, n_frames);
	return failed || strays;
}

int main(void)
{
	return world_main("the verdicts over a wire", wire_prepare, run);
}

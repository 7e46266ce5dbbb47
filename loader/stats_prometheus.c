/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/stats.h"

#include "loader/event_print.h"
#include "loader/policy_state.h"

/* Bytes of the character of UTF-8 that starts here, 0 where none does. */
static unsigned utf8_length(const unsigned char *text)
{
	static const unsigned smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned i, n = *text < 0x80   ? 1
			: *text < 0xc0 ? 0
			: *text < 0xe0 ? 2
			: *text < 0xf0 ? 3
			: *text < 0xf8 ? 4
				       : 0;
	unsigned point = n == 1 ? *text : *text & (0xffu >> (n + 1));

	for (i = 1; i < n; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		point = point << 6 | (text[i] & 0x3f);
	}
	if (!n || point < smallest[n] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
		return 0;
	return n;
}

/* A label's value: backslash, quote and newline are escaped; what is not UTF-8 would make the whole page unreadable. */
static void label_value(FILE *out, const char *text)
{
	putc('"', out);
	while (*text) {
		unsigned n = utf8_length((const unsigned char *)text);

		if (*text == '\\' || *text == '"')
			putc('\\', out);
		if (*text == '\n')
			fputs("\\n", out);
		else if (n)
			fwrite(text, 1, n, out);
		else
			fputs("\xef\xbf\xbd", out); /* U+FFFD */
		text += n ? n : 1;
	}
	putc('"', out);
}

static void sample(FILE *out, const char *metric, const struct stats_row *row, const char *label, const char *value,
		   __u64 number)
{
	fprintf(out, "%s{container=", metric);
	label_value(out, row->name);
	fprintf(out, ",%s=\"%s\"} %llu\n", label, value, (unsigned long long)number);
}

static void heading_of(FILE *out, const char *metric, const char *type, const char *help)
{
	fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", metric, help, metric, type);
}

static void heading(FILE *out, const char *metric, const char *help)
{
	heading_of(out, metric, "counter", help);
}

static void gauge(FILE *out, const char *metric, const char *help, __u64 value)
{
	heading_of(out, metric, "gauge", help);
	fprintf(out, "%s %llu\n", metric, (unsigned long long)value);
}

/* 0 as a moment would be one of 1970. */
static void policy_metrics(FILE *out, const struct policy_state *state)
{
	gauge(out, "bulkhead_policy_watched", "Whether a process follows the policy's directory.", state->watched);
	gauge(out, "bulkhead_policy_generation", "The policies that were found there so far.", state->watch.generation);
	gauge(out, "bulkhead_policy_wrong", "Whether the last one is wrong, and the one before it in force.",
	      state->watch.wrong);
	if (state->watch.applied_s)
		gauge(out, "bulkhead_policy_applied_timestamp_seconds", "When the one in force came into force.",
		      state->watch.applied_s);
}

static void packets(FILE *out, const struct stats *stats)
{
	static const char metric[] = "bulkhead_packets_total";
	size_t i;

	heading(out, metric, "Packets that passed, as the container sees them; an empty container is the uplinks.");
	for (i = 0; i < stats->n; i++) {
		sample(out, metric, &stats->rows[i], "direction", "rx", stats->rows[i].total.rx_packets);
		sample(out, metric, &stats->rows[i], "direction", "tx", stats->rows[i].total.tx_packets);
	}
}

static void bytes(FILE *out, const struct stats *stats)
{
	static const char metric[] = "bulkhead_bytes_total";
	size_t i;

	heading(out, metric, "Bytes that passed, as the container sees them; an empty container is the uplinks.");
	for (i = 0; i < stats->n; i++) {
		sample(out, metric, &stats->rows[i], "direction", "rx", stats->rows[i].total.rx_bytes);
		sample(out, metric, &stats->rows[i], "direction", "tx", stats->rows[i].total.tx_bytes);
	}
}

static void drops(FILE *out, const struct stats *stats)
{
	static const char metric[] = "bulkhead_dropped_packets_total";
	unsigned reason;
	size_t i;

	heading(out, metric, "Packets dropped, by reason; an empty container is the uplinks.");
	for (i = 0; i < stats->n; i++)
		for (reason = FW_REASON_NONE + 1; reason < FW_REASON_N; reason++)
			sample(out, metric, &stats->rows[i], "reason", event_reason((__u8)reason),
			       stats->rows[i].total.drops[reason]);
}

void stats_print_prometheus(FILE *out, const struct stats *stats, const struct policy_state *policy)
{
	packets(out, stats);
	bytes(out, stats);
	drops(out, stats);
	heading(out, "bulkhead_events_lost_total", "Events that no reader got: over the bound, or no room.");
	fprintf(out, "bulkhead_events_lost_total %llu\n", (unsigned long long)stats->events_lost);
	if (policy)
		policy_metrics(out, policy);
}

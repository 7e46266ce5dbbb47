/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/stats.h"

#include "loader/event_print.h"

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

static void heading(FILE *out, const char *metric, const char *help)
{
	fprintf(out, "# HELP %s %s\n# TYPE %s counter\n", metric, help, metric);
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

void stats_print_prometheus(FILE *out, const struct stats *stats)
{
	packets(out, stats);
	bytes(out, stats);
	drops(out, stats);
	heading(out, "bulkhead_events_lost_total", "Events that no reader got: over the bound, or no room.");
	fprintf(out, "bulkhead_events_lost_total %llu\n", (unsigned long long)stats->events_lost);
}

/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/stats.h"

#include <stdbool.h>

#include "loader/clock.h"
#include "loader/event_print.h"
#include "loader/json.h"
#include "loader/table.h"

#define COLUMNS 10
#define NUMBER_MAX 24

const char *stats_bytes_text(__u64 bytes, char room[16])
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	unsigned unit = 0;
	__u64 whole = bytes, rest = 0;

	while (whole >= 1000 && unit + 1 < sizeof(units) / sizeof(units[0])) {
		rest = whole % 1024;
		whole /= 1024;
		unit++;
	}
	if (unit && whole < 10)
		snprintf(room, 16, "%u.%u %s", (unsigned)whole, (unsigned)(rest * 10 / 1024) % 10, units[unit]);
	else
		snprintf(room, 16, "%u %s", (unsigned)whole, units[unit]);
	return room;
}

__u64 stats_rate(__u64 now, __u64 before, __u64 elapsed_ns)
{
	__u64 grown = now > before ? now - before : 0;

	if (!elapsed_ns)
		return 0;
	if (grown > ~0ULL / NS_PER_SECOND)
		return grown / (elapsed_ns / NS_PER_SECOND + 1);
	return (grown * NS_PER_SECOND + elapsed_ns / 2) / elapsed_ns;
}

const char *stats_reasons_text(const struct pkt_stats *total, char room[STATS_REASONS_MAX])
{
	bool told[FW_REASON_N] = { false };
	size_t used = 0;

	room[0] = '\0';
	for (;;) {
		unsigned i, most = FW_REASON_N;

		for (i = 0; i < FW_REASON_N; i++)
			if (!told[i] && total->drops[i] &&
			    (most == FW_REASON_N || total->drops[i] > total->drops[most]))
				most = i;
		if (most == FW_REASON_N)
			return room;
		told[most] = true;
		used += (size_t)snprintf(room + used, STATS_REASONS_MAX - used, "%s%s %llu", used ? ", " : "",
					 event_reason((__u8)most), (unsigned long long)total->drops[most]);
	}
}

struct line {
	const char *cells[COLUMNS];
	char numbers[COLUMNS][NUMBER_MAX];
	char reasons[STATS_REASONS_MAX];
};

static void number_cell(struct line *line, unsigned column, __u64 number)
{
	snprintf(line->numbers[column], NUMBER_MAX, "%llu", (unsigned long long)number);
	line->cells[column] = line->numbers[column];
}

static void bytes_cell(struct line *line, unsigned column, __u64 bytes)
{
	line->cells[column] = stats_bytes_text(bytes, line->numbers[column]);
}

static void total_line(struct line *line, const struct stats_row *row)
{
	line->cells[0] = row->container ? row->name : "(uplinks)";
	number_cell(line, 1, row->total.rx_packets);
	bytes_cell(line, 2, row->total.rx_bytes);
	number_cell(line, 3, row->total.tx_packets);
	bytes_cell(line, 4, row->total.tx_bytes);
	number_cell(line, 5, row->total.dropped);
	line->cells[6] = row->total.dropped ? stats_reasons_text(&row->total, line->reasons) : "-";
}

void stats_print_text(FILE *out, const struct stats *stats)
{
	static const char *const headings[] = {
		"CONTAINER", "RX PACKETS", "RX BYTES", "TX PACKETS", "TX BYTES", "DROPPED", "BECAUSE",
	};
	struct table table;
	struct line line;
	size_t i;

	table_begin(&table, "lrrrrrl");
	table_measure(&table, headings);
	for (i = 0; i < stats->n; i++) {
		total_line(&line, &stats->rows[i]);
		table_measure(&table, line.cells);
	}
	table_line(&table, out, headings);
	for (i = 0; i < stats->n; i++) {
		total_line(&line, &stats->rows[i]);
		table_line(&table, out, line.cells);
	}
}

static const struct stats_row *row_of(const struct stats *stats, __u32 container)
{
	size_t i;

	for (i = 0; i < stats->n; i++)
		if (stats->rows[i].container == container)
			return &stats->rows[i];
	return NULL;
}

static void rate_line(struct line *line, const struct stats_row *row, const struct stats_row *before, __u64 elapsed_ns)
{
	const struct pkt_stats *now = &row->total, *then = before ? &before->total : now;
	unsigned i;

	total_line(line, row);
	line->cells[9] = line->cells[6];
	for (i = 6; i < 9 && !before; i++)
		line->cells[i] = "-";
	if (!before)
		return;
	number_cell(line, 6, stats_rate(now->rx_packets, then->rx_packets, elapsed_ns));
	number_cell(line, 7, stats_rate(now->tx_packets, then->tx_packets, elapsed_ns));
	number_cell(line, 8, stats_rate(now->dropped, then->dropped, elapsed_ns));
}

void stats_print_rates(FILE *out, const struct stats *stats, const struct stats *before)
{
	static const char *const headings[COLUMNS] = {
		"CONTAINER", "RX PACKETS", "RX BYTES", "TX PACKETS", "TX BYTES",
		"DROPPED",   "RX/S",       "TX/S",     "DROPS/S",    "BECAUSE",
	};
	__u64 elapsed_ns = stats->at_ns - before->at_ns;
	struct table table;
	struct line line;
	size_t i;

	table_begin(&table, "lrrrrrrrrl");
	table_measure(&table, headings);
	for (i = 0; i < stats->n; i++) {
		rate_line(&line, &stats->rows[i], row_of(before, stats->rows[i].container), elapsed_ns);
		table_measure(&table, line.cells);
	}
	table_line(&table, out, headings);
	for (i = 0; i < stats->n; i++) {
		rate_line(&line, &stats->rows[i], row_of(before, stats->rows[i].container), elapsed_ns);
		table_line(&table, out, line.cells);
	}
}

static void json_row(struct json *json, const struct stats_row *row)
{
	unsigned reason;

	json_object(json);
	json_member(json, "container", row->name);
	json_key(json, "cgroup_id");
	json_id(json, row->cgroup_id);
	json_member_unsigned(json, "rx_packets", row->total.rx_packets);
	json_member_unsigned(json, "tx_packets", row->total.tx_packets);
	json_member_unsigned(json, "rx_bytes", row->total.rx_bytes);
	json_member_unsigned(json, "tx_bytes", row->total.tx_bytes);
	json_member_unsigned(json, "dropped", row->total.dropped);
	json_member_unsigned(json, "rate_limited", row->total.rate_limited);
	json_key(json, "drops");
	json_object(json);
	for (reason = FW_REASON_NONE + 1; reason < FW_REASON_N; reason++)
		json_member_unsigned(json, event_reason((__u8)reason), row->total.drops[reason]);
	json_end_object(json);
	json_end_object(json);
}

int stats_print_json(FILE *out, const struct stats *stats)
{
	struct json json;
	size_t i;

	json_begin(&json, out);
	json_array(&json);
	for (i = 0; i < stats->n; i++)
		json_row(&json, &stats->rows[i]);
	json_end_array(&json);
	return json_finish(&json);
}

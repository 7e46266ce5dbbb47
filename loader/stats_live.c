/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/stats_live.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "loader/words.h"

#define COUNTERS (sizeof(struct pkt_stats) / sizeof(__u64))
#define LINE_MAX_BYTES 1024
#define RATE_TEXT_MAX 24

static __u64 packets(const struct live_row *row)
{
	return row->rate.rx_packets + row->rate.tx_packets + row->rate.dropped;
}

/* Its counters, one after the other. */
static __u64 *counters(struct pkt_stats *stats)
{
	return (__u64 *)(void *)stats;
}

static void rates_take(struct live_row *row, const struct live_row *before, __u64 elapsed_ns)
{
	const __u64 *now = counters(&row->row->total), *then = counters(&before->row->total);
	__u64 *rate = counters(&row->rate);
	size_t i;

	for (i = 0; i < COUNTERS; i++)
		rate[i] = stats_rate(now[i], then[i], elapsed_ns);
	row->is_known = true;
	row->spark = before->spark;
	spark_add(&row->spark, packets(row));
}

int live_take(struct live *live, struct stats *stats)
{
	struct live_row *rows = calloc(stats->n + 1, sizeof(*rows));
	size_t i, old = 0;

	/* Both are in the order of names. */
	for (i = 0; rows && i < stats->n; i++) {
		rows[i].row = &stats->rows[i];
		while (old < live->stats.n && strcmp(live->stats.rows[old].name, stats->rows[i].name) < 0)
			old++;
		if (old < live->stats.n && live->stats.rows[old].container == stats->rows[i].container)
			rates_take(&rows[i], &live->rows[old], stats->at_ns - live->stats.at_ns);
	}
	if (!rows) {
		stats_free(stats);
		return -ENOMEM;
	}
	live_free(live);
	live->stats = *stats;
	live->rows = rows;
	return 0;
}

void live_free(struct live *live)
{
	stats_free(&live->stats);
	free(live->rows);
	live->rows = NULL;
}

struct page {
	FILE *out;
	const struct live_look *look;
	unsigned line; /* drawn so far */
	unsigned name_width, spark_width;
};

/* Bytes of the first `width` characters of UTF-8. */
static size_t bytes_of(const char *text, unsigned width)
{
	const char *at = text;

	while (*at && ((*at & 0xc0) == 0x80 || width--))
		at++;
	return (size_t)(at - text);
}

/* A line is erased before it is written: behind its last column some terminals would erase that too. */
static void __attribute__((format(printf, 3, 4))) put_line(struct page *page, const char *ink, const char *format, ...)
{
	char text[LINE_MAX_BYTES];
	va_list words;

	if (page->line == page->look->size.rows)
		return;
	va_start(words, format);
	vsnprintf(text, sizeof(text), format, words);
	va_end(words);
	text[bytes_of(text, page->look->size.columns)] = '\0';
	fprintf(page->out, "%s%s\033[K%s%s", page->line ? "\r\n" : "\033[H", ink, text, *ink ? "\033[m" : "");
	page->line++;
}

/* At most six characters. */
static const char *rate_text(__u64 rate, char room[RATE_TEXT_MAX])
{
	unsigned unit = 0;

	if (rate > 999999)
		for (; rate > 99999; unit++)
			rate /= 1000;
	snprintf(room, RATE_TEXT_MAX, "%llu%.1s", (unsigned long long)rate, &"\0kMGTPE"[unit]);
	return room;
}

static void put_title(struct page *page, const struct live *live)
{
	size_t n = live->stats.n - (live->stats.n && !live->stats.rows[0].container);

	put_line(page, "", "bulkhead  %s  every %u s  %zu container%s  %llu event%s lost", page->look->clock,
		 page->look->seconds, n, n == 1 ? "" : "s", (unsigned long long)live->stats.events_lost,
		 live->stats.events_lost == 1 ? "" : "s");
}

static void add(struct pkt_stats *sum, struct pkt_stats *more)
{
	size_t i;

	for (i = 0; i < COUNTERS; i++)
		counters(sum)[i] += counters(more)[i];
}

static void put_sums(struct page *page, const struct live *live)
{
	char rx[RATE_TEXT_MAX], tx[RATE_TEXT_MAX], dropped[RATE_TEXT_MAX], rx_bytes[16], tx_bytes[16];
	char reasons[STATS_REASONS_MAX];
	struct pkt_stats rate = { 0 }, total = { 0 };
	size_t i;

	for (i = 0; i < live->stats.n; i++) {
		add(&rate, &live->rows[i].rate);
		add(&total, &live->stats.rows[i].total);
	}
	put_line(page, "", "rx %s/s, %s/s  tx %s/s, %s/s  dropped %s/s", rate_text(rate.rx_packets, rx),
		 stats_bytes_text(rate.rx_bytes, rx_bytes), rate_text(rate.tx_packets, tx),
		 stats_bytes_text(rate.tx_bytes, tx_bytes), rate_text(rate.dropped, dropped));
	put_line(page, "", "dropped in all: %s", total.dropped ? stats_reasons_text(&total, reasons) : "-");
}

static void put_headings(struct page *page)
{
	char shown[16];

	snprintf(shown, sizeof(shown), "LAST %u", page->spark_width);
	put_line(page, "\033[7m", "%-*s  %6s  %7s  %6s  %7s  %6s  %-*s  %-*s", (int)page->name_width, "CONTAINER",
		 "RX/S", "RX B/S", "TX/S", "TX B/S", "DROP/S", (int)page->spark_width, shown,
		 (int)page->look->size.columns, "BECAUSE");
}

static void put_row(struct page *page, const struct live_row *row)
{
	char rx[RATE_TEXT_MAX] = "-", tx[RATE_TEXT_MAX] = "-", dropped[RATE_TEXT_MAX] = "-", rx_bytes[16] = "-";
	char tx_bytes[16] = "-", name[WORD_SHOWN_MAX], spark[SPARK_TEXT_MAX], reasons[STATS_REASONS_MAX] = "";

	if (row->is_known) {
		rate_text(row->rate.rx_packets, rx);
		rate_text(row->rate.tx_packets, tx);
		rate_text(row->rate.dropped, dropped);
		stats_bytes_text(row->rate.rx_bytes, rx_bytes);
		stats_bytes_text(row->rate.tx_bytes, tx_bytes);
		stats_reasons_text(&row->rate, reasons);
	}
	put_line(page, page->look->colour && row->rate.dropped ? "\033[31m" : "",
		 "%-*.*s  %6s  %7s  %6s  %7s  %6s  %s  %s", (int)page->name_width, (int)page->name_width,
		 row->row->container ? word_shown(row->row->name, name) : "(uplinks)", rx, rx_bytes, tx, tx_bytes,
		 dropped, spark_text(&row->spark, page->spark_width, page->look->utf8, spark), reasons);
}

/* The busiest first; those that are alike in the order of names. */
static int compare_packets(const void *left, const void *right)
{
	const struct live_row *a = *(const struct live_row *const *)left, *b = *(const struct live_row *const *)right;

	if (packets(a) != packets(b))
		return packets(a) < packets(b) ? 1 : -1;
	return (a > b) - (a < b);
}

static void put_rows(struct page *page, const struct live *live)
{
	size_t n = live->stats.n, i, fit = page->look->size.rows - page->line;
	const struct live_row **order = n ? calloc(n, sizeof(*order)) : NULL;

	for (i = 0; order && i < n; i++)
		order[i] = &live->rows[i];
	if (n > fit && order) {
		qsort(order, n, sizeof(*order), compare_packets);
		fit -= fit > 0;
	}
	for (i = 0; order && i < n && i < fit; i++)
		put_row(page, order[i]);
	if (i < n)
		put_line(page, "", "... and %zu more", n - i);
	free(order);
}

static void measure(struct page *page, const struct live *live)
{
	unsigned columns = page->look->size.columns, most = columns / 6 > 9 ? columns / 6 : 9;
	size_t i, length;

	page->name_width = 9; /* CONTAINER */
	for (i = 0; i < live->stats.n; i++) {
		length = strlen(live->stats.rows[i].name);
		if (length > page->name_width)
			page->name_width = length < most ? (unsigned)length : most;
	}
	page->spark_width = columns < 100 ? 8 : columns < 140 ? 16 : SPARK_MAX;
}

void live_draw(FILE *out, const struct live *live, const struct live_look *look)
{
	struct page page = { .out = out, .look = look };

	measure(&page, live);
	put_title(&page, live);
	put_sums(&page, live);
	put_headings(&page);
	put_rows(&page, live);
	if (page.line < look->size.rows)
		fputs("\r\n\033[J", out);
}

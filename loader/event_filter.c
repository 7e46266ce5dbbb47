/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/event_filter.h"

#include <stdio.h>
#include <string.h>

#include "loader/command.h"
#include "loader/event_print.h"
#include "loader/words.h"

static int take_container(struct event_filter *filter, const char *word, struct error *err)
{
	char shown[WORD_SHOWN_MAX];

	if (filter->container)
		return usage_error(
			err,
			"events: \"%s\" is one word too many: events [NAME] [layer xdp|tc|cgroup] [reason REASON] "
			"[from PREFIX] [to PREFIX] [count N]",
			word_shown(word, shown));
	filter->container = word;
	return 0;
}

static int take_layer(struct event_filter *filter, const char *word, struct error *err)
{
	char shown[WORD_SHOWN_MAX];
	__u8 layer;

	for (layer = FW_LAYER_XDP; layer <= FW_LAYER_CGROUP; layer++)
		if (!strcmp(word, event_layer(layer)))
			filter->layer = layer;
	if (!filter->layer)
		return usage_error(err, "events: layer %s: there is none: give xdp, tc or cgroup",
				   word_shown(word, shown));
	return 0;
}

static int take_reason(struct event_filter *filter, const char *word, struct error *err)
{
	char shown[WORD_SHOWN_MAX], all[256] = "";
	size_t used = 0;
	__u8 reason;

	for (reason = FW_REASON_NONE + 1; reason < FW_REASON_N; reason++) {
		if (!strcmp(word, event_reason(reason)))
			filter->reason = reason;
		used += (size_t)snprintf(all + used, sizeof(all) - used, "%s%s", used ? ", " : "",
					 event_reason(reason));
	}
	if (!filter->reason)
		return usage_error(err, "events: reason %s: there is none: give one of %s", word_shown(word, shown),
				   all);
	return 0;
}

static int take_prefix(struct prefix *prefix, const char *word, struct error *err)
{
	return prefix_parse(word, prefix, err) ? EXIT_USAGE : 0;
}

static int take_value(struct event_filter *filter, const char *key, const char *value, struct error *err)
{
	switch (*key) {
	case 'c':
		return take_container(filter, value, err);
	case 'l':
		return take_layer(filter, value, err);
	case 'r':
		return take_reason(filter, value, err);
	case 'f':
		return take_prefix(&filter->from, value, err);
	default:
		return take_prefix(&filter->to, value, err);
	}
}

int event_filter_take(struct event_filter *filter, char ***words, struct error *err)
{
	const char *word = **words;
	const struct {
		const char *key, *value;
		bool is_taken;
	} keys[] = {
		{ "container", "NAME", false },         { "layer", "xdp, tc or cgroup", filter->layer },
		{ "reason", "REASON", filter->reason }, { "from", "PREFIX", filter->from.family },
		{ "to", "PREFIX", filter->to.family },
	};
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (strcmp(word, keys[i].key))
			continue;
		if (keys[i].is_taken)
			return usage_error(err, "events: %s: it is there twice: leave one out", word);
		if (!(*words)[1])
			return usage_error(err, "events: %s: what is behind it is missing: write %s %s", word, word,
					   keys[i].value);
		return take_value(filter, word, *++*words, err);
	}
	return take_container(filter, word, err);
}

static bool covers(const struct prefix *prefix, __u8 family, const __u8 *addr_be)
{
	unsigned whole = prefix->length / 8, rest = prefix->length % 8;

	if (!prefix->family)
		return true;
	return prefix->family == family && !memcmp(prefix->addr, addr_be, whole) &&
	       (!rest || !((prefix->addr[whole] ^ addr_be[whole]) >> (8 - rest)));
}

/* In a perf event array records lie at any multiple of four. */
typedef struct fw_event loose_event __attribute__((aligned(1)));

bool event_filter_matches(const struct event_filter *filter, const void *bytes, size_t size)
{
	const loose_event *event = bytes;

	return size >= FW_EVENT_SHORT && (!filter->layer || filter->layer == event->layer) &&
	       (!filter->reason || filter->reason == event->reason) &&
	       covers(&filter->from, event->family, event->src_addr) &&
	       covers(&filter->to, event->family, event->dst_addr);
}

/* SPDX-License-Identifier: GPL-2.0 */
/* block, unblock, blocked */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loader/array.h"
#include "loader/blocklist.h"
#include "loader/clock.h"
#include "loader/command.h"
#include "loader/commands.h"
#include "loader/json.h"
#include "loader/lines.h"
#include "loader/words.h"

static int take_word(const char *word, void *context, struct error *err)
{
	struct prefix prefix;
	int code = prefix_parse(word, &prefix, err);

	if (!code && block_keys_add(context, &prefix))
		code = error_set(err, -ENOMEM, "no memory for so many prefixes");
	return code;
}

/* PREFIX... or -f FILE */
static int take_words(const char *command, char **words, struct block_keys *keys, struct error *err)
{
	int code = 0;

	if (!words[0]) {
		usage_error(err, "%s: nothing is named: write PREFIX... or -f FILE", command);
		return -EINVAL;
	}
	if (!strcmp(words[0], "-f")) {
		if (words[1] && !words[2])
			return lines_read(words[1], take_word, keys, err);
		usage_error(err, "%s: -f takes one file and nothing else: write -f FILE, - for standard input",
			    command);
		return -EINVAL;
	}
	for (; !code && *words; words++)
		code = take_word(*words, keys, err);
	return code;
}

static void report(const struct options *options, const char *key, const char *dry, size_t n)
{
	struct json json;

	if (options->json) {
		json_begin(&json, stdout);
		json_object(&json);
		json_member_unsigned(&json, key, n);
		json_end_object(&json);
		json_finish(&json);
	} else if (options->dry_run && !options->quiet) {
		printf("would %s %zu\n", dry, n);
	}
}

static int add(struct firewall *fw, struct block_keys *keys, __u32 seconds, struct error *err)
{
	return blocklist_add(fw, keys, seconds ? clock_now_ns() + seconds * NS_PER_SECOND : FW_FOREVER, err);
}

static int remove_those(struct firewall *fw, struct block_keys *keys, __u32 seconds, struct error *err)
{
	(void)seconds;
	return blocklist_remove(fw, keys, err);
}

#define BLOCK_MAPS                                                                                                     \
	(MAP_BIT(MAP_BLOCKED_IPS) | MAP_BIT(MAP_BLOCKED_IPS6) | MAP_BIT(MAP_BLOCKED_PREFIXES) |                        \
	 MAP_BIT(MAP_BLOCKED_LENGTHS) | MAP_BIT(MAP_BLOCKED_LINES))

static int change(const struct options *options, struct block_keys *keys, __u32 seconds,
		  int (*carry_out)(struct firewall *, struct block_keys *, __u32, struct error *),
		  int (*prepare)(struct firewall *, struct block_keys *, struct error *), struct error *err)
{
	struct firewall fw;
	int code = firewall_open_some(&fw, options, options->dry_run ? FIREWALL_READ : FIREWALL_CHANGE, BLOCK_MAPS,
				      err),
	    end;

	if (code)
		return code;
	if (prepare)
		code = prepare(&fw, keys, err);
	if (!code && !options->dry_run) {
		code = policy_change_begin(&fw, err);
		if (!code) {
			code = carry_out(&fw, keys, seconds, err);
			end = policy_change_end(&fw, err);
			code = code ? code : end;
		}
	}
	firewall_close(&fw);
	return code;
}

/* Reads "for DURATION" at the end. How many words that is, or -EINVAL. */
static int take_duration(int n_words, char **words, __u32 *seconds, struct error *err)
{
	*seconds = 0;
	if (n_words && !strcmp(words[n_words - 1], "for")) {
		usage_error(err, "block: for: the time is missing: write for DURATION, as in for 10m");
		return -EINVAL;
	}
	if (n_words < 2 || strcmp(words[n_words - 2], "for"))
		return 0;
	return word_duration(words[n_words - 1], seconds, err) ? -EINVAL : 2;
}

/* The words before the last `n_behind`; they stay as they are for whoever looks at them after this. */
static int take_words_before(int n_words, char **words, int n_behind, struct block_keys *keys, struct error *err)
{
	char *behind = words[n_words - n_behind];
	int code;

	words[n_words - n_behind] = NULL;
	code = take_words("block", words, keys, err);
	words[n_words - n_behind] = behind;
	return code;
}

int block_run(const struct options *options, int n_words, char **words, struct error *err)
{
	struct block_keys keys = { 0 };
	__u32 seconds;
	int code = take_duration(n_words, words, &seconds, err), status;

	if (code >= 0)
		code = take_words_before(n_words, words, code, &keys, err);
	if (code) {
		block_keys_free(&keys);
		return code == -EINVAL ? EXIT_USAGE : exit_status_of(code);
	}
	code = change(options, &keys, seconds, add, NULL, err);
	if (!code)
		report(options, "blocked", "block", block_keys_count(&keys));
	status = code == -E2BIG ? EXIT_USAGE : exit_status_of(code);
	block_keys_free(&keys);
	return status;
}

static int cannot_read(int code, struct error *err)
{
	return error_set(err, code, "the blocklist cannot be read: %s", strerror(-code));
}

static int check_there(struct firewall *fw, struct block_keys *keys, struct error *err)
{
	char room[PREFIX_TEXT_MAX];
	struct prefix missing;
	int code = blocklist_lacks(fw, BLOCKED_NOW, keys, &missing);

	if (code <= 0)
		return code ? cannot_read(code, err) : 0;
	return error_set(err, -ENOENT, "%s: it is not blocked: see `bulkhead blocked`", prefix_print(&missing, room));
}

struct taking {
	struct block_keys *keys;
	__u32 side; /* FW_SIDE_BIT */
};

static int take_blocked(const struct prefix *prefix, const struct fw_block *block, void *context)
{
	const struct taking *taking = context;

	return block_is(block, BLOCKED_NOW, taking->side) ? block_keys_add(taking->keys, prefix) : 0;
}

/* All that is there when the change begins. */
static int take_all(struct firewall *fw, struct block_keys *keys, struct error *err)
{
	struct taking taking = { keys, FW_SIDE_BIT(fw->config.generation) };
	int code = blocklist_each(fw, take_blocked, &taking);

	return code ? cannot_read(code, err) : 0;
}

int unblock_run(const struct options *options, int n_words, char **words, struct error *err)
{
	struct block_keys keys = { 0 };
	int code;

	if (n_words == 1 && !strcmp(words[0], "all")) {
		code = change(options, &keys, 0, remove_those, take_all, err);
	} else {
		code = take_words("unblock", words, &keys, err);
		if (code) {
			block_keys_free(&keys);
			return code == -EINVAL ? EXIT_USAGE : exit_status_of(code);
		}
		code = change(options, &keys, 0, remove_those, check_there, err);
	}
	if (!code)
		report(options, "unblocked", "unblock", block_keys_count(&keys));
	block_keys_free(&keys);
	return exit_status_of(code);
}

/* ---- blocked ---- */

struct entry {
	struct prefix prefix;
	struct fw_block block;
};

struct entries {
	struct entry *item;
	size_t n, room;
	__u32 side; /* FW_SIDE_BIT */
};

static int take_entry(const struct prefix *prefix, const struct fw_block *block, void *context)
{
	struct entries *entries = context;
	void *grown;

	if (!block_is(block, BLOCKED_NOW, entries->side))
		return 0;
	grown = array_room(entries->item, entries->n, &entries->room, sizeof(*entries->item));
	if (!grown)
		return -ENOMEM;
	entries->item = grown;
	entries->item[entries->n] = (struct entry) { *prefix, *block };
	entries->item[entries->n++].block.expires_ns = block_end(block, entries->side);
	return 0;
}

static int compare_entries(const void *left, const void *right)
{
	return prefix_compare(&((const struct entry *)left)->prefix, &((const struct entry *)right)->prefix);
}

/* Whole seconds, rounded up. */
static __u64 seconds_left(const struct fw_block *block, __u64 now)
{
	return block->expires_ns > now ? (block->expires_ns - now + NS_PER_SECOND - 1) / NS_PER_SECOND : 0;
}

static void print_json(const struct entries *entries, __u64 now)
{
	char room[PREFIX_TEXT_MAX];
	struct json json;
	size_t i;

	json_begin(&json, stdout);
	json_array(&json);
	for (i = 0; i < entries->n; i++) {
		json_object(&json);
		json_member(&json, "prefix", prefix_print(&entries->item[i].prefix, room));
		json_member_unsigned(&json, "hits", entries->item[i].block.hits);
		if (entries->item[i].block.expires_ns != FW_FOREVER)
			json_member_unsigned(&json, "seconds_left", seconds_left(&entries->item[i].block, now));
		json_end_object(&json);
	}
	json_end_array(&json);
	json_finish(&json);
}

/* As words of `block`. */
static void print_text(const struct entries *entries, __u64 now)
{
	char room[PREFIX_TEXT_MAX];
	size_t i;

	for (i = 0; i < entries->n; i++) {
		fputs(prefix_print(&entries->item[i].prefix, room), stdout);
		if (entries->item[i].block.expires_ns != FW_FOREVER)
			printf(" for %llus", (unsigned long long)seconds_left(&entries->item[i].block, now));
		putchar('\n');
	}
}

int blocked_run(const struct options *options, int n_words, char **words, struct error *err)
{
	struct entries entries = { 0 };
	struct firewall fw;
	int code;

	(void)words;
	if (n_words)
		return usage_error(err, "blocked: it takes no words");
	code = firewall_open_some(&fw, options, FIREWALL_READ, BLOCK_MAPS, err);
	if (code)
		return exit_status_of(code);
	entries.side = FW_SIDE_BIT(fw.config.generation);
	code = blocklist_each(&fw, take_entry, &entries);
	firewall_close(&fw);
	if (entries.n)
		qsort(entries.item, entries.n, sizeof(*entries.item), compare_entries);
	if (code)
		error_set(err, code, "the blocklist cannot be read: %s", strerror(-code));
	else if (options->json)
		print_json(&entries, clock_now_ns());
	else
		print_text(&entries, clock_now_ns());
	free(entries.item);
	return exit_status_of(code);
}

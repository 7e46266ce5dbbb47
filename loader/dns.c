/* SPDX-License-Identifier: GPL-2.0 */
/* dns block, dns unblock */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loader/array.h"
#include "loader/command.h"
#include "loader/commands.h"
#include "loader/domain_table.h"
#include "loader/firewall.h"
#include "loader/json.h"
#include "loader/lines.h"
#include "loader/map_walk.h"
#include "loader/words.h"
#include "syscalls/bpf.h"

#define MANY 1024

struct domains {
	struct domain *item;
	size_t n, room;
};

static int take_word(const char *word, void *context, struct error *err)
{
	struct domains *domains = context;
	struct domain domain;
	void *grown;
	int code = domain_parse(word, &domain, err);

	if (code)
		return code;
	grown = array_room(domains->item, domains->n, &domains->room, sizeof(*domains->item));
	if (!grown)
		return error_set(err, -ENOMEM, "no memory for so many domains");
	domains->item = grown;
	domains->item[domains->n++] = domain;
	return 0;
}

static int take_words(char **words, struct domains *domains, struct error *err)
{
	int code = 0;

	if (!words[0]) {
		usage_error(err, "dns: no domain is named: write dns block DOMAIN... or dns block -f FILE");
		return -EINVAL;
	}
	if (!strcmp(words[0], "-f")) {
		if (words[1] && !words[2])
			return lines_read(words[1], take_word, domains, err);
		usage_error(err, "dns: -f takes one file and nothing else: write -f FILE, - for standard input");
		return -EINVAL;
	}
	for (; !code && *words; words++)
		code = take_word(*words, domains, err);
	return code;
}

/* Those that this call had added go again where one cannot be. */
static int block_all(struct firewall *fw, const struct domains *domains, struct error *err)
{
	struct error ignored = { 0 };
	bool *was_there = calloc(domains->n + 1, sizeof(*was_there));
	__u32 entries[MAP_N] = { 0 };
	size_t i = 0;
	int code = was_there ? 0 : error_set(err, -ENOMEM, "no memory for so many domains");

	if (domains->n >= MANY)
		entries[MAP_BLOCKED_DOMAINS] = (__u32)domains->n;
	if (!code && domains->n)
		code = firewall_prepare(fw, entries, POLICY_BLOCKS_DOMAINS, err);
	for (i = 0; !code && i < domains->n; i++) {
		was_there[i] = domain_is_blocked(fw, &domains->item[i]);
		code = domain_block(fw, &domains->item[i], err);
	}
	while (code && i-- > 0)
		if (!was_there[i])
			domain_unblock(fw, &domains->item[i], &ignored);
	free(was_there);
	return code;
}

static int unblock_those(struct firewall *fw, const struct domains *domains, struct error *err)
{
	char room[DOMAIN_TEXT_MAX];
	size_t i;
	int code = 0;

	for (i = 0; i < domains->n; i++)
		if (!domain_is_blocked(fw, &domains->item[i]))
			return error_set(err, -ENOENT, "%s%s: it is not blocked: see `bulkhead domains`",
					 domains->item[i].exact ? "=" : "", domain_text(domains->item[i].name, room));
	for (i = 0; !code && !fw->options->dry_run && i < domains->n; i++)
		code = domain_unblock(fw, &domains->item[i], err);
	return code;
}

struct unblocking {
	struct firewall *fw;
	size_t n;
};

/* An entry may stand for two: the name alone, and the name with all below it. */
static enum map_edit unblock_entry(const void *key, void *value, void *context)
{
	const struct fw_domain *entry = value;
	struct unblocking *unblocking = context;

	(void)key;
	unblocking->n += (entry->exact != 0) + (entry->subtree != 0);
	return unblocking->fw->options->dry_run ? MAP_KEEP : MAP_REMOVE;
}

static int unblock_all(struct firewall *fw, size_t *n, struct error *err)
{
	struct unblocking unblocking = { fw, *n };
	int code = map_edit(fw->map_fd[MAP_BLOCKED_DOMAINS], unblock_entry, &unblocking);

	*n = unblocking.n;
	return code ? error_set(err, code, "the blocked domains cannot be written: %s", strerror(-code)) : 0;
}

static void report(const struct options *options, const char *word, size_t n)
{
	struct json json;

	if (options->json) {
		json_begin(&json, stdout);
		json_object(&json);
		json_member_unsigned(&json, word, n);
		json_end_object(&json);
		json_finish(&json);
	} else if (options->dry_run && !options->quiet) {
		printf("would have %zu %s\n", n, word);
	}
}

static int change(const struct options *options, bool block, bool all, const struct domains *domains, struct error *err)
{
	struct firewall fw;
	size_t n = domains->n;
	int code = firewall_open(&fw, options, options->dry_run ? FIREWALL_READ : FIREWALL_CHANGE, err);

	if (code)
		return exit_status_of(code);
	if (all)
		code = unblock_all(&fw, &n, err);
	else if (!block)
		code = unblock_those(&fw, domains, err);
	else if (!options->dry_run)
		code = block_all(&fw, domains, err);
	/* A query that cannot be read is nothing to refuse where no name is blocked. */
	if (!code && !block && !options->dry_run)
		code = firewall_unspecialise(&fw, POLICY_BLOCKS_DOMAINS, err);
	firewall_close(&fw);
	if (!code)
		report(options, block ? "blocked" : "unblocked", n);
	return exit_status_of(code);
}

int dns_run(const struct options *options, int n_words, char **words, struct error *err)
{
	struct domains domains = { 0 };
	char shown[WORD_SHOWN_MAX];
	bool block, all;
	int code = 0, status;

	if (!n_words)
		return usage_error(err,
				   "dns: what to do is missing: write dns block DOMAIN... or dns unblock DOMAIN...");
	block = !strcmp(words[0], "block");
	if (!block && strcmp(words[0], "unblock"))
		return usage_error(err, "dns %s: not understood: write dns block or dns unblock",
				   word_shown(words[0], shown));
	all = !block && n_words == 2 && !strcmp(words[1], "all");
	if (!all)
		code = take_words(words + 1, &domains, err);
	if (code)
		status = code == -EINVAL ? EXIT_USAGE : exit_status_of(code);
	else
		status = change(options, block, all, &domains, err);
	free(domains.item);
	return status;
}

/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/policy_line.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "loader/commands.h"
#include "loader/container.h"
#include "loader/domain.h"
#include "loader/limits.h"
#include "loader/lines.h"
#include "loader/policy.h"
#include "loader/policy_include.h"
#include "loader/statement.h"
#include "loader/timeouts.h"
#include "loader/words.h"

/* What the takers of words have. */
struct target {
	struct policy *policy; /* NULL: nothing is kept */
	const char *file;
	struct policy_settings *unkept; /* takes what a policy would */
};

/* Of a container, or of all. NULL: no memory. */
static struct policy_settings *settings_of(const struct target *to, const char *name)
{
	struct policy_settings *settings;

	if (!to->policy)
		return to->unkept;
	settings = name ? policy_settings(to->policy, name) : &to->policy->all;
	if (settings)
		settings->said = true;
	return settings;
}

static int take_rule(const struct target *to, char **words, struct error *err)
{
	struct fw_statement statement;
	int code;

	if (!words[1])
		return error_set(err, -EINVAL,
				 "%s: the container's name is missing: NAME in|out PROTO [from|to "
				 "PREFIX|any] [port N[-M]]",
				 words[0]);
	code = container_check_name(words[1], err);
	if (!code)
		code = statement_parse(words + 2, &statement, err);
	if (code || !to->policy)
		return code;
	word_action(words[0], &statement.action);
	return policy_add_rule(to->policy, words[1], &statement, 0);
}

static int take_default(const struct target *to, char **words, struct error *err)
{
	struct policy_settings *settings;
	char shown[WORD_SHOWN_MAX];
	__u8 action;

	if (!words[1] || container_check_name(words[1], err))
		return error_set(err, -EINVAL,
				 "default: the container's name is missing: write default NAME deny|allow");
	if (!words[2])
		return error_set(err, -EINVAL, "default %s: what to do is missing: write deny or allow", words[1]);
	if (!word_action(words[2], &action))
		return error_set(err, -EINVAL, "%s: no such default: write deny or allow", word_shown(words[2], shown));
	if (words[3])
		return error_set(err, -EINVAL, "%s: not understood here: write default NAME deny|allow",
				 word_shown(words[3], shown));
	settings = settings_of(to, words[1]);
	if (!settings)
		return -ENOMEM;
	settings->default_action = action;
	return 0;
}

static int take_prefix(const char *word, void *context, struct error *err)
{
	const struct target *to = context;
	struct prefix prefix;
	int code = prefix_parse(word, &prefix, err);

	return code || !to->policy ? code : prefix_list_add(&to->policy->blocked, &prefix);
}

static int take_domain(const char *word, void *context, struct error *err)
{
	const struct target *to = context;
	char room[DOMAIN_TEXT_MAX + 1] = "=";
	struct domain domain;
	int code = domain_parse(word, &domain, err);

	if (code || !to->policy)
		return code;
	domain_text(domain.name, room + 1);
	return policy_add_domain(to->policy, domain.exact ? room : room + 1);
}

static bool is_pipe(const char *path)
{
	struct stat status;

	return !stat(path, &status) && S_ISFIFO(status.st_mode);
}

/* A list of its own, beside the file. */
static int take_list(const struct target *to, const char *name, line_taker take, struct error *err)
{
	char *path;
	int code;

	if (!to->policy)
		return 0;
	path = path_beside(strcmp(name, "-") ? to->file : "", name);
	if (!path)
		return -ENOMEM;
	if (strcmp(path, "-"))
		policy_reads(to->policy, path);
	if (to->policy->on_path && is_pipe(path))
		code = error_set(err, -EINVAL, "%.200s: it is a pipe, and no file: a watch cannot wait for it", path);
	else
		code = lines_read(path, take, (void *)to, err);
	free(path);
	return code;
}

/* WORD... or -f FILE */
static int take_words(const struct target *to, const char *command, char **words, line_taker take, struct error *err)
{
	int code = 0;

	if (!words[0])
		return error_set(err, -EINVAL, "%s: what is missing: write %s WORD... or %s -f FILE", command, command,
				 command);
	if (!strcmp(words[0], "-f")) {
		if (words[1] && !words[2])
			return take_list(to, words[1], take, err);
		return error_set(err, -EINVAL, "%s: -f takes one file and nothing else: write -f FILE", command);
	}
	for (; !code && *words; words++)
		code = take(*words, (void *)to, err);
	return code;
}

static int take_block(const struct target *to, char **words, struct error *err)
{
	return take_words(to, "block", words + 1, take_prefix, err);
}

static int take_dns(const struct target *to, char **words, struct error *err)
{
	if (!words[1] || strcmp(words[1], "block"))
		return error_set(err, -EINVAL, "dns: block is expected: write dns block DOMAIN...");
	return take_words(to, "dns block", words + 2, take_domain, err);
}

static int take_limit(const struct target *to, char **words, struct error *err)
{
	struct policy_settings *settings;
	struct limit_words limit;

	if (limit_parse(words + 1, &limit, err))
		return -EINVAL;
	settings = settings_of(to, limit.name);
	if (!settings)
		return -ENOMEM;
	limit_set(&settings->limit, limit.rate, (__u32)limit.burst);
	return 0;
}

static int take_quota(const struct target *to, char **words, struct error *err)
{
	struct policy_settings *settings;
	struct quota_words quota;
	int n = 0;

	while (words[n + 1])
		n++;
	if (quota_parse(n, words + 1, &quota, err))
		return -EINVAL;
	settings = settings_of(to, quota.name);
	if (!settings)
		return -ENOMEM;
	settings->quota = (__u32)quota.connections;
	return 0;
}

static int take_timeout(const struct target *to, char **words, struct error *err)
{
	enum fw_timeout timeout;
	__u32 seconds;

	if (!words[1])
		return error_set(err, -EINVAL, "timeout: its name is missing: write timeout NAME SECONDS");
	for (words++; *words; words += 2) {
		if (timeout_parse(words, &timeout, &seconds, err))
			return -EINVAL;
		settings_of(to, NULL)->timeout_s[timeout] = seconds;
	}
	return 0;
}

static int take_room(const struct target *to, char **words, struct error *err)
{
	enum room room;
	__u32 size;

	if (!words[1])
		return error_set(err, -EINVAL, "room: its name is missing: write room NAME ENTRIES");
	for (words++; *words; words += 2) {
		if (room_parse(words, &room, &size, err))
			return -EINVAL;
		settings_of(to, NULL)->room[room] = size;
	}
	return 0;
}

static const struct taker {
	const char *word;
	int (*take)(const struct target *to, char **words, struct error *err);
	bool has_name; /* a container's, or may have one */
} takers[] = {
	{ "allow", take_rule, true },   { "deny", take_rule, true },        { "default", take_default, true },
	{ "block", take_block, false }, { "dns", take_dns, false },         { "limit", take_limit, true },
	{ "quota", take_quota, true },  { "timeout", take_timeout, false }, { "room", take_room, false },
};

static const struct taker *taker_of(const char *word)
{
	size_t i;

	for (i = 0; i < sizeof(takers) / sizeof(*takers); i++)
		if (!strcmp(word, takers[i].word))
			return &takers[i];
	return NULL;
}

int policy_line_parse(struct policy *policy, char **words, const char *file, struct error *err)
{
	struct policy_settings unkept = { 0 };
	const struct target target = { policy, file, &unkept };
	const struct taker *taker = taker_of(words[0]);

	if (taker)
		return taker->take(&target, words, err);
	if (command_find(words[0]))
		return error_set(err, -EINVAL,
				 "%s: this is no policy: a file has allow, deny, default, block, dns block, limit, "
				 "quota, room, timeout, define and include",
				 words[0]);
	command_unknown(words[0], err);
	return -EINVAL;
}

int policy_line_parse_of(const char *container, struct policy *policy, char **words, const char *file,
			 struct error *err)
{
	const struct taker *taker = taker_of(words[0]);
	bool stands_for_it = words[1] && (!strcmp(words[1], "@") || !strcmp(words[1], "container"));
	char shown[WORD_SHOWN_MAX];
	char **named;
	unsigned n = 0;
	int code;

	if (!taker || !taker->has_name)
		return error_set(err, -EINVAL,
				 "%s: this is no line of one container's policy: it has allow, deny, default, limit, "
				 "quota, define and include",
				 word_shown(words[0], shown));
	while (words[n])
		n++;
	named = calloc(n + 2, sizeof(*named));
	if (!named)
		return -ENOMEM;
	named[0] = words[0];
	named[1] = (char *)container;
	memcpy(named + 2, words + 1 + stands_for_it, (n - stands_for_it) * sizeof(*named));
	code = policy_line_parse(policy, named, file, err);
	free(named);
	return code;
}

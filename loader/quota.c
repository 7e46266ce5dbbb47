/* SPDX-License-Identifier: GPL-2.0 */
/* quota [[NAME] N|default]: how many established connections a container may have. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "loader/command.h"
#include "loader/commands.h"
#include "loader/container.h"
#include "loader/json.h"
#include "loader/limits.h"
#include "loader/rooms.h"
#include "loader/words.h"

int quota_parse(int n_words, char **words, struct quota_words *wanted, struct error *err)
{
	char shown[WORD_SHOWN_MAX];
	const char *number;

	memset(wanted, 0, sizeof(*wanted));
	if (n_words < 1 || n_words > 2)
		return usage_error(err, "quota: a number is needed: write quota [NAME] N");
	if (n_words == 2) {
		wanted->name = words[0];
		if (container_check_name(wanted->name, err))
			return EXIT_USAGE;
	}
	number = words[n_words - 1];
	if (!strcmp(number, "default"))
		return EXIT_DONE;
	if (word_number(number, ROOM_MOST, &wanted->connections) || !wanted->connections)
		return usage_error(err, "quota: %s: use a number of connections, 1 to %u, or default",
				   word_shown(number, shown), ROOM_MOST);
	return EXIT_DONE;
}

static int change(struct firewall *fw, const struct quota_words *wanted, struct error *err)
{
	struct fw_container record;
	__u32 sizes[ROOM_N], room;
	int code = wanted->name ? container_find(fw, wanted->name, &record, err) : 0;

	rooms_read(fw, sizes);
	room = sizes[ROOM_CONNECTIONS];
	if (!code && wanted->connections > room)
		return error_set(err, -ENOSPC,
				 "quota: %llu: there is room for %u connections: see `bulkhead help room`",
				 (unsigned long long)wanted->connections, room);
	if (code || fw->options->dry_run)
		return code;
	if (!wanted->name) {
		fw->config.quota = wanted->connections ? (__u32)wanted->connections : room_quota(room);
		return firewall_write_config(fw, err);
	}
	record.quota = (__u32)wanted->connections;
	return container_save(fw, wanted->name, &record, err);
}

static void report(const struct options *options, const struct firewall *fw, const struct quota_words *wanted)
{
	struct json json;

	if (!options->json)
		return;
	json_begin(&json, stdout);
	json_object(&json);
	json_member(&json, "container", wanted->name ? wanted->name : "");
	json_member_unsigned(&json, "quota", wanted->connections ? wanted->connections : fw->config.quota);
	json_end_object(&json);
	json_finish(&json);
}

/* Those in force, as the commands that would set them; `json` NULL: for people. */
static void print_one(struct json *json, const char *name, __u32 quota)
{
	if (!json) {
		printf("quota%s%s %u\n", *name ? " " : "", name, quota);
		return;
	}
	json_object(json);
	json_member(json, "container", name);
	json_member_unsigned(json, "quota", quota);
	json_end_object(json);
}

static int print_own(const char *name, const struct fw_container *record, void *context)
{
	if (record->quota)
		print_one(context, name, record->quota);
	return 0;
}

static int print_all(const struct options *options, struct error *err)
{
	struct json json, *to = options->json ? &json : NULL;
	struct firewall fw;
	int code = firewall_open(&fw, options, FIREWALL_READ, err);

	if (code)
		return exit_status_of(code);
	if (to) {
		json_begin(to, stdout);
		json_array(to);
	}
	print_one(to, "", fw.config.quota);
	code = container_each(&fw, print_own, to);
	if (to) {
		json_end_array(to);
		json_finish(to);
	}
	firewall_close(&fw);
	if (code)
		error_set(err, code, "the containers cannot be read: %s", strerror(-code));
	return exit_status_of(code);
}

int quota_run(const struct options *options, int n_words, char **words, struct error *err)
{
	struct quota_words wanted;
	struct firewall fw;
	int status, code;

	if (!n_words)
		return print_all(options, err);
	status = quota_parse(n_words, words, &wanted, err);
	if (status)
		return status;
	code = firewall_open(&fw, options, options->dry_run ? FIREWALL_READ : FIREWALL_CHANGE, err);
	if (code)
		return exit_status_of(code);
	code = change(&fw, &wanted, err);
	if (!code)
		report(options, &fw, &wanted);
	firewall_close(&fw);
	return exit_status_of(code);
}

/* SPDX-License-Identifier: GPL-2.0 */
/* domains: the names whose queries are dropped. */
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
#include "loader/map_walk.h"
#include "syscalls/bpf.h"

struct names {
	struct fw_domain *item;
	size_t n, room;
};

static int names_add(struct names *names, const struct fw_domain *entry)
{
	void *grown = array_room(names->item, names->n, &names->room, sizeof(*names->item));
	if (!grown)
		return -ENOMEM;
	names->item = grown;
	names->item[names->n++] = *entry;
	return 0;
}

struct reading {
	struct names *names;
	__u32 side; /* FW_SIDE_BIT */
};

static int take_entry(const void *key, const void *entry, void *context)
{
	const struct reading *reading = context;
	struct fw_domain seen = *(const struct fw_domain *)entry;

	(void)key;
	seen.exact &= reading->side;
	seen.subtree &= reading->side;
	return names_add(reading->names, &seen);
}

static int compare_names(const void *left, const void *right)
{
	char a[DOMAIN_TEXT_MAX], b[DOMAIN_TEXT_MAX];

	return strcmp(domain_text(((const struct fw_domain *)left)->name, a),
		      domain_text(((const struct fw_domain *)right)->name, b));
}

static void print_name(struct json *json, const char *text, bool exact)
{
	if (!json) {
		printf("%s%s\n", exact ? "=" : "", text);
		return;
	}
	json_object(json);
	json_member(json, "domain", text);
	json_key(json, "exact");
	json_bool(json, exact);
	json_end_object(json);
}

static void print_names(struct json *json, const struct names *names)
{
	char room[DOMAIN_TEXT_MAX];
	size_t i;

	for (i = 0; i < names->n; i++) {
		domain_text(names->item[i].name, room);
		if (names->item[i].subtree)
			print_name(json, room, false);
		if (names->item[i].exact)
			print_name(json, room, true);
	}
}

int domains_run(const struct options *options, int n_words, char **words, struct error *err)
{
	struct names names = { 0 };
	struct reading reading = { .names = &names };
	struct firewall fw;
	struct json json;
	int code;

	(void)words;
	if (n_words)
		return usage_error(err, "domains: it takes no words");
	code = firewall_open(&fw, options, FIREWALL_READ, err);
	if (code)
		return exit_status_of(code);
	reading.side = 1 + firewall_side(&fw);
	code = map_walk(fw.map_fd[MAP_BLOCKED_DOMAINS], take_entry, &reading);
	firewall_close(&fw);
	if (!code && names.n)
		qsort(names.item, names.n, sizeof(*names.item), compare_names);
	if (code) {
		error_set(err, code, "the blocked domains cannot be read: %s", strerror(-code));
	} else if (options->json) {
		json_begin(&json, stdout);
		json_array(&json);
		print_names(&json, &names);
		json_end_array(&json);
		json_finish(&json);
	} else {
		print_names(NULL, &names);
	}
	free(names.item);
	return exit_status_of(code);
}

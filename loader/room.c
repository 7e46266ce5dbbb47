/* SPDX-License-Identifier: GPL-2.0 */
/* room [WHAT ENTRIES|default]...: how large the maps are that programs fill. */
#include <stdio.h>
#include <string.h>

#include "loader/command.h"
#include "loader/commands.h"
#include "loader/json.h"
#include "loader/rooms.h"

static int take_pairs(char **words, __u32 sizes[ROOM_N], struct error *err)
{
	enum room room;
	__u32 size;
	int status = EXIT_DONE;

	memset(sizes, 0, ROOM_N * sizeof(*sizes));
	for (; !status && *words; words += 2) {
		status = room_parse(words, &room, &size, err);
		if (!status)
			sizes[room] = size;
	}
	return status;
}

static void report(const struct firewall *fw, bool changed)
{
	__u32 sizes[ROOM_N];
	struct json json;
	unsigned i;

	rooms_read(fw, sizes);
	if (fw->options->json) {
		json_begin(&json, stdout);
		rooms_json(&json, sizes);
		json_finish(&json);
	} else if (!changed) {
		for (i = 0; i < ROOM_N; i++)
			printf("%-11s %u\n", room_name((enum room)i), sizes[i]);
	}
}

int room_run(const struct options *options, int n_words, char **words, struct error *err)
{
	bool changes = n_words && !options->dry_run;
	__u32 sizes[ROOM_N];
	struct firewall fw;
	int status = take_pairs(words, sizes, err), code;

	if (status)
		return status;
	code = firewall_open(&fw, options, changes ? FIREWALL_CHANGE : FIREWALL_READ, err);
	if (code)
		return exit_status_of(code);
	if (changes)
		code = rooms_change(&fw, sizes, err);
	if (!code)
		report(&fw, n_words);
	firewall_close(&fw);
	return exit_status_of(code);
}

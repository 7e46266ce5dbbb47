/* SPDX-License-Identifier: GPL-2.0 */
/* probe: what this kernel can do, and what is done in place of the rest. */
#include <errno.h>
#include <stdio.h>
#include <sys/utsname.h>

#include "compat/plan.h"
#include "loader/command.h"
#include "loader/commands.h"
#include "loader/host_features.h"
#include "loader/json.h"

static const char *answer_word(enum tristate state)
{
	return state == YES ? "yes" : state == NO ? "no" : "unknown";
}

static int print_json(const struct utsname *host, const struct features *features, const struct note *notes, size_t n)
{
	struct json json;
	unsigned i;

	json_begin(&json, stdout);
	json_object(&json);
	json_member(&json, "kernel", host->release);
	json_member(&json, "arch", host->machine);
	json_key(&json, "features");
	json_object(&json);
	for (i = 0; i < FEATURE_N; i++)
		json_member(&json, feature_name((enum feature)i), answer_word(features->state[i]));
	json_end_object(&json);
	json_key(&json, "plan");
	json_array(&json);
	for (i = 0; i < n; i++) {
		json_object(&json);
		json_member(&json, "feature", feature_name(notes[i].feature));
		json_member(&json, "fallback", notes[i].fallback);
		json_member(&json, "why", notes[i].why);
		json_end_object(&json);
	}
	json_end_array(&json);
	json_end_object(&json);
	return json_finish(&json);
}

static void print_text(const struct utsname *host, const struct features *features, const struct note *notes, size_t n)
{
	unsigned i;

	printf("Linux %s, %s\n\n", host->release, host->machine);
	for (i = 0; i < FEATURE_N; i++)
		printf("  %-16s %-8s since %-5s %s\n", feature_name((enum feature)i), answer_word(features->state[i]),
		       feature_since((enum feature)i), feature_summary((enum feature)i));
	printf("\nplan: %s\n", n ? "what is done in place of what is not there" : "nothing needs to be replaced");
	for (i = 0; i < n; i++)
		printf("  %-16s %s: %s\n", feature_name(notes[i].feature), notes[i].fallback, notes[i].why);
}

int probe_run(const struct options *options, int n_words, char **words, struct error *err)
{
	struct features *features = host_features(err);
	struct note notes[FEATURE_N];
	struct utsname host;
	size_t n;

	(void)words;
	if (n_words)
		return usage_error(err, "probe: it takes no words");
	if (!features)
		return EXIT_USAGE;
	features_probe_set(features, FEATURES_ALL);
	n = plan_notes_for_features(features, FEATURES_ALL, notes);
	uname(&host);
	if (options->json)
		print_json(&host, features, notes, n);
	else
		print_text(&host, features, notes, n);
	return EXIT_DONE;
}

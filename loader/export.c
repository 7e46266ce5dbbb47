/* SPDX-License-Identifier: GPL-2.0 */
/* export: the policy in force, in the words of a policy file. */
#include <errno.h>
#include <stdio.h>

#include "loader/brought.h"
#include "loader/command.h"
#include "loader/commands.h"
#include "loader/json.h"
#include "loader/policy.h"
#include "loader/policy_force.h"

static int print_line(char sign, const char *line, void *json)
{
	(void)sign;
	if (json)
		json_string(json, line);
	else
		puts(line);
	return 0;
}

static void print(const struct options *options, const struct policy *policy)
{
	struct json json;

	if (!options->json) {
		policy_compare(NULL, policy, print_line, NULL);
		return;
	}
	json_begin(&json, stdout);
	json_array(&json);
	policy_compare(NULL, policy, print_line, &json);
	json_end_array(&json);
	json_finish(&json);
}

int export_run(const struct options *options, int n_words, char **words, struct error *err)
{
	struct policy policy;
	struct firewall fw;
	int code;

	(void)words;
	if (n_words)
		return usage_error(err, "export: it takes no words");
	code = firewall_open(&fw, options, FIREWALL_READ, err);
	if (code)
		return exit_status_of(code);
	code = policy_new(&policy) ? error_set(err, -ENOMEM, "no memory for the policy")
				   : policy_read(&fw, &policy, err);
	if (!code)
		brought_leave_out(&fw, &policy);
	firewall_close(&fw);
	if (!code)
		print(options, &policy);
	policy_free(&policy);
	return exit_status_of(code);
}

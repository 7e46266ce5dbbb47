/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/policy_put.h"

#include <errno.h>
#include <stdbool.h>

#include "loader/brought.h"
#include "loader/policy.h"
#include "loader/policy_force.h"

static int put(struct firewall *fw, struct policy *to, __u32 wait_s, struct policy_difference *changes,
	       struct error *err)
{
	struct policy from;
	bool rules;
	int code = policy_new(&from) ? error_set(err, -ENOMEM, "no memory for the policy")
				     : policy_read(fw, &from, err);

	if (!code)
		code = brought_keep(fw, &from, to, &rules, err);
	if (!code)
		*changes = policy_difference(&from, to);
	if (!code && (changes->added || changes->removed || rules))
		code = policy_switch(fw, &from, to, wait_s, err);
	policy_free(&from);
	return code;
}

int policy_put(const struct options *options, struct policy *to, __u32 wait_s, struct policy_difference *changes,
	       __u64 *until, struct error *err)
{
	struct firewall fw;
	int code = firewall_open(&fw, options, FIREWALL_CHANGE, err);

	*changes = (struct policy_difference) { 0 };
	if (code)
		return code;
	code = put(&fw, to, wait_s, changes, err);
	*until = fw.config.confirm_until_ns;
	firewall_close(&fw);
	return code;
}

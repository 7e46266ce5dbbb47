/* SPDX-License-Identifier: GPL-2.0 */
/* What a killed command left half done. Everything is made anew from the records, which each command writes in one
 * step. */
#include <errno.h>
#include <net/if.h>
#include <stdbool.h>

#include "loader/attach.h"
#include "loader/blocklist.h"
#include "loader/cgroup.h"
#include "loader/container.h"
#include "loader/gone.h"
#include "loader/policy_force.h"
#include "loader/reload.h"
#include "loader/report.h"
#include "loader/rule_tables.h"

/* Its devices and its cgroup may have gone meanwhile, and others have their numbers. */
static int put_on_hooks(struct firewall *fw, const struct fw_container *record, struct error *err)
{
	struct error gone = { 0 };
	char name[IF_NAMESIZE];
	struct cgroup cgroup;
	int code = container_enter(fw, record, err);
	unsigned i;

	for (i = 0; !code && i < record->n_devs; i++)
		if (if_indextoname(record->devs[i], name) && !device_is_gone(fw, record, record->devs[i]))
			code = attach_device(fw, (int)record->devs[i], record->id, err);
	if (code || !record->cgroup_id || cgroup_reopen(record->cgroup, &cgroup, &gone))
		return code;
	if (cgroup.id == record->cgroup_id)
		code = attach_cgroup(fw, cgroup.fd, cgroup.id, record->id, err);
	cgroup_close(&cgroup);
	return code;
}

/* One that cannot be put back does not keep the others, or the command, from what they do. */
static int mend_container(const char *name, const struct fw_container *record, void *context)
{
	struct firewall *fw = context;
	struct error why = { 0 };
	int code = detach_container(fw, record->id, record->attached ? record : NULL, &why);

	if (!code && record->attached)
		code = put_on_hooks(fw, record, &why);
	if (code)
		report_remark(fw->options, "%s: it cannot be put back on its hooks: %s: attach it again", name,
			      why.text);
	return 0;
}

static int mend_uplink(const struct fw_attachment_key *key, const struct fw_attachment *record, void *context)
{
	struct firewall *fw = context;
	struct error why = { 0 };
	char name[IF_NAMESIZE];

	if (key->hook == HOOK_XDP && if_indextoname(key->ifindex, name) &&
	    attach_uplink(fw, (int)key->ifindex, (enum xdp_mode)record->mode, &why))
		report_remark(fw->options, "%s: it cannot be made an uplink again: %s: run `bulkhead up %s`", name,
			      why.text, name);
	return 0;
}

static int mend_policy(struct firewall *fw, struct error *err)
{
	int code = rules_rebuild_all(fw, err);

	if (!code)
		code = blocklist_mend(fw, err);
	if (!code && attachments_each(fw, mend_uplink, fw))
		code = error_set(err, -EIO, "the attachments cannot be read: run `bulkhead down` and `bulkhead up`");
	if (!code && container_each(fw, mend_container, fw))
		code = error_set(err, -EIO,
				 "the containers' records cannot be read: run `bulkhead down` and `bulkhead up`");
	return code ? code : policy_change_end(fw, err);
}

/* A policy that waits to be confirmed keeps others out until its time is over, and is then taken back. */
static int mend_waiting(struct firewall *fw, struct error *err)
{
	__u64 left = policy_seconds_left(&fw->config);
	int code;

	if (fw->confirms)
		return 0;
	if (left)
		return error_set(err, -EBUSY,
				 "a policy waits to be confirmed: run `bulkhead confirm`, or wait %llu seconds and the "
				 "one before it comes back",
				 (unsigned long long)left);
	code = firewall_open_rest(fw, err);
	if (code)
		return code;
	report_remark(fw->options, "the policy was not confirmed in time: the one before it is in force again");
	return policy_go_back(fw, err);
}

int firewall_mend(struct firewall *fw, struct error *err)
{
	bool reloading = fw->config.reloading, changing = fw->config.generation & 1;
	bool waits = fw->config.confirm_until_ns, switching = fw->config.two_sided && !waits;
	int code = 0;

	if (!reloading && !changing && !switching)
		return waits ? mend_waiting(fw, err) : 0;
	code = firewall_open_rest(fw, err);
	if (code)
		return code;
	report_remark(fw->options, "an earlier command was killed in the middle of a change: what it left is mended, "
				   "and it may be run again");
	if (reloading)
		code = firewall_reload(fw, NULL, fw->config.specialised, err);
	if (!code)
		code = blocklist_drop_doubles(fw, err);
	if (!code && changing)
		code = mend_policy(fw, err);
	if (!code && switching)
		code = policy_settle(fw, false, err);
	if (!code && waits)
		code = mend_waiting(fw, err);
	return code;
}

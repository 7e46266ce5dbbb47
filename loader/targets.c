/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/targets.h"

#include <errno.h>
#include <string.h>

#include "loader/address.h"
#include "loader/report.h"

void targets_begin(struct targets *targets, const struct options *options, const char *name)
{
	memset(targets, 0, sizeof(*targets));
	targets->options = options;
	targets->name = name;
	targets->cgroup.fd = -1;
}

void targets_end(struct targets *targets)
{
	cgroup_close(&targets->cgroup);
}

int targets_add_device(struct targets *targets, __u32 ifindex, struct error *err)
{
	unsigned i;

	for (i = 0; i < targets->n_devs; i++)
		if (targets->devs[i] == ifindex)
			return 0;
	if (targets->n_devs == FW_DEVS_MAX)
		return error_set(err, -E2BIG, "%s: a container has at most %d devices", targets->name, FW_DEVS_MAX);
	targets->devs[targets->n_devs++] = ifindex;
	return 0;
}

int targets_add_addr(struct targets *targets, const struct fw_addr *addr, struct error *err)
{
	if (address_is_among(targets->addrs, targets->n_addrs, addr))
		return 0;
	if (targets->n_addrs == FW_ADDRS_MAX)
		return error_set(err, -E2BIG, "%s: a container has at most %d addresses", targets->name, FW_ADDRS_MAX);
	targets->addrs[targets->n_addrs++] = *addr;
	return 0;
}

int targets_add_netns(struct targets *targets, const struct netns_view *view, struct error *err)
{
	unsigned i;
	int code = 0;

	memcpy(targets->others, view->others, sizeof(view->others));
	targets->n_others = view->n_others;
	for (i = 0; !code && i < view->n_devs; i++)
		code = targets_add_device(targets, view->devs[i], err);
	for (i = 0; !code && !targets->addrs_given && i < view->n_addrs; i++)
		code = targets_add_addr(targets, &view->addrs[i], err);
	return code;
}

int targets_add_cgroup(struct targets *targets, const struct cgroup *cgroup, struct error *err)
{
	if (targets->cgroup.fd >= 0 && targets->cgroup.id != cgroup->id)
		return error_set(err, -EINVAL, "%s: two cgroups are named, %s and %s: a container has one",
				 targets->name, targets->cgroup.path, cgroup->path);
	cgroup_close(&targets->cgroup);
	targets->cgroup = *cgroup;
	return 0;
}

int targets_add_both(struct targets *targets, int code, const struct cgroup *cgroup, const struct error *why,
		     const struct netns_view *view, struct error *err)
{
	if (!code) {
		code = targets_add_cgroup(targets, cgroup, err);
	} else if (view->n_devs && (code == -ENOTSUP || code == CGROUP_IN_ROOT)) {
		targets->no_cgroup = *why;
		code = 0;
	} else {
		code = error_set(err, code == CGROUP_IN_ROOT ? -EINVAL : code, "%s", why->text);
	}
	targets->is_apart = !code && !view->is_own && !view->n_devs;
	return code ? code : targets_add_netns(targets, view, err);
}

int targets_add_pid(struct targets *targets, unsigned pid, struct error *err)
{
	struct error why = { 0 };
	struct netns_view view;
	struct cgroup cgroup;
	int code = netns_of_pid(pid, &view, err);

	if (code)
		return code;
	code = cgroup_of_pid(targets->options, pid, &cgroup, &why);
	return targets_add_both(targets, code, &cgroup, &why, &view, err);
}

void targets_remark(const struct targets *targets)
{
	unsigned i;

	if (targets->no_cgroup.code && targets->cgroup.fd < 0)
		report_remark(targets->options, "%s: guarded at its devices alone: %s", targets->name,
			      targets->no_cgroup.text);
	for (i = 0; i < targets->n_others; i++)
		report_remark(targets->options,
			      "%s: %s in its network namespace leads past the devices that are guarded: what goes "
			      "by it is judged %s",
			      targets->name, targets->others[i],
			      targets->has_cgroup ? "at the cgroup alone" : "nowhere: attach its cgroup too");
	if (targets->is_apart && !targets->n_devs)
		report_remark(targets->options,
			      "%s: no device of the host leads into its network namespace: what comes in is not "
			      "judged by rules: name one by dev",
			      targets->name);
}

/* SPDX-License-Identifier: GPL-2.0 */
/* attach NAME TARGET... [default deny|allow] */
#include <errno.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loader/address.h"
#include "loader/attach.h"
#include "loader/cgroup.h"
#include "loader/cgroup_process.h"
#include "loader/command.h"
#include "loader/commands.h"
#include "loader/conntrack.h"
#include "loader/container.h"
#include "loader/container_cgroup.h"
#include "loader/gone.h"
#include "loader/json.h"
#include "loader/netns.h"
#include "loader/report.h"
#include "loader/rule_tables.h"
#include "loader/words.h"
#include "syscalls/bpf.h"

#define PID_MAX 2147483647ULL /* pid_t's */

/* What the words name, found before anything is changed. */
struct wanted {
	const char *name;
	struct cgroup cgroup;
	__u32 devs[FW_DEVS_MAX];
	unsigned n_devs;
	struct fw_addr addrs[FW_ADDRS_MAX];
	unsigned n_addrs;
	bool addrs_given; /* by addr: then those found in a namespace do not count */
	const struct options *options;
	bool is_apart;                         /* its namespace has no device that leads to the host */
	bool has_cgroup;                       /* now, or since an earlier attach */
	struct error no_cgroup;                /* why a process's cgroup is left out */
	char others[FW_DEVS_MAX][IF_NAMESIZE]; /* devices in its namespace that pass by those of the host */
	unsigned n_others;
	bool has_default;
	__u8 default_action;
};

static int want_device(struct wanted *wanted, __u32 ifindex, struct error *err)
{
	unsigned i;

	for (i = 0; i < wanted->n_devs; i++)
		if (wanted->devs[i] == ifindex)
			return 0;
	if (wanted->n_devs == FW_DEVS_MAX)
		return error_set(err, -E2BIG, "%s: a container has at most %d devices", wanted->name, FW_DEVS_MAX);
	wanted->devs[wanted->n_devs++] = ifindex;
	return 0;
}

static int want_addr(struct wanted *wanted, const struct fw_addr *addr, struct error *err)
{
	unsigned i;

	for (i = 0; i < wanted->n_addrs; i++)
		if (!memcmp(&wanted->addrs[i], addr, sizeof(*addr)))
			return 0;
	if (wanted->n_addrs == FW_ADDRS_MAX)
		return error_set(err, -E2BIG, "%s: a container has at most %d addresses", wanted->name, FW_ADDRS_MAX);
	wanted->addrs[wanted->n_addrs++] = *addr;
	return 0;
}

static int want_netns(struct wanted *wanted, const struct netns_view *view, struct error *err)
{
	unsigned i;
	int code = 0;

	memcpy(wanted->others, view->others, sizeof(view->others));
	wanted->n_others = view->n_others;
	for (i = 0; !code && i < view->n_devs; i++)
		code = want_device(wanted, view->devs[i], err);
	for (i = 0; !code && !wanted->addrs_given && i < view->n_addrs; i++)
		code = want_addr(wanted, &view->addrs[i], err);
	return code;
}

static int want_cgroup(struct wanted *wanted, const struct cgroup *cgroup, struct error *err)
{
	if (wanted->cgroup.fd >= 0 && wanted->cgroup.id != cgroup->id)
		return error_set(err, -EINVAL, "%s: two cgroups are named, %s and %s: a container has one",
				 wanted->name, wanted->cgroup.path, cgroup->path);
	cgroup_close(&wanted->cgroup);
	wanted->cgroup = *cgroup;
	return 0;
}

/*
 * A container's cgroup (`code`: whether it was to be had, and `why` not) and its namespace. The devices there guard one
 * whose cgroup can't be had: on a kernel without programs there, on a host with the first version's cgroups alone, and
 * where everything is in the root.
 */
static int want_both(struct wanted *wanted, int code, const struct cgroup *cgroup, const struct error *why,
		     const struct netns_view *view, struct error *err)
{
	if (!code) {
		code = want_cgroup(wanted, cgroup, err);
	} else if (view->n_devs && (code == -ENOTSUP || code == CGROUP_IN_ROOT)) {
		wanted->no_cgroup = *why;
		code = 0;
	} else {
		code = error_set(err, code == CGROUP_IN_ROOT ? -EINVAL : code, "%s", why->text);
	}
	wanted->is_apart = !code && !view->is_own && !view->n_devs;
	return code ? code : want_netns(wanted, view, err);
}

static int target_pid(struct wanted *wanted, const char *word, struct error *err)
{
	struct error why = { 0 };
	struct netns_view view;
	struct cgroup cgroup;
	char shown[WORD_SHOWN_MAX];
	__u64 pid;
	int code;

	if (word_number(word, PID_MAX, &pid) || !pid)
		return usage_error(err, "pid %s: no process has it: use a number of 1 to %llu", word_shown(word, shown),
				   PID_MAX);
	code = netns_of_pid((unsigned)pid, &view, err);
	if (code)
		return code;
	code = cgroup_of_pid(wanted->options, (unsigned)pid, &cgroup, &why);
	return want_both(wanted, code, &cgroup, &why, &view, err);
}

/* The process is asked for its cgroup last: its number may be another's by then. */
static int want_container(struct wanted *wanted, const char *word, bool docker, struct error *err)
{
	struct error why = { 0 };
	struct netns_view view;
	struct cgroup cgroup;
	unsigned pid;
	int code = container_cgroup_find(word, docker, !wanted->options->dry_run, &cgroup, &pid, err);

	if (!code)
		code = netns_of_pid(pid, &view, err);
	if (!code)
		code = cgroup_check_process(&cgroup, pid, err);
	if (!code) {
		code = cgroup_check_programs(wanted->options, &why);
		code = want_both(wanted, code, &cgroup, &why, &view, err);
	}
	if (cgroup.fd != wanted->cgroup.fd)
		cgroup_close(&cgroup);
	return code;
}

static int target_docker(struct wanted *wanted, const char *word, struct error *err)
{
	return want_container(wanted, word, true, err);
}

static int target_container(struct wanted *wanted, const char *word, struct error *err)
{
	return want_container(wanted, word, false, err);
}

static int target_cgroup(struct wanted *wanted, const char *word, struct error *err)
{
	struct cgroup cgroup;
	int code = cgroup_open(wanted->options, word, &cgroup, err);

	return code ? code : want_cgroup(wanted, &cgroup, err);
}

static int target_dev(struct wanted *wanted, const char *word, struct error *err)
{
	unsigned ifindex = word_device(word);

	if (!ifindex)
		return error_set(err, -ENODEV, "dev %.40s: there is no such network device: see `ip link`", word);
	return want_device(wanted, ifindex, err);
}

static int target_netns(struct wanted *wanted, const char *word, struct error *err)
{
	struct netns_view view;
	int code = netns_of_path(word, &view, err);

	if (code)
		return code;
	if (view.is_own)
		return error_set(err, -EINVAL, "netns %s: it is the host's own: name the target by dev or cgroup",
				 word);
	if (!view.n_devs)
		return error_set(err, -ENODEV,
				 "netns %s: no device of the host leads into it: make one, or name the target "
				 "by dev",
				 word);
	return want_netns(wanted, &view, err);
}

static int target_addr(struct wanted *wanted, const char *word, struct error *err)
{
	char *copy = strdup(word), *rest = copy, *one;
	struct fw_addr addr;
	int code = copy ? 0 : error_set(err, -ENOMEM, "no memory");

	if (!wanted->addrs_given)
		wanted->n_addrs = 0;
	wanted->addrs_given = true;
	while (!code && (one = strsep(&rest, ","))) {
		code = address_parse(one, &addr, err);
		if (!code)
			code = want_addr(wanted, &addr, err);
	}
	free(copy);
	return code;
}

static int target_default(struct wanted *wanted, const char *word, struct error *err)
{
	if (!word_action(word, &wanted->default_action))
		return usage_error(err, "default %.40s: it is deny or allow", word);
	wanted->has_default = true;
	return 0;
}

static const struct {
	const char *word;
	int (*take)(struct wanted *wanted, const char *word, struct error *err);
} targets[] = {
	{ "pid", target_pid },       { "docker", target_docker },   { "container", target_container },
	{ "cgroup", target_cgroup }, { "dev", target_dev },         { "netns", target_netns },
	{ "addr", target_addr },     { "default", target_default },
};

static int take_pair(struct wanted *wanted, char **pair, struct error *err)
{
	size_t i;

	for (i = 0; i < sizeof(targets) / sizeof(*targets); i++) {
		if (strcmp(pair[0], targets[i].word))
			continue;
		if (!pair[1])
			return usage_error(err, "%s: what it is to be is missing: see `bulkhead help attach`", pair[0]);
		return targets[i].take(wanted, pair[1], err);
	}
	return usage_error(err,
			   "attach: '%.40s' is no target: write pid N, docker ID, container ID, cgroup PATH, dev "
			   "IFNAME, netns PATH, addr IP or default deny|allow",
			   pair[0]);
}

/* Usage errors come as EXIT_USAGE, the others as -errno; -EINVAL is a wrong word too. */
static int status_of(int code)
{
	if (code > 0)
		return code;
	return code == -EINVAL || code == -E2BIG || code == -ENAMETOOLONG ? EXIT_USAGE : exit_status_of(code);
}

static int take_words(struct wanted *wanted, int n_words, char **words, struct error *err)
{
	int i, code = container_check_name(words[0], err);

	wanted->name = words[0];
	for (i = 1; !code && i < n_words; i += 2)
		code = take_pair(wanted, &words[i], err);
	return code;
}

/* A device or cgroup belongs to one container. */
struct conflict {
	const struct wanted *wanted;
	char text[FW_NAME_MAX + 1];
	const char *what;
};

static int visit_conflict(const char *name, const struct fw_container *record, void *context)
{
	struct conflict *conflict = context;
	unsigned i, j;

	if (!record->attached || !strcmp(name, conflict->wanted->name))
		return 0;
	strcpy(conflict->text, name);
	conflict->what = "cgroup";
	if (conflict->wanted->cgroup.fd >= 0 && record->cgroup_id == conflict->wanted->cgroup.id)
		return 1;
	conflict->what = "device";
	for (i = 0; i < record->n_devs; i++)
		for (j = 0; j < conflict->wanted->n_devs; j++)
			if (record->devs[i] == conflict->wanted->devs[j])
				return 1;
	return 0;
}

static int check_conflicts(struct firewall *fw, const struct wanted *wanted, struct error *err)
{
	struct conflict conflict = { .wanted = wanted };
	int code = container_walk(fw, visit_conflict, &conflict);

	if (code == 1)
		return error_set(err, -EBUSY,
				 "%s: its %s belongs to container %s: detach that first, or run "
				 "`bulkhead gc` where it has died",
				 wanted->name, conflict.what, conflict.text);
	return code;
}

static int merge_devices(struct fw_container *record, const struct wanted *wanted, struct error *err)
{
	unsigned i, j;

	for (i = 0; i < wanted->n_devs; i++) {
		for (j = 0; j < record->n_devs && record->devs[j] != wanted->devs[i]; j++)
			;
		if (j < record->n_devs)
			continue;
		if (record->n_devs == FW_DEVS_MAX)
			return error_set(err, -E2BIG, "%s: a container has at most %d devices", wanted->name,
					 FW_DEVS_MAX);
		record->devs[record->n_devs++] = wanted->devs[i];
	}
	return 0;
}

static int merge_cgroup(struct fw_container *record, const struct wanted *wanted, struct error *err)
{
	if (wanted->cgroup.fd < 0)
		return 0;
	if (record->cgroup_id && record->cgroup_id != wanted->cgroup.id)
		return error_set(err, -EBUSY, "%s: it is attached to cgroup %s already: detach it first", wanted->name,
				 record->cgroup);
	record->cgroup_id = wanted->cgroup.id;
	memset(record->cgroup, 0, sizeof(record->cgroup));
	strcpy(record->cgroup, wanted->cgroup.path);
	return 0;
}

static int merge(struct fw_container *record, const struct wanted *wanted, struct error *err)
{
	int code = merge_devices(record, wanted, err);

	if (!code)
		code = merge_cgroup(record, wanted, err);
	if (code)
		return code;
	if (wanted->n_addrs) {
		memset(record->addrs, 0, sizeof(record->addrs));
		memcpy(record->addrs, wanted->addrs, wanted->n_addrs * sizeof(*wanted->addrs));
		record->n_addrs = (__u8)wanted->n_addrs;
	}
	if (wanted->has_default) {
		record->default_action = wanted->default_action;
		record->default_stays = 0;
	}
	if (wanted->no_cgroup.code || wanted->cgroup.fd >= 0)
		record->cgroup_left_out = wanted->cgroup.fd < 0;
	record->attached = 1;
	return 0;
}

static int put_on_hooks(struct firewall *fw, const struct wanted *wanted, const struct fw_container *record,
			struct error *err)
{
	unsigned i;
	int code = 0;

	for (i = 0; !code && i < wanted->n_devs; i++)
		code = attach_device(fw, (int)wanted->devs[i], record->id, err);
	if (!code && wanted->cgroup.fd >= 0)
		code = attach_cgroup(fw, wanted->cgroup.fd, wanted->cgroup.id, record->id, err);
	return code;
}

/* The policy stands before the first program is on its hook, so no packet is judged without one. */
static int bring_in(struct firewall *fw, const struct wanted *wanted, const struct fw_container *record,
		    struct error *err)
{
	int code = container_enter_addrs(fw, record, err);

	if (!code)
		code = container_save(fw, wanted->name, record, err);
	if (!code)
		code = container_enter(fw, record, err);
	if (!code)
		code = put_on_hooks(fw, wanted, record, err);
	return code;
}

/* What was in force before goes on without a gap; a name that was only made for this goes again. */
static void take_back(struct firewall *fw, const struct wanted *wanted, const struct fw_container *before,
		      const struct fw_container *record)
{
	const struct fw_container *kept = before->attached ? before : NULL;
	struct error ignored = { 0 };

	detach_container(fw, record->id, kept, &ignored);
	container_leave(fw, record, kept);
	if (kept || container_stays(before) || rules_count(fw, before->id))
		container_save(fw, wanted->name, before, &ignored);
	else
		container_remove(fw, wanted->name, before, &ignored);
}

/* What the new record has no more: devices and a cgroup that have gone, addresses that were replaced. */
static void forget(struct firewall *fw, const struct fw_container *before, const struct fw_container *record)
{
	struct error ignored = { 0 };

	detach_container(fw, record->id, record, &ignored);
	container_leave(fw, before, record);
}

/*
 * Within a change of policy. What has gone took its programs along, and gives its place to what came; with all of its
 * targets a container's connections have ended, and do not count against the next one's quota.
 */
static int attach_named(struct firewall *fw, const struct wanted *wanted, struct error *err)
{
	struct fw_container before, record;
	int code = container_ensure(fw, wanted->name, &before, err);

	if (code)
		return code;
	record = before;
	if (gone_forget(fw, &record))
		conntrack_leave(fw, record.id);
	code = merge(&record, wanted, err);
	if (!code) {
		container_leave_devs(fw, &before, &record);
		code = bring_in(fw, wanted, &record, err);
	}
	if (code)
		take_back(fw, wanted, &before, &record);
	else
		forget(fw, &before, &record);
	return code;
}

static int attach_wanted(struct firewall *fw, const struct wanted *wanted, struct error *err)
{
	struct error later = { 0 };
	int code = check_conflicts(fw, wanted, err);

	if (!code)
		code = policy_change_begin(fw, err);
	if (code)
		return code;
	code = attach_named(fw, wanted, err);
	if (policy_change_end(fw, &later) && !code)
		code = error_set(err, later.code, "%s", later.text);
	return code;
}

static void print_json(const struct wanted *wanted)
{
	char name[IF_NAMESIZE];
	struct json json;
	unsigned i;

	json_begin(&json, stdout);
	json_object(&json);
	json_member(&json, "container", wanted->name);
	json_key(&json, "devs");
	json_array(&json);
	for (i = 0; i < wanted->n_devs; i++)
		json_string(&json, if_indextoname(wanted->devs[i], name) ? name : "?");
	json_end_array(&json);
	json_member(&json, "cgroup", wanted->cgroup.fd >= 0 ? wanted->cgroup.path : "");
	json_end_object(&json);
	json_finish(&json);
}

/* What is not judged, or not by all: nobody sees that from what is attached. */
static void remark(const struct options *options, const struct wanted *wanted)
{
	unsigned i;

	if (wanted->no_cgroup.code && wanted->cgroup.fd < 0)
		report_remark(options, "%s: guarded at its devices alone: %s", wanted->name, wanted->no_cgroup.text);
	for (i = 0; i < wanted->n_others; i++)
		report_remark(options,
			      "%s: %s in its network namespace leads past the devices that are guarded: what goes "
			      "by it is judged %s",
			      wanted->name, wanted->others[i],
			      wanted->has_cgroup ? "at the cgroup alone" : "nowhere: attach its cgroup too");
	if (wanted->is_apart && !wanted->n_devs)
		report_remark(options,
			      "%s: no device of the host leads into its network namespace: what comes in is not "
			      "judged by rules: name one by dev",
			      wanted->name);
}

static void report(const struct options *options, const struct wanted *wanted)
{
	char name[IF_NAMESIZE];
	unsigned i;

	remark(options, wanted);
	if (options->json)
		print_json(wanted);
	if (options->json || !options->dry_run || options->quiet)
		return;
	printf("would attach %s", wanted->name);
	for (i = 0; i < wanted->n_devs; i++)
		printf(" dev %s", if_indextoname(wanted->devs[i], name) ? name : "?");
	if (wanted->cgroup.fd >= 0)
		printf(" cgroup %s", wanted->cgroup.path);
	printf("\n");
}

static bool is_in_cgroup(struct firewall *fw, const char *name)
{
	struct error ignored = { 0 };
	struct fw_container record;

	return !container_find(fw, name, &record, &ignored) && record.cgroup_id && !cgroup_is_gone(&record);
}

static int attach_checked(const struct options *options, struct wanted *wanted, struct error *err)
{
	struct firewall fw;
	int code;

	if (!wanted->n_devs && wanted->cgroup.fd < 0)
		return usage_error(err, "attach %s: nothing to attach to: name a pid, container, cgroup, dev or netns",
				   wanted->name);
	code = firewall_open(&fw, options, options->dry_run ? FIREWALL_READ : FIREWALL_CHANGE, err);
	if (code)
		return exit_status_of(code);
	code = options->dry_run ? check_conflicts(&fw, wanted, err) : attach_wanted(&fw, wanted, err);
	wanted->has_cgroup = wanted->cgroup.fd >= 0 || (!wanted->no_cgroup.code && is_in_cgroup(&fw, wanted->name));
	firewall_close(&fw);
	if (!code)
		report(options, wanted);
	return status_of(code);
}

int attach_run(const struct options *options, int n_words, char **words, struct error *err)
{
	struct wanted wanted = { .cgroup = { .fd = -1 }, .options = options };
	int code;

	if (n_words < 2)
		return usage_error(err, "attach: a name and a target are needed: attach NAME pid N|docker ID|"
					"container ID|cgroup PATH|dev IFNAME|netns PATH");
	code = take_words(&wanted, n_words, words, err);
	code = code ? status_of(code) : attach_checked(options, &wanted, err);
	cgroup_close(&wanted.cgroup);
	return code;
}

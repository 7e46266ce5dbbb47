/* SPDX-License-Identifier: GPL-2.0 */
/* attach NAME TARGET... [default deny|allow] */
#include <errno.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loader/address.h"
#include "loader/brought.h"
#include "loader/cgroup.h"
#include "loader/cgroup_process.h"
#include "loader/command.h"
#include "loader/commands.h"
#include "loader/container.h"
#include "loader/container_cgroup.h"
#include "loader/firewall.h"
#include "loader/gone.h"
#include "loader/json.h"
#include "loader/netns.h"
#include "loader/targets.h"
#include "loader/words.h"

#define PID_MAX 2147483647ULL /* pid_t's */

static int target_pid(struct targets *targets, const char *word, struct error *err)
{
	char shown[WORD_SHOWN_MAX];
	__u64 pid;

	if (word_number(word, PID_MAX, &pid) || !pid)
		return usage_error(err, "pid %s: no process has it: use a number of 1 to %llu", word_shown(word, shown),
				   PID_MAX);
	return targets_add_pid(targets, (unsigned)pid, err);
}

/* The process is asked for its cgroup last: its number may be another's by then. */
static int add_container(struct targets *targets, const char *word, bool docker, struct error *err)
{
	struct error why = { 0 };
	struct netns_view view;
	struct cgroup cgroup;
	unsigned pid;
	int code = container_cgroup_find(word, docker, !targets->options->dry_run, &cgroup, &pid, err);

	if (!code)
		code = netns_of_pid(pid, &view, err);
	if (!code)
		code = cgroup_check_process(&cgroup, pid, err);
	if (!code) {
		code = cgroup_check_programs(targets->options, &why);
		code = targets_add_both(targets, code, &cgroup, &why, &view, err);
	}
	if (cgroup.fd != targets->cgroup.fd)
		cgroup_close(&cgroup);
	return code;
}

static int target_docker(struct targets *targets, const char *word, struct error *err)
{
	return add_container(targets, word, true, err);
}

static int target_container(struct targets *targets, const char *word, struct error *err)
{
	return add_container(targets, word, false, err);
}

static int target_cgroup(struct targets *targets, const char *word, struct error *err)
{
	struct cgroup cgroup;
	int code = cgroup_open(targets->options, word, &cgroup, err);

	return code ? code : targets_add_cgroup(targets, &cgroup, err);
}

static int target_dev(struct targets *targets, const char *word, struct error *err)
{
	unsigned ifindex = word_device(word);

	if (!ifindex)
		return error_set(err, -ENODEV, "dev %.40s: there is no such network device: see `ip link`", word);
	return targets_add_device(targets, ifindex, err);
}

static int target_netns(struct targets *targets, const char *word, struct error *err)
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
	return targets_add_netns(targets, &view, err);
}

static int target_addr(struct targets *targets, const char *word, struct error *err)
{
	char *copy = strdup(word), *rest = copy, *one;
	struct fw_addr addr;
	int code = copy ? 0 : error_set(err, -ENOMEM, "no memory");

	if (!targets->addrs_given)
		targets->n_addrs = 0;
	targets->addrs_given = true;
	while (!code && (one = strsep(&rest, ","))) {
		code = address_parse(one, &addr, err);
		if (!code)
			code = targets_add_addr(targets, &addr, err);
	}
	free(copy);
	return code;
}

static int target_default(struct targets *targets, const char *word, struct error *err)
{
	if (!word_action(word, &targets->default_action))
		return usage_error(err, "default %.40s: it is deny or allow", word);
	targets->has_default = true;
	return 0;
}

static const struct {
	const char *word;
	int (*take)(struct targets *targets, const char *word, struct error *err);
} takers[] = {
	{ "pid", target_pid },       { "docker", target_docker },   { "container", target_container },
	{ "cgroup", target_cgroup }, { "dev", target_dev },         { "netns", target_netns },
	{ "addr", target_addr },     { "default", target_default },
};

static int take_pair(struct targets *targets, char **pair, struct error *err)
{
	size_t i;

	for (i = 0; i < sizeof(takers) / sizeof(*takers); i++) {
		if (strcmp(pair[0], takers[i].word))
			continue;
		if (!pair[1])
			return usage_error(err, "%s: what it is to be is missing: see `bulkhead help attach`", pair[0]);
		return takers[i].take(targets, pair[1], err);
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

static int take_words(struct targets *targets, int n_words, char **words, struct error *err)
{
	int i, code = container_check_name(words[0], err);

	for (i = 1; !code && i < n_words; i += 2)
		code = take_pair(targets, &words[i], err);
	return code;
}

static void print_json(const struct targets *targets)
{
	char name[IF_NAMESIZE];
	struct json json;
	unsigned i;

	json_begin(&json, stdout);
	json_object(&json);
	json_member(&json, "container", targets->name);
	json_key(&json, "devs");
	json_array(&json);
	for (i = 0; i < targets->n_devs; i++)
		json_string(&json, if_indextoname(targets->devs[i], name) ? name : "?");
	json_end_array(&json);
	json_member(&json, "cgroup", targets->cgroup.fd >= 0 ? targets->cgroup.path : "");
	json_end_object(&json);
	json_finish(&json);
}

static void report(const struct options *options, const struct targets *targets)
{
	char name[IF_NAMESIZE];
	unsigned i;

	targets_remark(targets);
	if (options->json)
		print_json(targets);
	if (options->json || !options->dry_run || options->quiet)
		return;
	printf("would attach %s", targets->name);
	for (i = 0; i < targets->n_devs; i++)
		printf(" dev %s", if_indextoname(targets->devs[i], name) ? name : "?");
	if (targets->cgroup.fd >= 0)
		printf(" cgroup %s", targets->cgroup.path);
	printf("\n");
}

/*
 * What came with a policy goes when that ends: a device of another container's is not put beside it. One that has died
 * is taken back.
 */
static int make_way(struct firewall *fw, const struct targets *targets, struct error *err)
{
	struct fw_container record;
	unsigned i;

	if (container_find(fw, targets->name, &record, NULL) || !record.brought)
		return 0;
	if (!container_lives(fw, &record))
		return targets->options->dry_run ? 0 : brought_take_back(fw, targets->name, err);
	if (targets->cgroup.fd >= 0 && targets->cgroup.id == record.cgroup_id)
		return 0; /* its own */
	for (i = 0; i < targets->n_devs; i++)
		if (!container_has_device(&record, targets->devs[i]))
			return error_set(err, -EBUSY,
					 "%s: a container that runs has that name, and its runtime brought the policy: "
					 "attach by another name",
					 targets->name);
	return 0;
}

static int attach_checked(const struct options *options, struct targets *targets, struct error *err)
{
	struct firewall fw;
	int code;

	if (!targets->n_devs && targets->cgroup.fd < 0)
		return usage_error(err, "attach %s: nothing to attach to: name a pid, container, cgroup, dev or netns",
				   targets->name);
	code = firewall_open(&fw, options, options->dry_run ? FIREWALL_READ : FIREWALL_CHANGE, err);
	if (code)
		return exit_status_of(code);
	code = make_way(&fw, targets, err);
	if (!code)
		code = options->dry_run ? targets_check(&fw, targets, err) : targets_attach(&fw, targets, err);
	firewall_close(&fw);
	if (!code)
		report(options, targets);
	return status_of(code);
}

int attach_run(const struct options *options, int n_words, char **words, struct error *err)
{
	struct targets targets;
	int code;

	if (n_words < 2)
		return usage_error(err, "attach: a name and a target are needed: attach NAME pid N|docker ID|"
					"container ID|cgroup PATH|dev IFNAME|netns PATH");
	targets_begin(&targets, options, words[0]);
	code = take_words(&targets, n_words, words, err);
	code = code ? status_of(code) : attach_checked(options, &targets, err);
	targets_end(&targets);
	return code;
}

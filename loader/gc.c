/* SPDX-License-Identifier: GPL-2.0 */
/* gc: clears what containers that died have left. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "loader/attach.h"
#include "loader/brought.h"
#include "loader/command.h"
#include "loader/commands.h"
#include "loader/container.h"
#include "loader/detach.h"
#include "loader/gone.h"
#include "loader/host_features.h"
#include "loader/json.h"
#include "loader/ownership.h"
#include "loader/pins.h"
#include "syscalls/netlink.h"

struct collecting {
	struct firewall fw;
	struct json json;
	struct error *err; /* the first that failed: the others are cleared nevertheless */
};

/* The rules of one that was brought go along. */
static int clear_all(struct firewall *fw, const char *name, const struct fw_container *record, struct error *err)
{
	return record->brought ? brought_take_back(fw, name, err) : container_detach(fw, name, record, err);
}

static void print_json(struct json *json, const char *name, const struct fw_container *record,
		       const struct fw_container *kept, bool died)
{
	char number[16];
	unsigned i;

	json_object(json);
	json_member(json, "container", name);
	json_key(json, "detached");
	json_bool(json, died);
	json_key(json, "devs");
	json_array(json);
	for (i = 0; i < record->n_devs; i++) {
		snprintf(number, sizeof(number), "#%u", record->devs[i]);
		if (!container_has_device(kept, record->devs[i]))
			json_string(json, number);
	}
	json_end_array(json);
	json_member(json, "cgroup", kept->cgroup_id ? "" : record->cgroup);
	json_end_object(json);
}

static void print_text(const struct options *options, const char *name, const struct fw_container *record,
		       const struct fw_container *kept, bool died)
{
	unsigned i;

	printf("%s %s:",
	       options->dry_run ? died ? "would detach" : "would clear"
	       : died           ? "detached"
				: "cleared",
	       name);
	for (i = 0; i < record->n_devs; i++)
		if (!container_has_device(kept, record->devs[i]))
			printf(" dev #%u", record->devs[i]);
	if (record->cgroup_id != kept->cgroup_id)
		printf(" cgroup %s", record->cgroup);
	printf(" (gone)\n");
}

static int visit(const char *name, const struct fw_container *record, void *context)
{
	struct collecting *all = context;
	struct fw_container kept = *record;
	bool died = gone_forget(&all->fw, &kept), is_left = !record->attached && record->brought;
	bool hook_ended = record->brought && !(record->brought & FW_BROUGHT_DEVICE) && record->cgroup_id &&
			  !kept.cgroup_id;
	struct error why = { 0 };
	int code = 0;

	died |= is_left || (hook_ended && record->brought == FW_BROUGHT);
	if (!is_left && (!record->attached || (kept.n_devs == record->n_devs && kept.cgroup_id == record->cgroup_id)))
		return 0;
	if (!all->fw.options->dry_run)
		code = died ? clear_all(&all->fw, name, record, &why)
			    : container_detach_part(&all->fw, name, record, &kept, &why);
	if (!code && hook_ended && !died && !all->fw.options->dry_run)
		code = brought_take_back(&all->fw, name, &why);
	if (code)
		error_set(all->err, code, "%s: what has gone of it cannot be cleared: %s", name, why.text);
	else if (all->fw.options->json)
		print_json(&all->json, name, record, &kept, died);
	else if (!all->fw.options->quiet)
		print_text(all->fw.options, name, record, &kept, died);
	return 0;
}

struct uplinks {
	struct netlink netlink;
	__u32 program; /* xdp_firewall's */
	bool any, here;
};

static int visit_uplink(const struct fw_attachment_key *key, const struct fw_attachment *record, void *context)
{
	struct uplinks *uplinks = context;
	struct link_info link;

	(void)record;
	if (key->hook != HOOK_XDP)
		return 0;
	uplinks->any = true;
	uplinks->here |= !netlink_link_get(&uplinks->netlink, (int)key->ifindex, &link) &&
			 link.xdp_prog_id == uplinks->program;
	return 0;
}

/* Without links, each device seems to have gone in another network namespace than its own, which the uplinks are in. */
static int check_network(struct firewall *fw, struct error *err)
{
	struct uplinks uplinks = { 0 };
	int fd, code;

	if (host_has(FEATURE_TCX))
		return 0;
	code = netlink_open(&uplinks.netlink);
	if (code)
		return error_set(err, code, "netlink: %s", strerror(-code));
	fd = pin_open(fw->options, "progs", hook_program(HOOK_XDP));
	if (fd >= 0) {
		uplinks.program = program_id(fd);
		close(fd);
	}
	code = attachments_each(fw, visit_uplink, &uplinks);
	netlink_close(&uplinks.netlink);
	if (code || !uplinks.any || uplinks.here)
		return code ? error_set(err, code, "the attachments cannot be read: %s", strerror(-code)) : 0;
	return error_set(
		err, -EXDEV,
		"gc: no uplink is in this network namespace, so what has gone cannot be told: run it in theirs, "
		"or `bulkhead up` with one that is there");
}

static int collect(struct collecting *all)
{
	int code = check_network(&all->fw, all->err);

	if (code)
		return code;
	if (all->fw.options->json) {
		json_begin(&all->json, stdout);
		json_array(&all->json);
	}
	code = container_each(&all->fw, visit, all);
	if (all->fw.options->json) {
		json_end_array(&all->json);
		json_finish(&all->json);
	}
	if (code)
		error_set(all->err, code, "the containers cannot be read: %s", strerror(-code));
	return all->err->code;
}

int gc_run(const struct options *options, int n_words, char **words, struct error *err)
{
	struct collecting all = { .err = err };
	int code;

	(void)words;
	if (n_words)
		return usage_error(err, "gc: it takes no words");
	code = firewall_open(&all.fw, options, options->dry_run ? FIREWALL_READ : FIREWALL_CHANGE, err);
	if (code)
		return exit_status_of(code);
	code = collect(&all);
	firewall_close(&all.fw);
	return exit_status_of(code);
}

/* SPDX-License-Identifier: GPL-2.0 */
/* detach NAME: its policy stays, for when the container comes back. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "loader/attach.h"
#include "loader/command.h"
#include "loader/commands.h"
#include "loader/conntrack.h"
#include "loader/container.h"
#include "loader/detach.h"
#include "loader/json.h"
#include "loader/rule_tables.h"

static void forget_attachment(struct fw_container *record)
{
	record->attached = 0;
	record->cgroup_id = 0;
	record->cgroup_left_out = 0;
	record->n_devs = 0;
	record->n_addrs = 0;
	if (!record->default_stays)
		record->default_action = FW_DROP;
	memset(record->devs, 0, sizeof(record->devs));
	memset(record->addrs, 0, sizeof(record->addrs));
	memset(record->cgroup, 0, sizeof(record->cgroup));
}

/* First the programs, then what they read: no packet meets a program without its policy. */
static int detach_record(struct firewall *fw, const char *name, struct fw_container *record, struct error *err)
{
	int code = detach_container(fw, record->id, NULL, err);

	if (code)
		return code;
	container_leave(fw, record, NULL);
	conntrack_leave(fw, record->id);
	forget_attachment(record);
	if (!container_stays(record) && !rules_count(fw, record->id))
		return container_remove(fw, name, record, err);
	return container_save(fw, name, record, err);
}

/* One that is killed in the middle is taken back, since the record is changed last. */
int container_detach(struct firewall *fw, const char *name, const struct fw_container *attached, struct error *err)
{
	struct fw_container record = *attached;
	int code = policy_change_begin(fw, err), end;

	if (code)
		return code;
	code = detach_record(fw, name, &record, err);
	end = policy_change_end(fw, err);
	return code ? code : end;
}

/* A command that is killed here is taken on by the next, from the record. */
int container_detach_part(struct firewall *fw, const char *name, const struct fw_container *attached,
			  const struct fw_container *kept, struct error *err)
{
	int code = policy_change_begin(fw, err), end;

	if (code)
		return code;
	container_leave_devs(fw, attached, kept);
	code = container_save(fw, name, kept, err);
	if (!code)
		code = detach_container(fw, attached->id, kept, err);
	if (!code)
		container_leave(fw, attached, kept);
	end = policy_change_end(fw, err);
	return code ? code : end;
}

static int detach_named(struct firewall *fw, const char *name, struct error *err)
{
	struct fw_container record;
	int code = container_find(fw, name, &record, err);

	if (code)
		return code;
	if (!record.attached)
		return error_set(err, -ENOENT, "%s: it is not attached: see `bulkhead list`", name);
	return fw->options->dry_run ? 0 : container_detach(fw, name, &record, err);
}

static void report(const struct options *options, const char *name)
{
	struct json json;

	if (options->json) {
		json_begin(&json, stdout);
		json_object(&json);
		json_member(&json, "container", name);
		json_end_object(&json);
		json_finish(&json);
	} else if (options->dry_run && !options->quiet) {
		printf("would detach %s\n", name);
	}
}

int detach_run(const struct options *options, int n_words, char **words, struct error *err)
{
	struct firewall fw;
	int code;

	if (n_words != 1)
		return usage_error(err, "detach: one name is needed: detach NAME");
	if (container_check_name(words[0], err))
		return EXIT_USAGE;
	code = firewall_open(&fw, options, options->dry_run ? FIREWALL_READ : FIREWALL_CHANGE, err);
	if (code)
		return exit_status_of(code);
	code = detach_named(&fw, words[0], err);
	firewall_close(&fw);
	if (!code)
		report(options, words[0]);
	return exit_status_of(code);
}

/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/cni/claim.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "loader/brought.h"
#include "loader/cni/actions.h"
#include "loader/container.h"
#include "loader/firewall.h"
#include "loader/gone.h"

struct namesakes {
	const struct cni_attachment *own;
	const struct fw_container *record;
	const char *netns;           /* the container's, by its path */
	struct cni_attachment other; /* another container's that has the same name: of a pod, the one before it */
	bool are_own;                /* one is this container's, remembered from an earlier ADD */
	bool have_device;            /* by which the record is attached */
};

static int visit_other(const struct cni_attachment *attachment, void *context)
{
	struct namesakes *namesakes = context;

	if (strcmp(attachment->name, namesakes->own->name) || !strcmp(attachment->id, namesakes->own->id))
		return 0;
	namesakes->other = *attachment;
	return 1;
}

static int visit_own(const struct cni_attachment *attachment, void *context)
{
	struct namesakes *namesakes = context;

	if (!strcmp(attachment->name, namesakes->own->name)) {
		namesakes->are_own = true;
		namesakes->have_device |= container_has_device(namesakes->record, attachment->ifindex);
	}
	return 0;
}

/* Its programs went with its device; or it lives. */
static int take_over(struct firewall *fw, int memory, const struct cni_attachment *other, struct error *err)
{
	struct fw_container record;
	int code = container_find(fw, other->name, &record, NULL);

	if (!code && record.attached && container_has_device(&record, other->ifindex) &&
	    !device_is_gone(fw, &record, other->ifindex))
		return error_set(err, -EBUSY,
				 "%s: container %.80s is attached by that name still: try again when it has gone",
				 other->name, other->id);
	if (!code)
		code = cni_take_off_from(fw, memory, other, err);
	return code && code != -ENOENT ? code : cni_forget(memory, other, err);
}

/* Authors choose names, and no namespaces: a process of the cgroup that has the name tells. */
static bool is_own_cgroup(const struct namesakes *namesakes)
{
	char path[sizeof("/proc//ns/net") + 10];
	struct stat theirs, own;
	unsigned pid;

	if (container_process(namesakes->record, &pid))
		return false;
	snprintf(path, sizeof(path), "/proc/%u/ns/net", pid);
	return !stat(path, &theirs) && !stat(namesakes->netns, &own) && theirs.st_dev == own.st_dev &&
	       theirs.st_ino == own.st_ino;
}

/* What is remembered of nobody was attached by a hook, or by hand. */
static int check_record(struct firewall *fw, int memory, struct namesakes *namesakes, struct error *err)
{
	const struct fw_container *record = namesakes->record;
	const char *name = namesakes->own->name;
	int code = cni_recall_each(memory, visit_own, namesakes, err);

	if (code)
		return code;
	if (!namesakes->have_device && (namesakes->are_own || !(record->brought & FW_BROUGHT_DEVICE)) &&
	    record->brought && is_own_cgroup(namesakes))
		return 0;
	if (!namesakes->have_device && container_lives(fw, record))
		return error_set(err, -EBUSY,
				 "%s: it is attached already, and not by this plugin: try again when that is detached; "
				 "if a network with another dataDir did it, give both the same",
				 name);
	return record->brought && !namesakes->are_own ? brought_take_back(fw, name, err) : 0;
}

int cni_claim(struct firewall *fw, int memory, const struct cni_attachment *attachment, const char *netns,
	      struct error *err)
{
	struct fw_container record;
	struct namesakes namesakes = { .own = attachment, .record = &record, .netns = netns };
	int code;

	while ((code = cni_recall_each(memory, visit_other, &namesakes, err)) == 1) {
		code = take_over(fw, memory, &namesakes.other, err);
		if (code)
			return code;
	}
	if (code)
		return code;
	code = container_find(fw, attachment->name, &record, NULL);
	if (code)
		return code == -ENOENT ? 0 : error_set(err, code, "%s: its record cannot be read", attachment->name);
	return check_record(fw, memory, &namesakes, err);
}

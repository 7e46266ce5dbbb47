/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "loader/cni/actions.h"
#include "loader/container.h"
#include "loader/container_policy.h"
#include "loader/detach.h"
#include "loader/firewall.h"
#include "loader/gone.h"
#include "loader/policy.h"

/* ---- the container's other interfaces ---- */

struct siblings {
	const struct cni_attachment *own;
	struct cni_attachment one; /* of them */
	unsigned n;
};

static int visit_sibling(const struct cni_attachment *attachment, void *context)
{
	struct siblings *siblings = context;

	if (strcmp(attachment->name, siblings->own->name) || !strcmp(attachment->ifname, siblings->own->ifname))
		return 0;
	siblings->one = *attachment;
	siblings->n++;
	return 0;
}

/* ---- the record ---- */

static bool has_addr(const struct cni_attachment *attachment, const struct fw_addr *addr)
{
	unsigned i;

	for (i = 0; i < attachment->n_addrs; i++)
		if (!memcmp(&attachment->addrs[i], addr, sizeof(*addr)))
			return true;
	return false;
}

/* Takes the interface's device and addresses out of a record. */
static void leave_out(struct fw_container *record, const struct cni_attachment *attachment)
{
	const struct fw_container was = *record;
	unsigned i;

	record->n_devs = record->n_addrs = 0;
	memset(record->devs, 0, sizeof(record->devs));
	memset(record->addrs, 0, sizeof(record->addrs));
	for (i = 0; i < was.n_devs; i++)
		if (was.devs[i] != attachment->ifindex)
			record->devs[record->n_devs++] = was.devs[i];
	for (i = 0; i < was.n_addrs; i++)
		if (!has_addr(attachment, &was.addrs[i]))
			record->addrs[record->n_addrs++] = was.addrs[i];
}

static int detach_part(struct firewall *fw, const char *name, const struct fw_container *record,
		       const struct cni_attachment *attachment, struct error *err)
{
	struct fw_container kept = *record;

	leave_out(&kept, attachment);
	return container_detach_part(fw, name, record, &kept, err);
}

/* A container that loses its last interface is at its end: its cgroup is taken off too. */
static int detach(struct firewall *fw, const struct siblings *siblings, struct error *err)
{
	const char *name = siblings->own->name;
	struct fw_container record;
	int code = container_find(fw, name, &record, NULL);

	if (code || !record.attached)
		return code == -ENOENT ? 0 : code;
	if (siblings->n)
		return detach_part(fw, name, &record, siblings->own, err);
	return container_detach(fw, name, &record, err);
}

int cni_take_off_from(struct firewall *fw, int memory, const struct cni_attachment *attachment, struct error *err)
{
	struct siblings siblings = { .own = attachment };
	int code = cni_recall_each(memory, visit_sibling, &siblings);

	if (code)
		return error_set(err, code, "what is attached cannot be read: %s", strerror(-code));
	code = detach(fw, &siblings, err);
	if (code || !attachment->has_policy)
		return code;
	if (!siblings.n)
		return container_policy_put(fw, attachment->name, NULL, err);
	siblings.one.has_policy = true; /* the last one takes it away */
	return cni_remember(memory, &siblings.one, err);
}

enum cni_code cni_take_off(const struct cni_request *request, int memory, const struct cni_attachment *attachment,
			   struct error *err)
{
	struct error down = { 0 };
	struct firewall fw;
	int code = firewall_open(&fw, &request->options, FIREWALL_CHANGE, &down);

	if (!code) {
		code = cni_take_off_from(&fw, memory, attachment, err);
		firewall_close(&fw);
	} else if (code == -ENOENT) {
		code = 0; /* what is down has nothing attached */
	} else {
		*err = down;
	}
	if (code)
		return cni_code_of(code);
	return cni_forget(memory, attachment, err) ? CNI_IO : CNI_OK;
}

enum cni_code cni_del(const struct cni_request *request, struct error *err)
{
	struct cni_attachment attachment;
	enum cni_code status = CNI_OK;
	int memory, code;

	if (access(request->data_dir, F_OK) && errno == ENOENT)
		return CNI_OK; /* nothing was ever attached */
	memory = cni_memory_open(request->data_dir, err);
	if (memory < 0)
		return CNI_IO;
	code = cni_recall(memory, request->id, request->ifname, &attachment, err);
	if (!code)
		status = cni_take_off(request, memory, &attachment, err);
	else if (code != -ENOENT)
		status = CNI_IO;
	close(memory);
	return status;
}

/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "loader/address.h"
#include "loader/brought.h"
#include "loader/cni/actions.h"
#include "loader/container.h"
#include "loader/detach.h"
#include "loader/firewall.h"
#include "loader/gone.h"

/* ---- the record ---- */

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
		if (!address_is_among(attachment->addrs, attachment->n_addrs, &was.addrs[i]))
			record->addrs[record->n_addrs++] = was.addrs[i];
}

static int detach_part(struct firewall *fw, const char *name, const struct fw_container *record,
		       const struct cni_attachment *attachment, struct error *err)
{
	struct fw_container kept = *record;

	leave_out(&kept, attachment);
	return container_detach_part(fw, name, record, &kept, err);
}

/*
 * A container that loses its last interface is at its end: its cgroup is taken off too. Unless it runs on, and a hook
 * has brought its policy: that keeps it for the next interface.
 */
static int detach(struct firewall *fw, const struct cni_attachment *own, const struct fw_container *record,
		  bool is_last, struct error *err)
{
	unsigned pid;

	if (!record->attached)
		return 0;
	is_last &= !record->brought || record->brought & FW_BROUGHT_DEVICE || container_process(record, &pid) == -ESRCH;
	return is_last ? container_detach(fw, own->name, record, err) : detach_part(fw, own->name, record, own, err);
}

/* Who has brought it, or attached it by hand, by something else has the name since. */
static bool is_anothers(struct firewall *fw, const struct fw_container *record, const struct cni_attachment *own)
{
	if (container_has_device(record, own->ifindex))
		return false;
	return record->brought ? record->brought_by != cni_brings(own) : container_lives(fw, record);
}

int cni_take_off_from(struct firewall *fw, int memory, const struct cni_attachment *attachment, struct error *err)
{
	struct cni_siblings siblings;
	struct fw_container record;
	bool brings;
	int code = cni_siblings(memory, attachment, &siblings, err);

	if (code)
		return code;
	code = container_find(fw, attachment->name, &record, NULL);
	if (code || is_anothers(fw, &record, attachment))
		return code == -ENOENT ? 0 : code;
	brings = attachment->has_policy && record.brought_by == cni_brings(attachment);
	code = detach(fw, attachment, &record, !siblings.n, err);
	if (code || !brings)
		return code;
	if (!siblings.n)
		return brought_take_back(fw, attachment->name, err);
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

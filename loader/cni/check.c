/* SPDX-License-Identifier: GPL-2.0 */
/* CHECK and STATUS: what is as it should be. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "loader/address.h"
#include "loader/cni/actions.h"
#include "loader/cni/policy.h"
#include "loader/cni/result.h"
#include "loader/container.h"
#include "loader/container_policy.h"
#include "loader/firewall.h"
#include "loader/gone.h"
#include "loader/policy.h"

static enum cni_code changed(int ignored)
{
	(void)ignored;
	return CNI_CHANGED;
}

static enum cni_code open_to_read(const struct cni_request *request, struct firewall *fw, struct error *err)
{
	int code = firewall_open(fw, &request->options, FIREWALL_READ, err);

	if (code != -ENOENT)
		return cni_code_of(code);
	err->code = 0;
	error_set(err, code, "bulkhead is not up: run `bulkhead up`");
	return CNI_UNAVAILABLE;
}

static enum cni_code check_device(const struct cni_request *request, struct firewall *fw,
				  const struct cni_attachment *attachment, const struct fw_container *record,
				  struct error *err)
{
	__u32 ifindex;
	enum cni_code status = cni_result_device(request, &ifindex, err);

	if (status)
		return status;
	if (ifindex != attachment->ifindex || !container_has_device(record, ifindex))
		return changed(error_set(err, -EINVAL, "%s: the host's end of %s is another device than at ADD",
					 attachment->name, attachment->ifname));
	if (!device_is_guarded(fw, record, ifindex))
		return changed(error_set(err, -EINVAL, "%s: programs have been taken off the host's end of %s",
					 attachment->name, attachment->ifname));
	return CNI_OK;
}

/* Those of prevResult are those that the container may use. */
static enum cni_code check_addrs(const struct cni_request *request, const struct fw_container *record,
				 struct error *err)
{
	struct cni_attachment wanted = { .n_addrs = 0 };
	char room[ADDRESS_TEXT_MAX];
	unsigned i;

	if (cni_result_addrs(request, &wanted, err))
		return CNI_CONFIG;
	for (i = 0; i < wanted.n_addrs; i++)
		if (!address_is_among(record->addrs, record->n_addrs, &wanted.addrs[i]))
			return changed(error_set(err, -EINVAL, "prevResult has %s, which was not attached",
						 address_print(wanted.addrs[i].family, wanted.addrs[i].addr, room)));
	return CNI_OK;
}

static int visit_missing(char sign, const char *line, void *context)
{
	if (sign == '-')
		return 0;
	return error_set(context, -EINVAL, "%s: this is no longer in force", line);
}

/* What was asked for is in force, and more may be. */
static enum cni_code compare_policy(struct firewall *fw, const char *name, struct policy *wanted, struct error *err)
{
	struct policy in_force;
	int code = policy_new(&in_force) ? error_set(err, -ENOMEM, "no memory for the policy")
					 : container_policy_in_force(fw, name, &in_force, err);
	enum cni_code status = cni_code_of(code);

	policy_sort(&in_force);
	policy_sort(wanted);
	if (!status && policy_compare(&in_force, wanted, visit_missing, err))
		status = CNI_CHANGED;
	policy_free(&in_force);
	return status;
}

static enum cni_code check_policy(const struct cni_request *request, struct firewall *fw, const char *name,
				  struct error *err)
{
	struct policy wanted;
	enum cni_code status = CNI_REFUSED;
	bool has;

	if (policy_new(&wanted))
		error_set(err, -ENOMEM, "no memory for the policy");
	else
		status = cni_policy_read(request, name, &wanted, &has, err);
	if (!status && has)
		status = compare_policy(fw, name, &wanted, err);
	policy_free(&wanted);
	return status;
}

static enum cni_code check_attached(const struct cni_request *request, const struct cni_attachment *attachment,
				    struct error *err)
{
	struct fw_container record;
	struct firewall fw;
	enum cni_code status = open_to_read(request, &fw, err);

	if (status)
		return status;
	if (container_find(&fw, attachment->name, &record, NULL) || !record.attached)
		status = changed(error_set(err, -ENOENT, "%s: it is not attached any more", attachment->name));
	else
		status = check_device(request, &fw, attachment, &record, err);
	if (!status)
		status = check_addrs(request, &record, err);
	if (!status && !record.ruled) /* by a file, which counts then */
		status = check_policy(request, &fw, attachment->name, err);
	firewall_close(&fw);
	return status;
}

enum cni_code cni_check(const struct cni_request *request, struct error *err)
{
	struct cni_attachment attachment;
	int memory, code;

	if (!request->has_prev_result) {
		error_set(err, -EINVAL, "there is no prevResult, and CHECK needs that of ADD");
		return CNI_CONFIG;
	}
	memory = cni_memory_open(request->data_dir, err);
	if (memory < 0)
		return CNI_IO;
	code = cni_recall(memory, request->id, request->ifname, &attachment, err);
	close(memory);
	if (!code)
		return check_attached(request, &attachment, err);
	if (code != -ENOENT)
		return CNI_IO;
	error_set(err, code, "%s of container %.80s: no ADD was asked for it", request->ifname, request->id);
	return CNI_UNKNOWN_CONTAINER;
}

enum cni_code cni_status(const struct cni_request *request, struct error *err)
{
	struct firewall fw;
	enum cni_code status = open_to_read(request, &fw, err);

	if (!status)
		firewall_close(&fw);
	return status;
}

/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "loader/brought.h"
#include "loader/cni/actions.h"
#include "loader/cni/claim.h"
#include "loader/cni/policy.h"
#include "loader/cni/result.h"
#include "loader/container.h"
#include "loader/container_policy.h"
#include "loader/firewall.h"
#include "loader/gone.h"
#include "loader/policy.h"
#include "loader/targets.h"

struct adding {
	const struct cni_request *request;
	struct firewall *fw;
	int memory;
	struct cni_attachment attachment;
	struct cni_attachment earlier; /* of the same interface: an ADD without a DEL between; no id: there is none */
	bool has_policy;               /* it is asked for */
	struct policy policy;
	struct brought_before before; /* what is in force of the name */
	struct error *err;
};

/* ---- the policy ---- */

/* A container's further interfaces add to what is in force of it. */
static int put_policy(struct adding *adding)
{
	const char *name = adding->attachment.name;
	struct cni_siblings siblings;
	int code = cni_siblings(adding->memory, &adding->attachment, &siblings, adding->err);

	if (!code && siblings.have_policy)
		code = container_policy_in_force(adding->fw, name, &adding->policy, adding->err);
	policy_sort(&adding->policy);
	return code ? code
		    : brought_put(adding->fw, name, &adding->policy, cni_brings(&adding->attachment), FW_BROUGHT_DEVICE,
				  &adding->before, adding->err);
}

/* ---- the device ---- */

/* Addresses are given as a whole: those of its other interfaces stay. */
static int add_targets(struct adding *adding, struct targets *targets)
{
	const struct cni_attachment *attachment = &adding->attachment;
	struct fw_container record;
	unsigned i;
	int code = targets_add_device(targets, attachment->ifindex, adding->err);

	if (attachment->n_addrs && !container_find(adding->fw, attachment->name, &record, NULL) && record.attached &&
	    !gone_forget(adding->fw, &record))
		for (i = 0; !code && i < record.n_addrs; i++)
			code = targets_add_addr(targets, &record.addrs[i], adding->err);
	for (i = 0; !code && i < attachment->n_addrs; i++)
		code = targets_add_addr(targets, &attachment->addrs[i], adding->err);
	return code;
}

static int attach(struct adding *adding)
{
	struct targets targets;
	int code;

	targets_begin(&targets, adding->fw->options, adding->attachment.name);
	code = add_targets(adding, &targets);
	if (!code)
		code = targets_attach(adding->fw, &targets, adding->err);
	targets_end(&targets);
	return code;
}

/* ---- all of it ---- */

/* Byte for byte: nothing is added to it. */
static int put_result(const struct adding *adding)
{
	const struct json_value *result = &adding->request->prev_result;

	if (fwrite(result->at, 1, result->n, stdout) == result->n && !fflush(stdout))
		return 0;
	return error_set(adding->err, -EIO, "standard output: the result cannot be written");
}

/* What was in force goes on, or where the runtime did not learn of it, nothing does. */
static void undo(struct adding *adding, bool is_attached)
{
	struct error ignored = { 0 };
	bool goes_back = *adding->earlier.id && !is_attached;

	if (is_attached)
		cni_take_off_from(adding->fw, adding->memory, &adding->attachment, &ignored);
	if (adding->has_policy && (goes_back || !*adding->earlier.id))
		brought_put_back(adding->fw, adding->attachment.name, &adding->before);
	if (goes_back)
		cni_remember(adding->memory, &adding->earlier, &ignored);
	else
		cni_forget(adding->memory, &adding->attachment, &ignored);
}

/* What is remembered before is found by DEL and GC, whatever becomes of this process. */
static enum cni_code add_named(struct adding *adding)
{
	int code = cni_claim(adding->fw, adding->memory, &adding->attachment, adding->request->netns, adding->err);
	bool is_attached = false;

	if (!code)
		code = brought_read(adding->fw, adding->attachment.name, &adding->before, adding->err);
	if (code)
		return cni_code_of(code);
	code = cni_recall(adding->memory, adding->attachment.id, adding->attachment.ifname, &adding->earlier,
			  adding->err);
	/* What the earlier one put there DEL takes away, whether there is another now or none. */
	adding->attachment.has_policy = adding->has_policy || (!code && adding->earlier.has_policy);
	if ((code && code != -ENOENT) || cni_remember(adding->memory, &adding->attachment, adding->err))
		return CNI_IO;
	code = adding->has_policy ? put_policy(adding) : 0;
	if (!code)
		code = attach(adding);
	is_attached = !code;
	if (!code)
		code = put_result(adding);
	if (code)
		undo(adding, is_attached);
	return code == -EIO ? CNI_IO : cni_code_of(code);
}

static enum cni_code add_with_firewall(struct adding *adding)
{
	struct firewall fw;
	enum cni_code status;
	int code = firewall_open(&fw, &adding->request->options, FIREWALL_CHANGE, adding->err);

	if (code == -ENOENT) {
		adding->err->code = 0;
		error_set(adding->err, code, "bulkhead is not up: run `bulkhead up`");
		return CNI_TRY_AGAIN;
	}
	if (code)
		return cni_code_of(code);
	adding->fw = &fw;
	status = add_named(adding);
	firewall_close(&fw);
	return status;
}

static enum cni_code add_remembered(struct adding *adding)
{
	enum cni_code status;

	adding->memory = cni_memory_open(adding->request->data_dir, adding->err);
	if (adding->memory < 0)
		return CNI_IO;
	status = add_with_firewall(adding);
	close(adding->memory);
	return status;
}

/* What the request and the namespace say; nothing is changed yet. */
static enum cni_code prepare(struct adding *adding)
{
	const struct cni_request *request = adding->request;
	struct cni_attachment *attachment = &adding->attachment;
	enum cni_code status;

	if (!request->has_prev_result) {
		error_set(adding->err, -EINVAL,
			  "there is no prevResult: this plugin makes no interface: chain it behind one that does");
		return CNI_CONFIG;
	}
	strcpy(attachment->id, request->id);
	strcpy(attachment->ifname, request->ifname);
	strcpy(attachment->network, request->network);
	cni_container_name(request, attachment->name);
	if (policy_new(&adding->policy)) {
		error_set(adding->err, -ENOMEM, "no memory for the policy");
		return CNI_REFUSED;
	}
	status = cni_policy_read(request, attachment->name, &adding->policy, &adding->has_policy, adding->err);
	if (!status && cni_result_addrs(request, attachment, adding->err))
		status = CNI_CONFIG;
	return status ? status : cni_result_device(request, &attachment->ifindex, adding->err);
}

enum cni_code cni_add(const struct cni_request *request, struct error *err)
{
	struct adding adding = { .request = request, .err = err };
	enum cni_code status = prepare(&adding);

	if (!status)
		status = add_remembered(&adding);
	policy_free(&adding.policy);
	policy_free(&adding.before.policy);
	return status;
}

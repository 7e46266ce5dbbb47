/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "loader/cni/actions.h"

#define VALID "cni.dev/valid-attachments"

struct collecting {
	const struct cni_request *request;
	struct json_value valid;
	int memory;
	enum cni_code status; /* of the first that could not be taken off: the others are, nevertheless */
	struct error *err;
};

static bool is_named(const struct json_value *item, const struct cni_attachment *attachment)
{
	struct json_value id, ifname;

	return !json_find(item, "containerID", &id, NULL) && json_string_is(&id, attachment->id) &&
	       !json_find(item, "ifname", &ifname, NULL) && json_string_is(&ifname, attachment->ifname);
}

static bool is_valid(const struct collecting *all, const struct cni_attachment *attachment)
{
	struct json_walk walk;

	json_walk(&walk, &all->valid);
	while (json_next(&walk))
		if (is_named(&walk.value, attachment))
			return true;
	return false;
}

static int visit(const struct cni_attachment *attachment, void *context)
{
	struct collecting *all = context;
	struct error why = { 0 };
	enum cni_code status;

	if (strcmp(attachment->network, all->request->network) || is_valid(all, attachment))
		return 0;
	status = cni_take_off(all->request, all->memory, attachment, &why);
	if (status && !all->status) {
		all->status = status;
		error_set(all->err, why.code, "%s of container %.80s: %.400s", attachment->ifname, attachment->id,
			  why.text);
	}
	return 0;
}

/* An item that names nothing would let go of what it means. */
static enum cni_code check_valid(const struct collecting *all)
{
	struct json_value part;
	struct json_walk walk;
	bool is_right = json_kind(&all->valid) == JSON_ARRAY;

	json_walk(&walk, &all->valid);
	while (is_right && json_next(&walk))
		is_right = !json_find(&walk.value, "containerID", &part, all->err) && json_kind(&part) == JSON_STRING &&
			   !json_find(&walk.value, "ifname", &part, all->err) && json_kind(&part) == JSON_STRING;
	if (is_right)
		return CNI_OK;
	error_set(all->err, -EINVAL, "\"" VALID "\" is to be a list of objects with \"containerID\" and \"ifname\"");
	return CNI_CONFIG;
}

enum cni_code cni_gc(const struct cni_request *request, struct error *err)
{
	struct collecting all = { .request = request, .err = err };
	enum cni_code status;
	int code = json_find(&request->config, VALID, &all.valid, err);

	if (code) {
		error_set(err, code, "\"" VALID "\" is missing, and without it nothing may go");
		return CNI_CONFIG;
	}
	status = check_valid(&all);
	if (status)
		return status;
	all.memory = cni_memory_open(request->data_dir, err);
	if (all.memory < 0)
		return CNI_IO;
	code = cni_recall_each(all.memory, visit, &all, err);
	close(all.memory);
	return code ? CNI_IO : all.status;
}

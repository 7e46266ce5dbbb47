/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/cni/attachment.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loader/address.h"
#include "loader/brought.h"
#include "loader/container.h"
#include "loader/json.h"
#include "loader/json_read.h"
#include "loader/sha256.h"

#define FILE_NAME_MAX (CNI_NAME_MAX + 32)
#define NEW_FILE ".new" /* no id begins with a dot */

/* ---- names ---- */

void cni_container_name(const struct cni_request *request, char name[FW_NAME_MAX + 1])
{
	char whole[2 * CNI_POD_MAX + 2];
	__u32 digest[SHA256_WORDS];

	if (*request->pod)
		snprintf(whole, sizeof(whole), "%s:%s", request->pod_namespace, request->pod);
	else
		snprintf(whole, sizeof(whole), "%s", request->id);
	if (!container_check_name(whole, NULL)) {
		strcpy(name, whole);
		return;
	}
	sha256(whole, digest);
	snprintf(name, FW_NAME_MAX + 1, "%.47s~%08x%08x", whole, digest[0], digest[1]);
}

/* No id has a comma. */
static void file_name(const struct cni_attachment *attachment, char name[FILE_NAME_MAX])
{
	snprintf(name, FILE_NAME_MAX, "%s,%s", attachment->id, attachment->ifname);
}

/* ---- the directory ---- */

static int make_each(const char *dir)
{
	char path[CNI_PATH_MAX + 1], *slash = path;

	strcpy(path, dir);
	while ((slash = strchr(slash + 1, '/'))) {
		*slash = '\0';
		if (mkdir(path, 0755) && errno != EEXIST)
			return -errno;
		*slash = '/';
	}
	return mkdir(path, 0700) && errno != EEXIST ? -errno : 0;
}

int cni_memory_open(const char *dir, struct error *err)
{
	int code = make_each(dir), fd = -1;

	if (!code) {
		fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		code = fd < 0 || flock(fd, LOCK_EX) ? -errno : 0;
	}
	if (!code)
		return fd;
	if (fd >= 0)
		close(fd);
	return error_set(err, code, "%s: what is attached cannot be remembered there: %s", dir, strerror(-code));
}

/* ---- a file ---- */

static void put(FILE *file, const struct cni_attachment *attachment)
{
	char room[ADDRESS_TEXT_MAX];
	struct json json;
	unsigned i;

	json_begin(&json, file);
	json_object(&json);
	json_member(&json, "id", attachment->id);
	json_member(&json, "ifname", attachment->ifname);
	json_member(&json, "network", attachment->network);
	json_member(&json, "container", attachment->name);
	json_key(&json, "policy");
	json_bool(&json, attachment->has_policy);
	json_member_unsigned(&json, "ifindex", attachment->ifindex);
	json_key(&json, "addrs");
	json_array(&json);
	for (i = 0; i < attachment->n_addrs; i++)
		json_string(&json, address_print(attachment->addrs[i].family, attachment->addrs[i].addr, room));
	json_end_array(&json);
	json_end_object(&json);
	json_finish(&json);
}

static int write_new(int dir, const struct cni_attachment *attachment)
{
	int fd = openat(dir, NEW_FILE, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), code;
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");

	if (!file) {
		code = -errno;
		if (fd >= 0)
			close(fd);
		return code;
	}
	put(file, attachment);
	code = ferror(file) ? -EIO : 0;
	return fclose(file) && !code ? -errno : code;
}

int cni_remember(int dir, const struct cni_attachment *attachment, struct error *err)
{
	char name[FILE_NAME_MAX];
	int code = write_new(dir, attachment);

	file_name(attachment, name);
	if (!code && renameat(dir, NEW_FILE, dir, name))
		code = -errno;
	return code ? error_set(err, code, "what is attached cannot be remembered: %s", strerror(-code)) : 0;
}

int cni_forget(int dir, const struct cni_attachment *attachment, struct error *err)
{
	char name[FILE_NAME_MAX];

	file_name(attachment, name);
	if (!unlinkat(dir, name, 0) || errno == ENOENT)
		return 0;
	return error_set(err, -errno, "what was attached cannot be forgotten: %s", strerror(errno));
}

static int get_string(const struct json_value *object, const char *key, char *room, size_t size)
{
	struct json_value value;
	int code = json_find(object, key, &value, NULL);

	return code ? code : json_get_string(&value, room, size);
}

static int get_addrs(const struct json_value *object, struct cni_attachment *out)
{
	char text[ADDRESS_TEXT_MAX];
	struct json_value value;
	struct json_walk walk;
	int code = json_find(object, "addrs", &value, NULL);

	if (code)
		return code;
	json_walk(&walk, &value);
	while (!code && json_next(&walk) && out->n_addrs < FW_ADDRS_MAX) {
		code = json_get_string(&walk.value, text, sizeof(text));
		if (!code)
			code = address_parse(text, &out->addrs[out->n_addrs++], NULL);
	}
	return code;
}

static int get(const struct json_value *object, struct cni_attachment *out)
{
	struct json_value value;
	__s64 ifindex = 0;
	int code = get_string(object, "id", out->id, sizeof(out->id));

	if (!code)
		code = get_string(object, "ifname", out->ifname, sizeof(out->ifname));
	if (!code)
		code = get_string(object, "network", out->network, sizeof(out->network));
	if (!code)
		code = get_string(object, "container", out->name, sizeof(out->name));
	if (!code)
		code = container_check_name(out->name, NULL);
	if (!code)
		code = json_find(object, "policy", &value, NULL);
	if (!code)
		code = json_get_bool(&value, &out->has_policy);
	if (!code)
		code = json_find(object, "ifindex", &value, NULL);
	if (!code)
		code = json_get_integer(&value, &ifindex);
	out->ifindex = (__u32)ifindex;
	return code ? code : get_addrs(object, out);
}

/* Whether it is no file of the plugin's: that is let be. */
static bool is_foreign(int code)
{
	return code == -ELOOP || code == -EISDIR || code == -ENXIO;
}

/* Only what has been read to its end can be known to be damaged. */
static int recall_file(int dir, const char *name, struct cni_attachment *out, struct error *err)
{
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC), code = fd < 0 ? -errno : 0;
	struct json_value value;
	char *text = NULL;

	memset(out, 0, sizeof(*out));
	if (!code) {
		code = json_read_fd(fd, name, &text, &value, NULL);
		close(fd);
		if (!code)
			code = get(&value, out) ? -EINVAL : 0;
		free(text);
	}
	if (!code)
		return 0;
	memset(out, 0, sizeof(*out));
	if (code == -ENOENT || is_foreign(code))
		return -ENOENT;
	if (code != -EINVAL && code != -E2BIG)
		return error_set(err, code, "what is attached cannot be read: %.220s: %s", name, strerror(-code));
	unlinkat(dir, name, 0);
	return -ENOENT;
}

int cni_recall(int dir, const char *id, const char *ifname, struct cni_attachment *out, struct error *err)
{
	struct cni_attachment wanted;
	char name[FILE_NAME_MAX];

	snprintf(wanted.id, sizeof(wanted.id), "%s", id);
	snprintf(wanted.ifname, sizeof(wanted.ifname), "%s", ifname);
	file_name(&wanted, name);
	return recall_file(dir, name, out, err);
}

static int walk(DIR *listing, int dir, int (*visit)(const struct cni_attachment *attachment, void *context),
		void *context, struct error *err)
{
	struct cni_attachment attachment;
	char name[FILE_NAME_MAX];
	struct dirent *entry;
	int code = 0;

	while (!code && (entry = readdir(listing))) {
		code = *entry->d_name == '.' ? -ENOENT : recall_file(dir, entry->d_name, &attachment, err);
		if (!code)
			file_name(&attachment, name);
		if (!code && !strcmp(name, entry->d_name)) /* a copy is none of the plugin's */
			code = visit(&attachment, context);
		else if (code == -ENOENT)
			code = 0;
	}
	return code;
}

int cni_recall_each(int dir, int (*visit)(const struct cni_attachment *attachment, void *context), void *context,
		    struct error *err)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), code;
	DIR *listing = fd < 0 ? NULL : fdopendir(fd);

	if (!listing) {
		code = error_set(err, -errno, "what is attached cannot be read: %s", strerror(errno));
		if (fd >= 0)
			close(fd);
		return code;
	}
	code = walk(listing, dir, visit, context, err);
	closedir(listing);
	return code;
}

/* ---- of one container ---- */

struct family {
	const struct cni_attachment *own;
	struct cni_siblings *siblings;
};

static int visit_sibling(const struct cni_attachment *attachment, void *context)
{
	const struct family *family = context;

	if (strcmp(attachment->name, family->own->name) || !strcmp(attachment->ifname, family->own->ifname))
		return 0;
	family->siblings->one = *attachment;
	family->siblings->have_policy |= attachment->has_policy;
	family->siblings->n++;
	return 0;
}

int cni_siblings(int dir, const struct cni_attachment *own, struct cni_siblings *out, struct error *err)
{
	struct family family = { own, out };

	memset(out, 0, sizeof(*out));
	return cni_recall_each(dir, visit_sibling, &family, err);
}

__u64 cni_brings(const struct cni_attachment *attachment)
{
	return brought_by(brought_by(FNV1A_OFFSET_BASIS, "cni"), attachment->id);
}

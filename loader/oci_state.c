/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/oci_state.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "loader/brought.h"
#include "loader/json_read.h"
#include "loader/words.h"

#define INPUT "standard input"
#define PID_MAX 2147483647 /* pid_t's */
#define VERSION_MAX 64
#define PATH_MAX_BYTES 4096

static int wrong(struct error *err, const char *key, const char *why)
{
	return error_set(err, -EINVAL, INPUT ": %s: %s: an OCI runtime writes a container's state there", key, why);
}

/* A member of the state. -ENOENT: it is not there, a sentence only where it is required. */
static int find(const struct json_value *state, const char *key, bool required, struct json_value *out,
		struct error *err)
{
	int code = json_find(state, key, out, err);

	return code == -ENOENT && required ? wrong(err, key, "it is missing") : code;
}

static int take_string(const struct json_value *state, const char *key, char *room, size_t size, struct error *err)
{
	struct json_value value;
	int code = find(state, key, true, &value, err);

	if (code)
		return code;
	code = json_get_string(&value, room, size);
	if (code == -ENAMETOOLONG)
		return wrong(err, key, "it is too long");
	return code || !*room ? wrong(err, key, "it is no text, or an empty one") : 0;
}

/* Of the first major version alone is it known what stands in a state. */
static int check_version(const struct json_value *state, struct error *err)
{
	char version[VERSION_MAX], shown[WORD_SHOWN_MAX];
	int code = take_string(state, "ociVersion", version, sizeof(version), err);

	if (code)
		return code;
	if (!strncmp(version, "1.", 2))
		return 0;
	return error_set(err, -EINVAL, INPUT ": ociVersion %s: it is not known: this one knows 1.x",
			 word_shown(version, shown));
}

static int take_bundle(const struct json_value *state, struct oci_state *out, struct error *err)
{
	char path[PATH_MAX_BYTES];
	int code = take_string(state, "bundle", path, sizeof(path), err);

	out->digest = code ? 0 : brought_by(brought_by(FNV1A_OFFSET_BASIS, out->id), path);
	return !code && *path != '/' ? wrong(err, "bundle", "it is no absolute path") : code;
}

static int take_pid(const struct json_value *state, unsigned *out, struct error *err)
{
	struct json_value value;
	__s64 pid;
	int code = find(state, "pid", false, &value, err);

	*out = 0;
	if (code)
		return code == -ENOENT ? 0 : code;
	if (json_get_integer(&value, &pid) || pid < 0 || pid > PID_MAX)
		return wrong(err, "pid", "it is no process's number");
	*out = (unsigned)pid;
	return 0;
}

/* A copy of an annotation's text; NULL: there is none. */
static int take_annotation(const struct json_value *annotations, const char *key, char **out, struct error *err)
{
	struct json_value value;
	int code = find(annotations, key, false, &value, err);

	*out = NULL;
	if (code)
		return code == -ENOENT ? 0 : code;
	*out = malloc(value.n + 1);
	if (!*out)
		return error_set(err, -ENOMEM, "no memory");
	return json_get_string(&value, *out, value.n + 1) ? wrong(err, key, "this annotation is no text") : 0;
}

/*
 * It holds a Kubernetes pod's namespaces, and its annotations are those of the pod's containers. As containerd and
 * CRI-O tell it, each by its own annotation: where both are there, one is somebody else's, and both have to say so.
 */
static bool is_sandbox(const struct json_value *annotations)
{
	static const char *const keys[] = { "io.kubernetes.cri.container-type", "io.kubernetes.cri-o.ContainerType" };
	char type[sizeof("sandbox")];
	struct json_value value;
	bool is_there = false;
	size_t i;

	for (i = 0; i < 2; i++) {
		if (json_find(annotations, keys[i], &value, NULL))
			continue;
		is_there = true;
		if (json_get_string(&value, type, sizeof(type)) || strcmp(type, "sandbox"))
			return false;
	}
	return is_there;
}

static int take_annotations(const struct json_value *state, struct oci_state *out, struct error *err)
{
	struct json_value annotations;
	int code = find(state, "annotations", false, &annotations, err);

	if (code)
		return code == -ENOENT ? 0 : code;
	if (json_kind(&annotations) != JSON_OBJECT)
		return wrong(err, "annotations", "they are no object");
	if (is_sandbox(&annotations))
		return 0;
	code = take_annotation(&annotations, "bulkhead.policy", &out->policy, err);
	return code ? code : take_annotation(&annotations, "bulkhead.name", &out->name, err);
}

static int take_state(const struct json_value *state, struct oci_state *out, struct error *err)
{
	int code = check_version(state, err);

	if (!code)
		code = take_string(state, "id", out->id, sizeof(out->id), err);
	if (!code)
		code = take_string(state, "status", out->status, sizeof(out->status), err);
	if (!code)
		code = take_bundle(state, out, err);
	if (!code)
		code = take_pid(state, &out->pid, err);
	return code ? code : take_annotations(state, out, err);
}

int oci_state_read(int fd, struct oci_state *out, struct error *err)
{
	struct json_value state;
	char *text;
	int code = json_read_fd(fd, INPUT, &text, &state, err);

	if (code)
		return code;
	memset(out, 0, sizeof(*out));
	if (json_kind(&state) == JSON_OBJECT)
		code = take_state(&state, out, err);
	else
		code = error_set(err, -EINVAL,
				 INPUT ": it is no object: an OCI runtime writes a container's state there");
	free(text);
	if (code)
		oci_state_free(out);
	return code;
}

void oci_state_free(struct oci_state *state)
{
	free(state->policy);
	free(state->name);
}

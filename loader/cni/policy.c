/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/cni/policy.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "loader/container_policy.h"
#include "loader/policy.h"
#include "loader/words.h"

struct reading {
	const struct cni_request *request;
	const char *container;
	struct policy *policy;
	bool *has;
	struct error *err;
};

static enum cni_code done(struct reading *reading, int code)
{
	*reading->has = true;
	return code == -EINVAL ? CNI_CONFIG : cni_code_of(code);
}

static enum cni_code add_file(struct reading *reading, const char *name)
{
	char path[CONTAINER_POLICY_PATH_MAX];
	int code = container_policy_path(reading->request->policy_dir, name, path, reading->err);

	if (!code)
		code = container_policy_add_file(reading->policy, reading->container, path, reading->err);
	return done(reading, code);
}

/* Each item is a line, so that an error's line is the item's number. */
static int join_lines(const struct json_value *list, char *text)
{
	struct json_walk walk;
	char *line = text;

	*text = '\0';
	json_walk(&walk, list);
	while (json_next(&walk)) {
		if (json_get_string(&walk.value, line, walk.value.n) || strchr(line, '\n'))
			return -EINVAL;
		line += strlen(line);
		strcpy(line++, "\n");
	}
	return 0;
}

static enum cni_code add_lines(struct reading *reading, const struct json_value *list)
{
	char *text = malloc(list->n + 1); /* unescaped, a string and its newline are not longer than with its quotes */
	int code = text ? 0 : error_set(reading->err, -ENOMEM, "no memory for the policy");

	if (!code && (json_kind(list) != JSON_ARRAY || join_lines(list, text)))
		code = error_set(reading->err, -EINVAL, "\"policy\" is to be a list of strings, a line each");
	if (!code)
		code = container_policy_add_text(reading->policy, reading->container, "policy", text, reading->err);
	free(text);
	return done(reading, code);
}

/* policyFile and policy of an object; has stays false where it has neither. */
static enum cni_code add_object(struct reading *reading, const struct json_value *object)
{
	char name[CONTAINER_POLICY_PATH_MAX];
	struct json_value value;
	enum cni_code status = CNI_OK;
	int code = json_find(object, "policyFile", &value, reading->err);

	if (!code && json_get_string(&value, name, sizeof(name)))
		code = error_set(reading->err, -EINVAL, "\"policyFile\" is to be a string, a file's name");
	if (!code)
		status = add_file(reading, name);
	if (status || (code && code != -ENOENT))
		return status ? status : CNI_CONFIG;
	code = json_find(object, "policy", &value, reading->err);
	if (!code)
		return add_lines(reading, &value);
	return code == -ENOENT ? CNI_OK : CNI_CONFIG;
}

static const char *value_shown(const struct json_value *value, char room[WORD_SHOWN_MAX])
{
	char text[WORD_SHOWN_MAX + 1];

	snprintf(text, sizeof(text), "%.*s", (int)(value->n < WORD_SHOWN_MAX ? value->n : WORD_SHOWN_MAX), value->at);
	return word_shown(text, room);
}

/* What is ours alone has nothing that we do not know. */
static enum cni_code check_keys(struct reading *reading, const struct json_value *object)
{
	char key[WORD_SHOWN_MAX], value[WORD_SHOWN_MAX];
	struct json_walk walk;

	json_walk(&walk, object);
	while (json_next(&walk)) {
		if (json_string_is(&walk.key, "policy") || json_string_is(&walk.key, "policyFile"))
			continue;
		error_set(reading->err, -EINVAL, "runtimeConfig.bulkhead: %s: %s: it has policy and policyFile",
			  value_shown(&walk.key, key), value_shown(&walk.value, value));
		return CNI_UNSUPPORTED;
	}
	return CNI_OK;
}

static enum cni_code add_runtime(struct reading *reading)
{
	struct json_value runtime, ours;
	enum cni_code status;
	int code = json_find(&reading->request->config, "runtimeConfig", &runtime, reading->err);

	if (!code)
		code = json_find(&runtime, "bulkhead", &ours, reading->err);
	if (code == -ENOENT || (!code && json_kind(&ours) == JSON_NULL))
		return CNI_OK;
	if (!code && json_kind(&ours) != JSON_OBJECT)
		code = error_set(reading->err, -EINVAL, "runtimeConfig.bulkhead is to be an object");
	if (code)
		return CNI_CONFIG;
	status = check_keys(reading, &ours);
	return status ? status : add_object(reading, &ours);
}

/* Whether there is one, or something in its place that cannot be read: that is not passed over. */
static enum cni_code add_pod_file(struct reading *reading, const char *file)
{
	char name[2 * CNI_POD_MAX + 2], path[CONTAINER_POLICY_PATH_MAX];
	struct stat status;

	snprintf(name, sizeof(name), "%s/%s", reading->request->pod_namespace, file);
	if (container_policy_path(reading->request->policy_dir, name, path, reading->err))
		return CNI_CONFIG;
	if (lstat(path, &status) && (errno == ENOENT || errno == ENOTDIR))
		return CNI_OK;
	return add_file(reading, name);
}

/* One that is named and not there would have each pod's file passed over. */
static enum cni_code check_dir(struct reading *reading)
{
	const struct cni_request *request = reading->request;
	char shown[WORD_SHOWN_MAX];
	struct json_value value;
	struct stat status;

	if (json_find(&request->config, "policyDir", &value, NULL) ||
	    (!stat(request->policy_dir, &status) && S_ISDIR(status.st_mode)))
		return CNI_OK;
	error_set(reading->err, -EINVAL, "policyDir %s: it is not there, or no folder: make it, or leave policyDir out",
		  word_shown(request->policy_dir, shown));
	return CNI_CONFIG;
}

enum cni_code cni_policy_read(const struct cni_request *request, const char *name, struct policy *policy, bool *has,
			      struct error *err)
{
	struct reading reading = { request, name, policy, has, err };
	enum cni_code code;

	*has = false;
	code = check_dir(&reading);
	if (!code)
		code = add_runtime(&reading);
	if (!code && !*has && *request->pod)
		code = add_pod_file(&reading, request->pod);
	if (!code && !*has && *request->pod)
		code = add_pod_file(&reading, "default");
	if (!code && !*has)
		code = add_object(&reading, &request->config);
	if (!code)
		policy_sort(policy);
	return code;
}

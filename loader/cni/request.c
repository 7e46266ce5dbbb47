/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/cni/request.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loader/container_policy.h"
#include "loader/words.h"

#define DATA_DIR "/run/bulkhead/cni"
#define IFNAME_MAX 15 /* IFNAMSIZ, <linux/if.h>, without the terminator */

const char *const cni_versions[] = { "0.4.0", "1.0.0", "1.1.0", NULL };

enum cni_code cni_code_of(int code)
{
	if (!code)
		return CNI_OK;
	if (code == -EBUSY || code == -EAGAIN)
		return CNI_TRY_AGAIN;
	return code == -EOPNOTSUPP ? CNI_LACKING : CNI_REFUSED;
}

/* ---- the environment ---- */

enum needs { NEEDS_ID = 1, NEEDS_NETNS = 2, NEEDS_IFNAME = 4 };

static const struct needed {
	const char *command;
	int needs;
	bool is_new; /* since 1.1.0 */
} needed_of[] = {
	{ "ADD", NEEDS_ID | NEEDS_NETNS | NEEDS_IFNAME, false },
	{ "DEL", NEEDS_ID | NEEDS_IFNAME, false },
	{ "CHECK", NEEDS_ID | NEEDS_NETNS | NEEDS_IFNAME, false },
	{ "VERSION", 0, false },
	{ "GC", 0, true },
	{ "STATUS", 0, true },
};

static const struct needed *find_command(const char *command)
{
	size_t i;

	for (i = 0; i < sizeof(needed_of) / sizeof(*needed_of); i++)
		if (!strcmp(needed_of[i].command, command))
			return &needed_of[i];
	return NULL;
}

static bool is_alphanumeric(char byte)
{
	return (byte >= '0' && byte <= '9') || ((byte | 32) >= 'a' && (byte | 32) <= 'z');
}

/* As the specification has ids and names: a letter or digit, then also '_', '.' and '-'. */
static bool is_name(const char *text, size_t most)
{
	const char *byte;

	for (byte = text; *byte; byte++)
		if (!is_alphanumeric(*byte) && (byte == text || !strchr("_.-", *byte)))
			return false;
	return byte > text && (size_t)(byte - text) <= most;
}

static bool is_ifname(const char *text)
{
	size_t n = strlen(text);

	return n && n <= IFNAME_MAX && strcmp(text, ".") && strcmp(text, "..") && !strpbrk(text, "/: \t\n\v\f\r");
}

static enum cni_code take_id(struct cni_request *request, struct error *err)
{
	char shown[WORD_SHOWN_MAX];

	request->id = getenv("CNI_CONTAINERID");
	if (!request->id || is_name(request->id, CNI_NAME_MAX))
		return CNI_OK;
	error_set(err, -EINVAL,
		  "CNI_CONTAINERID %s: it is 1 to %d letters, digits, '_', '.' and '-', and begins with a letter or "
		  "digit",
		  word_shown(request->id, shown), CNI_NAME_MAX);
	return CNI_ENVIRONMENT;
}

static enum cni_code take_ifname(struct cni_request *request, struct error *err)
{
	char shown[WORD_SHOWN_MAX];

	request->ifname = getenv("CNI_IFNAME");
	if (!request->ifname || is_ifname(request->ifname))
		return CNI_OK;
	error_set(err, -EINVAL, "CNI_IFNAME %s: no device can have that name", word_shown(request->ifname, shown));
	return CNI_ENVIRONMENT;
}

/* The value of a key among KEY=VALUE;KEY=VALUE. "" where it is not there. */
static enum cni_code take_arg(const char *args, const char *key, char value[CNI_POD_MAX + 1], struct error *err)
{
	char shown[WORD_SHOWN_MAX];
	size_t length = strlen(key), n;

	value[0] = '\0';
	while (args && (strncmp(args, key, length) || args[length] != '=')) {
		args = strchr(args, ';');
		args = args ? args + 1 : NULL;
	}
	if (!args)
		return CNI_OK;
	args += length + 1;
	n = strcspn(args, ";");
	if (n <= CNI_POD_MAX) {
		memcpy(value, args, n);
		value[n] = '\0';
		if (!n || is_name(value, CNI_POD_MAX))
			return CNI_OK;
	}
	error_set(err, -EINVAL, "CNI_ARGS %s: it is letters, digits, '_', '.' and '-', at most %d",
		  word_shown(key, shown), CNI_POD_MAX);
	return CNI_ENVIRONMENT;
}

static enum cni_code take_pod(struct cni_request *request, struct error *err)
{
	const char *args = getenv("CNI_ARGS");
	enum cni_code code = take_arg(args, "K8S_POD_NAMESPACE", request->pod_namespace, err);

	if (!code)
		code = take_arg(args, "K8S_POD_NAME", request->pod, err);
	if (!*request->pod || !*request->pod_namespace)
		request->pod[0] = request->pod_namespace[0] = '\0';
	return code;
}

static enum cni_code check_given(const struct cni_request *request, const struct needed *needed, struct error *err)
{
	const char *missing = NULL;

	if ((needed->needs & NEEDS_ID) && !request->id)
		missing = "CNI_CONTAINERID";
	else if ((needed->needs & NEEDS_NETNS) && (!request->netns || !*request->netns))
		missing = "CNI_NETNS";
	else if ((needed->needs & NEEDS_IFNAME) && !request->ifname)
		missing = "CNI_IFNAME";
	if (!missing)
		return CNI_OK;
	error_set(err, -EINVAL, "%s is not set, and %s needs it", missing, needed->command);
	return CNI_ENVIRONMENT;
}

static enum cni_code take_environment(struct cni_request *request, const struct needed *needed, struct error *err)
{
	enum cni_code code = take_id(request, err);

	request->netns = getenv("CNI_NETNS");
	if (!code)
		code = take_ifname(request, err);
	if (!code)
		code = take_pod(request, err);
	return code ? code : check_given(request, needed, err);
}

/* ---- the configuration ---- */

/* A string of the configuration, or what it is without one. */
static enum cni_code take_string(struct cni_request *request, const char *key, const char *otherwise, char *room,
				 size_t size, struct error *err)
{
	struct json_value value;
	int code = json_find(&request->config, key, &value, err);

	if (code == -ENOENT) {
		strcpy(room, otherwise);
		return CNI_OK;
	}
	if (!code && (json_get_string(&value, room, size) || !*room)) {
		room[0] = '\0';
		code = error_set(err, -EINVAL, "\"%s\" is to be a string of 1 to %zu bytes", key, size - 1);
	}
	return code ? CNI_CONFIG : CNI_OK;
}

static enum cni_code check_version(const struct cni_request *request, const struct needed *needed, struct error *err)
{
	char shown[WORD_SHOWN_MAX];
	unsigned i;

	for (i = 0; cni_versions[i] && strcmp(cni_versions[i], request->version); i++)
		;
	if (cni_versions[i] && (!needed->is_new || !cni_versions[i + 1]))
		return CNI_OK;
	if (cni_versions[i])
		error_set(err, -EINVAL, "cniVersion %s: it has no %s: 1.1.0 has", request->version, needed->command);
	else
		error_set(err, -EINVAL, "cniVersion %s: the plugin speaks 0.4.0, 1.0.0 and 1.1.0",
			  word_shown(request->version, shown));
	return CNI_INCOMPATIBLE;
}

static enum cni_code take_network(struct cni_request *request, struct error *err)
{
	char shown[WORD_SHOWN_MAX];
	enum cni_code code = take_string(request, "name", "", request->network, sizeof(request->network), err);

	if (code || is_name(request->network, CNI_NAME_MAX))
		return code;
	error_set(err, -EINVAL,
		  "\"name\": %s: a network's name is letters, digits, '_', '.' and '-', and begins with a letter or "
		  "digit",
		  word_shown(request->network, shown));
	return CNI_CONFIG;
}

static enum cni_code take_places(struct cni_request *request, struct error *err)
{
	enum cni_code code = take_string(request, "bpffs", request->options.bpffs, request->bpffs,
					 sizeof(request->bpffs), err);

	request->options.bpffs = request->bpffs;
	if (!code)
		code = take_string(request, "policyDir", CONTAINER_POLICIES, request->policy_dir,
				   sizeof(request->policy_dir), err);
	if (!code)
		code = take_string(request, "dataDir", DATA_DIR, request->data_dir, sizeof(request->data_dir), err);
	return code;
}

static enum cni_code take_prev_result(struct cni_request *request, struct error *err)
{
	int code = json_find(&request->config, "prevResult", &request->prev_result, err);

	request->has_prev_result = !code && json_kind(&request->prev_result) == JSON_OBJECT;
	if (!code && !request->has_prev_result && json_kind(&request->prev_result) != JSON_NULL)
		code = error_set(err, -EINVAL, "\"prevResult\" is to be an object");
	return code && code != -ENOENT ? CNI_CONFIG : CNI_OK;
}

static enum cni_code take_config(struct cni_request *request, const struct needed *needed, struct error *err)
{
	enum cni_code code = take_string(request, "cniVersion", "0.1.0", request->version, sizeof(request->version),
					 err);

	if (!code)
		code = check_version(request, needed, err);
	if (!code)
		code = take_network(request, err);
	if (!code)
		code = take_places(request, err);
	return code ? code : take_prev_result(request, err);
}

static enum cni_code read_config(struct cni_request *request, struct error *err)
{
	int code = json_read_fd(STDIN_FILENO, "standard input", &request->text, &request->config, err);

	if (code == -EINVAL || code == -E2BIG)
		return CNI_DECODE;
	if (code)
		return CNI_IO;
	if (json_kind(&request->config) == JSON_OBJECT)
		return CNI_OK;
	error_set(err, -EINVAL, "standard input: a network configuration is to be an object");
	return CNI_DECODE;
}

/* Nothing else is asked of who asks for that. */
static enum cni_code read_version(struct cni_request *request, struct error *err)
{
	struct error ignored = { 0 };

	if (read_config(request, &ignored) ||
	    take_string(request, "cniVersion", "1.1.0", request->version, sizeof(request->version), err))
		strcpy(request->version, "1.1.0");
	memset(err, 0, sizeof(*err));
	return CNI_OK;
}

enum cni_code cni_request_read(struct cni_request *request, const struct options *options, struct error *err)
{
	const struct needed *needed;
	char shown[WORD_SHOWN_MAX];
	enum cni_code code;

	memset(request, 0, sizeof(*request));
	request->options = *options;
	request->command = getenv("CNI_COMMAND");
	if (!request->command) {
		error_set(err, -EINVAL, "CNI_COMMAND is not set: a container runtime calls this: see integrations/cni");
		return CNI_ENVIRONMENT;
	}
	needed = find_command(request->command);
	if (!needed) {
		error_set(err, -EINVAL, "CNI_COMMAND %s: it is ADD, DEL, CHECK, GC, STATUS or VERSION",
			  word_shown(request->command, shown));
		return CNI_ENVIRONMENT;
	}
	if (!strcmp(request->command, "VERSION"))
		return read_version(request, err);
	code = take_environment(request, needed, err);
	if (!code)
		code = read_config(request, err);
	return code ? code : take_config(request, needed, err);
}

void cni_request_free(struct cni_request *request)
{
	free(request->text);
}

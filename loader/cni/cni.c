/* SPDX-License-Identifier: GPL-2.0 */
/* cni: a plugin that container runtimes call: <https://www.cni.dev/docs/spec/>. */
#include <stdio.h>
#include <string.h>

#include "loader/cni/actions.h"
#include "loader/commands.h"
#include "loader/json.h"

static enum cni_code put_versions(const struct cni_request *request, struct error *err)
{
	struct json json;
	unsigned i;

	(void)err;
	json_begin(&json, stdout);
	json_object(&json);
	json_member(&json, "cniVersion", request->version);
	json_key(&json, "supportedVersions");
	json_array(&json);
	for (i = 0; cni_versions[i]; i++)
		json_string(&json, cni_versions[i]);
	json_end_array(&json);
	json_end_object(&json);
	return json_finish(&json) ? CNI_IO : CNI_OK;
}

static const struct action {
	const char *command;
	enum cni_code (*run)(const struct cni_request *request, struct error *err);
} actions[] = {
	{ "ADD", cni_add }, { "DEL", cni_del },       { "CHECK", cni_check },
	{ "GC", cni_gc },   { "STATUS", cni_status }, { "VERSION", put_versions },
};

static enum cni_code run(const struct cni_request *request, struct error *err)
{
	const struct action *action = actions;

	while (strcmp(action->command, request->command))
		action++; /* the request has one of them */
	return action->run(request, err);
}

static void put_error(const struct cni_request *request, enum cni_code code, const struct error *err)
{
	char details[2 * CNI_NAME_MAX];
	struct json json;

	snprintf(details, sizeof(details), "bulkhead cni: %.20s%s%.20s%s%.200s",
		 request->command ? request->command : "no command", request->ifname ? " of " : "",
		 request->ifname ? request->ifname : "", request->id ? " in " : "", request->id ? request->id : "");
	json_begin(&json, stdout);
	json_object(&json);
	json_member(&json, "cniVersion", *request->version ? request->version : "1.1.0");
	json_key(&json, "code");
	json_number(&json, code);
	json_member(&json, "msg", err->text);
	json_member(&json, "details", details);
	json_end_object(&json);
	json_finish(&json);
}

/* The sentence goes to standard error too: some runtimes log that. */
int cni_run(const struct options *options, int n_words, char **words, struct error *err)
{
	struct cni_request request;
	enum cni_code code;

	(void)words;
	if (n_words)
		return usage_error(err, "cni: it takes no words: a container runtime calls it, by its environment");
	code = cni_request_read(&request, options, err);
	if (!code)
		code = run(&request, err);
	if (code)
		put_error(&request, code, err);
	cni_request_free(&request);
	return code ? EXIT_REFUSED : EXIT_DONE;
}

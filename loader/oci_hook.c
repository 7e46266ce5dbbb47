/* SPDX-License-Identifier: GPL-2.0 */
/*
 * oci-hook createRuntime|poststop [policy POLICY]: called by an OCI runtime, which writes the container's state to
 * standard input. createRuntime comes when the container has its namespaces and its cgroup and none of its processes
 * runs yet; poststop when none runs any more.
 */
#include <errno.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "loader/brought.h"
#include "loader/cgroup.h"
#include "loader/command.h"
#include "loader/commands.h"
#include "loader/container.h"
#include "loader/container_policy.h"
#include "loader/firewall.h"
#include "loader/gone.h"
#include "loader/json.h"
#include "loader/kernel_log.h"
#include "loader/oci_state.h"
#include "loader/policy.h"
#include "loader/targets.h"
#include "loader/words.h"

struct hook {
	const struct options *options;
	struct oci_state state;
	const char *name;   /* the container's */
	const char *policy; /* what the words say, or an annotation; NULL: the container is none of ours */
	const char *done;   /* "attached", "detached" or "nothing" */
};

/* ---- createRuntime ---- */

static bool is_ascii(const char *text)
{
	while ((signed char)*text > 0)
		text++;
	return !*text;
}

static int choose_name(struct hook *hook, struct error *err)
{
	int code;

	hook->name = hook->state.name ? hook->state.name : hook->state.id;
	code = container_check_name(hook->name, err);
	/* Others than its author read it, on terminals. */
	if (!code && !is_ascii(hook->name))
		code = error_set(err, -EINVAL,
				 "container name: not all of it is ASCII: use letters, digits, '-', '_' and '.'");
	if (code && hook->state.name)
		error_prefix(err, "annotation bulkhead.name");
	else if (code)
		error_prefix(err, "its id is its name where there is no annotation bulkhead.name");
	return code;
}

/* A line has a blank in it, and a name has none: neither is taken for the other. */
static int read_policy(const struct hook *hook, struct policy *out, struct error *err)
{
	char path[CONTAINER_POLICY_PATH_MAX], shown[WORD_SHOWN_MAX];
	int code = policy_new(out);

	if (code)
		return error_set(err, code, "no memory for the policy");
	if (strpbrk(hook->policy, " \t\n"))
		code = container_policy_add_text(out, hook->name, "bulkhead.policy", hook->policy, err);
	else if (strchr(hook->policy, '/'))
		code = error_set(err, -EINVAL, "policy %s: it is neither lines nor the name of a file in %s",
				 word_shown(hook->policy, shown), CONTAINER_POLICIES);
	else
		code = container_policy_path(CONTAINER_POLICIES, hook->policy, path, err);
	if (!code && !strpbrk(hook->policy, " \t\n"))
		code = container_policy_add_file(out, hook->name, path, err);
	policy_sort(out);
	return code;
}

static int check_created(const struct oci_state *state, struct error *err)
{
	char shown[WORD_SHOWN_MAX];

	if (strcmp(state->status, "creating") && strcmp(state->status, "created"))
		return error_set(err, -EINVAL,
				 "standard input: status %s: a container that is created is creating or created: call "
				 "the hook at createRuntime",
				 word_shown(state->status, shown));
	if (!state->pid)
		return error_set(err, -EINVAL, "standard input: pid: it is missing: call the hook at createRuntime");
	return 0;
}

/* Whether the name has been attached by a device of this very container's, as by a CNI plugin: the cgroup joins it. */
static bool has_device(const struct fw_container *record, const struct targets *targets)
{
	unsigned i;

	for (i = 0; i < targets->n_devs; i++)
		if (container_has_device(record, targets->devs[i]))
			return true;
	return false;
}

/* Another container of that name lives: in a cgroup, or by a device. A hook's own died with its cgroup. */
static bool is_taken(struct firewall *fw, const struct fw_container *record, const struct targets *targets)
{
	struct fw_container living = *record;

	gone_forget(fw, &living);
	if (living.cgroup_id)
		return targets->cgroup.fd < 0 || targets->cgroup.id != living.cgroup_id;
	if (record->cgroup_id && record->brought == FW_BROUGHT)
		return false;
	return living.n_devs && !has_device(&living, targets);
}

/* As the CNI plugin names them: NAMESPACE:POD, of which so much as may be is followed by ~ and 16 digits. */
static bool is_of_pods(const char *name)
{
	return strchr(name, ':') || (strlen(name) == FW_NAME_MAX && name[FW_NAME_MAX - 17] == '~');
}

static int check_name_is_free(struct firewall *fw, const struct targets *targets, bool *joins, struct error *err)
{
	struct fw_container record;
	int code = container_find(fw, targets->name, &record, NULL);

	*joins = !code && record.attached && has_device(&record, targets);
	if (code && code != -ENOENT)
		return code;
	if (is_of_pods(targets->name) && !*joins)
		return error_set(err, -EINVAL,
				 "%s: a name with ':' or cut off by '~' is a pod's, and no device of this container's "
				 "is attached by it: "
				 "name the container otherwise, by the annotation bulkhead.name",
				 targets->name);
	if (code || !record.attached || !is_taken(fw, &record, targets))
		return 0;
	return error_set(err, -EBUSY,
			 "%s: another container of that name runs: name this one otherwise, by the annotation "
			 "bulkhead.name",
			 targets->name);
}

static int check(struct firewall *fw, struct targets *targets, bool *joins, struct error *err)
{
	int code = targets_leave_shared(fw, targets, err);

	if (!code && !targets->n_devs && targets->cgroup.fd < 0)
		code = error_set(err, -ENOTSUP,
				 "%s: its devices are guarded as another container's, and its cgroup cannot be: %s",
				 targets->name, targets->no_cgroup.text);
	if (!code)
		code = targets_check(fw, targets, err);
	return code ? code : check_name_is_free(fw, targets, joins, err);
}

/* What another hook brought, whose container has died. */
static int clear_dead(struct firewall *fw, const char *name, __u64 by, bool joins, struct error *err)
{
	struct fw_container record;

	if (container_find(fw, name, &record, NULL) || !record.brought || record.brought_by == by ||
	    (joins && record.brought & FW_BROUGHT_DEVICE))
		return 0;
	return brought_take_back(fw, name, err);
}

static int put(struct firewall *fw, struct targets *targets, const struct policy *policy, __u64 by, bool joins,
	       struct error *err)
{
	struct brought_before before;
	int code = brought_read(fw, targets->name, &before, err);

	if (!code)
		code = brought_put(fw, targets->name, policy, by, joins ? FW_BROUGHT_JOINED : 0, &before, err);
	if (!code) {
		code = targets_attach(fw, targets, err);
		if (code)
			brought_put_back(fw, targets->name, &before);
	}
	policy_free(&before.policy);
	return code;
}

static int guard(struct firewall *fw, struct targets *targets, const struct policy *policy, __u64 by, struct error *err)
{
	bool joins;
	int code = check(fw, targets, &joins, err);

	if (code || targets->options->dry_run)
		return code;
	code = clear_dead(fw, targets->name, by, joins, err);
	return code ? code : put(fw, targets, policy, by, joins, err);
}

static int create_with(struct hook *hook, struct targets *targets, const struct policy *policy, struct error *err)
{
	struct firewall fw;
	int code = targets_add_pid(targets, hook->state.pid, err);

	if (code)
		return code;
	code = firewall_open(&fw, hook->options, hook->options->dry_run ? FIREWALL_READ : FIREWALL_CHANGE, err);
	if (code)
		return code;
	code = guard(&fw, targets, policy, hook->state.digest, err);
	firewall_close(&fw);
	return code;
}

static int create(struct hook *hook, struct error *err)
{
	struct targets targets;
	struct policy policy;
	int code;

	if (!hook->policy)
		return 0;
	code = choose_name(hook, err);
	if (!code)
		code = check_created(&hook->state, err);
	if (code)
		return code;
	targets_begin(&targets, hook->options, hook->name);
	code = read_policy(hook, &policy, err);
	if (!code)
		code = create_with(hook, &targets, &policy, err);
	hook->done = "attached";
	policy_free(&policy);
	targets_end(&targets);
	return code;
}

/* ---- poststop ---- */

/*
 * One that another runtime has by that id, or that was refused the name; or one that was started under the same name
 * before this was told: its processes live.
 */
static bool is_anothers(struct firewall *fw, const struct hook *hook)
{
	struct fw_container record;
	unsigned pid;

	if (container_find(fw, hook->name, &record, NULL) || record.brought_by != hook->state.digest)
		return true;
	return hook->state.name && container_process(&record, &pid) != -ESRCH;
}

/* What is not there has nothing to be taken off: neither a container that was none of ours, nor a firewall. */
static int stop(struct hook *hook, struct error *err)
{
	struct error why = { 0 };
	struct firewall fw;
	int code;

	if (choose_name(hook, NULL))
		return 0;
	code = firewall_open(&fw, hook->options, hook->options->dry_run ? FIREWALL_READ : FIREWALL_CHANGE, &why);
	if (code)
		return code == -ENOENT ? 0 : error_set(err, code, "%s", why.text);
	if (!is_anothers(&fw, hook)) {
		hook->done = "detached";
		code = hook->options->dry_run ? 0 : brought_take_back(&fw, hook->name, err);
	}
	firewall_close(&fw);
	return code;
}

/* ---- both ---- */

static void report(const struct hook *hook)
{
	struct json json;

	if (!hook->options->json)
		return;
	json_begin(&json, stdout);
	json_object(&json);
	json_member(&json, "id", hook->state.id);
	json_member(&json, "container", hook->name ? hook->name : "");
	json_member(&json, "done", hook->done);
	json_end_object(&json);
	json_finish(&json);
}

static int run(struct hook *hook, int (*stage)(struct hook *hook, struct error *err), struct error *err)
{
	int code = oci_state_read(STDIN_FILENO, &hook->state, err);

	if (code)
		return code;
	if (!hook->policy)
		hook->policy = hook->state.policy;
	code = stage(hook, err);
	if (!code)
		report(hook);
	oci_state_free(&hook->state);
	return code;
}

static int status_of(int code)
{
	return code == -EINVAL || code == -E2BIG ? EXIT_USAGE : exit_status_of(code);
}

static int run_words(struct hook *hook, int n_words, char **words, struct error *err)
{
	char shown[WORD_SHOWN_MAX];
	bool creates;

	if (!n_words)
		return usage_error(err, "oci-hook: the stage is missing: write oci-hook createRuntime or oci-hook "
					"poststop");
	creates = !strcmp(words[0], "createRuntime");
	if (!creates && strcmp(words[0], "poststop"))
		return usage_error(err, "oci-hook: %s: no stage that it serves: write createRuntime or poststop",
				   word_shown(words[0], shown));
	if (n_words > 1 && strcmp(words[1], "policy"))
		return usage_error(err, "oci-hook: %s: not understood here: write oci-hook %s [policy POLICY]",
				   word_shown(words[1], shown), words[0]);
	if (n_words == 2)
		return usage_error(err, "oci-hook: policy: its name is missing: write policy POLICY");
	if (n_words > 3)
		return usage_error(err, "oci-hook: %s: not understood here: write oci-hook %s [policy POLICY]",
				   word_shown(words[3], shown), words[0]);
	hook->policy = words[n_words > 1 ? 2 : 1];
	return status_of(run(hook, creates ? create : stop, err));
}

/* Runtimes keep what a hook says to themselves, or let it go. */
int oci_hook_run(const struct options *options, int n_words, char **words, struct error *err)
{
	struct hook hook = { .options = options, .done = "nothing" };
	int status = run_words(&hook, n_words, words, err);

	if (status != EXIT_DONE && !options->dry_run)
		kernel_log_error(err);
	return status;
}

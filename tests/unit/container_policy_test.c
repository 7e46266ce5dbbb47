/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/container_policy.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "loader/policy.h"

static char lines[1024];

static int keep_line(char sign, const char *line, void *context)
{
	(void)sign, (void)context;
	strcat(strcat(lines, line), "\n");
	return 0;
}

/* The policy as a file of all would have it; or what is wrong. */
static const char *said(const char *text)
{
	struct error err = { 0 };
	struct policy policy;

	lines[0] = '\0';
	assert_int_equal(policy_new(&policy), 0);
	if (container_policy_add_text(&policy, "web", "policy", text, &err)) {
		assert_int_equal(err.code, -EINVAL);
		assert_true(err.in_file);
		strcpy(lines, err.text);
	} else {
		policy_sort(&policy);
		policy_compare(NULL, &policy, keep_line, NULL);
	}
	policy_free(&policy);
	return lines;
}

static void lines_leave_the_name_out(void **state)
{
	(void)state;
	assert_string_equal(said(""), "");
	assert_string_equal(said("# nothing\n\n"), "");
	assert_string_equal(said("allow out tcp to any port 443"), "allow web out tcp port 443\n");
	assert_string_equal(said("allow @ out tcp to any port 443\n"), "allow web out tcp port 443\n");
	assert_string_equal(said("allow container out tcp to any port 443\n"), "allow web out tcp port 443\n");
	assert_string_equal(said("deny in any\ndefault allow\nlimit rate 5 burst 6\nquota 7\n"),
			    "default web allow\nlimit web rate 5 burst 6\nquota web 7\ndeny web in any\n");
	assert_string_equal(said("define A = 192.0.2.0/24 port 80\nallow in tcp from $A\n"),
			    "allow web in tcp from 192.0.2.0/24 port 80\n");
}

static void wrong(const char *text, const char *want)
{
	if (strncmp(said(text), want, strlen(want)))
		fail_msg("%s: %s", text, lines);
}

static void what_is_wrong_has_its_place(void **state)
{
	(void)state;
	wrong("allow out tcp\nallow sideways tcp\n", "policy:2:7: ");
	wrong("allow other out tcp", "policy:1:7: ");
	wrong("allow @ out tcp port 70000", "policy:1:22: ");
	wrong("default maybe", "policy:1:9: ");
	wrong("default", "policy:1:8: ");
	wrong("block 192.0.2.1", "policy:1:1: block: this is no line of one container's");
	wrong("dns block example.org", "policy:1:1: ");
	wrong("room connections 1024", "policy:1:1: ");
	wrong("block -f /etc/passwd", "policy:1:1: ");
	wrong("up eth0", "policy:1:1: ");
	wrong("include /etc/passwd", "policy:1:1: include");
	wrong("allow web2\nup\n", "policy:1:");
}

static void a_file_is_below_its_directory(void **state)
{
	static const char *const wrong[] = { "",     ".",    "..",    "../x", "a/../b", "/etc/passwd",
					     "a//b", "a/.b", ".hide", "a/",   "a/./b" };
	char path[CONTAINER_POLICY_PATH_MAX], long_name[CONTAINER_POLICY_PATH_MAX + 1];
	struct error err;
	size_t i;

	(void)state;
	assert_int_equal(container_policy_path("/d", "web", path, NULL), 0);
	assert_string_equal(path, "/d/web");
	assert_int_equal(container_policy_path("/d", "a/b..c", path, NULL), 0);
	assert_string_equal(path, "/d/a/b..c");
	for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		memset(&err, 0, sizeof(err));
		assert_int_equal(container_policy_path("/d", wrong[i], path, &err), -EINVAL);
		assert_int_equal(err.code, -EINVAL);
	}
	memset(long_name, 'a', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	assert_int_equal(container_policy_path("/d", long_name, path, NULL), -EINVAL);
}

static void a_file_may_include_others(void **state)
{
	char folder[] = "/tmp/container_policy.XXXXXX", path[64], other[64];
	struct error err = { 0 };
	struct policy policy;
	FILE *file;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/web", folder);
	snprintf(other, sizeof(other), "%s/all.inc", folder);
	file = fopen(path, "w");
	fputs("include *.inc\nallow in udp\n", file);
	fclose(file);
	file = fopen(other, "w");
	fputs("deny out tcp\n", file);
	fclose(file);
	assert_int_equal(policy_new(&policy), 0);
	assert_int_equal(container_policy_add_file(&policy, "web", path, &err), 0);
	policy_sort(&policy);
	lines[0] = '\0';
	policy_compare(NULL, &policy, keep_line, NULL);
	assert_string_equal(lines, "allow web in udp\ndeny web out tcp\n");
	file = fopen(other, "w");
	fputs("\ndeny out tcp too\n", file);
	fclose(file);
	assert_int_equal(container_policy_add_file(&policy, "web", path, &err), -EINVAL);
	strcat(other, ":2:14: ");
	assert_memory_equal(err.text, other, strlen(other));
	memset(&err, 0, sizeof(err));
	unlink(path);
	assert_int_equal(container_policy_add_file(&policy, "web", path, &err), -EINVAL);
	other[strlen(folder) + 8] = '\0';
	unlink(other);
	assert_int_equal(rmdir(folder), 0);
	policy_free(&policy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_leave_the_name_out),
		cmocka_unit_test(what_is_wrong_has_its_place),
		cmocka_unit_test(a_file_is_below_its_directory),
		cmocka_unit_test(a_file_may_include_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

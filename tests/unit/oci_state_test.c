/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/oci_state.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

/* What each of these runtimes wrote to a hook. */
#define RUNC                                                                                                           \
	"{\"ociVersion\":\"1.0.2-dev\",\"id\":\"x1\",\"status\":\"creating\",\"pid\":13546,\"bundle\":\"/b\","         \
	"\"annotations\":{\"bulkhead.policy\":\"web\",\"other\":\"\"}}"
#define RUNC_STOPPED                                                                                                   \
	"{\"ociVersion\":\"1.0.2-dev\",\"id\":\"x1\",\"status\":\"stopped\",\"bundle\":\"/b\","                        \
	"\"annotations\":{\"bulkhead.policy\":\"web\"}}"
#define CRUN                                                                                                           \
	"{\"ociVersion\": \"1.0\", \"id\": \"x1\", \"pid\": 7, \"root\": \"/b/rootfs\", \"bundle\": \"/b\", "          \
	"\"status\": \"created\", \"annotations\": {\"bulkhead.name\": \"www\"}}\n"

static struct error err;

static int read_text(const char *text, struct oci_state *out)
{
	FILE *file = tmpfile();
	int code;

	assert_non_null(file);
	fputs(text, file);
	fflush(file);
	lseek(fileno(file), 0, SEEK_SET);
	memset(&err, 0, sizeof(err));
	code = oci_state_read(fileno(file), out, &err);
	fclose(file);
	return code;
}

static void what_runtimes_write_is_taken(void **state)
{
	struct oci_state out;

	(void)state;
	assert_int_equal(read_text(RUNC, &out), 0);
	assert_string_equal(out.id, "x1");
	assert_string_equal(out.status, "creating");
	assert_int_equal(out.pid, 13546);
	assert_string_equal(out.policy, "web");
	assert_null(out.name);
	oci_state_free(&out);

	assert_int_equal(read_text(RUNC_STOPPED, &out), 0);
	assert_string_equal(out.status, "stopped");
	assert_int_equal(out.pid, 0);
	oci_state_free(&out);

	assert_int_equal(read_text(CRUN, &out), 0);
	assert_int_equal(out.pid, 7);
	assert_null(out.policy);
	assert_string_equal(out.name, "www");
	oci_state_free(&out);
}

static void wrong(const char *text, const char *why)
{
	struct oci_state out;

	assert_int_equal(read_text(text, &out), -EINVAL);
	if (!strstr(err.text, why))
		fail_msg("%s: %s, where %s was expected", text, err.text, why);
}

#define STATE(version, id, status, more)                                                                               \
	"{\"ociVersion\":" version ",\"id\":" id ",\"status\":" status ",\"bundle\":\"/b\"" more "}"
#define GOOD(more) STATE("\"1.0\"", "\"a\"", "\"created\"", more)

static void what_is_no_state_is_refused(void **state)
{
	struct oci_state out;

	(void)state;
	assert_int_equal(read_text(GOOD(""), &out), 0);
	oci_state_free(&out);
	wrong("", "standard input");
	wrong("[]", "it is no object");
	wrong(STATE("2", "\"a\"", "\"created\"", ""), "ociVersion: it is no text");
	wrong(STATE("\"2.0\"", "\"a\"", "\"created\"", ""), "ociVersion 2.0: it is not known");
	wrong(STATE("\"1.0\"", "\"\"", "\"created\"", ""), "id: it is no text");
	wrong(STATE("\"1.0\"", "\"a\"", "\"a status that nobody has\"", ""), "status: it is too long");
	wrong("{\"ociVersion\":\"1.0\",\"id\":\"a\",\"status\":\"created\"}", "bundle: it is missing");
	wrong("{\"ociVersion\":\"1.0\",\"id\":\"a\",\"status\":\"created\",\"bundle\":\"b\"}", "no absolute path");
	wrong(GOOD(",\"pid\":-1"), "pid: it is no process's number");
	wrong(GOOD(",\"pid\":2147483648"), "pid: it is no process's number");
	wrong(GOOD(",\"pid\":1,\"pid\":2"), "pid");
	wrong(GOOD(",\"annotations\":null"), "annotations: they are no object");
	wrong(GOOD(",\"annotations\":{\"bulkhead.policy\":null}"), "bulkhead.policy: this annotation is no text");
	wrong(GOOD(",\"annotations\":{\"bulkhead.policy\":\"a\\u0000b\"}"),
	      "bulkhead.policy: this annotation is no text");
	wrong(GOOD(",\"annotations\":{\"bulkhead.policy\":\"a\",\"bulkhead.policy\":\"b\"}"), "bulkhead.policy");
	wrong(GOOD("") "x", "standard input:1:");
}

static void ids_have_a_bound(void **state)
{
	char *text = malloc(3 * OCI_ID_MAX), id[OCI_ID_MAX + 2];
	struct oci_state out;

	(void)state;
	memset(id, 'a', sizeof(id));
	id[OCI_ID_MAX + 1] = '\0';
	sprintf(text, STATE("\"1.0\"", "\"%s\"", "\"created\"", ""), id + 1);
	assert_int_equal(read_text(text, &out), 0);
	assert_string_equal(out.id, id + 1);
	oci_state_free(&out);
	sprintf(text, STATE("\"1.0\"", "\"%s\"", "\"created\"", ""), id);
	wrong(text, "id: it is too long");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_runtimes_write_is_taken),
		cmocka_unit_test(what_is_no_state_is_refused),
		cmocka_unit_test(ids_have_a_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

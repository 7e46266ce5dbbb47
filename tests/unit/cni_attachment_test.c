/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/cni/attachment.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "loader/container.h"

static char folder[64];
static int dir = -1;

static int make_folder(void **state)
{
	char path[80];

	(void)state;
	strcpy(folder, "/tmp/cni_attachment.XXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/a/b", folder);
	dir = cni_memory_open(path, NULL);
	return dir < 0;
}

static int remove_folder(void **state)
{
	char command[100];

	(void)state;
	close(dir);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command);
}

static const char *name_of(const char *id, const char *pod_namespace, const char *pod)
{
	static char name[FW_NAME_MAX + 1];
	struct cni_request request = { .id = id };

	strcpy(request.pod_namespace, pod_namespace);
	strcpy(request.pod, pod);
	cni_container_name(&request, name);
	assert_int_equal(container_check_name(name, NULL), 0);
	return name;
}

static void names_do_not_clash(void **state)
{
	char id[CNI_NAME_MAX + 1], pod[CNI_POD_MAX + 1], first[FW_NAME_MAX + 1];

	(void)state;
	assert_string_equal(name_of("abc", "", ""), "abc");
	assert_string_equal(name_of("abc", "default", "web-0"), "default:web-0");
	memset(id, 'a', sizeof(id));
	id[64] = '\0';
	assert_string_equal(name_of(id, "", ""), id);
	id[64] = 'a';
	id[65] = '\0';
	strcpy(first, name_of(id, "", ""));
	assert_int_equal(strlen(first), 64);
	assert_int_equal(first[47], '~');
	id[64] = 'b';
	assert_string_not_equal(name_of(id, "", ""), first);
	/* printf %s all | sha256sum */
	assert_string_equal(name_of("all", "", ""), "all~5ef5ef0364b6939c");
	memset(pod, 'p', sizeof(pod));
	pod[CNI_POD_MAX] = '\0';
	assert_memory_equal(name_of("x", "ns", pod), "ns:p", 4);
}

static void what_is_remembered_is_recalled(void **state)
{
	struct cni_attachment one = { .id = "id",
				      .ifname = "eth0",
				      .network = "net",
				      .name = "ns:p",
				      .has_policy = true,
				      .ifindex = 4000000000u,
				      .n_addrs = 2 },
			      out;

	(void)state;
	one.addrs[0] = (struct fw_addr) { .family = FW_IPV4, .addr = { 192, 0, 2, 1 } };
	one.addrs[1] = (struct fw_addr) { .family = FW_IPV6, .addr = { 0x20, 1, 0xd, 0xb8, [15] = 7 } };
	assert_int_equal(cni_recall(dir, "id", "eth0", &out, NULL), -ENOENT);
	assert_int_equal(cni_remember(dir, &one, NULL), 0);
	assert_int_equal(cni_recall(dir, "id", "eth1", &out, NULL), -ENOENT);
	assert_int_equal(cni_recall(dir, "id", "eth0", &out, NULL), 0);
	assert_string_equal(out.id, one.id);
	assert_string_equal(out.ifname, one.ifname);
	assert_string_equal(out.network, one.network);
	assert_string_equal(out.name, one.name);
	assert_true(out.has_policy);
	assert_int_equal(out.ifindex, one.ifindex);
	assert_int_equal(out.n_addrs, 2);
	assert_memory_equal(out.addrs, one.addrs, sizeof(out.addrs));
	assert_int_equal(cni_forget(dir, &one, NULL), 0);
	assert_int_equal(cni_forget(dir, &one, NULL), 0);
	assert_int_equal(cni_recall(dir, "id", "eth0", &out, NULL), -ENOENT);
}

static int count(const struct cni_attachment *attachment, void *context)
{
	(void)attachment;
	++*(unsigned *)context;
	return 0;
}

static void write_file(const char *name, const char *text)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void what_is_damaged_is_forgotten(void **state)
{
	static const char *const damaged[] = {
		"",
		"{",
		"[]",
		"{\"id\":\"x\"}",
		"{\"id\":\"x\",\"ifname\":\"eth0\",\"network\":\"n\",\"container\":\"a "
		"b\",\"policy\":true,\"ifindex\":1,"
		"\"addrs\":[]}",
		"{\"id\":\"x\",\"ifname\":\"eth0\",\"network\":\"n\",\"container\":\"x\",\"policy\":true,\"ifindex\":1,"
		"\"addrs\":[\"nowhere\"]}",
	};
	struct cni_attachment out;
	unsigned n = 0;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(damaged) / sizeof(*damaged); i++) {
		write_file("x,eth0", damaged[i]);
		assert_int_equal(cni_recall(dir, "x", "eth0", &out, NULL), -ENOENT);
		assert_int_equal(faccessat(dir, "x,eth0", F_OK, 0), -1);
	}
	write_file("x,eth0", "{\"id\":\"x\",\"ifname\":\"eth0\",\"network\":\"n\",\"container\":\"x\",\"policy\":false,"
			     "\"ifindex\":1,\"addrs\":[],\"later\":1}");
	write_file("x,eth0.copy", "{\"id\":\"x\",\"ifname\":\"eth0\",\"network\":\"n\",\"container\":\"x\","
				  "\"policy\":false,\"ifindex\":1,\"addrs\":[]}");
	write_file("y,eth0", "{");
	assert_int_equal(cni_recall_each(dir, count, &n, NULL), 0);
	assert_int_equal(n, 1);
	assert_int_equal(unlinkat(dir, "x,eth0.copy", 0), 0);
	assert_int_equal(unlinkat(dir, "x,eth0", 0), 0);
}

static int recall_without(rlim_t files, struct error *err)
{
	struct rlimit before, few;
	struct cni_attachment out;
	int code;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	few = before;
	few.rlim_cur = files;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	code = cni_recall(dir, "id", "eth0", &out, err);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	return code;
}

static void what_cannot_be_read_is_kept(void **state)
{
	const struct cni_attachment one = { .id = "id", .ifname = "eth0", .network = "net", .name = "ns:p" };
	struct cni_attachment out;
	struct error err = { 0 };
	unsigned n = 0;

	(void)state;
	assert_int_equal(cni_remember(dir, &one, NULL), 0);
	assert_int_equal(recall_without(0, &err), -EMFILE);
	assert_non_null(strstr(err.text, "what is attached cannot be read: id,eth0: "));
	assert_int_equal(cni_recall(dir, "id", "eth0", &out, NULL), 0);
	assert_int_equal(mkdirat(dir, "a folder", 0700), 0);
	assert_int_equal(symlinkat("id,eth0", dir, "a link"), 0);
	assert_int_equal(cni_recall_each(dir, count, &n, NULL), 0);
	assert_int_equal(n, 1);
	assert_int_equal(unlinkat(dir, "a folder", AT_REMOVEDIR), 0);
	assert_int_equal(unlinkat(dir, "a link", 0), 0);
	assert_int_equal(cni_forget(dir, &one, NULL), 0);
}

static void those_of_one_name(void **state)
{
	struct cni_attachment one = { .id = "id", .ifname = "eth0", .network = "net", .name = "ns:p" }, other = one;
	struct cni_siblings siblings;

	(void)state;
	assert_int_equal(cni_remember(dir, &one, NULL), 0);
	assert_int_equal(cni_siblings(dir, &one, &siblings, NULL), 0);
	assert_int_equal(siblings.n, 0);
	strcpy(other.ifname, "eth1");
	other.has_policy = true;
	assert_int_equal(cni_remember(dir, &other, NULL), 0);
	assert_int_equal(cni_siblings(dir, &one, &siblings, NULL), 0);
	assert_int_equal(siblings.n, 1);
	assert_true(siblings.have_policy);
	assert_string_equal(siblings.one.ifname, "eth1");
	assert_int_equal(cni_siblings(dir, &other, &siblings, NULL), 0);
	assert_false(siblings.have_policy);
	assert_int_equal(cni_forget(dir, &one, NULL), 0);
	assert_int_equal(cni_forget(dir, &other, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_do_not_clash),
		cmocka_unit_test(what_is_remembered_is_recalled),
		cmocka_unit_test(what_is_damaged_is_forgotten),
		cmocka_unit_test(what_cannot_be_read_is_kept),
		cmocka_unit_test(those_of_one_name),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

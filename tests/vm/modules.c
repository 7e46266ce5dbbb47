/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's modules that are packed beside the tests, those that others need first. */
#include "tests/vm/guest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/syscall.h>

/* What is not there is built in, or shows in the tests. */
static void load(const char *name)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/modules/%s.ko", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (syscall(SYS_finit_module, fd, "", 0) && errno != EEXIST)
		printf("# module %s: %s\n", name, strerror(errno));
	close(fd);
}

void modules_load(void)
{
	static const char *const names[] = { "llc", "stp", "bridge", "veth", "sch_ingress", "cls_bpf", "act_bpf" };
	unsigned i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		load(names[i]);
}

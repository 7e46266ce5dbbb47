/* SPDX-License-Identifier: GPL-2.0 */
#include "syscalls/descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int descriptor_above_2(int fd)
{
	int copy;

	if (fd < 0 || fd > 2)
		return fd;
	copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (copy < 0)
		copy = -errno;
	close(fd);
	return copy;
}

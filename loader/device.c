/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/device.h"

#include <errno.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

int device_check_ethernet(const char *name, struct error *err)
{
	struct ifreq request = { 0 };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), code = 0;

	if (fd < 0)
		return error_set(err, -errno, "%s: it cannot be asked about: %s", name, strerror(errno));
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	if (ioctl(fd, SIOCGIFHWADDR, &request))
		code = error_set(err, -errno, "%s: it cannot be asked about: %s", name, strerror(errno));
	close(fd);
	if (code || request.ifr_hwaddr.sa_family == ARPHRD_ETHER || request.ifr_hwaddr.sa_family == ARPHRD_LOOPBACK)
		return code;
	return error_set(
		err, -EINVAL,
		"%s: it carries no Ethernet frames (type %u), and the programs would misread its packets: name "
		"the Ethernet device below it, or attach by cgroup",
		name, request.ifr_hwaddr.sa_family);
}

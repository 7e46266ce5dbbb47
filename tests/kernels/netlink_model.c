/* SPDX-License-Identifier: GPL-2.0 */
/*
 * rtnetlink requests. Attributes that an old kernel does not know it passes over, as if they were not there; flags of
 * XDP that it does not know it answers with EINVAL, and so does the running one to flags that nobody knows.
 */
#include "tests/kernels/old_kernel.h"

#include <string.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#define UNKNOWN_TO_ALL 0xffffffffu

/* Calls visit for each attribute in a list, whose bytes it may change. */
static bool each_attribute(const struct old_kernel *kernel, unsigned char *list, size_t size,
			   bool (*visit)(const struct old_kernel *, struct nlattr *, unsigned char *data, size_t size))
{
	struct nlattr attribute;
	bool changed = false;
	size_t at = 0;

	while (size - at >= sizeof(attribute)) {
		memcpy(&attribute, list + at, sizeof(attribute));
		if (attribute.nla_len < sizeof(attribute) || attribute.nla_len > size - at)
			break;
		changed = visit(kernel, &attribute, list + at + sizeof(attribute),
				attribute.nla_len - sizeof(attribute)) ||
			  changed;
		memcpy(list + at, &attribute, sizeof(attribute));
		at += (attribute.nla_len + 3u) & ~3u;
		if (at > size)
			break;
	}
	return changed;
}

/* do_setlink; ifla_xdp_policy */
static bool visit_xdp(const struct old_kernel *kernel, struct nlattr *attribute, unsigned char *data, size_t size)
{
	unsigned type = attribute->nla_type & NLA_TYPE_MASK;
	__u32 flags = UNKNOWN_TO_ALL;

	if (type > kernel->last_xdp_attribute) {
		attribute->nla_type = IFLA_XDP_UNSPEC;
		return true;
	}
	if (type != IFLA_XDP_FLAGS || size < sizeof(flags))
		return false;
	memcpy(&flags, data, sizeof(flags));
	if (!(flags & ~kernel->xdp_flags))
		return false;
	flags = UNKNOWN_TO_ALL;
	memcpy(data, &flags, sizeof(flags));
	return true;
}

static bool visit_link(const struct old_kernel *kernel, struct nlattr *attribute, unsigned char *data, size_t size)
{
	unsigned type = attribute->nla_type & NLA_TYPE_MASK;

	if (type == IFLA_XDP)
		return each_attribute(kernel, data, size, visit_xdp);
	if (type <= kernel->last_link_attribute)
		return false;
	attribute->nla_type = IFLA_UNSPEC;
	return true;
}

bool netlink_as_understood(const struct old_kernel *kernel, unsigned char *request, size_t size)
{
	struct nlmsghdr header;
	size_t skip = NLMSG_HDRLEN + NLMSG_ALIGN(sizeof(struct ifinfomsg));

	if (size < skip)
		return false;
	memcpy(&header, request, sizeof(header));
	if (header.nlmsg_len > size || header.nlmsg_type < RTM_NEWLINK || header.nlmsg_type > RTM_SETLINK)
		return false;
	return each_attribute(kernel, request + skip, header.nlmsg_len - skip, visit_link);
}

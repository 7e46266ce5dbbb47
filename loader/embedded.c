/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/embedded.h"

#define OBJECT(name) extern const unsigned char object_##name[], object_##name##_end[]
OBJECT(xdp_firewall);
OBJECT(rate_limit);
OBJECT(dns_filter);
OBJECT(tc_firewall);
OBJECT(cgroup_firewall);
#undef OBJECT

#define OBJECT(name)                                                                                                   \
	{                                                                                                              \
#name, object_##name, object_##name##_end                                                              \
	}
static const struct {
	const char *name;
	const unsigned char *begin, *end;
} objects[EMBEDDED_N] = {
	OBJECT(xdp_firewall), OBJECT(rate_limit), OBJECT(dns_filter), OBJECT(tc_firewall), OBJECT(cgroup_firewall),
};

const char *embedded_name(unsigned i)
{
	return objects[i].name;
}

struct view embedded_bytes(unsigned i)
{
	return (struct view) { objects[i].begin, (size_t)(objects[i].end - objects[i].begin) };
}

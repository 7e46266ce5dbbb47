/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/cni/result.h"

#include <errno.h>
#include <string.h>

#include "loader/address.h"
#include "loader/netns.h"

/* The value at that place of a list. -ENOENT: it is not there. */
static int item_of(const struct json_value *list, __s64 index, struct json_value *out)
{
	struct json_walk walk;

	json_walk(&walk, list);
	while (json_next(&walk))
		if (!index--) {
			*out = walk.value;
			return 0;
		}
	return -ENOENT;
}

/* Whether the interface that an address is said to be on is another one. */
static bool is_of_another(const struct cni_request *request, const struct json_value *ip)
{
	struct json_value value, interface;
	__s64 index;

	if (json_find(ip, "interface", &value, NULL) || json_get_integer(&value, &index) || index < 0)
		return false;
	if (json_find(&request->prev_result, "interfaces", &value, NULL) || item_of(&value, index, &interface) ||
	    json_find(&interface, "name", &value, NULL))
		return false;
	return !json_string_is(&value, request->ifname);
}

static int take_ip(const struct json_value *ip, struct cni_attachment *out, struct error *err)
{
	char text[PREFIX_TEXT_MAX + 8];
	struct json_value value;
	int code = json_find(ip, "address", &value, err);

	if (code || json_get_string(&value, text, sizeof(text)))
		return error_set(err, -EINVAL, "prevResult.ips: each is to have an \"address\", ADDRESS/LENGTH");
	if (out->n_addrs == FW_ADDRS_MAX)
		return error_set(err, -E2BIG, "prevResult.ips: a container has at most %d addresses", FW_ADDRS_MAX);
	text[strcspn(text, "/")] = '\0';
	code = address_parse(text, &out->addrs[out->n_addrs], err);
	out->n_addrs += !code;
	return code ? error_prefix(err, "prevResult.ips") : 0;
}

int cni_result_addrs(const struct cni_request *request, struct cni_attachment *out, struct error *err)
{
	struct json_value ips;
	struct json_walk walk;
	int code = json_find(&request->prev_result, "ips", &ips, err);

	if (code)
		return code == -ENOENT ? 0 : code;
	json_walk(&walk, &ips);
	while (!code && json_next(&walk))
		if (!is_of_another(request, &walk.value))
			code = take_ip(&walk.value, out, err);
	return code;
}

enum cni_code cni_result_device(const struct cni_request *request, __u32 *ifindex, struct error *err)
{
	struct netns_view view;
	unsigned i;
	int code = netns_of_path(request->netns, &view, err);

	if (code)
		return code == -ENOENT || code == -ENOTDIR || code == -EACCES ? CNI_ENVIRONMENT : cni_code_of(code);
	if (view.is_own) {
		error_set(err, -EINVAL, "CNI_NETNS %.200s: it is the host's own", request->netns);
		return CNI_ENVIRONMENT;
	}
	for (i = 0; i < view.n_devs; i++)
		if (!strcmp(view.inside[i], request->ifname)) {
			*ifindex = view.devs[i];
			return CNI_OK;
		}
	error_set(err, -ENODEV,
		  "%s in %.200s: no device of the host leads to it: chain this plugin behind one that makes a pair of "
		  "them, such as bridge or ptp",
		  request->ifname, request->netns);
	return CNI_NO_DEVICE;
}

/* SPDX-License-Identifier: GPL-2.0 */
/* Netlink messages as bytes: writing requests, reading answers. */
#include "syscalls/netlink_message.h"

#include <string.h>

#define ALIGN4(n) (((n) + 3) & ~(size_t)3)

static void append(struct request *request, const void *data, size_t size)
{
	size_t at = request->header.nlmsg_len - sizeof(request->header);

	if (request->overflow || ALIGN4(size) > sizeof(request->body) - at) {
		request->overflow = true;
		return;
	}
	if (size)
		memcpy(request->body + at, data, size);
	request->header.nlmsg_len += ALIGN4(size);
}

void request_begin(struct request *request, __u16 type, __u16 flags, const void *head, size_t head_size)
{
	memset(request, 0, sizeof(*request));
	request->header.nlmsg_len = sizeof(request->header);
	request->header.nlmsg_type = type;
	request->header.nlmsg_flags = NLM_F_REQUEST | flags;
	append(request, head, head_size);
}

void request_put(struct request *request, __u16 type, const void *data, size_t size)
{
	struct nlattr attribute = { .nla_len = (__u16)(sizeof(attribute) + size), .nla_type = type };

	append(request, &attribute, sizeof(attribute));
	append(request, data, size);
}

void request_put_u32(struct request *request, __u16 type, __u32 value)
{
	request_put(request, type, &value, sizeof(value));
}

void request_put_string(struct request *request, __u16 type, const char *text)
{
	request_put(request, type, text, strlen(text) + 1);
}

size_t request_nest_begin(struct request *request, __u16 type)
{
	size_t place = request->header.nlmsg_len - sizeof(request->header);

	request_put(request, type | NLA_F_NESTED, NULL, 0);
	return place;
}

void request_nest_end(struct request *request, size_t place)
{
	__u16 size = (__u16)(request->header.nlmsg_len - sizeof(request->header) - place);

	if (!request->overflow)
		memcpy(request->body + place + offsetof(struct nlattr, nla_len), &size, sizeof(size));
}

const struct nlmsghdr *reply_next(const struct reply *reply, const struct nlmsghdr *previous)
{
	size_t at = 0;

	if (previous)
		at = (size_t)((const unsigned char *)previous - reply->data) + ALIGN4(previous->nlmsg_len);
	return at < reply->size ? (const struct nlmsghdr *)(reply->data + at) : NULL;
}

const void *message_head(const struct nlmsghdr *message, size_t size)
{
	return message->nlmsg_len >= NLMSG_HDRLEN + size ? (const unsigned char *)message + NLMSG_HDRLEN : NULL;
}

struct attributes message_attributes(const struct nlmsghdr *message, size_t head_size)
{
	size_t skip = NLMSG_HDRLEN + ALIGN4(head_size);
	struct attributes attributes = { NULL, 0 };

	if (message->nlmsg_len > skip) {
		attributes.data = (const unsigned char *)message + skip;
		attributes.size = message->nlmsg_len - skip;
	}
	return attributes;
}

size_t attribute_size(const struct nlattr *attribute)
{
	return attribute->nla_len - sizeof(*attribute);
}

const void *attribute_data(const struct nlattr *attribute)
{
	return attribute + 1;
}

struct attributes attribute_nested(const struct nlattr *attribute)
{
	struct attributes attributes = { NULL, 0 };

	if (attribute) {
		attributes.data = attribute_data(attribute);
		attributes.size = attribute_size(attribute);
	}
	return attributes;
}

const struct nlattr *attributes_find(struct attributes attributes, __u16 type)
{
	const struct nlattr *attribute;
	size_t at = 0;

	while (at < attributes.size && attributes.size - at >= sizeof(*attribute)) {
		attribute = (const struct nlattr *)(attributes.data + at);
		if (attribute->nla_len < sizeof(*attribute) || attribute->nla_len > attributes.size - at)
			break;
		if ((attribute->nla_type & NLA_TYPE_MASK) == type)
			return attribute;
		at += ALIGN4(attribute->nla_len);
	}
	return NULL;
}

__u32 attributes_u32(struct attributes attributes, __u16 type, __u32 otherwise)
{
	const struct nlattr *attribute = attributes_find(attributes, type);
	__u32 value = otherwise;

	if (attribute && attribute_size(attribute) >= sizeof(value))
		memcpy(&value, attribute_data(attribute), sizeof(value));
	return value;
}

__u8 attributes_u8(struct attributes attributes, __u16 type, __u8 otherwise)
{
	const struct nlattr *attribute = attributes_find(attributes, type);

	return attribute && attribute_size(attribute) >= 1 ? *(const __u8 *)attribute_data(attribute) : otherwise;
}

void attributes_string(struct attributes attributes, __u16 type, char *to, size_t room)
{
	const struct nlattr *attribute = attributes_find(attributes, type);
	size_t size = attribute ? strnlen(attribute_data(attribute), attribute_size(attribute)) : 0;

	if (size >= room)
		size = room - 1;
	if (size)
		memcpy(to, attribute_data(attribute), size);
	to[size] = 0;
}

/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of rtnetlink share: building a request, one exchange, reading attributes. */
#ifndef SYSCALLS_NETLINK_MESSAGE_H
#define SYSCALLS_NETLINK_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

struct netlink;

/* A request under construction; what does not fit makes the exchange fail with -EMSGSIZE. */
struct request {
	struct nlmsghdr header;
	unsigned char body[496];
	bool overflow;
};

/* `head`: the family's fixed structure, copied. */
void request_begin(struct request *request, __u16 type, __u16 flags, const void *head, size_t head_size);
void request_put(struct request *request, __u16 type, const void *data, size_t size);
void request_put_u32(struct request *request, __u16 type, __u32 value);
void request_put_string(struct request *request, __u16 type, const char *text);
/* Gives the place to hand to request_nest_end. */
size_t request_nest_begin(struct request *request, __u16 type);
void request_nest_end(struct request *request, size_t place);

/* The answers to one request, one behind the other, each aligned. */
struct reply {
	unsigned char *data;
	size_t size, room;
};

/*
 * Sends, and collects everything up to the acknowledgement or the end of the dump. `reply` may be NULL: nothing is
 * kept; otherwise reply_free it also on failure. A dump that the kernel calls interrupted is asked for again, a few
 * times, and then taken as it is.
 */
int netlink_exchange(struct netlink *netlink, struct request *request, struct reply *reply);
void reply_free(struct reply *reply);

/*
 * Asks for one number: the attribute of 32 bits behind the answer's fixed structure of `head_size` bytes, `otherwise`
 * where it is not there. 0, -EPROTO: no answer, or -errno.
 */
int netlink_ask_number(struct netlink *netlink, struct request *request, size_t head_size, __u16 attribute,
		       __u32 otherwise, int *out);

/* The answer after `previous` (NULL: the first), NULL: no more. */
const struct nlmsghdr *reply_next(const struct reply *reply, const struct nlmsghdr *previous);

/* A message's fixed structure, NULL where the message is shorter than `size`. */
const void *message_head(const struct nlmsghdr *message, size_t size);

/* A list of attributes, read within its bounds. */
struct attributes {
	const unsigned char *data;
	size_t size;
};
struct attributes message_attributes(const struct nlmsghdr *message, size_t head_size);
struct attributes attribute_nested(const struct nlattr *attribute);
/* The first attribute of that type, NULL: none. */
const struct nlattr *attributes_find(struct attributes attributes, __u16 type);
size_t attribute_size(const struct nlattr *attribute);
const void *attribute_data(const struct nlattr *attribute);

/* Of an attribute in the list, or the default where it is missing or too short. */
__u32 attributes_u32(struct attributes attributes, __u16 type, __u32 otherwise);
__u8 attributes_u8(struct attributes attributes, __u16 type, __u8 otherwise);
/* Copies text, always terminated; "" where it is missing. */
void attributes_string(struct attributes attributes, __u16 type, char *to, size_t room);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* The socket, and one exchange over it. */
#include "syscalls/netlink.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "syscalls/descriptor.h"
#include "syscalls/netlink_message.h"

#ifndef SOL_NETLINK
#define SOL_NETLINK 270
#endif

/* The kernel fills a dump's datagrams up to the size it is offered, 32 KiB at most (netlink_recvmsg). */
#define RECEIVE_ROOM 32768
#define DUMP_TRIES 4

int netlink_open(struct netlink *netlink)
{
	static const int wanted[] = { NETLINK_EXT_ACK, NETLINK_CAP_ACK, NETLINK_GET_STRICT_CHK };
	int on = 1;
	size_t i;

	memset(netlink, 0, sizeof(*netlink));
	netlink->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	netlink->fd = netlink->fd < 0 ? -errno : descriptor_above_2(netlink->fd);
	if (netlink->fd < 0)
		return netlink->fd;
	/* 4.12, 4.3 and 4.20: older kernels say less, and filter dumps less, which the readers allow for. */
	for (i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		setsockopt(netlink->fd, SOL_NETLINK, wanted[i], &on, sizeof(on));
	return 0;
}

void netlink_close(struct netlink *netlink)
{
	if (netlink->fd > 2)
		close(netlink->fd);
	netlink->fd = -1;
}

static int send_request(struct netlink *netlink, struct request *request)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	ssize_t sent;

	if (request->overflow)
		return -EMSGSIZE;
	request->header.nlmsg_seq = ++netlink->sequence;
	netlink->why[0] = 0;
	do {
		sent = sendto(netlink->fd, request, request->header.nlmsg_len, 0, (struct sockaddr *)&kernel,
			      sizeof(kernel));
	} while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : 0;
}

/* One datagram from the kernel itself: its size, or -errno. */
static ssize_t receive(struct netlink *netlink, void *buffer, size_t room)
{
	struct sockaddr_nl from;
	struct iovec part = { buffer, room };
	struct msghdr message;
	ssize_t size;

	do {
		memset(&message, 0, sizeof(message));
		message.msg_name = &from;
		message.msg_namelen = sizeof(from);
		message.msg_iov = &part;
		message.msg_iovlen = 1;
		size = recvmsg(netlink->fd, &message, 0);
	} while ((size < 0 && errno == EINTR) || (size >= 0 && from.nl_pid != 0));
	if (size < 0)
		return -errno;
	return message.msg_flags & MSG_TRUNC ? -EMSGSIZE : size;
}

static void read_why(struct netlink *netlink, const struct nlmsghdr *message, size_t skip)
{
	if (message->nlmsg_flags & NLM_F_ACK_TLVS)
		attributes_string(message_attributes(message, skip), NLMSGERR_ATTR_MSG, netlink->why,
				  sizeof(netlink->why));
}

/* An acknowledgement: the kernel's answer. The request follows it whole, unless the kernel capped it. */
static int read_acknowledgement(struct netlink *netlink, const struct nlmsghdr *message)
{
	const struct nlmsgerr *answer = message_head(message, sizeof(*answer));
	size_t skip = sizeof(*answer);

	if (!answer)
		return -EPROTO;
	if (!(message->nlmsg_flags & NLM_F_CAPPED) && answer->error && answer->msg.nlmsg_len > NLMSG_HDRLEN)
		skip += answer->msg.nlmsg_len - NLMSG_HDRLEN;
	read_why(netlink, message, skip);
	return answer->error;
}

/* The end of a dump carries an error, since 4.15. */
static int read_done(struct netlink *netlink, const struct nlmsghdr *message)
{
	const int *error = message_head(message, sizeof(*error));

	if (!error || *error >= 0)
		return 0;
	read_why(netlink, message, sizeof(*error));
	return *error;
}

static int reply_append(struct reply *reply, const struct nlmsghdr *message)
{
	size_t size = NLMSG_ALIGN(message->nlmsg_len);
	unsigned char *data;

	if (!reply)
		return 0;
	if (size > reply->room - reply->size) {
		data = realloc(reply->data, (reply->room + size) * 2);
		if (!data)
			return -ENOMEM;
		reply->data = data;
		reply->room = (reply->room + size) * 2;
	}
	memcpy(reply->data + reply->size, message, message->nlmsg_len);
	reply->size += size;
	return 0;
}

void reply_free(struct reply *reply)
{
	free(reply->data);
	memset(reply, 0, sizeof(*reply));
}

struct progress {
	bool ended, interrupted;
	int failed; /* of this side, while the rest is still to be read off the socket */
};

static int take_message(struct netlink *netlink, const struct nlmsghdr *message, struct reply *reply,
			struct progress *progress)
{
	if (message->nlmsg_seq != netlink->sequence)
		return 0; /* left over from an exchange that was given up */
	if (message->nlmsg_flags & NLM_F_DUMP_INTR)
		progress->interrupted = true;
	if (message->nlmsg_type == NLMSG_ERROR || message->nlmsg_type == NLMSG_DONE)
		progress->ended = true;
	if (message->nlmsg_type == NLMSG_ERROR)
		return read_acknowledgement(netlink, message);
	if (message->nlmsg_type == NLMSG_DONE)
		return read_done(netlink, message);
	if (!progress->failed && message->nlmsg_type >= NLMSG_MIN_TYPE)
		progress->failed = reply_append(reply, message);
	return 0;
}

static int collect(struct netlink *netlink, struct reply *reply, struct progress *progress)
{
	_Alignas(struct nlmsghdr) unsigned char buffer[RECEIVE_ROOM];
	const struct nlmsghdr *message;
	size_t left, step;
	ssize_t size;
	int result = 0;

	memset(progress, 0, sizeof(*progress));
	while (!progress->ended) {
		size = receive(netlink, buffer, sizeof(buffer));
		if (size < 0)
			return (int)size;
		for (left = (size_t)size; left >= sizeof(*message) && !progress->ended; left -= step) {
			message = (const struct nlmsghdr *)(buffer + (size_t)size - left);
			if (message->nlmsg_len < sizeof(*message) || message->nlmsg_len > left)
				return -EPROTO;
			result = take_message(netlink, message, reply, progress);
			step = NLMSG_ALIGN(message->nlmsg_len) < left ? NLMSG_ALIGN(message->nlmsg_len) : left;
		}
	}
	return result ? result : progress->failed;
}

int netlink_exchange(struct netlink *netlink, struct request *request, struct reply *reply)
{
	struct progress progress;
	int tries, result;

	request->header.nlmsg_flags |= NLM_F_ACK;
	for (tries = 0; tries < DUMP_TRIES; tries++) {
		if (reply)
			reply->size = 0;
		result = send_request(netlink, request);
		if (!result)
			result = collect(netlink, reply, &progress);
		if (result || !progress.interrupted)
			return result;
	}
	return 0;
}

int netlink_ask_number(struct netlink *netlink, struct request *request, size_t head_size, __u16 attribute,
		       __u32 otherwise, int *out)
{
	struct reply reply = { 0 };
	int result = netlink_exchange(netlink, request, &reply);
	const struct nlmsghdr *message = reply_next(&reply, NULL);

	if (!result && !message)
		result = -EPROTO;
	if (!result)
		*out = (int)attributes_u32(message_attributes(message, head_size), attribute, otherwise);
	reply_free(&reply);
	return result;
}

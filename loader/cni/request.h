/* SPDX-License-Identifier: GPL-2.0 */
/* What a runtime asks of a CNI plugin: by its environment, and a network configuration on standard input. */
#ifndef LOADER_CNI_REQUEST_H
#define LOADER_CNI_REQUEST_H

#include <stdbool.h>
#include "loader/command.h"
#include "loader/json_read.h"

/* The specification's codes of errors, and ours from 100 on. Beside one that is not CNI_OK there is a sentence. */
enum cni_code {
	CNI_OK = 0,
	CNI_INCOMPATIBLE = 1,      /* the version of the configuration */
	CNI_UNSUPPORTED = 2,       /* a field of the configuration */
	CNI_UNKNOWN_CONTAINER = 3, /* nothing is to be cleaned up */
	CNI_ENVIRONMENT = 4,
	CNI_IO = 5,
	CNI_DECODE = 6,
	CNI_CONFIG = 7,
	CNI_TRY_AGAIN = 11,
	CNI_UNAVAILABLE = 50, /* STATUS: no ADD would succeed */
	CNI_REFUSED = 100,    /* by the kernel or the system */
	CNI_LACKING = 101,    /* this kernel lacks a needed feature */
	CNI_CHANGED = 102,    /* CHECK: not as ADD left it */
	CNI_NO_DEVICE = 103,  /* no device of the host leads to the interface */
};

#define CNI_NAME_MAX 200 /* bytes of a container's id and a network's name */
#define CNI_POD_MAX 253  /* of a pod's name or namespace */
#define CNI_PATH_MAX 200

struct cni_request {
	struct options options;
	const char *command;
	const char *id, *netns, *ifname;                           /* NULL where they were not given */
	char pod_namespace[CNI_POD_MAX + 1], pod[CNI_POD_MAX + 1]; /* "" where CNI_ARGS has not both */
	char *text;                                                /* standard input, in which the values lie */
	struct json_value config, prev_result;
	bool has_prev_result;
	char version[16]; /* the configuration's */
	char network[CNI_NAME_MAX + 1];
	char bpffs[CNI_PATH_MAX + 1], policy_dir[CNI_PATH_MAX + 1], data_dir[CNI_PATH_MAX + 1];
};

extern const char *const cni_versions[]; /* ended by NULL; the newest is the last */

/*
 * Reads the environment, and standard input. To be freed in any case. What is asked for is complete then: of what the
 * command needs nothing is missing or malformed.
 */
enum cni_code cni_request_read(struct cni_request *request, const struct options *options, struct error *err);
void cni_request_free(struct cni_request *request);

/* The code for -errno from below. */
enum cni_code cni_code_of(int code);

#endif

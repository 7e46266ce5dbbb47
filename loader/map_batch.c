/* SPDX-License-Identifier: GPL-2.0 */
#include "loader/map_batch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loader/host_features.h"
#include "syscalls/bpf.h"

#define ENTRIES 512

void map_batch_begin(struct map_batch *batch, struct firewall *fw, enum fw_map map, size_t key_size, size_t value_size)
{
	*batch = (struct map_batch) { .fw = fw, .map = map, .key_size = key_size, .value_size = value_size };
}

int map_batch_add(struct map_batch *batch, const void *key, const void *value)
{
	int code = batch->n == ENTRIES ? map_batch_send(batch) : 0;

	if (code)
		return code;
	if (!batch->keys) {
		batch->keys = malloc(ENTRIES * (batch->key_size + batch->value_size));
		if (!batch->keys)
			return -ENOMEM;
		batch->values = batch->keys + ENTRIES * batch->key_size;
	}
	memcpy(batch->keys + batch->n * batch->key_size, key, batch->key_size);
	memcpy(batch->values + batch->n++ * batch->value_size, value, batch->value_size);
	return 0;
}

/* A batch stops at the first that cannot be written, which says why when it is written alone. */
int map_batch_send(struct map_batch *batch)
{
	int fd = batch->fw->map_fd[batch->map], code;
	__u32 n = batch->n, done = 0;

	batch->n = 0;
	if (!n)
		return 0;
	code = firewall_write_config(batch->fw, NULL);
	if (!code && n > 1 && host_may_have(FEATURE_BATCH)) {
		done = n;
		sys_bpf_map_update_batch(fd, batch->keys, batch->values, &done, BPF_ANY);
	}
	for (; !code && done < n; done++)
		code = sys_bpf_map_update(fd, batch->keys + done * batch->key_size,
					  batch->values + done * batch->value_size, BPF_ANY);
	return code;
}

void map_batch_free(struct map_batch *batch)
{
	free(batch->keys);
	batch->keys = NULL;
	batch->n = 0;
}

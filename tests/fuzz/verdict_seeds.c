/* SPDX-License-Identifier: GPL-2.0 */
/* Writes what verdict_fuzz begins with, the packet tests' rows, as files of a folder: verdict_seeds FOLDER. */
#include <stdio.h>
#include <string.h>

#include "tests/fuzz/verdict_input.h"
#include "tests/packets/row.h"

#define SEED_MAX 16384
#define ETHERNET 14

struct seed {
	unsigned char bytes[SEED_MAX];
	size_t n;
};

/* The whole frame where its link header is not the one that is put before any packet. */
static void add(struct seed *seed, const struct step *step, int family, unsigned how)
{
	unsigned char frame[FRAME_MAX], *at = seed->bytes + seed->n;
	const struct framing framing = { .family = family, .way = step->way };
	const struct packet *packet = step->packet;
	unsigned size = packet_build(packet, &framing, frame), skipped = ETHERNET;
	unsigned whose = step->uplink ? 3 : step->twin ? 2 : 0;

	how |= (step->way == OUT ? INPUT_OUT : 0) | (packet->gso_size ? INPUT_GSO : 0) | whose << INPUT_WHOSE_SHIFT;
	if (packet->ethertype || packet->tags || packet->version || size < ETHERNET) {
		how |= INPUT_TAGS;
		skipped = 0;
	}
	size -= skipped;
	if (size > INPUT_SIZE_MAX || seed->n + 3 + size > SEED_MAX)
		return;
	at[0] = (unsigned char)how;
	at[1] = (unsigned char)size;
	at[2] = (unsigned char)(size >> 8);
	memcpy(at + 3, frame + skipped, size);
	seed->n += 3 + size;
}

/* A row that has commands is of a policy that changes. */
static int has_commands(const struct row *row)
{
	const struct step *step = row->steps;

	while (step->kind != STEP_END && step->kind != STEP_COMMAND)
		step++;
	return step->kind == STEP_COMMAND;
}

static void fill(struct seed *seed, const struct row *row, int family, unsigned how, unsigned policy)
{
	const struct step *step;
	unsigned later = 0;

	seed->bytes[0] = (unsigned char)policy;
	seed->n = 1;
	for (step = row->steps; step->kind != STEP_END; step++) {
		if (step->kind == STEP_PACKET)
			add(seed, step, family, how | later);
		later = step->kind == STEP_AGE ? INPUT_LATER : 0;
	}
}

static int write_seed(const char *folder, unsigned table, unsigned row, const char *how, const struct seed *seed)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/seed-%u-%u-%s", folder, table, row, how);
	file = fopen(path, "w");
	if (!file || fwrite(seed->bytes, 1, seed->n, file) != seed->n || fclose(file)) {
		perror(path);
		return 1;
	}
	return 0;
}

static int write_row(const char *folder, unsigned table, unsigned i)
{
	static struct seed seed;
	const struct row *row = &row_tables[table]->rows[i];
	unsigned changes = has_commands(row) ? POLICY_CHANGES : 0;
	int failed = 0;

	if (!(row->only & ONLY_V6)) {
		fill(&seed, row, 4, 0, changes);
		failed |= write_seed(folder, table, i, "ipv4", &seed);
	}
	if (!(row->only & ONLY_V4)) {
		fill(&seed, row, 6, 1 << INPUT_WHOSE_SHIFT, POLICY_MANY_LENGTHS | POLICY_WITHOUT_ADDRS);
		failed |= write_seed(folder, table, i, "ipv6", &seed);
	}
	if (!(row->only & (ONLY_TC | ONLY_XDP))) {
		fill(&seed, row, row->only & ONLY_V6 ? 6 : 4, INPUT_CGROUP, POLICY_WITHOUT_DEVICE | changes);
		failed |= write_seed(folder, table, i, "cgroup", &seed);
	}
	return failed;
}

int main(int argc, char **argv)
{
	unsigned i, j;
	int failed = 0;

	if (argc != 2) {
		fprintf(stderr, "verdict_seeds FOLDER\n");
		return 2;
	}
	for (i = 0; row_tables[i]; i++)
		for (j = 0; j < row_tables[i]->n; j++)
			failed |= write_row(argv[1], i, j);
	return failed;
}

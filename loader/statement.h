/* SPDX-License-Identifier: GPL-2.0 */
/* A rule, between its words and the statement that is kept of it. */
#ifndef LOADER_STATEMENT_H
#define LOADER_STATEMENT_H

#include "bpf/fw_abi.h"
#include "elf/error.h"

struct json;

/*
 * Reads "in|out PROTO [from|to PREFIX|any] [port N[-M]]", ended by NULL. rules and action are left 0. 0, or -EINVAL
 * with a sentence.
 */
int statement_parse(char **words, struct fw_statement *out, struct error *err);

/* The words again: "in tcp from 192.0.2.0/24 port 80-90". Gives `room`. */
#define STATEMENT_TEXT_MAX 128
const char *statement_text(const struct fw_statement *statement, char room[STATEMENT_TEXT_MAX]);

/* The parts as members of an object that is open: action, direction, proto, prefix, port. */
void statement_json(struct json *json, const struct fw_statement *statement);

/* By direction, action, protocol, prefix, ports: for qsort(3). */
int statement_compare(const void *left, const void *right);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* The verifier's log, of which a person needs the end. */
#ifndef LOADER_VERIFIER_LOG_H
#define LOADER_VERIFIER_LOG_H

#include "elf/error.h"

/*
 * Puts the last lines of a log behind the sentence, each as a line of its own (see loader/report.h): the reason last,
 * before it the instructions that led there, and the source line that they come from, where the log has it. Nothing
 * where the log is empty. The log is changed.
 */
void verifier_log_append(struct error *err, char *log);

#endif

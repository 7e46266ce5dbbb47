/* SPDX-License-Identifier: GPL-2.0 */
/* What nobody may see on standard error is told where the system's administrator looks. */
#ifndef LOADER_KERNEL_LOG_H
#define LOADER_KERNEL_LOG_H

struct error;

/* The sentence as an error in the kernel's log, or where that cannot be written in the system's (syslog). */
void kernel_log_error(const struct error *err);

#endif

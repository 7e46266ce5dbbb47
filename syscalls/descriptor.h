/* SPDX-License-Identifier: GPL-2.0 */
/* Descriptors 0 to 2 are kept for the standard streams, even where the caller started us with them closed. */
#ifndef SYSCALLS_DESCRIPTOR_H
#define SYSCALLS_DESCRIPTOR_H

/* Gives `fd` or a close-on-exec duplicate above 2 (then `fd` is closed); -errno. A negative fd is given back. */
int descriptor_above_2(int fd);

#endif

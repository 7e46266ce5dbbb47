/* SPDX-License-Identifier: GPL-2.0 */
/* What kind of network device it is. */
#ifndef LOADER_DEVICE_H
#define LOADER_DEVICE_H

#include "elf/error.h"

/*
 * 0 where the device's packets begin with an Ethernet header, as the programs read them. -EINVAL and a sentence where
 * they do not (tunnels, point-to-point links), or -errno of what could not be asked.
 */
int device_check_ethernet(const char *name, struct error *err);

#endif

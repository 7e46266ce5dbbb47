/* SPDX-License-Identifier: GPL-2.0 */
/* Tells a service manager that the service has started: sd_notify(3), READY=1, where NOTIFY_SOCKET names one. */
#ifndef LOADER_READY_H
#define LOADER_READY_H

void ready(void);

#endif

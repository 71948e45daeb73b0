/* SPDX-License-Identifier: GPL-2.0-only */
/* The one connection to libvirt, and its event loop, which is also where the director waits for anything else. */
#ifndef SPTEST_WORKLOAD_CONNECTION_H
#define SPTEST_WORKLOAD_CONNECTION_H

#include <libvirt/libvirt.h>
#include <stdbool.h>

#define CONNECTION_URI "qemu:///system"	/* unless $LIBVIRT_DEFAULT_URI names another */

/* NULL, with a line that says why: it cannot be reached. */
virConnectPtr connection_open(void);
void connection_close(void);

/* Why there is none any more; NULL: there is. */
const char *connection_lost(void);

/* libvirt's words for what failed last in this program. */
const char *connection_error(void);

/*
 * Runs events until connection_wake() is called by one of them, fd can be read (-1: none), or ms milliseconds are over.
 * Calls of libvirt that wait for its daemon are ended by keepalives if it does not answer.
 */
void connection_wait(int fd, int ms);

/* Something of interest happened in a handler: the wait is over. */
void connection_wake(void);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What runs guests. Each director has one: that of host machines QEMU (carrier-qemu.c), that of --here the machine's
 * own libvirt (libvirt/carrier.c). Where something fails there is a line that says why.
 */
#ifndef SPTEST_WORKLOAD_CARRIER_H
#define SPTEST_WORKLOAD_CARRIER_H

#include "workload/guest.h"

/* Before the first guest and after the last. */
bool carrier_open(const struct plan *plan);
void carrier_close(void);

/* Fills pid and channel, and qmp and levers where there are any; carrier_stop() ends what is there either way. -errno. */
int carrier_start(struct guest *guest, const struct plan *plan);
void carrier_stop(struct guest *guest);

/*
 * The guest stands still for a while, and its heartbeats with it; goes on in another process, by way of a file (then the first
 * process ends before the other begins) or live. pid and channel are of the other then. -errno, and why.
 */
int carrier_pause(struct guest *guest, const struct plan *plan, char *why, size_t size);
int carrier_move(struct guest *guest, const struct plan *plan, bool by_file, char *why, size_t size);

/* Until the guest says something, or something becomes of it, or so many milliseconds. */
void carrier_wait(const struct guest *guest, int ms);

/* It knows that the guest has ended; the guest's channel may know before. */
bool carrier_ended(const struct guest *guest);

/* Of a guest that has ended, or closed its channel: why; the caller's to free. */
char *carrier_why(struct guest *guest);

#endif

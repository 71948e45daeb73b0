/* SPDX-License-Identifier: GPL-2.0-only */
/* A Linux guest under QEMU, from its start to its last message. */
#ifndef SPTEST_WORKLOAD_GUEST_H
#define SPTEST_WORKLOAD_GUEST_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "host/channel.h"
#include "workload/plan.h"

struct guest {
	char name[16];			/* "guest 1": for lines about it */
	unsigned int number;
	char beats_name[32];		/* of a file in /dev/shm that it counts its heartbeats in */
	pid_t pid;			/* of QEMU; 0: none runs */
	struct channel channel;
	void *carried;			/* the carrier's own */
	int qmp;			/* a socket that QEMU's machine protocol is spoken on; -1: none */
	int levers;			/* another, for what takes and gives its memory (workload/resize.h); -1: none */
	bool heir;			/* it takes another guest over, and waits for it */
	volatile uint64_t *beats[2];	/* in a page that stays, in one that may be swapped */
	char *line;			/* of the agent, not yet whole */
	size_t line_used;
	bool booted;			/* its init said hello */
	bool ready, done;		/* its agent did, and was through */
	bool gone;			/* QEMU ended, or talks no more */
	char *why;			/* it is, or does not get on; NULL: it is not known */
	json_t *jobs;			/* what the agent said of each */
	json_t *pattern;		/* and of its memory, or NULL */
	json_t *memslots;		/* and of one that came and went, or NULL */
};

/* Starts it, the number-th of this machine. -errno, with a line that says what failed; guest_stop() clears up either way. */
int guest_start(struct guest *guest, const struct plan *plan, unsigned int number);
void guest_stop(struct guest *guest);

/* Takes what the guest says within ms milliseconds. */
void guest_listen(struct guest *guest, int ms);

/* Tells one that has booted what to do. */
void guest_order(struct guest *guest, const struct plan *plan);

/* Where its CPU is, twice, and what its interrupt controller has, as diagnostics. */
void guest_print_state(struct guest *guest);

/* The end of its kernel log, and of QEMU's, as diagnostics. */
void guest_print_log(const struct guest *guest);

#endif

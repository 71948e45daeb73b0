/* SPDX-License-Identifier: GPL-2.0-only */
/* The coherence check of a guest: every spte must map what the page table of its QEMU maps. */
#ifndef SPTEST_WORKLOAD_LOOK_H
#define SPTEST_WORKLOAD_LOOK_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

struct looks {
	unsigned int count;		/* looks that found sptes */
	unsigned long long sptes, pages, suspects;
	unsigned int violations, errors;
	char *words;			/* what was wrong, lines; NULL: nothing */
};

/*
 * One look at the VM of process pid, added to looks; frozen: while it is stopped. What is wrong is kept. In a deadlock it
 * would not come back: meanwhile(arg) is called again and again, and ends it by false.
 */
void look_at(struct looks *looks, pid_t pid, bool frozen, bool (*meanwhile)(void *arg), void *arg);

/* What was wrong, and figures; word says which looks they are. */
void looks_print(const struct looks *looks, const char *word, FILE *out);
void looks_release(struct looks *looks);

#endif

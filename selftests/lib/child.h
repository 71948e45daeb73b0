/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fork() as the host's act: a child that shares the memory of a memslot copy-on-write, and is told what
 * to do with it. One to a case. Failures end the case, what the child finds wrong fails it.
 */
#ifndef SPTEST_LIB_CHILD_H
#define SPTEST_LIB_CHILD_H

#include <stddef.h>

#include "lib/kvm.h"
#include "lib/witness.h"

void child_fork(const struct memslot *slot);

/* What it does in its copy of the memslot's memory. */
void child_check(size_t first, size_t count, unsigned int version);
void child_fill(size_t first, size_t count, unsigned int version);
void child_unmap(size_t first, size_t count);

/*
 * Guest and host read one version of these pages, the child another, and all three version 1 of the others.
 */
void child_expect_versions(struct vcpu *vcpu, size_t first, size_t count, unsigned int guest,
			   unsigned int theirs);

/* It exits, and its memory is gone. */
void child_end(void);

/*
 * witness_step(), and what must be so at any time: no page that both processes have is mapped by a
 * writable spte, nor may another page be mapped in its place.
 */
void child_step(struct witness *w, const char *what, const struct step *step);

/* Each process has a page of its own there, or none, and everywhere else both have the same one. */
void child_expect_own(const char *what, size_t first, size_t count);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where most stories begin: a VM with one vCPU and one memslot over memory of the case's
 * backing, all of it written by the guest. Failures end the case.
 */
#ifndef SPTEST_LIB_STAGE_H
#define SPTEST_LIB_STAGE_H

#include <stddef.h>

#include "lib/backing.h"
#include "lib/kvm.h"
#include "lib/witness.h"

struct stage {
	struct backed memory;
	struct vm vm;
	struct vcpu *vcpu;
	struct memslot *slot;
	struct witness witness;
};

/* The guest has written version 1 to each page. */
void stage_set(struct stage *s, size_t pages);

/*
 * The same over memory of the caller's own, of which one fault maps `granule` pages; memory.fd
 * stays as it is.
 */
void stage_set_over(struct stage *s, void *memory, size_t pages, size_t granule);

/* A VM over such memory; nothing is touched, no witness opened. */
void stage_make(struct stage *s, void *memory, size_t pages);

/*
 * The same over a private mapping of a file whose pages are of version 1. Returns the file, mapped shared.
 */
void *stage_make_private(struct stage *s, size_t pages);

/*
 * A VM over one more mapping of s->memory, which another process may have made; nothing is touched,
 * no witness opened. The tag is that of the file, for whoever maps it.
 */
void stage_attach(struct stage *s, unsigned int tag);

/* Every word of these pages is of that version for guest and host; `faulted` is that of a step. */
void stage_read(struct stage *s, const char *what, size_t first, size_t count,
		unsigned int version, size_t faulted);

/* The same of all but these pages, which nothing has touched since the guest wrote them. */
void stage_read_others(struct stage *s, size_t first, size_t count);

/* The guest writes that version. */
void stage_write(struct stage *s, const char *what, size_t first, size_t count,
		 unsigned int version, size_t faulted);

/*
 * The host dropped these pages, all mapped, by a hole in the file, ftruncate() or MADV_DONTNEED:
 * KVM was told for that reason, and no spte of them is left.
 */
void stage_expect_dropped(struct stage *s, const char *what, size_t first, size_t count);

/* Nothing is behind these pages: the guest can neither read nor write them. */
void stage_expect_gone(struct stage *s, size_t first, size_t count);

#endif

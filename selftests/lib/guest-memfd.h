/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * guest_memfd that its owner can map, for ordinary VMs (Linux 6.18): KVM takes the pages from the
 * file, and not by the owner's page table. Failures end the case.
 */
#ifndef SPTEST_LIB_GUEST_MEMFD_H
#define SPTEST_LIB_GUEST_MEMFD_H

#include <stddef.h>

#include "lib/kvm.h"

/* Skips the case, with the reason, where this KVM has none. */
int guest_memfd_create(const struct vm *vm, size_t pages);

/* A memslot over all of it, which the process has mapped at hva. */
struct memslot *guest_memfd_add_memslot(struct vm *vm, int fd, void *hva, size_t pages);

#endif

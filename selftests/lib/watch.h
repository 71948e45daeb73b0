/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A VM of another process of the case, looked at from outside: all witnesses work, also when its
 * owner is about to end or has ended. Failures end the case.
 */
#ifndef SPTEST_LIB_WATCH_H
#define SPTEST_LIB_WATCH_H

#include <stdint.h>

#include "lib/kvm.h"

struct witness;

struct shown_vm {
	struct vm vm;
	uint64_t mm;	/* of its owner, for events; 0: there are no events */
};

/* In the owner. `shown` is of shared_alloc(). Before anybody records events. */
void vm_show(const struct vm *vm, struct shown_vm *shown);

/*
 * In another process of the case: `vm` is filled, and what the owner knows it by must be a static
 * variable, as its memslots and vCPUs point to it. It can be looked at, not run or changed. Returns a
 * file descriptor of the VM, the caller's to close, which keeps the VM when its owner is gone.
 */
int vm_watch(struct vm *vm, const struct shown_vm *shown);

/* The same, and opens the witness, which records the owner's events and no others. */
int vm_watch_open(struct vm *vm, const struct shown_vm *shown, struct witness *witness);

/*
 * The owner is gone: its notifiers were released once since the last step, and the VM, which is still
 * there, maps nothing.
 */
void vm_expect_released(const struct witness *witness, const char *what);

#endif

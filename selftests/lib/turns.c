// SPDX-License-Identifier: GPL-2.0-only
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "lib/peer.h"
#include "lib/turns.h"

static struct {
	atomic_bool stop, busy;
	atomic_ulong taken, granted;
} *turns;

void turns_prepare(void)
{
	turns = shared_alloc(sizeof(*turns));
}

/* Busy before it looks what is granted: see turns_pause(). */
static bool take_one(void (*act)(void))
{
	bool granted;

	atomic_store(&turns->busy, true);
	granted = atomic_load(&turns->taken) < atomic_load(&turns->granted);
	if (granted) {
		act();
		atomic_fetch_add(&turns->taken, 1);
	}
	atomic_store(&turns->busy, false);
	return granted;
}

/* Who gave way after each would seldom be at it while others are busy. */
void turns_take(void (*act)(void))
{
	while (!atomic_load(&turns->stop))
		if (!take_one(act))
			sched_yield();
}

void turns_grant(unsigned long least, unsigned long most)
{
	const unsigned long taken = atomic_load(&turns->taken);

	atomic_store(&turns->granted, taken + most);
	while (atomic_load(&turns->taken) < taken + least)
		sched_yield();
}

void turns_pause(void)
{
	atomic_store(&turns->granted, 0);
	while (atomic_load(&turns->busy))
		sched_yield();
}

void turns_stop(void)
{
	atomic_store(&turns->stop, true);
}

// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "lib/backing.h"
#include "lib/check.h"
#include "lib/guest.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/peer.h"
#include "lib/sptes.h"
#include "lib/turns.h"
#include "lib/witness.h"
#include "lib/young-pair.h"

#define TAG 1	/* of the file, whoever maps it */
#define TURNS_MAX 1000000	/* more than are taken before young_pair_stop() */

/* Of A; process B has copies of them, with its own VM. The memory is at the same address in both. */
static struct backed memory;
static struct vm vm;
static struct memslot *slot;
static struct witness witness;
static struct peer peer;

/* The pointers in `young` are to the above, so they are right in either process. */
static struct {
	struct young young[2];
	uint64_t mm;		/* of B */
	unsigned int round;	/* of B's young_touch() */
} *shared;

static void make_vm(unsigned int side)
{
	vm_create(&vm, 1);
	slot = vm_add_memslot(&vm, memory.hva, YOUNG_PAGES);
	slot->tag = TAG;
	young_init(&shared->young[side], &vm.vcpu[0], slot);
}

static void b_set_up(void)
{
	make_vm(PAIR_B);
	guest_fill(&vm.vcpu[0], slot, 0, YOUNG_PAGES, 1);
	shared->mm = events_own_mm();
}

void young_pair_make(void)
{
	young_need_answers();
	turns_prepare();
	shared = shared_alloc(sizeof(*shared));
	backing_alloc(&memory, YOUNG_PAGES);
	peer_start(&peer, "process B");
	peer_call(&peer, b_set_up);
	make_vm(PAIR_A);
	witness_open(&witness, &vm);
	events_add_mm(shared->mm);
	guest_check(&vm.vcpu[0], slot, 0, YOUNG_PAGES, 1);
	witness_step(&witness, "A's guest reads what B's wrote", &(struct step){ .faulted = YOUNG_PAGES });
}

const struct memslot *young_pair_slot(void)
{
	return slot;
}

struct young *young_pair_of(unsigned int side)
{
	return &shared->young[side];
}

void young_pair_step(const char *what)
{
	witness_step(&witness, what, &(struct step){ 0 });
}

void young_pair_step_reclaim(const char *what)
{
	witness_step(&witness, what, &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot->hva, .pages = YOUNG_PAGES, .racing = true, .partial = true,
	});
}

static void b_touch(void)
{
	young_touch(&shared->young[PAIR_B], shared->round);
}

void young_pair_touch(unsigned int side, unsigned int round)
{
	shared->round = round;
	if (side == PAIR_A)
		young_touch(&shared->young[PAIR_A], round);
	else
		peer_call(&peer, b_touch);
}

static void touch_all(void)
{
	static const uint64_t all[YOUNG_WORDS] = { [0 ... YOUNG_WORDS - 1] = UINT64_MAX };

	require(!guest_touch(&vm.vcpu[0], slot, all, YOUNG_PAGES), "B's guest cannot read");
}

static void b_touch_on(void)
{
	turns_take(touch_all);
}

void young_pair_touch_on(void)
{
	peer_tell(&peer, b_touch_on);
	turns_grant(1, TURNS_MAX);
}

void young_pair_stop(void)
{
	turns_stop();
	peer_answer(&peer);
}

unsigned int young_pair_side(const struct event *e)
{
	return e->mm == shared->mm ? PAIR_B : PAIR_A;
}

/* KVM's own events have no mm. */
size_t young_pair_page(const struct event *e)
{
	const uint64_t base = (uintptr_t)memory.hva;

	return !e->mm || e->start < base || e->start >= base + YOUNG_PAGES * GUEST_PAGE ? YOUNG_PAGES :
	       (e->start - base) / GUEST_PAGE;
}

bool young_pair_is_question(const struct event *e)
{
	return e->kind >= EVENT_CLEAR_FLUSH_YOUNG && e->kind <= EVENT_TEST_YOUNG &&
	       young_pair_page(e) < YOUNG_PAGES;
}

void young_pair_judge(const char *what)
{
	const struct event_list *list = witness_events();
	struct event_list part = { calloc(list->count + 1, sizeof(*part.event)), 0 };

	if (!part.event)
		fail("out of memory");
	for (unsigned int side = PAIR_A; side <= PAIR_B; side++) {
		part.count = 0;
		for (size_t i = 0; i < list->count; i++)
			if (young_pair_side(&list->event[i]) == side)
				part.event[part.count++] = list->event[i];
		young_check(&shared->young[side], what, &part);
	}
	free(part.event);
}

static void b_check(void)
{
	sptes_check(&vm, "B", true);
	young_check_sptes(&shared->young[PAIR_B], "B");
}

void young_pair_check_a(const char *what)
{
	young_check_sptes(&shared->young[PAIR_A], what);
}

void young_pair_check(const char *what)
{
	young_pair_check_a(what);
	peer_call(&peer, b_check);
}

static void b_check_data(void)
{
	guest_check(&vm.vcpu[0], slot, 0, YOUNG_PAGES, 1);
}

void young_pair_check_data(void)
{
	guest_check(&vm.vcpu[0], slot, 0, YOUNG_PAGES, 1);
	memory_check("host", slot->hva, memory_key(TAG, 1), 0, YOUNG_PAGES);
	peer_call(&peer, b_check_data);
}

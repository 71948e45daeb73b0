// SPDX-License-Identifier: GPL-2.0-only
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/exit.h"
#include "lib/mailbox.h"
#include "lib/mappings.h"

#define RUNS_MAX 4096	/* a thread that goes on with the VM it ran before needs no entry */
#define SLOTS_MAX 1024

struct run {
	uint64_t us;
	pid_t task, owner;
	int vm_fd;
};

struct slot {
	uint64_t from_us, to_us;
	pid_t owner;
	int vm_fd;
	uint64_t gfn, pages, hva;
};

/* Beyond the last entry there is room for no more: what came later is not known. */
static struct {
	atomic_uint run_count, slot_count;
	struct run runs[RUNS_MAX];
	struct slot slots[SLOTS_MAX];
} *noted;

/* What this thread ran last. */
static _Thread_local struct run last_run;

void mappings_init(void)
{
	noted = mmap(NULL, sizeof(*noted), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (noted == MAP_FAILED) {
		perror("mmap of the memory for the memslots of a case");
		exit(EXIT_FAIL);
	}
}

void mappings_begin(void)
{
	noted->run_count = 0;
	noted->slot_count = 0;
}

static unsigned int count_slots(void)
{
	unsigned int count = noted->slot_count;

	return count < SLOTS_MAX ? count : SLOTS_MAX;
}

void mappings_add_slot(const struct memslot *slot)
{
	unsigned int i = noted->slot_count++;

	if (i >= SLOTS_MAX)
		return;
	noted->slots[i] = (struct slot){
		.from_us = clock_us(), .to_us = UINT64_MAX, .owner = getpid(), .vm_fd = slot->vm->fd,
		.gfn = slot->gpa / GUEST_PAGE, .pages = slot->pages, .hva = (uintptr_t)slot->hva,
	};
}

void mappings_end_vm(const struct vm *vm)
{
	uint64_t now = clock_us();
	pid_t owner = getpid();

	for (unsigned int i = 0; i < count_slots(); i++) {
		struct slot *slot = &noted->slots[i];

		if (slot->owner == owner && slot->vm_fd == vm->fd && slot->to_us == UINT64_MAX)
			slot->to_us = now;
	}
}

void mappings_note_run(const struct vm *vm)
{
	pid_t owner = getpid();
	unsigned int i;

	if (last_run.owner == owner && last_run.vm_fd == vm->fd)
		return;
	last_run = (struct run){
		.us = clock_us(), .task = syscall(SYS_gettid), .owner = owner, .vm_fd = vm->fd,
	};
	i = noted->run_count++;
	if (i < RUNS_MAX)
		noted->runs[i] = last_run;
}

static const struct run *find_run(const struct event *event)
{
	unsigned int count = noted->run_count;

	if (count > RUNS_MAX) {
		count = RUNS_MAX;
		if (event->us > noted->runs[RUNS_MAX - 1].us)
			return NULL;
	}
	for (unsigned int i = count; i-- > 0;)
		if (noted->runs[i].task == event->task && noted->runs[i].us <= event->us)
			return &noted->runs[i];
	return NULL;
}

static bool covers(const struct slot *slot, const struct run *run, uint64_t us, uint64_t gfn)
{
	return slot->owner == run->owner && slot->vm_fd == run->vm_fd && slot->from_us <= us &&
	       us <= slot->to_us && gfn >= slot->gfn && gfn < slot->gfn + slot->pages;
}

bool mappings_resolve(struct event *event, pid_t owner)
{
	uint64_t pages = event->level > 0 ? 1UL << (9 * (event->level - 1)) : 1;
	uint64_t gfn = event->gfn & -pages;
	const struct run *run = find_run(event);
	const struct slot *found = NULL;

	if (!run || run->owner != owner || noted->slot_count > SLOTS_MAX)
		return false;
	for (unsigned int i = 0; i < count_slots(); i++) {
		if (!covers(&noted->slots[i], run, event->us, gfn))
			continue;
		if (found)
			return false;
		found = &noted->slots[i];
	}
	if (!found)
		return false;
	event->start = found->hva + (gfn - found->gfn) * GUEST_PAGE;
	event->end = event->start + pages * GUEST_PAGE;
	return true;
}

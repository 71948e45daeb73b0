// SPDX-License-Identifier: GPL-2.0-only
/*
 * A System V shared memory segment is a guest's memory, until the host detaches it. The segment
 * lives on, with what the guest wrote, for who attaches it next; so do other attachments.
 */
#include <errno.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>

#include "lib/check.h"
#include "lib/guest.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/sptes.h"
#include "lib/test.h"
#include "lib/witness.h"

#define PAGES 64
#define SIZE (PAGES * GUEST_PAGE)

struct stage2 {
	int id;
	struct vm vm;
	struct vcpu *vcpu;
	struct memslot *slot, *second;
	struct witness witness;
};

/* At an address that memory_alloc() chose, with its guard pages. */
static void *attach(int id)
{
	char *place = memory_alloc(PAGES);

	require(shmat(id, place, SHM_REMAP) == place, "shmat: %s", strerror(errno));
	madvise(place, SIZE, MADV_NOHUGEPAGE);
	return place;
}

static void set_up(struct stage2 *s)
{
	s->id = shmget(IPC_PRIVATE, SIZE, IPC_CREAT | 0600);
	if (s->id < 0 && errno == ENOSYS)
		skip_case("kernel without System V shared memory");
	require(s->id >= 0, "shmget: %s", strerror(errno));
	vm_create(&s->vm, 1);
	s->vcpu = &s->vm.vcpu[0];
	s->slot = vm_add_memslot(&s->vm, attach(s->id), PAGES);
	s->second = vm_add_memslot(&s->vm, attach(s->id), PAGES);
	s->second->tag = s->slot->tag;
	/* Attached twice, so it lives until this process ends at the latest. */
	require(!shmctl(s->id, IPC_RMID, NULL), "IPC_RMID: %s", strerror(errno));
	witness_open(&s->witness, &s->vm);
	guest_fill(s->vcpu, s->slot, 0, PAGES, 1);
	guest_check(s->vcpu, s->second, 0, PAGES, 1);
	witness_step(&s->witness, "guest writes, and reads by the second memslot",
		     &(struct step){ .faulted = 2 * PAGES });
}

static void detached(void)
{
	struct stage2 s;

	set_up(&s);
	require(!shmdt(s.slot->hva), "shmdt: %s", strerror(errno));
	witness_step(&s.witness, "shmdt", &(struct step){
		.event = NOTIFY_UNMAP, .hva = s.slot->hva, .pages = PAGES, .zapped = PAGES,
	});
	guest_expect_efault(s.vcpu, s.slot, 0, PAGES, true);
	guest_check(s.vcpu, s.second, 0, PAGES, 1);
	sptes_expect(s.second, 0, PAGES, SPTES_MAPPED, "shmdt of the other one");
	memory_check("host", s.second->hva, memory_key(s.slot->tag, 1), 0, PAGES);
	witness_step(&s.witness, "guest reads the other attachment", &(struct step){ 0 });
}

/* Another segment at the same place: nothing of the first one shows through. */
static void replaced(void)
{
	struct stage2 s;
	int other;

	set_up(&s);
	other = shmget(IPC_PRIVATE, SIZE, IPC_CREAT | 0600);
	require(other >= 0, "shmget: %s", strerror(errno));
	require(shmat(other, s.slot->hva, SHM_REMAP) == s.slot->hva, "shmat: %s", strerror(errno));
	require(!shmctl(other, IPC_RMID, NULL), "IPC_RMID: %s", strerror(errno));
	madvise(s.slot->hva, SIZE, MADV_NOHUGEPAGE);
	witness_step(&s.witness, "shmat over it", &(struct step){
		.event = NOTIFY_UNMAP, .hva = s.slot->hva, .pages = PAGES, .zapped = PAGES,
	});
	memory_fill(s.slot->hva, memory_key(s.slot->tag, 2), 0, PAGES);
	guest_check(s.vcpu, s.slot, 0, PAGES, 2);
	guest_check(s.vcpu, s.second, 0, PAGES, 1);
	witness_step(&s.witness, "guest reads both segments", &(struct step){ .faulted = PAGES });
}

const struct test test = {
	.name = "shm",
	.group = "zap",
	.proves = "a detached shared memory segment is lost to the guest and whole for others",
	.needs = { .kvm = true, .memory_mib = 32 },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 20,
	.cases = {
		{ "detached", detached },
		{ "replaced", replaced },
	},
};

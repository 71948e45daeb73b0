// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages move between the nodes while the guest writes them without a pause, and while two more guests, one
 * of another process, have them mapped. No write may be lost in a copy, and no guest may keep an old page.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/guest.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/numa.h"
#include "lib/peer.h"
#include "lib/sptes.h"
#include "lib/test.h"
#include "lib/thp.h"
#include "lib/witness.h"

#define PAGES 64
#define ROUNDS 6
#define IDLE 2000	/* iterations of the guest between writes */

static struct shared {
	int fd;
} *shared;

/* What the other process has. */
static struct vm peer_vm;
static struct memslot *peer_slot;
static struct witness peer_witness;

static void *map_shared(void)
{
	return memory_map_file(shared->fd, PAGES);
}

static void move_under_writer(void *memory, size_t pages)
{
	int node[2], result;
	struct witness witness;
	struct memslot *slot;
	struct vm vm;

	numa_nodes(node);
	vm_create(&vm, 1);
	slot = vm_add_memslot(&vm, memory, pages);
	guest_fill(&vm.vcpu[0], slot, 0, pages, 1);
	witness_open(&witness, &vm);
	guest_spin_write_start(&vm.vcpu[0], slot, 0, pages, IDLE);
	for (int round = 0; round < ROUNDS; round++) {
		require(guest_spin_wait(&vm.vcpu[0]), "the guest stands still in round %d", round);
		numa_move_pages(memory, pages, node[(round + 1) % 2]);
	}
	require(guest_spin_wait(&vm.vcpu[0]), "the guest stands still");
	guest_spin_stop(&vm.vcpu[0], &result);
	expect(!result, "the guest faulted out of memory that was there all the time");
	witness_step(&witness, "moves under a writing guest", &(struct step){
		.event = NOTIFY_CLEAR, .hva = memory, .pages = pages, .racing = true,
	});
	guest_spin_expect_written(&vm.vcpu[0], slot);
	numa_expect(memory, pages, node[0], "moves under a writing guest");
}

static void written(void)
{
	move_under_writer(memory_alloc(PAGES), PAGES);
}

static void huge_written(void)
{
	void *memory = thp_alloc(THP_PAGES);

	memset(memory, 0, THP_PAGES * GUEST_PAGE);
	if (thp_count(memory) != THP_PAGES)
		skip_case("the host gave no huge page");
	move_under_writer(memory, THP_PAGES);
}

static void peer_begin(void)
{
	vm_create(&peer_vm, 1);
	peer_slot = vm_add_memslot(&peer_vm, map_shared(), PAGES);
	peer_slot->tag = 1;
	witness_open_counters(&peer_witness, &peer_vm);
	guest_check(&peer_vm.vcpu[0], peer_slot, 0, PAGES, 1);
	witness_step(&peer_witness, "peer's guest reads", &(struct step){ .faulted = PAGES });
}

static void peer_lost_all(void)
{
	witness_step(&peer_witness, "move_pages of the other process", &(struct step){
		.zapped = PAGES,
	});
	sptes_expect(peer_slot, 0, PAGES, SPTES_NONE, "move_pages of the other process");
}

static void peer_writes(void)
{
	guest_fill(&peer_vm.vcpu[0], peer_slot, 0, PAGES, 2);
	witness_step(&peer_witness, "peer's guest writes", &(struct step){ .faulted = PAGES });
}

/* Two VMs of this process and one of another one: all lose the pages together. */
static void shared_by_vms(void)
{
	struct witness witness;
	struct memslot *slot[2];
	struct vm vm[2];
	struct peer peer;
	int node[2];

	numa_nodes(node);
	shared = shared_alloc(sizeof(*shared));
	shared->fd = memfd_create("guest", MFD_CLOEXEC);
	require(shared->fd >= 0 && !ftruncate(shared->fd, PAGES * GUEST_PAGE), "memfd: %s",
		strerror(errno));
	peer_start(&peer, "the other process");
	for (int i = 0; i < 2; i++) {
		vm_create(&vm[i], 1);
		slot[i] = vm_add_memslot(&vm[i], i ? slot[0]->hva : map_shared(), PAGES);
		slot[i]->tag = 1;
	}
	witness_open(&witness, &vm[0]);
	guest_fill(&vm[0].vcpu[0], slot[0], 0, PAGES, 1);
	guest_check(&vm[1].vcpu[0], slot[1], 0, PAGES, 1);
	witness_step(&witness, "guests write and read", &(struct step){ .faulted = PAGES });
	peer_call(&peer, peer_begin);

	numa_move_pages(slot[0]->hva, PAGES, node[1]);
	witness_step(&witness, "move_pages", &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot[0]->hva, .pages = PAGES, .zapped = PAGES,
	});
	sptes_expect(slot[1], 0, PAGES, SPTES_NONE, "move_pages, second VM");
	peer_call(&peer, peer_lost_all);
	peer_call(&peer, peer_writes);
	guest_check(&vm[0].vcpu[0], slot[0], 0, PAGES, 2);
	guest_check(&vm[1].vcpu[0], slot[1], 0, PAGES, 2);
	witness_step(&witness, "guests read what the peer's wrote", &(struct step){
		.faulted = PAGES,
	});
	memory_check("host", slot[0]->hva, memory_key(1, 2), 0, PAGES);
}

const struct test test = {
	.name = "racing",
	.group = "migrate",
	.proves = "a move loses no write of a running guest, and takes the page from all guests that have it",
	.needs = { .kvm = true, .memory_mib = 64, .nodes = 2 },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 30,
	.cases = {
		{ "written", written, { .cpus = 2 } },
		{ "huge-written", huge_written, { .cpus = 2, .files = { THP_KNOBS "enabled" } } },
		{ "shared-by-vms", shared_by_vms },
	},
};

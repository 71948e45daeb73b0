// SPDX-License-Identifier: GPL-2.0-only
/*
 * VMs are closed while the file that is their memory is truncated without end by another process: the last
 * fput() unregisters the notifier and frees the sptes beside the rmap walk that zaps them. The process lives on,
 * with another VM over the same memory, which goes on as if nothing had been.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/backing.h"
#include "lib/census.h"
#include "lib/check.h"
#include "lib/guest.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/peer.h"
#include "lib/stage.h"
#include "lib/test.h"
#include "lib/turns.h"

#define TAG 1		/* of the file, whoever maps it */
#define PAGES 128
#define KEPT 64		/* the file never loses these */
#define LOST (PAGES - KEPT)
#define ROUNDS 3
#define TURNS 2		/* of the other, at least and at most before each act */
#define TURNS_MAX 30

static struct stage stage;	/* the VM that stays */
static struct peer truncater, holder;
static int *shared_fd;		/* of a VM of this process */
static int held;		/* the holder's of it */

static void truncate_and_extend(void)
{
	require(!ftruncate(stage.memory.fd, KEPT * GUEST_PAGE) &&
		!ftruncate(stage.memory.fd, PAGES * GUEST_PAGE), "ftruncate: %s", strerror(errno));
}

static void truncate_on(void)
{
	turns_take(truncate_and_extend);
}

static void hold(void)
{
	const struct peer parent = { .name = "the owner", .pid = getppid() };

	held = peer_take_fd(&parent, *shared_fd);
}

static void let_go(void)
{
	close(held);
}

static void set_up(void)
{
	turns_prepare();
	shared_fd = shared_alloc(sizeof(*shared_fd));
	backing_alloc(&stage.memory, PAGES);
	memory_fill(stage.memory.hva, memory_key(TAG, 1), 0, PAGES);
	munmap(stage.memory.hva, PAGES * GUEST_PAGE);
	peer_start(&truncater, "who truncates");
	peer_start(&holder, "who holds the VM");
	stage_attach(&stage, TAG);
	witness_open(&stage.witness, &stage.vm);
	stage_read(&stage, "guest reads", 0, PAGES, 1, PAGES);
	peer_tell(&truncater, truncate_on);
}

/* Where the file ends for the moment, the guest faults out. */
static void use(struct vm *vm)
{
	struct memslot *slot = vm_add_memslot(vm, stage.slot->hva, PAGES);

	slot->tag = TAG;
	require(!guest_check(&vm->vcpu[0], slot, 0, KEPT, 1), "the guest cannot read what stays");
	for (size_t page = KEPT; page < PAGES; page++)
		guest_write(&vm->vcpu[0], slot, page, page);
}

static void close_vm(struct vm *vm, bool elsewhere)
{
	if (elsewhere) {
		*shared_fd = vm->fd;
		peer_call(&holder, hold);
	}
	turns_grant(TURNS, TURNS_MAX);
	vm_destroy(vm);
	if (elsewhere) {
		turns_grant(TURNS, TURNS_MAX);
		peer_call(&holder, let_go);
	}
}

static size_t count_unregistered(void)
{
	const struct event_list *list = witness_events();
	size_t n = 0;

	for (size_t i = 0; i < list->count; i++)
		n += list->event[i].kind == EVENT_UNREGISTER;
	return n;
}

static void step_beside(const char *what)
{
	turns_pause();
	witness_step(&stage.witness, what, &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(stage.slot, KEPT), .pages = LOST, .racing = true,
		.partial = true,
	});
}

/* The VM that stays still hears all, and has what the file has. */
static void check_stayed(void)
{
	truncate_and_extend();
	step_beside("last ftruncate");
	stage_read(&stage, "all read what was kept", 0, KEPT, 1, 0);
	memory_fill(stage.slot->hva, memory_key(TAG, 2), KEPT, LOST);
	stage_read(&stage, "all read what is new", KEPT, LOST, 2, LOST);
	truncate_and_extend();
	witness_step(&stage.witness, "ftruncate when all is quiet", &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(stage.slot, KEPT), .pages = LOST, .zapped = LOST,
	});
}

static void close_all(bool elsewhere)
{
	struct census before;
	struct vm vm;

	set_up();
	census_take(&before);
	for (int round = 0; round < ROUNDS; round++) {
		vm_create(&vm, 1);
		turns_grant(TURNS, TURNS_MAX);
		use(&vm);
		close_vm(&vm, elsewhere);
		step_beside("a VM is closed beside ftruncate");
		if (!events_missing() && events_have(EVENT_UNREGISTER))
			expect(count_unregistered() == 1, "round %d: %zu VMs were unregistered", round,
			       count_unregistered());
		census_expect_same(&before, "a VM is closed beside ftruncate");
	}
	turns_stop();
	peer_answer(&truncater);
	check_stayed();
}

static void by_owner(void)
{
	close_all(false);
}

static void elsewhere(void)
{
	close_all(true);
}

const struct test test = {
	.name = "close",
	.group = "life",
	.proves = "a VM that is closed while its file is truncated leaves nothing, and other VMs hear all",
	.needs = { .kvm = true, .memory_mib = 64, .cpus = 2 },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE | EVENTS_LIFE,
	.timeout_s = 40,
	.cases = {
		{ "by-owner", by_owner, .backings = BACKING_MEMFD },
		{ "elsewhere", elsewhere, .backings = BACKING_MEMFD },
	},
};

// SPDX-License-Identifier: GPL-2.0-only
/*
 * The swap device fails. A page that cannot be read is an error for whoever touches it, guest or owner,
 * and never another page's data; all other pages are as if nothing were wrong. What cannot be written
 * stays in memory.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/dm.h"
#include "lib/guest.h"
#include "lib/knob.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/pagemap.h"
#include "lib/sptes.h"
#include "lib/swap-cache.h"
#include "lib/swap.h"
#include "lib/test.h"
#include "lib/witness.h"

#define PAGES 64
#define LOST 23		/* the page that cannot be read */
#define SWAP_MIB 16
#define TRIES 100

static struct dm disk;
static struct vm vm;
static struct vcpu *vcpu;
static struct memslot *slot;
static struct witness witness;

static void set_up(void)
{
	dm_create(&disk, SWAP_MIB);
	swap_on_device(disk.path, SWAP_MIB);
	swap_cache_prepare();
	/* What is read ahead would fail where nobody wants it. */
	knob_set("/proc/sys/vm/page-cluster", "0");
	vm_create(&vm, 1);
	vcpu = &vm.vcpu[0];
	slot = vm_add_memslot(&vm, memory_alloc(PAGES), PAGES);
	swap_cache_allow(slot->hva, PAGES);
	witness_open(&witness, &vm);
	guest_fill(vcpu, slot, 0, PAGES, 1);
	witness_step(&witness, "guest writes", &(struct step){ .faulted = PAGES });
}

/* All is out, and the place of one page on the device is bad. */
static void set_up_lost(void)
{
	struct page_state lost;

	set_up();
	swap_out_fully(slot->hva, PAGES);
	witness_step(&witness, "pages go out", &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot->hva, .pages = PAGES, .zapped = PAGES,
	});
	pagemap_read(slot_page(slot, LOST), &lost, 1);
	require(lost.swapped && lost.swap_slot > 0 && lost.swap_slot < disk.pages,
		"page %d is in slot %lu of a swap device of %lu", LOST, lost.swap_slot, disk.pages);
	dm_break(&disk, lost.swap_slot, 1);
}

/* The kernel reads the page for a system call, which fails where a program would get SIGBUS. */
static int owner_touches(size_t page)
{
	int pipes[2], err;

	require(!pipe(pipes), "pipe: %s", strerror(errno));
	err = write(pipes[1], slot_page(slot, page), 1) == 1 ? 0 : errno;
	close(pipes[0]);
	close(pipes[1]);
	return err;
}

static void check_others(const char *what, size_t faulted)
{
	require(!guest_check(vcpu, slot, 0, LOST, 1) &&
		!guest_check(vcpu, slot, LOST + 1, PAGES - LOST - 1, 1), "the guest cannot read");
	witness_step(&witness, what, &(struct step){ .faulted = faulted });
	memory_check("host", slot->hva, memory_key(slot->tag, 1), 0, LOST);
	memory_check("host", slot->hva, memory_key(slot->tag, 1), LOST + 1, PAGES - LOST - 1);
}

static void expect_lost(const char *what)
{
	guest_expect_efault(vcpu, slot, LOST, 1, false);
	guest_expect_efault(vcpu, slot, LOST, 1, true);
	witness_step(&witness, what, &(struct step){ 0 });
	sptes_expect(slot, LOST, 1, SPTES_NONE, what);
	expect(owner_touches(LOST) == EFAULT, "%s: the owner reads the page", what);
}

/* What could not be read is in the swap cache, bad, until that is dropped. */
static void expect_back(void)
{
	int tries, err = -EFAULT;

	for (tries = 0; tries < TRIES && err; tries++) {
		swap_cache_drop();
		err = guest_try_check(vcpu, slot, LOST, 1, 1);
	}
	expect(!err, "the page does not come back from a device that works again");
}

static void read_error(void)
{
	set_up_lost();
	expect_lost("guest reads a page that is lost");
	check_others("guest reads all others", PAGES - 1);
	expect_lost("guest tries again");
	dm_mend(&disk);
	expect_back();
}

static sigjmp_buf before_signal;
static void *signal_address;

static void handle_sigbus(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)context;
	signal_address = info->si_addr;
	siglongjmp(before_signal, 1);
}

/*
 * A page that is poisoned is no EFAULT for the guest, but a signal that names it for the owner
 * (kvm_send_hwpoison_signal()). True: the guest reads something.
 */
static bool guest_gets_through(uint64_t *value)
{
	const struct sigaction action = { .sa_sigaction = handle_sigbus, .sa_flags = SA_SIGINFO };

	sigaction(SIGBUS, &action, NULL);
	if (!sigsetjmp(before_signal, 1))
		return !guest_read(vcpu, slot, LOST, value);
	expect(signal_address == slot_page(slot, LOST), "SIGBUS is for %p, not for %p", signal_address,
	       slot_page(slot, LOST));
	return false;
}

/* It gives the page up for good; nothing else may come into its place (unuse_pte() in mm/swapfile.c). */
static void lost_by_swapoff(void)
{
	uint64_t value = 0;

	set_up_lost();
	swap_off();
	witness_step(&witness, "swapoff", &(struct step){ 0 });
	check_others("guest reads what swapoff brought back", PAGES - 1);
	expect(owner_touches(LOST), "the owner reads a page that was lost");
	expect(!guest_gets_through(&value), "the guest reads %#lx in a page that was lost", value);
	sptes_expect(slot, LOST, 1, SPTES_NONE, "guest reads a page that was lost");
}

/* In the step that was: how often reclaim took pages of the guest, not of this process alone. */
static size_t count_taken(void)
{
	const uint64_t first = (uintptr_t)slot->hva, end = first + PAGES * GUEST_PAGE;
	const struct event_list *list = witness_events();
	size_t count = 0;

	for (size_t i = 0; i < list->count; i++)
		count += list->event[i].kind == EVENT_START && list->event[i].start < end &&
			 list->event[i].end > first;
	return count;
}

static void write_error(void)
{
	bool tried;

	set_up();
	dm_break(&disk, 1, disk.pages - 1);
	swap_out_once(slot->hva, PAGES);
	swap_cache_drop();
	expect(swap_cache_count(slot->hva, PAGES) == PAGES,
	       "only %zu of %d pages are in memory after all writes failed",
	       swap_cache_count(slot->hva, PAGES), PAGES);
	witness_step(&witness, "pages do not get out", &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot->hva, .pages = PAGES, .racing = true,
		.partial = true,
	});
	tried = events_missing() || count_taken();
	guest_check(vcpu, slot, 0, PAGES, 1);
	memory_check("host", slot->hva, memory_key(slot->tag, 1), 0, PAGES);
	witness_step(&witness, "guest reads all", &(struct step){ .racing = true });
	dm_mend(&disk);
	swap_out_fully(slot->hva, PAGES);
	witness_step(&witness, "pages get out", &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot->hva, .pages = PAGES, .zapped = PAGES,
	});
	guest_check(vcpu, slot, 0, PAGES, 1);
	witness_step(&witness, "guest reads all from disk", &(struct step){ .faulted = PAGES });
	if (!tried && !check_failed())
		skip_case("reclaim took no page");
}

const struct test test = {
	.name = "error",
	.group = "swap",
	.proves = "a swap device that fails gives errors for what it lost, and never wrong data",
	.needs = { .kvm = true, .memory_mib = 64, .files = { DM_CONTROL } },
	.modules = { "kvm_amd", "kvm_intel", "virtio_blk", "dm_mod" },
	.events = EVENTS_RANGE,
	.timeout_s = 30,
	.expected = {
		"(Read|Write)-error on swap-device",
		"Buffer I/O error on dev dm-",
	},
	.cases = {
		{ "read", read_error },
		{ "write", write_error },
		{ "swapoff", lost_by_swapoff },
	},
};

// SPDX-License-Identifier: GPL-2.0-only
/*
 * A page comes back from swap asynchronously: a worker brings it while the vCPU is free. A guest that
 * asked for it is told that the page is not present, and later that it is ready; one that did not
 * rests where a signal reaches it, as it never would while it waits for the page itself.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>

#include <linux/kvm.h>

#include "lib/check.h"
#include "lib/dm.h"
#include "lib/guest.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/sptes.h"
#include "lib/swap-cache.h"
#include "lib/swap-readahead.h"
#include "lib/swap.h"
#include "lib/test.h"
#include "lib/waiting.h"
#include "lib/witness.h"
#include "lib/x86/apf.h"

#define PAGES 16
#define WANTED 5
#define SWAP_MIB 16
#define DEADLINE_S 10
#define NOT_PRESENT 1	/* KVM_PV_REASON_PAGE_NOT_PRESENT */

static struct dm disk;
static struct vm vm;
static struct vcpu *vcpu;
static struct memslot *slot;
static struct witness witness;
static struct apf apf;

static void make_guest(void)
{
	dm_create(&disk, SWAP_MIB);
	swap_on_device(disk.path, SWAP_MIB);
	swap_cache_prepare();
	swap_read_several();
	vm_create_with_irqchip(&vm, 1);
	vcpu = &vm.vcpu[0];
	slot = vm_add_memslot(&vm, memory_alloc(PAGES), PAGES);
	swap_cache_allow(slot->hva, PAGES);
	apf_prepare(&apf, vcpu);
	witness_open(&witness, &vm);
	guest_fill(vcpu, slot, 0, PAGES, 1);
	witness_step(&witness, "guest writes", &(struct step){ .faulted = PAGES });
}

static uint64_t word(size_t page)
{
	return pattern_word(memory_key(slot->tag, 1), page, 0);
}

/*
 * A page that is there: what the program itself needs is mapped by that. Who begins to listen is told once
 * that all is ready (kvm_async_pf_wakeup_all()), which is not what is counted here.
 */
static void try_program(void)
{
	apf_want(&apf, slot, 0);
	require(!vcpu_run(vcpu) && apf.page->value == word(0), "the program does not run");
	require(!apf.page->not_present, "a page that is there was said not to be");
	witness_step(&witness, "the program runs", &(struct step){ .racing = true });
	apf.page->ready = 0;
}

static void push_out(void)
{
	swap_out_fully(slot->hva, PAGES);
	witness_step(&witness, "pages go out", &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot->hva, .pages = PAGES, .zapped = PAGES,
	});
	dm_stop(&disk);
	apf_want(&apf, slot, WANTED);
}

static void expect_page_back(void)
{
	expect(apf.page->value == word(WANTED), "the guest reads %#lx, not %#lx", apf.page->value,
	       word(WANTED));
	witness_step(&witness, "the page is there", &(struct step){ .racing = true });
	sptes_expect(slot, WANTED, 1, SPTES_MAPPED, "the page is there");
	guest_check(vcpu, slot, 0, PAGES, 1);
	witness_step(&witness, "guest reads the rest", &(struct step){ .faulted = PAGES - 1 });
}

static void told(void)
{
	make_guest();
	apf_enable(&apf);
	try_program();
	push_out();
	require(!vcpu_run(vcpu), "the guest does not leave");
	require(apf.page->not_present == 1 && !apf.page->ready,
		"%lu times not present, %lu times ready while the device stands still",
		apf.page->not_present, apf.page->ready);
	expect(apf.page->flags == NOT_PRESENT, "told with flags %#lx", apf.page->flags);
	sptes_expect(slot, WANTED, 1, SPTES_NONE, "the page is on its way");
	dm_go_on(&disk);
	require(!vcpu_run(vcpu), "the guest does not come to its end");
	expect(apf.page->not_present == 1 && apf.page->ready == 1,
	       "%lu times not present, %lu times ready", apf.page->not_present, apf.page->ready);
	expect(apf.page->token_ready == apf.page->token_not_present, "token %#lx is ready, not %#lx",
	       apf.page->token_ready, apf.page->token_not_present);
	expect_page_back();
}

static void ignore_signal(int signal)
{
	(void)signal;
}

/* One KVM_RUN, whatever ends it. */
static void *run_once(void *arg)
{
	int *err = arg;

	*err = ioctl(vcpu->fd, KVM_RUN, NULL) ? errno : 0;
	return NULL;
}

static void rest(void)
{
	const struct sigaction action = { .sa_handler = ignore_signal };
	struct timespec deadline;
	pthread_t thread;
	int err, result = 0;

	make_guest();
	try_program();
	push_out();
	sigaction(SIGUSR1, &action, NULL);
	err = pthread_create(&thread, NULL, run_once, &result);
	require(!err, "no thread: %s", strerror(err));
	require(swap_wait_for_reader() && threads_wait(1, "DS"), "the guest does not wait for the page");
	pthread_kill(thread, SIGUSR1);
	clock_gettime(CLOCK_REALTIME, &deadline);
	deadline.tv_sec += DEADLINE_S * test_slowness();
	err = pthread_timedjoin_np(thread, NULL, &deadline);
	expect(!err && result == EINTR, "no signal reaches a vCPU whose page is on its way: %s",
	       err ? strerror(err) : strerror(result));
	sptes_expect(slot, WANTED, 1, SPTES_NONE, "the page is on its way");
	dm_go_on(&disk);
	require(!err && !vcpu_run(vcpu), "the guest does not come to its end");
	expect(!apf.page->not_present, "a guest was told that did not ask for it");
	expect_page_back();
}

const struct test test = {
	.name = "async",
	.group = "swap",
	.proves = "a vCPU is free while a page comes back from swap, and finds it when it is ready",
	.needs = { .kvm = true, .memory_mib = 64, .cpus = 2, .files = { DM_CONTROL } },
	.modules = { "kvm_amd", "kvm_intel", "virtio_blk", "dm_mod" },
	.events = EVENTS_RANGE,
	.timeout_s = 30,
	.cases = {
		{ "told", told },
		{ "rest", rest },
	},
};

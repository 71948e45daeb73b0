// SPDX-License-Identifier: GPL-2.0-only
/*
 * Many VMs have the same pages of a file, and each some of its own; in one process, or in one each. What
 * happens to a page concerns those that have it. All VMs of the process are told, as a notifier hears of
 * all of its mm, but the others neither lose an spte nor flush a TLB for it; other processes are not told.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/guest.h"
#include "lib/loss.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/peer.h"
#include "lib/test.h"
#include "lib/told.h"
#include "lib/witness.h"

#define PAGES 8
#define FEW 8
#define MANY 100

static struct member {
	struct vm vm;
	struct memslot *own, *common;
	struct loss loss;
} members[MANY];

static struct witness witness;	/* of member 0, or of a peer's only one */
static struct peer peers[MANY];
static void *file;		/* one mapping for all VMs of a process */
static int fd;

static void map_file(void)
{
	fd = memfd_create("common", MFD_CLOEXEC);
	require(fd >= 0 && !ftruncate(fd, PAGES * GUEST_PAGE), "memfd: %s", strerror(errno));
	file = memory_map_file(fd, PAGES);
	memory_fill(file, memory_key(2, 1), 0, PAGES);
}

static void make(struct member *m)
{
	vm_create(&m->vm, 1);
	m->own = vm_add_memslot(&m->vm, memory_alloc(PAGES), PAGES);
	m->common = vm_add_memslot(&m->vm, file, PAGES);
	m->common->tag = 2;
}

static void begin(struct member *m)
{
	guest_fill(&m->vm.vcpu[0], m->own, 0, PAGES, 1);
	guest_check(&m->vm.vcpu[0], m->common, 0, PAGES, 1);
}

static void unmap_own(void)
{
	require(!munmap(members[0].own->hva, GUEST_PAGE), "munmap: %s", strerror(errno));
	witness_step(&witness, "munmap of a VM's own page", &(struct step){
		.event = NOTIFY_UNMAP, .hva = members[0].own->hva, .pages = 1, .zapped = 1,
	});
}

static void punch_common(void)
{
	require(!fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, GUEST_PAGE),
		"fallocate: %s", strerror(errno));
	witness_step(&witness, "a hole in the file", &(struct step){
		.event = NOTIFY_CLEAR, .hva = file, .pages = 1, .zapped = 1,
	});
}

/* One member writes the new page, this one finds it, and all else as it was. */
static void read_all(struct member *m, size_t own)
{
	guest_check(&m->vm.vcpu[0], m->common, 0, 1, 2);
	guest_check(&m->vm.vcpu[0], m->common, 1, PAGES - 1, 1);
	guest_check(&m->vm.vcpu[0], m->own, own, PAGES - own, 1);
}

static void in_one_process(size_t vms)
{
	map_file();
	for (size_t i = 0; i < vms; i++)
		make(&members[i]);
	witness_open(&witness, &members[0].vm);
	for (size_t i = 0; i < vms; i++)
		begin(&members[i]);
	witness_step(&witness, "all guests begin", &(struct step){ .faulted = 2 * PAGES });
	for (size_t i = 0; i < vms; i++)
		loss_note(&members[i].loss, &members[i].vm);

	unmap_own();
	events_expect_told(witness_events(), members[0].own->hva, vms, "munmap of a VM's own page");
	for (size_t i = 0; i < vms; i++)
		loss_expect(&members[i].loss, &members[i].vm, i, i == 0, "munmap of a VM's own page");

	punch_common();
	events_expect_told(witness_events(), file, vms, "a hole in the file");
	for (size_t i = 0; i < vms; i++)
		loss_expect(&members[i].loss, &members[i].vm, i, 1, "a hole in the file");

	guest_fill(&members[0].vm.vcpu[0], members[0].common, 0, 1, 2);
	for (size_t i = 0; i < vms; i++)
		read_all(&members[i], i == 0);
}

static void peer_begin(void)
{
	make(&members[0]);
	witness_open_counters(&witness, &members[0].vm);
	begin(&members[0]);
	witness_step(&witness, "a peer's guest begins", &(struct step){ .faulted = 2 * PAGES });
	loss_note(&members[0].loss, &members[0].vm);
}

static void peer_keeps(void)
{
	loss_expect(&members[0].loss, &members[0].vm, 0, 0, "munmap in another process");
}

static void peer_loses(void)
{
	loss_expect(&members[0].loss, &members[0].vm, 0, 1, "a hole in the file");
}

static void peer_reads(void)
{
	read_all(&members[0], 0);
}

static void call_all(size_t processes, void (*function)(void))
{
	for (size_t i = 1; i < processes; i++)
		peer_call(&peers[i], function);
}

static void in_processes(size_t processes)
{
	map_file();
	for (size_t i = 1; i < processes; i++)
		peer_start(&peers[i], "a peer");
	call_all(processes, peer_begin);
	make(&members[0]);
	witness_open(&witness, &members[0].vm);
	begin(&members[0]);
	witness_step(&witness, "guest begins", &(struct step){ .faulted = 2 * PAGES });

	unmap_own();
	events_expect_told(witness_events(), members[0].own->hva, 1, "munmap of a VM's own page");
	call_all(processes, peer_keeps);
	witness_step(&witness, "nothing", &(struct step){ 0 });

	punch_common();
	events_expect_told(witness_events(), file, processes, "a hole in the file");
	call_all(processes, peer_loses);
	guest_fill(&members[0].vm.vcpu[0], members[0].common, 0, 1, 2);
	read_all(&members[0], 1);
	call_all(processes, peer_reads);
}

static void few_in_one_process(void)
{
	in_one_process(FEW);
}

static void many_in_one_process(void)
{
	in_one_process(MANY);
}

static void few_processes(void)
{
	in_processes(FEW);
}

static void many_processes(void)
{
	in_processes(MANY);
}

const struct test test = {
	.name = "vms",
	.group = "many",
	.proves = "of many VMs only those that have a page lose it, and other processes are not even told",
	.needs = { .kvm = true, .memory_mib = 64 },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 60,
	.cases = {
		{ "one-process", few_in_one_process },
		{ "processes", few_processes },
		{ "many-in-one-process", many_in_one_process, .needs.memory_mib = 256,
		  .full = "makes a hundred VMs" },
		{ "many-processes", many_processes, .needs.memory_mib = 256,
		  .full = "makes a hundred VMs" },
	},
};

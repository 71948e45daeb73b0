// SPDX-License-Identifier: GPL-2.0-only
/*
 * A memslot over several mappings: anonymous memory, a file, a place with nothing behind it.
 * What the host does to one of them, or to all in one call, is done to the guest page by page.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/guest.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/sptes.h"
#include "lib/test.h"
#include "lib/witness.h"

#define PART 32			/* pages of each */
#define ANON 0
#define FILE_PART PART
#define HOLE (2 * PART)
#define LAST (3 * PART)		/* anonymous again */
#define PAGES (4 * PART)

struct stage {
	struct vm vm;
	struct vcpu *vcpu;
	struct memslot *slot;
	struct witness witness;
	int fd;
};

static void set_up(struct stage *s)
{
	char *memory = memory_alloc(PAGES);

	s->fd = memfd_create("guest", MFD_CLOEXEC);
	require(s->fd >= 0 && !ftruncate(s->fd, PART * GUEST_PAGE), "memfd: %s", strerror(errno));
	require(mmap(memory + FILE_PART * GUEST_PAGE, PART * GUEST_PAGE, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_FIXED, s->fd, 0) != MAP_FAILED, "mmap: %s", strerror(errno));
	require(!munmap(memory + HOLE * GUEST_PAGE, PART * GUEST_PAGE), "munmap: %s",
		strerror(errno));
	vm_create(&s->vm, 1);
	s->vcpu = &s->vm.vcpu[0];
	s->slot = vm_add_memslot(&s->vm, memory, PAGES);
	witness_open(&s->witness, &s->vm);
	guest_fill(s->vcpu, s->slot, ANON, 2 * PART, 1);
	guest_expect_efault(s->vcpu, s->slot, HOLE, PART, true);
	guest_fill(s->vcpu, s->slot, LAST, PART, 1);
	witness_step(&s->witness, "guest writes what is there", &(struct step){ .faulted = 3 * PART });
	sptes_expect(s->slot, HOLE, PART, SPTES_NONE, "the hole");
}

static void read_part(struct stage *s, const char *what, size_t first, unsigned int version,
		      size_t faulted)
{
	require(!guest_check(s->vcpu, s->slot, first, PART, version), "%s: the guest cannot read", what);
	witness_step(&s->witness, what, &(struct step){ .faulted = faulted });
	memory_check("host", s->slot->hva, memory_key(s->slot->tag, version), first, PART);
}

/* From the middle of the first mapping to the middle of the second: two ranges for KVM, one act. */
static void across(void)
{
	const size_t first = PART / 2, count = PART;
	struct stage s;

	set_up(&s);
	require(!madvise(slot_page(s.slot, first), count * GUEST_PAGE, MADV_DONTNEED),
		"MADV_DONTNEED: %s", strerror(errno));
	witness_step(&s.witness, "MADV_DONTNEED of two mappings", &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(s.slot, first), .pages = count, .zapped = count,
	});
	read_part(&s, "guest reads the file, which has its pages", FILE_PART, 1, PART / 2);
	memory_fill(s.slot->hva, memory_key(s.slot->tag, 1), first, PART / 2);
	read_part(&s, "guest reads anonymous memory, half new", ANON, 1, PART / 2);
	read_part(&s, "guest reads the last mapping", LAST, 1, 0);
}

/* munmap of everything, with the hole in it. */
static void all(void)
{
	struct stage s;

	set_up(&s);
	require(!munmap(s.slot->hva, PAGES * GUEST_PAGE), "munmap: %s", strerror(errno));
	witness_step(&s.witness, "munmap of all mappings", &(struct step){
		.event = NOTIFY_UNMAP, .hva = s.slot->hva, .pages = PAGES, .zapped = 3 * PART,
	});
	guest_expect_efault(s.vcpu, s.slot, 0, PAGES, false);
	witness_step(&s.witness, "guest faults out", &(struct step){ 0 });
}

/* The hole is filled, by the end of the file that the mapping before it has. */
static void filled(void)
{
	void *hole;
	struct stage s;

	set_up(&s);
	require(!ftruncate(s.fd, 2 * PART * GUEST_PAGE), "ftruncate: %s", strerror(errno));
	hole = slot_page(s.slot, HOLE);
	require(mmap(hole, PART * GUEST_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, s.fd,
		     PART * GUEST_PAGE) == hole, "mmap: %s", strerror(errno));
	memory_fill(s.slot->hva, memory_key(s.slot->tag, 2), HOLE, PART);
	read_part(&s, "guest reads what fills the hole", HOLE, 2, PART);
	read_part(&s, "guest reads before it", FILE_PART, 1, 0);
	/* Both are one mapping now; the file shrinks to what it had. */
	require(!ftruncate(s.fd, PART * GUEST_PAGE), "ftruncate: %s", strerror(errno));
	witness_step(&s.witness, "ftruncate", &(struct step){
		.event = NOTIFY_CLEAR, .hva = hole, .pages = PART, .zapped = PART,
	});
	guest_expect_efault(s.vcpu, s.slot, HOLE, PART, false);
	read_part(&s, "guest reads before and behind", FILE_PART, 1, 0);
	read_part(&s, "guest reads before and behind", LAST, 1, 0);
}

const struct test test = {
	.name = "vmas",
	.group = "slot",
	.proves = "a memslot over several mappings loses the sptes of each with it, and no others",
	.needs = { .kvm = true, .memory_mib = 32 },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 20,
	.cases = {
		{ "across", across },
		{ "all", all },
		{ "filled", filled },
	},
};

// SPDX-License-Identifier: GPL-2.0-only
/*
 * A part of a guest's memory has a protection key. KVM's faults obey the key's rights of the thread that runs the
 * vCPU, as get_user_pages() does (arch_vma_access_permitted()): what the thread may not do, the guest may not. But
 * the rights are in a register of that thread (PKRU), and nobody tells KVM when it changes: sptes that are there
 * stay, with what they allow.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/check.h"
#include "lib/guest.h"
#include "lib/lru.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/sptes.h"
#include "lib/stage.h"
#include "lib/test.h"

#define PAGES 64
#define MIDDLE 24
#define PART 17

static struct stage s;
static int key;

static void set_rights(unsigned int rights)
{
	require(!pkey_set(key, rights), "pkey_set: %s", strerror(errno));
}

/* Accessed pages were in a batch then, which would have older kernels copy them at a write (lib/lru.h). */
static void expect_zapped(const char *what)
{
	witness_step(&s.witness, what, &(struct step){
		.event = NOTIFY_PROTECTION_VMA, .hva = slot_page(s.slot, MIDDLE), .pages = PART,
		.zapped = PART,
	});
	lru_drain();
}

/* The part has a key that allows all, and the guest has used it since. */
static void set_up(void)
{
	key = pkey_alloc(0, 0);
	if (key < 0)
		skip_case("no protection keys: %s", strerror(errno));
	stage_set(&s, PAGES);
	require(!pkey_mprotect(slot_page(s.slot, MIDDLE), PART * GUEST_PAGE, PROT_READ | PROT_WRITE, key),
		"pkey_mprotect: %s", strerror(errno));
	expect_zapped("pkey_mprotect");
	stage_read_others(&s, MIDDLE, PART);
	stage_write(&s, "guest writes by the key", MIDDLE, PART, 2, PART);
}

/* By an mprotect() there and back, which keeps the key. */
static void zap(void)
{
	char *part = slot_page(s.slot, MIDDLE);

	require(!mprotect(part, PART * GUEST_PAGE, PROT_NONE) &&
		!mprotect(part, PART * GUEST_PAGE, PROT_READ | PROT_WRITE), "mprotect: %s", strerror(errno));
	expect_zapped("mprotect there and back");
}

static void access_denied(void)
{
	set_up();
	set_rights(PKEY_DISABLE_ACCESS);
	guest_check(s.vcpu, s.slot, MIDDLE, PART, 2);
	guest_fill(s.vcpu, s.slot, MIDDLE, PART, 3);
	witness_step(&s.witness, "guest uses what is mapped", &(struct step){ 0 });
	zap();
	guest_expect_efault(s.vcpu, s.slot, MIDDLE, PART, false);
	guest_expect_efault(s.vcpu, s.slot, MIDDLE, PART, true);
	witness_step(&s.witness, "guest faults out", &(struct step){ 0 });
	sptes_expect(s.slot, MIDDLE, PART, SPTES_NONE, "guest faults out");
	set_rights(0);
	stage_read(&s, "guest reads when the key allows it", MIDDLE, PART, 3, PART);
}

static void write_denied(void)
{
	set_up();
	zap();
	set_rights(PKEY_DISABLE_WRITE);
	stage_read(&s, "guest reads", MIDDLE, PART, 2, PART);
	sptes_expect(s.slot, MIDDLE, PART, SPTES_READ_ONLY, "guest reads");
	guest_expect_efault(s.vcpu, s.slot, MIDDLE, PART, true);
	witness_step(&s.witness, "guest faults out of writes", &(struct step){ 0 });
	stage_read(&s, "guest still reads", MIDDLE, PART, 2, 0);
	set_rights(0);
	guest_fill(s.vcpu, s.slot, MIDDLE, PART, 3);
	witness_step(&s.witness, "guest writes when the key allows it", &(struct step){ .upgraded = PART });
	memory_check("host", s.slot->hva, memory_key(s.slot->tag, 3), MIDDLE, PART);
}

const struct test test = {
	.name = "pkey",
	.group = "protect",
	.proves = "a guest's faults get through where the protection keys of its vCPU's thread let it",
	.needs = { .kvm = true, .memory_mib = 32 },
	.modules = { "kvm_amd", "kvm_intel" },
	.events = EVENTS_RANGE,
	.timeout_s = 20,
	.cases = {
		{ "access-denied", access_denied, .backings = BACKING_ANON | BACKING_MEMFD },
		{ "write-denied", write_denied, .backings = BACKING_ANON | BACKING_MEMFD },
	},
};

// SPDX-License-Identifier: GPL-2.0-only
/* Finding VMs, memslots and tables in memory. */
#include "unit.h"

#include <stdlib.h>

#include "fake_kernel.h"

static struct fake *fake;

static int set_up(void **state)
{
	(void)state;
	fake = calloc(1, sizeof(*fake));
	if (fake)
		fake_make(fake);
	return fake ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	free(fake);
	return 0;
}

static size_t count_leaves(const struct spte_snapshot *snapshot, struct spte_leaf *last)
{
	struct spte_cursor cursor = { 0 };
	size_t n = 0;

	while (spte_snapshot_next(&fake->reader.format, snapshot, &cursor, last))
		n++;
	return n;
}

static void finds_a_vm(void **state)
{
	struct spte_vm vm;

	(void)state;
	assert_int_equal(spte_vm_find(&fake->reader, PID, -1, &vm), 0);
	assert_int_equal(vm.address, BASE + fake->kvm);
	assert_int_equal(spte_vm_find(&fake->reader, 1, -1, &vm), -ESRCH);
	assert_string_equal(fake->reader.error, "process 1 has no VM: --all lists those that run");
}

static void tells_two_vms_of_a_process_from_one(void **state)
{
	struct spte_vm vm, *vms;
	size_t count;

	(void)state;
	fake_vm(fake, fake_page(fake), PID, 0);
	assert_int_equal(spte_vm_find(&fake->reader, PID, -1, &vm), -ENOTUNIQ);
	assert_int_equal(spte_vm_list(&fake->reader, &vms, &count), 0);
	assert_int_equal(count, 2);
	free(vms);
}

static void does_not_follow_a_broken_list(void **state)
{
	struct spte_vm *vms;
	size_t count;

	(void)state;
	fake_u64(fake, fake->kvm)[1] = 0;
	assert_int_equal(spte_vm_list(&fake->reader, &vms, &count), -EAGAIN);
}

static void reads_memslots_of_both_spaces(void **state)
{
	struct spte_slots slots;

	(void)state;
	assert_int_equal(spte_slots_read(&fake->reader, &fake->vm, &slots), 0);
	assert_int_equal(slots.count, 3);
	assert_int_equal(slots.generation[0], 6);
	assert_int_equal(spte_slot_hva(spte_slots_find(&slots, 0, GFN + 5), GFN + 5), HVA + 5 * PAGE);
	assert_int_equal(spte_slots_find(&slots, 0, 16)->id, 0);
	assert_int_equal(spte_slots_find(&slots, 1, 48)->id, 2);
	assert_null(spte_slots_find(&slots, 0, 48));
	assert_null(spte_slots_find(&slots, 0, GFN + SLOT_PAGES));
	assert_null(spte_slots_find(&slots, 0, 0));
	spte_slots_free(&slots);
}

static void reads_leaves_of_all_levels(void **state)
{
	struct spte_snapshot snapshot;
	struct spte_totals totals;

	(void)state;
	for (uint64_t i = 0; i < 600; i++)
		fake_map(fake, i, 0x5000 + i);
	*fake_spte(fake, GFN + 1024, 2) = 0x40000ULL << 12 | LEAF_RO | SPTE_LARGE;
	*fake_spte(fake, 0x40000 * 3, 3) = 0x80000ULL << 12 | LEAF_RO | SPTE_LARGE | SPTE_NX;
	fake_u64(fake, fake->kvm)[13] = 1;
	fake_u64(fake, fake->kvm)[14] = 1;
	assert_int_equal(spte_snapshot_take(&fake->reader, &fake->vm, &snapshot), 0);
	totals = spte_totals(&fake->reader.format, &snapshot);
	assert_int_equal(totals.level[0].leaves, 600);
	assert_int_equal(totals.level[0].writable, 600);
	assert_int_equal(totals.level[1].leaves, 1);
	assert_int_equal(totals.level[1].writable, 0);
	assert_int_equal(totals.level[2].leaves, 1);
	assert_int_equal(totals.level[2].executable, 0);
	assert_int_equal(spte_totals_agree(&totals, &snapshot), TOTALS_AGREE);
	assert_int_equal(snapshot.roots, 1);
	spte_snapshot_free(&snapshot);
}

static void says_when_kvm_counts_otherwise(void **state)
{
	struct spte_snapshot snapshot;
	struct spte_totals totals;

	(void)state;
	fake_map(fake, 0, 0x5000);
	fake_u64(fake, fake->kvm)[12] = 2;
	assert_int_equal(spte_snapshot_take(&fake->reader, &fake->vm, &snapshot), 0);
	totals = spte_totals(&fake->reader.format, &snapshot);
	assert_int_equal(spte_totals_agree(&totals, &snapshot), TOTALS_DIFFER);
	spte_snapshot_free(&snapshot);
}

/* KVM clears the entry; what the reader got is no table any more. */
static void free_table(struct fake *f)
{
	*fake_spte(f, GFN, 2) = 0;
}

static void drops_a_table_that_is_freed_meanwhile(void **state)
{
	struct spte_snapshot snapshot;
	struct spte_leaf leaf;

	(void)state;
	fake_map(fake, 0, 0x5000);
	fake_map(fake, 512, 0x6000);
	fake->watched = *fake_spte(fake, GFN, 2) & 0xffffffffff000ULL;
	for (int i = 0; i < 512; i++)
		fake_u64(fake, fake->watched)[i] = 0x666000 | LEAF_RW;
	fake->on_read = free_table;
	assert_int_equal(spte_snapshot_take(&fake->reader, &fake->vm, &snapshot), 0);
	assert_int_equal(count_leaves(&snapshot, &leaf), 1);
	assert_int_equal(snapshot.retries, 1);
	spte_snapshot_free(&snapshot);
}

static void replace_table(struct fake *f)
{
	uint64_t table = RAM_PAGES * PAGE - PAGE;

	fake_u64(f, table)[0] = 0x7000ULL << 12 | LEAF_RO;
	*fake_spte(f, GFN, 2) = table | TABLE_BITS;
	f->on_read = NULL;
}

static void reads_a_table_again_that_was_replaced(void **state)
{
	struct spte_snapshot snapshot;
	struct spte_leaf leaf = { 0 };

	(void)state;
	fake_map(fake, 0, 0x5000);
	fake_map(fake, 1, 0x5001);
	fake->watched = *fake_spte(fake, GFN, 2) & 0xffffffffff000ULL;
	fake->on_read = replace_table;
	assert_int_equal(spte_snapshot_take(&fake->reader, &fake->vm, &snapshot), 0);
	assert_int_equal(count_leaves(&snapshot, &leaf), 1);
	assert_int_equal(spte_pfn(&fake->reader.format, snapshot.pages[leaf.table->entries][0]),
			 0x7000);
	assert_int_equal(snapshot.retries, 1);
	spte_snapshot_free(&snapshot);
}

static void tells_roots_apart(void **state)
{
	struct spte_snapshot snapshot;
	struct spte_leaf leaf = { 0 };
	uint64_t smm;

	(void)state;
	fake_mmu_page(fake, 64, ROLE(4) | ROLE_INVALID, 0, 0);
	smm = fake_mmu_page(fake, 64, ROLE(4) | ROLE_SMM, 0, 0);
	*fake_entry(fake, smm, 4, 1, 48, TABLE_BITS) = 0x7000ULL << 12 | LEAF_RO;
	assert_int_equal(spte_snapshot_take(&fake->reader, &fake->vm, &snapshot), 0);
	assert_int_equal(snapshot.roots, 3);
	assert_int_equal(snapshot.invalid_roots, 1);
	assert_int_equal(count_leaves(&snapshot, &leaf), 1);
	spte_snapshot_free(&snapshot);
}

static void reads_shadow_pages(void **state)
{
	struct spte_cursor cursor = { 0 };
	struct spte_snapshot snapshot;
	struct spte_leaf leaf;
	uint64_t translation = fake_page(fake), shadow, direct;

	(void)state;
	shadow = fake_mmu_page(fake, 80, ROLE_SHADOW(1), 0x999, translation);
	fake_u64(fake, shadow)[7] = 0x5000ULL << 12 | LEAF_RW;
	fake_u64(fake, translation)[7] = (GFN + 33) << 12 | 7;
	direct = fake_mmu_page(fake, 80, ROLE(2), GFN, 0);
	fake_u64(fake, direct)[1] = 0x8000ULL << 12 | LEAF_RO | SPTE_LARGE;
	assert_int_equal(spte_snapshot_take(&fake->reader, &fake->vm, &snapshot), 0);
	assert_true(spte_snapshot_next(&fake->reader.format, &snapshot, &cursor, &leaf));
	assert_int_equal(leaf.gfn, GFN + 33);
	assert_int_equal(leaf.level, 1);
	assert_true(spte_snapshot_next(&fake->reader.format, &snapshot, &cursor, &leaf));
	assert_int_equal(leaf.gfn, GFN + 512);
	assert_int_equal(leaf.level, 2);
	assert_false(spte_snapshot_next(&fake->reader.format, &snapshot, &cursor, &leaf));
	spte_snapshot_free(&snapshot);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(finds_a_vm),
		EACH(tells_two_vms_of_a_process_from_one),
		EACH(does_not_follow_a_broken_list),
		EACH(reads_memslots_of_both_spaces),
		EACH(reads_leaves_of_all_levels),
		EACH(says_when_kvm_counts_otherwise),
		EACH(drops_a_table_that_is_freed_meanwhile),
		EACH(reads_a_table_again_that_was_replaced),
		EACH(tells_roots_apart),
		EACH(reads_shadow_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

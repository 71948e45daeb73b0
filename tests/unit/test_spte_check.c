// SPDX-License-Identifier: GPL-2.0-only
/* The coherence check: each kind of incoherence, made on purpose, is named exactly. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "fake_kernel.h"
#include "spte/pagemap.h"

#define PFN0 0x5000ULL
#define PAGES 40

static struct fake *fake;
static struct spte_violation found;
static struct spte_check check;

static int set_up(void **state)
{
	(void)state;
	fake = calloc(1, sizeof(*fake));
	if (!fake)
		return -1;
	fake_make(fake);
	for (uint64_t i = 0; i < PAGES; i++)
		fake_map(fake, i, PFN0 + i);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	free(fake);
	return 0;
}

static void report(void *arg, const struct spte_violation *violation)
{
	(void)arg;
	found = *violation;
}

static void run_with(struct pagemap_block *pagemap)
{
	struct spte_snapshot snapshot;
	struct spte_slots slots;

	assert_int_equal(spte_snapshot_take(&fake->reader, &fake->vm, &snapshot), 0);
	assert_int_equal(spte_slots_read(&fake->reader, &fake->vm, &slots), 0);
	found = (struct spte_violation){ 0 };
	check = (struct spte_check){
		.reader = &fake->reader, .vm = &fake->vm, .looks = 2, .report = report,
		.pagemap = pagemap,
	};
	assert_int_equal(spte_check_run(&check, &snapshot, &slots), 0);
	spte_slots_free(&slots);
	spte_snapshot_free(&snapshot);
}

static void expect_one(enum spte_fault fault, uint64_t gfn)
{
	run_with(NULL);
	assert_int_equal(check.violations, 1);
	assert_int_equal(check.by_fault[fault], 1);
	assert_int_equal(found.fault, fault);
	assert_int_equal(found.gfn, gfn);
}

static void coherent(void **state)
{
	(void)state;
	run_with(NULL);
	assert_int_equal(check.leaves, PAGES);
	assert_int_equal(check.pages, PAGES);
	assert_int_equal(check.suspects, 0);
	assert_int_equal(check.violations, 0);
}

static void pfn_differs(void **state)
{
	(void)state;
	*fake_pte(fake, HVA + 7 * PAGE, 1) = 0x9999ULL << 12 | PTE_RW;
	expect_one(FAULT_PFN, GFN + 7);
	assert_int_equal(found.hva, HVA + 7 * PAGE);
	assert_int_equal(found.pte.pfn, 0x9999);
}

static void not_present(void **state)
{
	(void)state;
	*fake_pte(fake, HVA + 8 * PAGE, 1) = 0x1234000ULL << 9;	/* a swap entry */
	expect_one(FAULT_NOT_PRESENT, GFN + 8);
}

static void writable(void **state)
{
	(void)state;
	*fake_pte(fake, HVA + 9 * PAGE, 1) = (PFN0 + 9) << 12 | PTE_RO;
	expect_one(FAULT_WRITABLE, GFN + 9);
}

static void may_become_writable(void **state)
{
	(void)state;
	*fake_pte(fake, HVA + 9 * PAGE, 1) = (PFN0 + 9) << 12 | PTE_RO;
	*fake_spte(fake, GFN + 9, 1) &= ~SPTE_W;
	expect_one(FAULT_WRITABLE, GFN + 9);
}

static void read_only_on_both_sides(void **state)
{
	(void)state;
	*fake_pte(fake, HVA + 9 * PAGE, 1) = (PFN0 + 9) << 12 | PTE_RO;
	*fake_spte(fake, GFN + 9, 1) = (PFN0 + 9) << 12 | LEAF_RO;
	run_with(NULL);
	assert_int_equal(check.violations, 0);
}

static void huge_on_both_sides(void **state)
{
	(void)state;
	*fake_spte(fake, GFN + 512, 2) = 0x40000ULL << 12 | LEAF_RW | SPTE_LARGE;
	*fake_pte(fake, HVA + 512 * PAGE, 2) = 0x40000ULL << 12 | PTE_RW | SPTE_LARGE;
	run_with(NULL);
	assert_int_equal(check.violations, 0);
	assert_int_equal(check.pages, PAGES + 512);
}

/* The huge page was split, but maps the same pages still. */
static void huge_over_small_pages(void **state)
{
	(void)state;
	*fake_spte(fake, GFN + 512, 2) = 0x40000ULL << 12 | LEAF_RW | SPTE_LARGE;
	for (uint64_t i = 0; i < 512; i++)
		*fake_pte(fake, HVA + (512 + i) * PAGE, 1) = (0x40000ULL + i) << 12 | PTE_RW;
	expect_one(FAULT_HUGE, GFN + 512);
}

static void outside_every_memslot(void **state)
{
	(void)state;
	*fake_spte(fake, GFN + SLOT_PAGES, 1) = 0x7777ULL << 12 | LEAF_RW;
	expect_one(FAULT_NO_MEMSLOT, GFN + SLOT_PAGES);
	assert_int_equal(found.hva, 0);
}

static void mmio_over_memory(void **state)
{
	(void)state;
	/* Generation 6 in bits 3 to 10. */
	*fake_spte(fake, GFN + 100, 1) = (GFN + 100) << 12 | MMIO_MAGIC | 6 << 3;
	expect_one(FAULT_MMIO, GFN + 100);
}

static void mmio_of_an_older_generation(void **state)
{
	(void)state;
	*fake_spte(fake, GFN + 100, 1) = (GFN + 100) << 12 | MMIO_MAGIC | 5 << 3;
	run_with(NULL);
	assert_int_equal(check.violations, 0);
}

static void put_right(struct fake *f)
{
	*fake_pte(f, HVA + 7 * PAGE, 1) = (PFN0 + 7) << 12 | PTE_RW;
}

/* The pte is changed back between the first look and the second. */
static void a_passing_suspect_is_no_violation(void **state)
{
	(void)state;
	*fake_pte(fake, HVA + 7 * PAGE, 1) = 0;
	fake->watched = *fake_pte(fake, HVA, 2) & 0xffffffffff000ULL;
	fake->on_read = put_right;
	run_with(NULL);
	assert_int_equal(check.suspects, 1);
	assert_int_equal(check.violations, 0);
}

static void write_pagemap(const char *path, uint64_t wrong)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	for (uint64_t i = 0; i < PAGES; i++) {
		uint64_t entry = 1ULL << 63 | (PFN0 + i + (i == wrong));

		assert_int_equal(fseek(f, (long)((HVA / PAGE + i) * 8), SEEK_SET), 0);
		assert_int_equal(fwrite(&entry, 8, 1, f), 1);
	}
	fclose(f);
}

/* A sparse file with the owner's pages at their place, as /proc/PID/pagemap has them. */
static void altered_pagemap(void **state)
{
	struct pagemap_block *pagemap = malloc(sizeof(*pagemap));
	char path[] = "/tmp/sptest-pagemap-XXXXXX";
	int fd = mkstemp(path);

	(void)state;
	assert_non_null(pagemap);
	assert_true(fd >= 0);
	close(fd);
	write_pagemap(path, PAGES);
	assert_int_equal(pagemap_block_open_file(pagemap, path), 0);
	run_with(pagemap);
	assert_int_equal(check.violations, 0);
	write_pagemap(path, 21);
	run_with(pagemap);
	assert_int_equal(check.violations, 1);
	assert_int_equal(found.fault, FAULT_PAGEMAP);
	assert_int_equal(found.gfn, GFN + 21);
	pagemap_block_close(pagemap);
	unlink(path);
	free(pagemap);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(coherent),
		EACH(pfn_differs),
		EACH(not_present),
		EACH(writable),
		EACH(may_become_writable),
		EACH(read_only_on_both_sides),
		EACH(huge_on_both_sides),
		EACH(huge_over_small_pages),
		EACH(outside_every_memslot),
		EACH(mmio_over_memory),
		EACH(mmio_of_an_older_generation),
		EACH(a_passing_suspect_is_no_violation),
		EACH(altered_pagemap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

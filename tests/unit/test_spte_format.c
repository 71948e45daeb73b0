// SPDX-License-Identifier: GPL-2.0-only
/* Symbols from kallsyms, and what the bits of an spte mean. */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "spte/format.h"
#include "spte/mem.h"
#include "spte/symbols.h"

static struct symbols read_text(const char *text)
{
	struct symbols symbols;
	FILE *f = fmemopen((void *)text, strlen(text), "r");

	assert_non_null(f);
	assert_int_equal(symbols_read(&symbols, f), 0);
	fclose(f);
	return symbols;
}

static void takes_kvms_own_symbol(void **state)
{
	struct symbols symbols = read_text("ffffffff81000010 D page_offset_base\n"
					   "ffffffffc0000010 d vm_list\t[other]\n"
					   "ffffffffc0000020 d vm_list\t[kvm]\n"
					   "ffffffffc0000030 d vm_list_lock\t[kvm]\n"
					   "ffffffffc0000040 d vm_list\t[later]\n");

	(void)state;
	assert_int_equal(symbols.address[SYM_VM_LIST], 0xffffffffc0000020);
	assert_int_equal(symbols.address[SYM_PAGE_OFFSET_BASE], 0xffffffff81000010);
	assert_int_equal(symbols.address[SYM_SHADOW_ME], 0);
	assert_int_equal(symbols.lines, 5);
	assert_int_equal(symbols.hidden, 0);
}

static void sees_that_addresses_are_hidden(void **state)
{
	struct symbols symbols = read_text("0000000000000000 D page_offset_base\n"
					   "0000000000000000 d vm_list\t[kvm]\n");

	(void)state;
	assert_int_equal(symbols.hidden, symbols.lines);
}

/* Memory that holds at address 8 n the n-th of these. */
static int read_value(struct kmem *mem, uint64_t address, void *buf, size_t size)
{
	memcpy(buf, (const uint64_t *)mem->source + address / 8, size);
	return 0;
}

static struct spte_format format_of(uint64_t x, uint64_t nx, uint64_t user, uint64_t host_writable)
{
	uint64_t values[] = { 0, x, nx, user, host_writable, 1ULL << 5, 1ULL << 6, 1ULL << 47 };
	struct kmem mem = { .read = read_value, .source = values };
	struct symbols symbols = { 0 };
	struct spte_format format;

	symbols.address[SYM_SHADOW_X] = 8;
	symbols.address[SYM_SHADOW_NX] = 16;
	symbols.address[SYM_SHADOW_USER] = 24;
	symbols.address[SYM_SHADOW_HOST_WRITABLE] = host_writable ? 32 : 0;
	symbols.address[SYM_SHADOW_ACCESSED] = 40;
	symbols.address[SYM_SHADOW_DIRTY] = 48;
	symbols.address[SYM_SHADOW_ME] = 56;
	assert_int_equal(format_read(&format, &mem, &symbols), 0);
	return format;
}

static void decodes_npt(void **state)
{
	struct spte_format format = format_of(0, 1ULL << 63, 4, 1ULL << 9);
	uint64_t spte = 0x12345ULL << 12 | 1ULL << 47 | 0x800 | 0x20 | 7;
	char text[16];

	(void)state;
	assert_false(format.ept);
	assert_int_equal(spte_state(&format, spte, 1), SPTE_LEAF);
	assert_int_equal(spte_state(&format, spte, 2), SPTE_TABLE);
	assert_int_equal(spte_state(&format, spte | 0x80, 2), SPTE_LEAF);
	/* 0x5a0: an entry that KVM is changing right now. */
	assert_int_equal(spte_state(&format, 1ULL << 63 | 0x5a0, 1), SPTE_NONE);
	assert_int_equal(spte_pfn(&format, spte), 0x12345);
	assert_true(spte_executable(&format, spte));
	assert_false(spte_executable(&format, spte | 1ULL << 63));
	assert_int_equal(spte_accessed(&format, spte), 1);
	assert_int_equal(spte_dirty(&format, spte), 0);
	spte_flags_text(&format, spte, text);
	assert_string_equal(text, "rwxu/A-/--");
}

static void decodes_ept(void **state)
{
	struct spte_format format = format_of(4, 0, 0, 1ULL << 57);
	uint64_t spte = 0x12345ULL << 12 | 0x800 | 5;

	(void)state;
	assert_true(format.ept);
	assert_true(spte_readable(&format, spte));
	assert_false(spte_writable(&format, spte));
	assert_true(spte_executable(&format, spte));
	assert_false(spte_executable(&format, spte & ~4ULL));
	/* SPTE_TDP_AD_DISABLED: accessed and dirty bits mean nothing. */
	assert_int_equal(spte_accessed(&format, spte | 1ULL << 52), -1);
	assert_int_equal(spte_accessed(&format, spte), 0);
}

/* Before KVM had a present bit of its own, bit 11 meant something else. */
static void decodes_without_a_present_bit(void **state)
{
	struct spte_format format = format_of(0, 1ULL << 63, 4, 0);

	(void)state;
	assert_int_equal(spte_state(&format, 0x5000 | 7, 1), SPTE_LEAF);
	assert_int_equal(spte_state(&format, 0x800, 1), SPTE_NONE);
	assert_int_equal(spte_state(&format, 0, 1), SPTE_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_kvms_own_symbol),
		cmocka_unit_test(sees_that_addresses_are_hidden),
		cmocka_unit_test(decodes_npt),
		cmocka_unit_test(decodes_ept),
		cmocka_unit_test(decodes_without_a_present_bit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

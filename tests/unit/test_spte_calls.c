// SPDX-License-Identifier: GPL-2.0-only
/* Calls found in a text of our own making, and named by a kallsyms of our own making. */
#include "unit.h"

#include <errno.h>
#include <string.h>

#include "spte/call-sites.h"

#define BASE 0xffffffff81000000ULL
#define SIZE 0x400
#define START (BASE + 0x300)	/* the two functions asked for */
#define YOUNG (BASE + 0x340)

static uint8_t text[SIZE];
static const char *const functions[] = { "range_start", "young", "not_here" };

static const char symbols[] =
	"0000000000000000 A fixed_percpu_data\n"
	"ffffffff81000000 T _stext\n"
	"ffffffff81000000 T _text\n"
	"ffffffff81000100 t zap\n"
	"ffffffff81000100 t zap_alias\n"
	"ffffffff81000180 t zap.cold\n"
	"ffffffff81000300 T range_start\n"
	"ffffffff81000340 T young\n"
	"ffffffff81000380 t range_start.cold\n"
	"ffffffff81000400 T _etext\n"
	"ffffffffc0000000 t zap\t[kvm]\n";

static int forget(void **state)
{
	(void)state;
	memset(text, 0x90, sizeof(text));
	return 0;
}

/* OPCODE rel32 at BASE+offset, to `target`. */
static void put_branch(size_t offset, uint8_t opcode, uint64_t target)
{
	int32_t distance = (int32_t)(target - (BASE + offset + 5));

	text[offset] = opcode;
	memcpy(text + offset + 1, &distance, sizeof(distance));
}

static int read_text(struct kmem *mem, uint64_t address, void *buf, size_t size)
{
	(void)mem;
	if (address < BASE || address + size > BASE + SIZE)
		return -EFAULT;
	memcpy(buf, text + (address - BASE), size);
	return 0;
}

static int read_nothing(struct kmem *mem, uint64_t address, void *buf, size_t size)
{
	(void)mem;
	(void)address;
	(void)buf;
	(void)size;
	return -EPERM;
}

static int scan(struct call_sites *sites, const char *kallsyms,
		int (*read)(struct kmem *, uint64_t, void *, size_t))
{
	struct kmem mem = { .read = read };
	FILE *f = fmemopen((void *)kallsyms, strlen(kallsyms), "r");
	int err;

	assert_non_null(f);
	err = call_sites_read(sites, &mem, f, functions, 3);
	fclose(f);
	return err;
}

static void calls_are_found_and_named(void **state)
{
	struct call_sites sites;

	(void)state;
	put_branch(0x10b, 0xe8, START);
	put_branch(0x1f0, 0xe8, YOUNG);
	put_branch(0x210, 0xe8, YOUNG);
	assert_int_equal(scan(&sites, symbols, read_text), 0);
	assert_int_equal(sites.count, 3);
	assert_string_equal(sites.site[0].name, "zap+0x10");
	assert_int_equal(sites.site[0].function, 0);
	assert_string_equal(sites.site[1].name, "zap.cold+0x75");
	assert_int_equal(sites.site[1].function, 1);
	assert_string_equal(sites.site[2].name, "zap.cold+0x95");
	call_sites_free(&sites);
}

static void other_branches_are_not_calls(void **state)
{
	struct call_sites sites;

	(void)state;
	put_branch(0x110, 0xe8, START);
	put_branch(0x130, 0xe8, START + 1);	/* into it, not to it */
	put_branch(0x140, 0xe8, START - 1);
	put_branch(0x150, 0xe8, BASE + 0x380);	/* its cold part */
	assert_int_equal(scan(&sites, symbols, read_text), 0);
	assert_int_equal(sites.count, 1);
	assert_string_equal(sites.site[0].name, "zap+0x15");
	call_sites_free(&sites);
}

/* Its caller's return address is what the function finds; so through any number of such jumps. */
static void a_jump_at_the_end_passes_the_caller_on(void **state)
{
	struct call_sites sites;

	(void)state;
	put_branch(0x1c0, 0xe9, YOUNG);		/* zap.cold, to it */
	put_branch(0x390, 0xe9, BASE + 0x180);	/* range_start.cold, to that */
	put_branch(0x10b, 0xe8, BASE + 0x180);
	put_branch(0x120, 0xe8, BASE + 0x380);
	put_branch(0x130, 0xe8, BASE + 0x1c0);	/* into the middle of it */
	assert_int_equal(scan(&sites, symbols, read_text), 0);
	assert_int_equal(sites.count, 2);
	assert_string_equal(sites.site[0].name, "zap+0x10");
	assert_int_equal(sites.site[0].function, 1);
	assert_string_equal(sites.site[1].name, "zap+0x25");
	assert_int_equal(sites.site[1].function, 1);
	call_sites_free(&sites);
}

/* The second of two E8 in a row begins the call; so does one whose distance contains an E8. */
static void a_call_may_follow_anything(void **state)
{
	struct call_sites sites;

	(void)state;
	text[0x10f] = 0xe8;
	put_branch(0x110, 0xe8, START);
	put_branch(START - BASE - 0x1d, 0xe8, YOUNG);
	assert_int_equal(scan(&sites, symbols, read_text), 0);
	assert_int_equal(sites.count, 2);
	call_sites_free(&sites);
}

static void a_call_may_skip_endbr(void **state)
{
	struct call_sites sites;

	(void)state;
	put_branch(0x110, 0xe8, START + 4);
	assert_int_equal(scan(&sites, symbols, read_text), 0);
	assert_int_equal(sites.count, 1);
	call_sites_free(&sites);
}

static void a_call_may_end_the_text_but_not_leave_it(void **state)
{
	struct call_sites sites;

	(void)state;
	put_branch(SIZE - 5, 0xe8, START);
	text[SIZE - 1 - 5] = 0xe8;
	assert_int_equal(scan(&sites, symbols, read_text), 0);
	assert_int_equal(sites.count, 1);
	assert_string_equal(sites.site[0].name, "range_start.cold+0x80");
	call_sites_free(&sites);
}

static void says_when_it_cannot_tell(void **state)
{
	static const char exported[] = "ffffffff81000000 T _stext\n"
				       "ffffffff81000340 T young\n"
				       "ffffffff81000400 T _etext\n"
				       "ffffffff82000000 r __ksymtab_young\n";
	static const char hidden[] = "0000000000000000 T _stext\n0000000000000000 T _etext\n";
	struct call_sites sites;

	(void)state;
	assert_int_equal(scan(&sites, symbols, read_nothing), -EPERM);
	assert_non_null(strstr(sites.error, "text cannot be read"));
	call_sites_free(&sites);
	assert_int_equal(scan(&sites, hidden, read_text), -EPERM);
	assert_non_null(strstr(sites.error, "hides"));
	call_sites_free(&sites);
	assert_int_equal(scan(&sites, exported, read_text), -EOPNOTSUPP);
	assert_non_null(strstr(sites.error, "young is exported"));
	call_sites_free(&sites);
	assert_int_equal(scan(&sites, symbols, read_text), -ENOENT);
	call_sites_free(&sites);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(calls_are_found_and_named, forget),
		cmocka_unit_test_setup(other_branches_are_not_calls, forget),
		cmocka_unit_test_setup(a_jump_at_the_end_passes_the_caller_on, forget),
		cmocka_unit_test_setup(a_call_may_follow_anything, forget),
		cmocka_unit_test_setup(a_call_may_skip_endbr, forget),
		cmocka_unit_test_setup(a_call_may_end_the_text_but_not_leave_it, forget),
		cmocka_unit_test_setup(says_when_it_cannot_tell, forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

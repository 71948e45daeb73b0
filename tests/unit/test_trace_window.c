// SPDX-License-Identifier: GPL-2.0-only
/* Recorded events: was an spte installed inside an invalidation, and whose memory is a gfn? */
#include "unit.h"

#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/balance.h"
#include "lib/clock.h"
#include "lib/events-parse.h"
#include "lib/mappings.h"
#include "lib/window.h"

#define MM 0xffff888000001000ULL
#define HVA 0x7f0000000000UL

static const char recorded[] =
	"  x-10  [000] .....  1.000100: start: (f+0x0/0x1) mm=0xffff888000001000 from=0x7f0000001000 to=0x7f0000003000 ev=0x1 flags=0x1 caller=zap+0x1/0x9\n"
	"  x-10  [000] .....  1.000300: heard: (g+0x1/0x9 <- f) refused=0\n"
	"  x-11  [001] .....  1.000400: kvm_mmu_set_spte: gfn 102 spte 8395e67 (rwxu) level 1 at 3fb90100\n"
	"  x-10  [000] .....  1.000500: end: (e+0x0/0x1) mm=0xffff888000001000 from=0x7f0000001000 to=0x7f0000003000 ev=0x1 flags=0x1 caller=zap+0x2/0x9\n"
	"  x-11  [001] .....  1.000600: kvm_mmu_set_spte: gfn 102 spte 8395e67 (rwxu) level 1 at 3fb90100\n";

/* How many sptes are not allowed, gfn 0x100 being at HVA; `why` of the last. */
static unsigned int misplaced(const char *record, const char *change, const char *to, char *why)
{
	struct balance balance = { 0 };
	struct event_list list;
	unsigned int n = 0;
	char text[1024], *at;

	assert_true(strlen(record) < sizeof(text));
	strcpy(text, record);
	if (change) {
		at = strstr(text, change);
		assert_non_null(at);
		assert_int_equal(strlen(change), strlen(to));
		memcpy(at, to, strlen(to));
	}
	list = events_parse(text);
	for (struct event *e = list.event; e < list.event + list.count; e++) {
		if (e->kind == EVENT_SPTE_SET) {
			e->mm = MM;
			e->start = HVA + (e->gfn - 0x100) * 4096;
			e->end = e->start + 4096;
			n += !window_allows(&balance, e, why, 320);
		} else {
			assert_true(balance_event(&balance, e, why, 320));
		}
	}
	events_free(&list);
	return n;
}

static void an_spte_inside_is_named(void **state)
{
	char why[320] = "";

	(void)state;
	assert_int_equal(misplaced(recorded, NULL, NULL, why), 1);
	assert_string_equal(why, "spte 0x8395e67 of gfn 0x102 (hva 0x7f0000002000) was installed by task 11 300 us into the invalidation of 0x7f0000001000-0x7f0000003000 by zap+0x1");
}

static void its_neighbours_may_be_installed(void **state)
{
	char why[320];

	(void)state;
	assert_int_equal(misplaced(recorded, "gfn 102", "gfn 103", why), 0);
	assert_int_equal(misplaced(recorded, "gfn 102", "gfn 100", why), 0);
	assert_int_equal(misplaced(recorded, "gfn 102", "gfn 101", why), 1);
}

static void before_the_start_was_heard_it_may_be(void **state)
{
	char why[320];

	(void)state;
	assert_int_equal(misplaced(recorded, "1.000300", "1.000400", why), 0);
	assert_int_equal(misplaced(recorded, "1.000300", "1.000399", why), 1);
}

static void what_was_refused_never_began(void **state)
{
	char why[320];

	(void)state;
	assert_int_equal(misplaced(recorded, "refused=0", "refused=9", why), 0);
}

static void another_mm_is_another_matter(void **state)
{
	char text[1024], *mm;
	char why[320];

	(void)state;
	strcpy(text, recorded);
	while ((mm = strstr(text, "000001000 from")))
		memcpy(mm, "000005000 from", 9);
	assert_int_equal(misplaced(text, NULL, NULL, why), 0);
}

/* An event now, of this thread, which runs that VM. */
static struct event spte_set(uint64_t gfn, int level)
{
	return (struct event){
		.kind = EVENT_SPTE_SET, .us = clock_us(), .task = syscall(SYS_gettid), .gfn = gfn,
		.level = level,
	};
}

static void assert_at(struct event e, uint64_t start, uint64_t pages)
{
	assert_true(mappings_resolve(&e, getpid()));
	assert_int_equal(e.start, start);
	assert_int_equal(e.end, start + pages * 4096);
}

static int set_up_mappings(void **state)
{
	(void)state;
	mappings_init();
	mappings_begin();
	return 0;
}

static void a_gfn_has_the_address_of_its_memslot(void **state)
{
	struct vm vm = { .fd = 5 }, other = { .fd = 6 };
	struct memslot slot = { .vm = &vm, .gpa = 0x200000, .hva = (void *)HVA, .pages = 1024 };
	struct memslot elsewhere = { .vm = &other, .gpa = 0x200000, .hva = (void *)(2 * HVA),
				     .pages = 1024 };
	struct event e = spte_set(0x200, 1);

	(void)state;
	mappings_add_slot(&slot);
	mappings_add_slot(&elsewhere);
	assert_false(mappings_resolve(&e, getpid()));	/* this thread ran no VM so far */
	mappings_note_run(&vm);
	assert_at(spte_set(0x203, 1), HVA + 0x3000, 1);
	assert_at(spte_set(0x3ff, 2), HVA, 512);
	e = spte_set(0x600, 1);
	assert_false(mappings_resolve(&e, getpid()));
	e = spte_set(0x203, 1);
	assert_false(mappings_resolve(&e, getpid() + 1));
	usleep(2);
	mappings_note_run(&other);
	assert_at(spte_set(0x203, 1), 2 * HVA + 0x3000, 1);
	assert_at(e, HVA + 0x3000, 1);	/* it ran the first one then */
}

static void two_address_spaces_are_not_told_apart(void **state)
{
	struct vm vm = { .fd = 5 };
	struct memslot slot = { .vm = &vm, .gpa = 0x200000, .hva = (void *)HVA, .pages = 8 };
	struct memslot smm = { .vm = &vm, .gpa = 0x204000, .hva = (void *)(2 * HVA), .pages = 8,
			       .space = 1 };
	struct event e;

	(void)state;
	mappings_begin();
	mappings_add_slot(&slot);
	mappings_add_slot(&smm);
	mappings_note_run(&(struct vm){ .fd = 9 });
	mappings_note_run(&vm);
	assert_at(spte_set(0x203, 1), HVA + 0x3000, 1);
	e = spte_set(0x204, 1);
	assert_false(mappings_resolve(&e, getpid()));
}

static void a_vm_that_ended_has_no_memory(void **state)
{
	struct vm vm = { .fd = 5 };
	struct memslot slot = { .vm = &vm, .gpa = 0x200000, .hva = (void *)HVA, .pages = 8 };
	struct event e;

	(void)state;
	mappings_begin();
	mappings_add_slot(&slot);
	mappings_note_run(&(struct vm){ .fd = 9 });
	mappings_note_run(&vm);
	mappings_end_vm(&vm);
	usleep(2);
	e = spte_set(0x203, 1);
	assert_false(mappings_resolve(&e, getpid()));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_spte_inside_is_named),
		cmocka_unit_test(its_neighbours_may_be_installed),
		cmocka_unit_test(before_the_start_was_heard_it_may_be),
		cmocka_unit_test(what_was_refused_never_began),
		cmocka_unit_test(another_mm_is_another_matter),
		cmocka_unit_test(a_gfn_has_the_address_of_its_memslot),
		cmocka_unit_test(two_address_spaces_are_not_told_apart),
		cmocka_unit_test(a_vm_that_ended_has_no_memory),
	};

	return cmocka_run_group_tests(tests, set_up_mappings, NULL);
}

// SPDX-License-Identifier: GPL-2.0-only
/* Counts that runs of the pressures vmm-fork, hole-punch and memslots and of the workload numa came to, and what each must not be. */
#include "unit.h"

#include <string.h>

#include "workload/acts.h"

static char *text;
static size_t size;
static FILE *out;

static int open_text(void **state)
{
	(void)state;
	out = open_memstream(&text, &size);
	return out ? 0 : -1;
}

static int close_text(void **state)
{
	(void)state;
	fclose(out);
	free(text);
	text = NULL;
	return 0;
}

static void says(const char *words)
{
	fflush(out);
	if (!strstr(text, words))
		fail_msg("no \"%s\" in: %s", words, text);
}

static void says_nothing(void)
{
	fflush(out);
	assert_null(strstr(text, "guest 1:"));
}

static void a_vmm_that_forks_is_fine(void **state)
{
	(void)state;
	assert_true(acts_forks_fine(out, "guest 1", 72, 72, ""));
	assert_true(acts_forks_fine(out, "guest 1", 31, 32, ""));	/* the last was not waited for */
	says_nothing();
}

/* As without MADV_DOFORK: then fork() copies nothing of the guest. */
static void forks_that_no_notifier_hears_of_are_not(void **state)
{
	(void)state;
	assert_false(acts_forks_fine(out, "guest 1", 72, 0, ""));
	says("# guest 1: QEMU forked 72 times, and notifiers were told of that 0 times: ");
	assert_false(acts_forks_fine(out, "guest 1", 72, 71, ""));
}

static void a_vmm_that_never_forks_is_not(void **state)
{
	(void)state;
	assert_false(acts_forks_fine(out, "guest 1", 0, 0, "ptrace: Operation not permitted"));
	says(": ptrace: Operation not permitted\n");
	assert_false(acts_forks_fine(out, "guest 1", 0, 4, ""));
	says(": it took too long, or was never asked to\n");
}

static void holes_that_are_told_are_fine(void **state)
{
	(void)state;
	assert_true(acts_holes_fine(out, "guest 1", 77, 142));
	says_nothing();
}

static void holes_that_are_not_there_or_not_told_are_not(void **state)
{
	(void)state;
	assert_false(acts_holes_fine(out, "guest 1", 0, 3201));
	says(": its guest reported no free page\n");
	assert_false(acts_holes_fine(out, "guest 1", 77, 76));
	says(": not of all of them\n");
}

static void a_memslot_that_comes_and_goes_is_fine(void **state)
{
	(void)state;
	assert_true(acts_memslots_fine(out, "guest 1", 20, 0, "", 80));
	assert_true(acts_memslots_fine(out, "guest 1", 20, 0, "", 40));
	says_nothing();
}

static void what_is_read_without_a_memslot_is_not(void **state)
{
	static const char bad[] = "time 3 page 64: 9e3779b97f4a7c16 as was written, while there is no memslot";

	(void)state;
	assert_false(acts_memslots_fine(out, "guest 1", 20, 1, bad, 80));
	says("# guest 1: a BAR was switched off and on 20 times, and 1 were wrong: time 3 page 64: ");
}

/* As a BAR that QEMU goes on to serve has it. */
static void memslots_that_kvm_does_not_change_are_not(void **state)
{
	(void)state;
	assert_false(acts_memslots_fine(out, "guest 1", 20, 0, "", 39));
	says("# guest 1: KVM had 39 updates of memslots, fewer than two for each of 20 times\n");
	assert_false(acts_memslots_fine(out, "guest 1", 0, 0, "", 0));
	says("switched off and on 0 times");
}

static void pages_that_go_each_way_are_fine(void **state)
{
	(void)state;
	assert_true(acts_nodes_fine(out, "guest 1", 265974, 294773, 43658, ""));
	says_nothing();
}

static void pages_that_do_not_go_one_of_the_ways_are_not(void **state)
{
	(void)state;
	assert_false(acts_nodes_fine(out, "guest 1", 0, 294773, 43658, "migrate_pages: Operation not permitted"));
	says("# guest 1: 0 pages went to node 1, 294773 back, and 43658 by NUMA balancing: migrate_pages: Operation not permitted\n");
	assert_false(acts_nodes_fine(out, "guest 1", 265974, 0, 43658, ""));
	assert_false(acts_nodes_fine(out, "guest 1", 265974, 294773, 0, ""));
	says("294773 back, and 0 by NUMA balancing: some must have gone each way\n");
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, open_text, close_text)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_vmm_that_forks_is_fine),
		CASE(forks_that_no_notifier_hears_of_are_not),
		CASE(a_vmm_that_never_forks_is_not),
		CASE(holes_that_are_told_are_fine),
		CASE(holes_that_are_not_there_or_not_told_are_not),
		CASE(a_memslot_that_comes_and_goes_is_fine),
		CASE(what_is_read_without_a_memslot_is_not),
		CASE(memslots_that_kvm_does_not_change_are_not),
		CASE(pages_that_go_each_way_are_fine),
		CASE(pages_that_do_not_go_one_of_the_ways_are_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0-only
/* Recorded events: was an invalidation of that memory under way when an allocation failed? */
#include "unit.h"

#include <string.h>

#include "lib/balance.h"
#include "lib/events-parse.h"

static const char recorded[] =
	"  x-10  [000] .....  1.000100: start: (f+0x0/0x1) mm=0xffff888000001000 from=0x7f0000001000 to=0x7f0000003000 ev=0x1 flags=0x1 caller=zap+0x1/0x9\n"
	"  x-10  [000] .....  1.000300: injected: (a+0x60/0x2d0 <- should_failslab) failed=244\n"
	"  x-10  [000] .....  1.000500: end: (e+0x0/0x1) mm=0xffff888000001000 from=0x7f0000001000 to=0x7f0000003000 ev=0x1 flags=0x1 caller=zap+0x2/0x9\n"
	"  x-10  [000] .....  1.000600: injected: (b+0x60/0x2d0 <- should_fail_alloc_page) failed=1\n";

/* Of the failed allocations, how many the task met inside of an invalidation of that range. */
static unsigned int inside(pid_t task, uint64_t start, uint64_t end)
{
	struct balance balance = { 0 };
	struct event_list list;
	char text[1024], why[320];
	unsigned int n = 0;

	strcpy(text, recorded);
	list = events_parse(text);
	assert_int_equal(list.count, 4);
	assert_int_equal(list.event[1].kind, EVENT_INJECTED);
	assert_int_equal(list.event[3].kind, EVENT_INJECTED);
	for (struct event *e = list.event; e < list.event + list.count; e++) {
		assert_true(balance_event(&balance, e, why, sizeof(why)));
		if (e->kind == EVENT_INJECTED)
			n += balance_is_inside(&balance, task, start, end);
	}
	events_free(&list);
	return n;
}

static void between_start_and_end_is_inside(void **state)
{
	(void)state;
	assert_int_equal(inside(10, 0x7f0000000000, 0x7f0000010000), 1);
	assert_int_equal(inside(10, 0x7f0000002000, 0x7f0000003000), 1);
}

static void other_memory_is_another_matter(void **state)
{
	(void)state;
	assert_int_equal(inside(10, 0x7f0000003000, 0x7f0000010000), 0);
	assert_int_equal(inside(10, 0x7f0000000000, 0x7f0000001000), 0);
}

static void so_is_another_task(void **state)
{
	(void)state;
	assert_int_equal(inside(11, 0x7f0000000000, 0x7f0000010000), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(between_start_and_end_is_inside),
		cmocka_unit_test(other_memory_is_another_matter),
		cmocka_unit_test(so_is_another_task),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0-only
/* The event record: does it balance, how does it read, whose events are they? */
#include "unit.h"

#include <string.h>

#include "lib/balance.h"
#include "lib/timeline.h"
#include "trace/follow.h"

#define TASK 10
#define MM 0xffff888000001000ULL

static struct event range(enum event_kind kind, pid_t task, uint64_t start)
{
	struct event e = {
		.kind = kind, .task = task, .mm = MM, .notify = NOTIFY_CLEAR,
		.start = start, .end = start + 0x2000, .us = 1000,
	};

	strcpy(e.caller, kind == EVENT_START ? "zap+0x1" : "zap+0x9");
	return e;
}

/* How many of the events do not fit; `why` of the last. */
static unsigned int misfits(struct balance *balance, const struct event *list, size_t count, char *why)
{
	unsigned int n = 0;

	for (size_t i = 0; i < count; i++)
		n += !balance_event(balance, &list[i], why, 320);
	return n;
}

static void nested_and_interleaved_tasks_balance(void **state)
{
	const struct event list[] = {
		range(EVENT_START, TASK, 0x1000), range(EVENT_START, TASK, 0x1000),
		range(EVENT_START, TASK + 1, 0x1000), range(EVENT_END, TASK, 0x1000),
		range(EVENT_KVM_UNMAP, TASK, 0x9000), range(EVENT_END, TASK, 0x1000),
		range(EVENT_END, TASK + 1, 0x1000),
	};
	struct balance balance = { 0 };
	char why[320] = "";

	(void)state;
	assert_int_equal(misfits(&balance, list, 7, why), 0);
	assert_null(balance_unended(&balance));
}

static void a_start_must_be_ended(void **state)
{
	const struct event list[] = {
		range(EVENT_START, TASK, 0x1000), range(EVENT_START, TASK, 0x5000),
		range(EVENT_END, TASK, 0x5000),
	};
	struct balance balance = { 0 };
	char why[320];

	(void)state;
	assert_int_equal(misfits(&balance, list, 3, why), 0);
	assert_non_null(balance_unended(&balance));
	assert_int_equal(balance_unended(&balance)->start, 0x1000);
}

static void an_end_must_have_been_started(void **state)
{
	struct event list[] = {
		range(EVENT_START, TASK, 0x1000), range(EVENT_END, TASK, 0x3000),
		range(EVENT_END, TASK + 1, 0x1000), range(EVENT_END, TASK, 0x1000),
		range(EVENT_END, TASK, 0x1000),
	};
	struct balance balance = { 0 };
	char why[320];

	(void)state;
	assert_int_equal(misfits(&balance, list, 2, why), 1);	/* another range */
	assert_non_null(strstr(why, "0x3000-0x5000"));
	list[3].end++;
	assert_int_equal(misfits(&balance, list + 3, 1, why), 1);	/* a longer one */
	list[3].end--;
	assert_int_equal(misfits(&balance, list + 2, 1, why), 1);	/* another task */
	list[4].mm++;
	assert_int_equal(misfits(&balance, list + 4, 1, why), 1);	/* another mm */
	list[4].mm--;
	assert_int_equal(misfits(&balance, list + 3, 2, why), 1);	/* a second end */
	assert_non_null(strstr(why, "not started"));
}

static void the_inner_one_is_ended_first(void **state)
{
	const struct event list[] = {
		range(EVENT_START, TASK, 0x1000), range(EVENT_START, TASK, 0x5000),
		range(EVENT_END, TASK, 0x1000), range(EVENT_END, TASK, 0x5000),
	};
	struct balance balance = { 0 };
	char why[320];

	(void)state;
	assert_int_equal(misfits(&balance, list, 4, why), 1);
	assert_non_null(strstr(why, "inside it"));
	assert_null(balance_unended(&balance));
}

static void what_may_be_refused_needs_no_end(void **state)
{
	struct event list[] = {
		range(EVENT_START, TASK, 0x1000), range(EVENT_START, TASK, 0x5000),
		range(EVENT_END, TASK, 0x1000),
	};
	struct balance balance = { 0 };
	char why[320];

	(void)state;
	list[1].refusable = true;
	assert_int_equal(misfits(&balance, list, 3, why), 0);
	assert_null(balance_unended(&balance));
}

static void too_many_open_ones_are_a_misfit(void **state)
{
	struct event e = range(EVENT_START, TASK, 0x1000);
	struct balance balance = { 0 };
	unsigned int n = 0;
	char why[320];

	(void)state;
	for (unsigned int i = 0; i < 2 * BALANCE_OPEN_MAX; i++)
		n += misfits(&balance, &e, 1, why);
	assert_int_equal(n, 1);
}

static void a_quiet_invalidation_is_one_line(void **state)
{
	struct event list[] = {
		range(EVENT_START, TASK, 0x1000), range(EVENT_KVM_UNMAP, TASK, 0x1000),
		range(EVENT_END, TASK, 0x1000), range(EVENT_START, TASK, 0x1000),
	};
	char line[TIMELINE_LINE];

	(void)state;
	list[2].us += 250;
	assert_int_equal(timeline_line(list, 4, 0, line), 3);
	assert_non_null(strstr(line, "     1.000 ms "));
	assert_non_null(strstr(line, "start CLEAR 0x1000-0x3000 (2 pages) by zap+0x1"));
	assert_non_null(strstr(line, "KVM heard it, ended after 250 us"));
}

static void what_lies_between_has_lines_of_its_own(void **state)
{
	struct event list[] = {
		range(EVENT_START, TASK, 0x1000),
		{ .kind = EVENT_SPTE_CHANGED, .task = TASK, .gfn = 0x55, .level = 1, .old_spte = 0x7,
		  .new_spte = 0x5 },
		range(EVENT_END, TASK, 0x1000),
	};
	char line[TIMELINE_LINE];

	(void)state;
	assert_int_equal(timeline_line(list, 3, 0, line), 1);
	assert_null(strstr(line, "ended"));
	assert_int_equal(timeline_line(list + 1, 2, 0, line), 1);
	assert_non_null(strstr(line, "spte gfn 0x55 level 1: 0x7 -> 0x5"));
	/* of another task: not this one's end */
	list[1] = range(EVENT_END, TASK + 1, 0x1000);
	assert_int_equal(timeline_line(list, 3, 0, line), 1);
}

static void long_texts_do_not_overrun(void **state)
{
	struct event list[] = {
		range(EVENT_START, TASK, 0), range(EVENT_KVM_UNMAP, TASK, 0), range(EVENT_END, TASK, 0),
	};
	struct { char line[TIMELINE_LINE], behind[64]; } memory;

	(void)state;
	memset(&memory, '#', sizeof(memory));
	memset(list[0].caller, 'x', sizeof(list[0].caller) - 1);
	list[0].notify = NOTIFY_PROTECTION_PAGE;
	list[0].refusable = true;
	for (size_t i = 0; i < 3; i++) {
		list[i].task = INT32_MAX;
		list[i].us = UINT64_MAX / 2;
		list[i].start = 1ULL << 63;
		list[i].end = UINT64_MAX - 1;
	}
	assert_int_equal(timeline_line(list, 3, 0, memory.line), 3);
	assert_int_equal(strlen(memory.line), TIMELINE_LINE - 1);
	assert_int_equal(memory.behind[0], '#');
}

static void children_and_helpers_are_followed(void **state)
{
	const pid_t child = TASK + 1, ksmd = 50;
	struct event fork_event = { .kind = EVENT_FORK, .task = TASK, .child = child };
	struct event reg = range(EVENT_REGISTER, child, 0), unmap = { .kind = EVENT_KVM_UNMAP };
	struct event foreign = range(EVENT_START, ksmd, 0x1000), start = foreign;
	struct follow follow = { 0 };

	(void)state;
	foreign.mm++;
	unmap.task = ksmd;
	assert_true(follow_task(&follow, TASK));
	assert_false(follow_event(&follow, &reg));	/* not yet known as a child */
	assert_false(follow_event(&follow, &fork_event));
	assert_true(follow_event(&follow, &reg));
	assert_false(follow_event(&follow, &unmap));
	assert_true(follow_event(&follow, &start));
	assert_true(follow_event(&follow, &unmap));
	assert_false(follow_event(&follow, &foreign));
	assert_false(follow_event(&follow, &unmap));
	unmap.task = child;
	assert_true(follow_event(&follow, &unmap));
	follow_release(&follow);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nested_and_interleaved_tasks_balance),
		cmocka_unit_test(a_start_must_be_ended),
		cmocka_unit_test(an_end_must_have_been_started),
		cmocka_unit_test(the_inner_one_is_ended_first),
		cmocka_unit_test(what_may_be_refused_needs_no_end),
		cmocka_unit_test(too_many_open_ones_are_a_misfit),
		cmocka_unit_test(a_quiet_invalidation_is_one_line),
		cmocka_unit_test(what_lies_between_has_lines_of_its_own),
		cmocka_unit_test(long_texts_do_not_overrun),
		cmocka_unit_test(children_and_helpers_are_followed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-2.0-only
#include "classify.h"

#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "path.h"
#include "progress.h"

#define CLASSIFY_MAX 20	/* failures: more than these have one cause, and would take a night */

static const struct schedule_item *item_of(const struct supervisor_options *options,
					   const struct run_test *test)
{
	for (size_t i = 0; i < options->schedule->count; i++) {
		const struct schedule_item *item = &options->schedule->items[i];

		if (!strcmp(item->test->name, test->name) &&
		    (!test->mmu || !strcmp(options->modes[item->mode], test->mmu)))
			return item;
	}
	return NULL;
}

static void schedule_again(struct schedule *schedule, const struct schedule_item *item, unsigned int times)
{
	schedule->count = times;
	schedule->items = xzalloc(times * sizeof(*schedule->items));
	for (unsigned int i = 0; i < times; i++) {
		schedule->items[i] = *item;
		schedule->items[i].round = i;
	}
}

/* One that has no time of its own was never started: its machine was not. */
static void count(struct run_test *test, const struct run *again)
{
	unsigned int failed = 0;

	for (size_t i = 0; i < again->test_count; i++) {
		if (again->tests[i].duration_s <= 0)
			return;
		failed += verdict_is_failure(again->tests[i].verdict);
	}
	test->again = again->test_count;
	test->failed_again = failed;
}

static int run_again(const struct supervisor_options *of_run, const struct schedule_item *item,
		     unsigned int times, const struct run *run, struct run_test *test)
{
	struct supervisor_options options = *of_run;
	struct schedule schedule;
	struct run again = {
		.folder = xasprintf("%s/%s/again", run->folder, test->folder),
		.kernel_release = xstrdup(run->kernel_release),
		.seed = test->seed,
	};
	int status, err = path_mkdirs(again.folder);

	if (err)
		die(STATUS_HARNESS, "%s: %s", again.folder, strerror(-err));
	schedule_again(&schedule, item, times);
	options.schedule = &schedule;
	options.isolate = options.same_seed = true;
	options.fail_fast = false;
	status = supervise(&options, &again);
	if (status == STATUS_OK)
		count(test, &again);
	schedule_free(&schedule);
	run_release(&again);
	return status;
}

int classify(const struct supervisor_options *options, unsigned int times, struct run *run)
{
	int status = STATUS_OK;
	unsigned int done = 0;

	for (size_t i = 0; status == STATUS_OK && i < run->test_count; i++) {
		struct run_test *test = &run->tests[i];
		const struct schedule_item *item;
		char *label;

		if (!verdict_is_failure(test->verdict))
			continue;
		item = item_of(options, test);
		if (!item)
			continue;
		if (done++ == CLASSIFY_MAX) {
			progress_line("more than %d failures: the others do not run again", CLASSIFY_MAX);
			break;
		}
		label = run_test_label(test);
		progress_line("%s failed: again, %u times, each on a fresh machine", label, times);
		free(label);
		status = run_again(options, item, times, run, test);
	}
	return status;
}

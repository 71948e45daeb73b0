// SPDX-License-Identifier: GPL-2.0-only
#include "slot.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "diagnosis.h"
#include "die.h"
#include "path.h"
#include "results/run-folder.h"

static int write_in_folder(const struct slot *slot, const char *name, const char *text, size_t size)
{
	char *path = xasprintf("%s/%s", slot->test_folder, name);
	int err = file_write(path, text, size, 0644);

	free(path);
	return err;
}

/* The kernel log, and of a machine that did not get on who waited for what. */
static int write_slice(const struct slot *slot)
{
	const struct console *console = &slot->machine.console;
	const char *slice = console->slice ? console->slice : "";
	char *page = diagnosis_page(slice);
	int err = write_in_folder(slot, "kernel.log", slice, console->slice_size);

	if (!err && page)
		err = write_in_folder(slot, RUN_DIAGNOSIS, page, strlen(page));
	free(page);
	return err;
}

static bool is_machine_spoilt(const struct slot *slot, const struct run_test *test)
{
	if (slot->exit.taint_after & ~slot->exit.taint_before)
		return true;
	return test->verdict == VERDICT_PANIC || test->verdict == VERDICT_HANG ||
	       test->verdict == VERDICT_SPLAT || test->verdict == VERDICT_LOST;
}

static void close_output(struct slot *slot)
{
	bool bad;

	if (slot->line_used) {	/* a last line without its newline */
		slot->line[slot->line_used] = '\0';
		ktap_feed(slot->ktap, slot->line);
	}
	bad = ferror(slot->output) || ferror(slot->machine.console.log);
	if (fclose(slot->output) || bad || write_slice(slot))
		die(STATUS_HARNESS, "%s: cannot be written: is the disk full?", slot->test_folder);
	slot->output = NULL;
}

/* Without what a hanging machine was made to say: its last words by NMI are a panic. */
static char *log_of_test(const struct slot *slot)
{
	const struct console *console = &slot->machine.console;
	size_t size = slot->ending == ENDING_HANG ? slot->hang_size : console->slice_size;

	return xasprintf("%.*s", (int)size, console->slice ? console->slice : "");
}

void slot_conclude(struct slot *slot, struct run_test *test, const struct xfail_place *place)
{
	const struct console *console = &slot->machine.console;
	char *log = log_of_test(slot);
	bool sound, spoilt;
	struct evidence evidence = {
		.ending = slot->ending,
		.detail = slot->detail,
		.test = slot->test,
		.ktap = slot->ktap,
		.log = log,
		.panic = slot->panicked ? console->panic : NULL,
		.status = slot->exit.status,
		.taint_before = slot->judged ? slot->taint : slot->exit.taint_before,
		.taint_after = slot->exit.taint_after,
	};

	close_output(slot);
	test->duration_s = slot->exit.duration_ns ? slot->exit.duration_ns / 1e9 :
						    (clock_ms() - slot->started) / 1000.0;
	sound = judge(test, &evidence);
	spoilt = is_machine_spoilt(slot, test);
	xfail_judge(test, place, sound);
	free(log);
	ktap_free(slot->ktap);
	free(slot->detail);
	free(slot->test_folder);
	slot->ktap = NULL;
	slot->detail = slot->test_folder = NULL;
	if (spoilt || !slot->machine.pid) {
		slot_stop(slot);
	} else {
		console_judged(&slot->machine.console);
		slot->judged = true;
		slot->taint = slot->exit.taint_after;
		slot_set_state(slot, SLOT_IDLE, 0);
	}
}

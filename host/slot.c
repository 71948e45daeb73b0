// SPDX-License-Identifier: GPL-2.0-only
#include "slot.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "clock.h"
#include "die.h"

/* Deadlines on hardware, in ms; emulation multiplies them. They catch hangs, they measure nothing. */
#define BOOT_MS 15000
#define RESTORE_MS 10000
#define SILENCE_MS 5000		/* ten heartbeats of init */
#define KILL_MS 10000		/* on top of CHANNEL_LINGER_MS */
#define MARKER_MS 2000
#define PANIC_MS 2000		/* from a panic's line to the reset */
#define OOPS_MS 3000		/* what a test gets after one: the dead task may hold a lock for ever */
#define OUTPUT_MAX (16ul << 20)	/* bytes of a test's output that are kept */

#define MESSAGES 256		/* read in one go from a machine that lives */

void slot_set_state(struct slot *slot, enum slot_state state, uint64_t ms)
{
	slot->state = state;
	slot->life = clock_ms();
	slot->deadline = slot->life + ms;
}

void slot_start(struct slot *slot, const struct machine_config *config, char *folder,
		const char *snapshot)
{
	static const char cookie[] = "awake?";
	unsigned int slow = config->accel.slowness;
	int err;

	free(slot->folder);
	slot->folder = folder;
	slot->used = slot->judged = false;
	slot->booted = !snapshot;
	err = machine_start(&slot->machine, config, folder, snapshot);
	if (err) {
		warn("%s: cannot start a machine: %s", folder, strerror(-err));
		slot_set_state(slot, SLOT_FAILED, 0);
	} else if (snapshot) {
		slot_set_state(slot, SLOT_RESTORING, (uint64_t)RESTORE_MS * slow);
		channel_send(&slot->machine.channel, CHANNEL_PING, cookie, sizeof(cookie));
	} else {
		slot_set_state(slot, SLOT_BOOTING, (uint64_t)BOOT_MS * slow);
	}
}

void slot_stop(struct slot *slot)
{
	machine_stop(&slot->machine);
	free(slot->folder);
	slot->folder = NULL;
	slot->state = SLOT_OFF;
}

static void send_job(struct slot *slot, const struct machine_config *config,
		     const struct slot_job *job)
{
	unsigned int slow = config->accel.slowness;
	char *seed = xasprintf("SPTEST_SEED=%llu", (unsigned long long)job->seed);
	char *factor = xasprintf("SPTEST_SLOW=%u", slow);
	char *mutant = xasprintf("SPTEST_MUTANT=%s", job->mutant ? job->mutant : "");
	const char *const argv[] = { job->program, job->plan, NULL };
	const char *const env[] = {
		seed, factor, job->full ? "SPTEST_FULL=1" : "SPTEST_FULL=", mutant,
		job->fail_fast ? "SPTEST_FAIL_FAST=1" : "SPTEST_FAIL_FAST=",
		slow > 1 ? "KSFT_MACHINE_SLOW=yes" : NULL, NULL
	};

	if (channel_send_run(&slot->machine.channel, job->test->name, argv, env))
		slot_on_exit(slot);
	free(seed);
	free(mutant);
	free(factor);
}

void slot_run(struct slot *slot, const struct machine_config *config, const struct slot_job *job)
{
	char *path = xasprintf("%s/ktap", job->folder);

	slot->test = job->test;
	slot->index = job->index;
	slot->test_folder = xstrdup(job->folder);
	slot->ktap = ktap_new();
	slot->line_used = 0;
	slot->stage = 0;
	slot->panicked = false;
	slot->detail = NULL;
	slot->exit = (struct channel_exit){ 0 };
	slot->ending = ENDING_EXIT;
	slot->used = true;
	slot->output = fopen(path, "we");
	if (!slot->output)
		die(STATUS_HARNESS, "%s: %s", path, strerror(errno));
	free(path);
	console_expect(&slot->machine.console);
	slot->started = clock_ms();
	slot->first_output = 0;
	slot->output_left = OUTPUT_MAX;
	slot_set_state(slot, SLOT_RUNNING, 1000ull * job->timeout_s * config->accel.slowness);
	send_job(slot, config, job);
}

static bool has_test(const struct slot *slot)
{
	return slot->state >= SLOT_RUNNING && slot->state <= SLOT_DONE;
}

static void end_test(struct slot *slot, enum ending ending, char *detail)
{
	slot->ending = ending;
	free(slot->detail);
	slot->detail = detail;
	slot->state = SLOT_DONE;
}

static void take_output(struct slot *slot, const char *data, size_t size)
{
	if (!slot->first_output)
		slot->first_output = clock_ms();
	if (slot->output_left >= size) {
		fwrite(data, 1, size, slot->output);
		slot->output_left -= size;
	} else if (slot->output_left) {
		fputs("\n# sptest: too long, cut here\n", slot->output);
		slot->output_left = 0;
	}
	/* Nothing said is lost with this process, and tail -f shows where a test is. */
	fflush(slot->output);
	for (size_t i = 0; i < size; i++) {
		if (data[i] != '\n' && slot->line_used < sizeof(slot->line) - 1)
			slot->line[slot->line_used++] = data[i];
		if (data[i] != '\n')
			continue;
		slot->line[slot->line_used] = '\0';
		slot->line_used = 0;
		ktap_feed(slot->ktap, slot->line);
	}
}

static void take_exit(struct slot *slot, const struct channel_message *message)
{
	if (message->size != sizeof(slot->exit))
		return;
	memcpy(&slot->exit, message->data, sizeof(slot->exit));
	slot->state = SLOT_ENDING;
	slot->deadline = clock_ms() + MARKER_MS * 5;
	if (slot->machine.console.ended)
		slot->state = SLOT_DONE;
}

static void take_hello(struct slot *slot, const struct channel_message *message)
{
	struct channel_hello hello;

	if (message->size == sizeof(hello)) {
		memcpy(&hello, message->data, sizeof(hello));
		if (hello.version == CHANNEL_VERSION) {
			slot_set_state(slot, SLOT_IDLE, 0);
			return;
		}
	}
	warn("the init in the host image is of another sptest: build again with make");
	slot_set_state(slot, SLOT_FAILED, 0);
}

static void take_message(struct slot *slot, const struct channel_message *message)
{
	slot->life = clock_ms();
	switch (message->type) {
	case CHANNEL_HELLO:
		if (slot->state == SLOT_BOOTING)
			take_hello(slot, message);
		break;
	case CHANNEL_PONG:
		if (slot->state == SLOT_RESTORING)
			slot_set_state(slot, SLOT_IDLE, 0);
		break;
	case CHANNEL_OUTPUT:
		if (has_test(slot))
			take_output(slot, message->data, message->size);
		break;
	case CHANNEL_EXIT:
		if (slot->state == SLOT_RUNNING || slot->state == SLOT_KILLING)
			take_exit(slot, message);
		break;
	default:
		break;
	}
}

/* At most so many: a test that prints without end must not keep the others waiting, nor its timeout. */
static void take_messages(struct slot *slot, unsigned int most)
{
	struct channel_message message;
	int got = 0;

	while (most-- && slot->machine.channel.buf &&
	       (got = channel_receive(&slot->machine.channel, &message)) > 0)
		take_message(slot, &message);
	if (got == -EPROTO) {
		warn("machine %u: its init talks nonsense", slot->id);
		slot_on_exit(slot);
	}
}

void slot_on_channel(struct slot *slot)
{
	take_messages(slot, MESSAGES);
}

static bool is_live(const struct slot *slot)
{
	return slot->state == SLOT_RUNNING || slot->state == SLOT_KILLING ||
	       slot->state == SLOT_ENDING;
}

void slot_on_console(struct slot *slot)
{
	struct console *console = &slot->machine.console;

	if (!console_read(console))
		return;
	if (slot->state == SLOT_ENDING && console->ended)
		slot->state = SLOT_DONE;
	if (console->panic && is_live(slot) && !slot->panicked) {
		slot->panicked = true;
		slot->deadline = clock_ms() + PANIC_MS * 10;
	}
}

/* Last words first: what the kernel and the test said before the end is still in the sockets. */
void slot_on_exit(struct slot *slot)
{
	int status;
	char *detail;

	if (has_test(slot))
		take_messages(slot, UINT_MAX);
	slot_on_console(slot);
	if (!slot->machine.pid)	/* reading on, it was found to be gone already */
		return;
	kill(slot->machine.pid, SIGKILL);
	waitpid(slot->machine.pid, &status, 0);
	slot->machine.pid = 0;
	if (!has_test(slot)) {
		slot_set_state(slot, SLOT_FAILED, 0);
		return;
	}
	if (WIFSIGNALED(status))
		detail = xasprintf("the machine was killed by signal %d", WTERMSIG(status));
	else
		detail = xasprintf("the machine went away (QEMU's exit status %d)",
				   WEXITSTATUS(status));
	if (slot->state == SLOT_COLLECTING || slot->state == SLOT_DONE) {
		free(detail);
		slot->state = SLOT_DONE;
		return;
	}
	slot->panicked = slot->machine.console.panic != NULL;
	end_test(slot, ENDING_GONE, detail);
}

static void hang(struct slot *slot, char *detail)
{
	if (slot->panicked) {
		end_test(slot, ENDING_GONE, detail);
		return;
	}
	slot->ending = ENDING_HANG;
	free(slot->detail);
	slot->detail = detail;
	slot->state = SLOT_COLLECTING;
	slot->hang_size = slot->heard = slot->machine.console.slice_size;
	if (!collect_next(slot))
		slot->state = SLOT_DONE;
}

static uint64_t due(const struct slot *slot, unsigned int slow)
{
	uint64_t oops = slot->machine.console.oops_ms, left = (uint64_t)OOPS_MS * slow;

	if (oops && slot->state == SLOT_RUNNING && oops + left < slot->deadline)
		return oops + left;
	if (oops && slot->state == SLOT_KILLING && oops + 2 * left < slot->deadline)
		return oops + 2 * left;
	return slot->deadline;
}

static void over_time(struct slot *slot, unsigned int slow)
{
	double seconds = (clock_ms() - slot->started) / 1000.0;

	switch (slot->state) {
	case SLOT_BOOTING:
	case SLOT_RESTORING:
		slot->state = SLOT_FAILED;
		break;
	case SLOT_RUNNING:
		if (slot->panicked) {
			end_test(slot, ENDING_GONE, xstrdup("no reset after a panic"));
			break;
		}
		slot->ending = ENDING_TIMEOUT;
		slot->detail = xasprintf("still running after %.0f s%s", seconds,
					 slot->machine.console.oops_ms ? ", and after an oops" : "");
		channel_send(&slot->machine.channel, CHANNEL_KILL, NULL, 0);
		slot_set_state(slot, SLOT_KILLING, CHANNEL_LINGER_MS + (uint64_t)KILL_MS * slow);
		break;
	case SLOT_KILLING:
		hang(slot, xasprintf("over its time, and SIGKILL does not end it: %.0f s in all", seconds));
		break;
	case SLOT_ENDING:
		slot->state = SLOT_DONE;
		break;
	case SLOT_COLLECTING:
		if (!collect_next(slot))
			slot->state = SLOT_DONE;
		break;
	default:
		break;
	}
}

void slot_on_tick(struct slot *slot, const struct machine_config *config)
{
	unsigned int slow = config->accel.slowness;
	uint64_t now = clock_ms(), silence = (uint64_t)SILENCE_MS * slow;

	/* What waits unread is a sign of life too, and may be more than one go took. */
	if (is_live(slot))
		slot_on_channel(slot);
	if (is_live(slot) && slot->state != SLOT_ENDING && now > slot->life + silence)
		hang(slot, xasprintf("no sign of life for %u s", SILENCE_MS * slow / 1000));
	else if (now >= due(slot, slow))
		over_time(slot, slow);
}

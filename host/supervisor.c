// SPDX-License-Identifier: GPL-2.0-only
#include "supervisor.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "clock.h"
#include "die.h"
#include "path.h"
#include "progress.h"
#include "reproduce.h"
#include "results/run-folder.h"
#include "slot.h"
#include "snapshot.h"
#include "workload.h"

#define TICK_MS 100
#define BOOT_TRIES 2	/* in a row: an emulated machine on a busy one may fail by itself */

enum source { FROM_TIMER, FROM_SIGNALS, FROM_CONSOLE, FROM_CHANNEL, FROM_PID };

/* The machines of one MMU mode, and of a number of NUMA nodes. */
struct mode {
	struct machine_config config;
	char *snapshot;			/* path, or NULL: not in use */
};

struct supervisor {
	const struct supervisor_options *opt;
	struct run *run;
	struct slot *slots;
	int epoll, timer, signals;
	struct mode *modes;
	size_t next, done;		/* of the schedule */
	unsigned int machines;		/* started so far */
	unsigned int failed_starts;	/* in a row */
	bool booted;			/* some machine came up */
	bool stopping, interrupted;
};

static void watch(const struct supervisor *sup, int fd, unsigned int slot, enum source source)
{
	struct epoll_event event = {
		.events = EPOLLIN,
		.data.u64 = (uint64_t)slot << 8 | source,
	};

	if (epoll_ctl(sup->epoll, EPOLL_CTL_ADD, fd, &event))
		die(STATUS_HARNESS, "epoll: %s", strerror(errno));
}

static bool snapshot_ready(const struct mode *mode)
{
	return mode->snapshot && path_exists(mode->snapshot);
}

static bool somebody_boots(const struct supervisor *sup, size_t mode)
{
	for (unsigned int i = 0; i < sup->opt->jobs; i++)
		if (sup->slots[i].state == SLOT_BOOTING && sup->slots[i].mode == mode)
			return true;
	return false;
}

static const struct schedule_item *next_item(const struct supervisor *sup)
{
	return &sup->opt->schedule->items[sup->next];
}

/* The MMU modes as options have them, and once more for tests that need two nodes where others have one. */
static size_t mode_of(const struct supervisor *sup, const struct schedule_item *item)
{
	return item->mode + (item->test->two_nodes ? sup->opt->mode_count : 0);
}

static void start_machine(struct supervisor *sup, struct slot *slot)
{
	size_t index = mode_of(sup, next_item(sup));
	const struct mode *mode = &sup->modes[index];
	bool ready = snapshot_ready(mode);
	char *what, *folder;

	/* One boots, the others start from its snapshot. */
	if (mode->snapshot && !ready && somebody_boots(sup, index))
		return;
	slot->mode = index;
	folder = xasprintf("%s/machine-%u", sup->run->folder, ++sup->machines);
	what = xasprintf("%s %s", ready ? "restore" : "boot", sup->run->kernel_release);
	progress_begin(slot->id, what);
	free(what);
	slot_start(slot, &mode->config, folder, ready ? mode->snapshot : NULL);
	if (slot->state == SLOT_FAILED)
		return;
	watch(sup, slot->machine.console.fd, slot->id, FROM_CONSOLE);
	watch(sup, slot->machine.channel.fd, slot->id, FROM_CHANNEL);
	watch(sup, slot->machine.pidfd, slot->id, FROM_PID);
}

static void must_write(int err, const char *what)
{
	if (err)
		die(STATUS_HARNESS, "%s: cannot be written: %s", what, strerror(-err));
}

/* Contract 3: before the test starts, its verdict is on disk as "lost". */
static struct run_test *add_test(struct supervisor *sup, const struct schedule_item *item)
{
	const struct test *test = item->test;
	struct run_test *result = run_add_test(sup->run, test->name);
	char *folder;

	if (sup->opt->mode_count > 1)
		result->mmu = xstrdup(sup->opt->modes[item->mode]);
	result->round = item->round + 1;
	result->seed = sup->run->seed + (sup->opt->same_seed ? 0 : item->round);
	must_write(run_folder_add_test(sup->run, result), test->name);
	must_write(run_folder_write_verdict(sup->run, result), test->name);
	folder = xasprintf("%s/%s", sup->run->folder, result->folder);
	must_write(reproduce_write(folder, &(struct reproduce){
		.config = &sup->modes[mode_of(sup, item)].config, .tests = test->name, .selftests = sup->opt->selftests,
		.seed = result->seed, .timeout_s = sup->opt->timeout_s, .full = sup->opt->full,
		.mutant = sup->opt->mutant, .workload = sup->opt->workload,
	}), folder);
	free(folder);
	return result;
}

static void run_next(struct supervisor *sup, struct slot *slot)
{
	const struct test *test = next_item(sup)->test;
	struct run_test *result = add_test(sup, next_item(sup));
	char *folder = xasprintf("%s/%s", sup->run->folder, result->folder);
	char *program = sup->opt->here ? xstrdup(test->program) : xasprintf("/tests/%s", test->name);
	char *plan = sup->opt->here && sup->opt->workload ? workload_plan_write(test, sup->opt->config, folder) : NULL;
	const struct slot_job job = {
		.test = test,
		.index = sup->run->test_count - 1,
		.program = program,
		.plan = plan,
		.folder = folder,
		.seed = result->seed,
		.timeout_s = sup->opt->timeout_s ? sup->opt->timeout_s : test->timeout_s,
		.full = sup->opt->full,
		/* Of a defect one failure says all, of a known bug it does not. */
		.fail_fast = sup->opt->fail_fast && sup->opt->mutant,
		.mutant = sup->opt->mutant,
	};

	sup->next++;
	progress_begin(slot->id, test->name);
	slot_run(slot, sup->opt->config, &job);
	free(plan);
	free(program);
	free(folder);
}

static double since_start(const struct supervisor *sup, uint64_t when)
{
	return (when - sup->opt->started) / 1000.0;
}

static void time_ready(struct supervisor *sup, const struct slot *slot)
{
	if (sup->booted)
		return;
	sup->run->timings.ready = since_start(sup, clock_ms());
	sup->run->timings.restored = !slot->booted;
}

static void time_test(struct supervisor *sup, const struct slot *slot, const struct run_test *test)
{
	struct run_timings *timings = &sup->run->timings;
	double seen = (clock_ms() - slot->started) / 1000.0;

	if (!timings->first_line && slot->first_output)
		timings->first_line = since_start(sup, slot->first_output);
	timings->overhead += (seen - test->duration_s - timings->overhead) / sup->done;
}

static void conclude(struct supervisor *sup, struct slot *slot)
{
	struct run_test *result = &sup->run->tests[slot->index];
	const struct machine_config *config = &sup->modes[slot->mode].config;
	const struct xfail_place place = {
		.list = sup->opt->xfails, .version = config->kernel.version, .mmu = config->mmu,
	};

	slot_conclude(slot, result, &place);
	must_write(run_folder_write_verdict(sup->run, result), result->name);
	sup->done++;
	time_test(sup, slot, result);
	progress_end(slot->id);
	progress_verdict(result);
	if (sup->opt->fail_fast && verdict_is_failure(result->verdict))
		sup->stopping = true;
}

static const char *last_word(const struct slot *slot)
{
	const struct console *console = &slot->machine.console;

	if (console->panic)
		return console->panic;
	return console->remark ? console->remark : "no word from its init";
}

static void give_up(struct supervisor *sup, const struct slot *slot)
{
	while (sup->next < sup->opt->schedule->count) {
		struct run_test *test = add_test(sup, next_item(sup));

		free(test->reason);
		test->reason = xasprintf(NO_MACHINE ": %s; see console.log "
					 "and qemu.log in %s",
					 last_word(slot), slot->folder);
		must_write(run_folder_write_verdict(sup->run, test), test->name);
		progress_verdict(test);
		sup->next++;
		sup->done++;
	}
	sup->stopping = true;
}

static void start_failed(struct supervisor *sup, struct slot *slot)
{
	const char *snapshot = sup->modes[slot->mode].snapshot;

	progress_end(slot->id);
	if (!slot->booted) {
		/* A spoilt snapshot costs a boot, not a run. */
		progress_line("snapshot %s does not start, booting instead", snapshot);
		unlink(snapshot);
	} else if (++sup->failed_starts < BOOT_TRIES) {
		progress_line("%s did not start, once more: %s", slot->folder, last_word(slot));
	} else {
		give_up(sup, slot);
	}
	slot_stop(slot);
}

/* False: the machine is of no use any more, as it may stand still where the saving ended. */
static bool save_snapshot(struct supervisor *sup, struct slot *slot)
{
	struct mode *mode = &sup->modes[slot->mode];
	int err;

	if (!mode->snapshot || snapshot_ready(mode) || slot->used || !slot->booted)
		return true;
	progress_begin(slot->id, "snapshot");
	err = snapshot_save(&slot->machine, mode->snapshot);
	if (err) {
		progress_line("no snapshot (%s): every machine boots", strerror(-err));
		free(mode->snapshot);
		mode->snapshot = NULL;
	}
	progress_end(slot->id);
	return !err;
}

static bool nothing_left(const struct supervisor *sup)
{
	return sup->stopping || sup->next >= sup->opt->schedule->count;
}

/* It has run its test, or is of another mode than the next one needs. */
static bool is_worn_out(const struct supervisor *sup, const struct slot *slot)
{
	return (sup->opt->isolate && slot->used) || slot->mode != mode_of(sup, next_item(sup));
}

/* Moves a slot as far as it goes without waiting. */
static void advance(struct supervisor *sup, struct slot *slot)
{
	switch (slot->state) {
	case SLOT_OFF:
		if (!nothing_left(sup))
			start_machine(sup, slot);
		break;
	case SLOT_FAILED:
		start_failed(sup, slot);
		break;
	case SLOT_IDLE:
		progress_end(slot->id);
		time_ready(sup, slot);
		sup->booted = true;
		sup->failed_starts = 0;
		if (!save_snapshot(sup, slot) || nothing_left(sup) || is_worn_out(sup, slot))
			slot_stop(slot);
		else
			run_next(sup, slot);
		break;
	case SLOT_DONE:
		conclude(sup, slot);
		break;
	default:
		break;
	}
}

static bool all_off(const struct supervisor *sup)
{
	for (unsigned int i = 0; i < sup->opt->jobs; i++)
		if (sup->slots[i].state != SLOT_OFF)
			return false;
	return true;
}

static void on_signal(struct supervisor *sup)
{
	struct signalfd_siginfo info;

	if (read(sup->signals, &info, sizeof(info)) != sizeof(info))
		return;
	sup->interrupted = sup->stopping = true;
	for (unsigned int i = 0; i < sup->opt->jobs; i++) {
		struct slot *slot = &sup->slots[i];

		if (slot->state >= SLOT_RUNNING && slot->state < SLOT_DONE) {
			slot->ending = ENDING_GONE;
			free(slot->detail);
			slot->detail = xasprintf("interrupted (%s)", strsignal(info.ssi_signo));
			slot->state = SLOT_DONE;
			conclude(sup, slot);
		}
		slot_stop(slot);
		progress_end(slot->id);
	}
}

static void on_tick(struct supervisor *sup)
{
	static unsigned int ticks;
	uint64_t count;

	if (read(sup->timer, &count, sizeof(count)) < 0)
		return;
	for (unsigned int i = 0; i < sup->opt->jobs; i++)
		if (sup->slots[i].state != SLOT_OFF)
			slot_on_tick(&sup->slots[i], sup->opt->config);
	if (++ticks % (1000 / TICK_MS) == 0)
		progress_tick(sup->done, sup->opt->schedule->count);
}

static void forget(const struct supervisor *sup, int fd)
{
	epoll_ctl(sup->epoll, EPOLL_CTL_DEL, fd, NULL);
}

static void dispatch(struct supervisor *sup, const struct epoll_event *event)
{
	struct slot *slot = &sup->slots[event->data.u64 >> 8];

	switch ((enum source)(event->data.u64 & 0xff)) {
	case FROM_TIMER:
		on_tick(sup);
		break;
	case FROM_SIGNALS:
		on_signal(sup);
		break;
	case FROM_CONSOLE:
		slot_on_console(slot);
		if (event->events & (EPOLLHUP | EPOLLERR))
			forget(sup, slot->machine.console.fd);
		break;
	case FROM_CHANNEL:
		slot_on_channel(slot);
		if (event->events & (EPOLLHUP | EPOLLERR))
			forget(sup, slot->machine.channel.fd);
		break;
	case FROM_PID:
		forget(sup, slot->machine.pidfd);
		slot_on_exit(slot);
		break;
	}
}

static void set_up_modes(struct supervisor *sup)
{
	const struct supervisor_options *opt = sup->opt;

	sup->modes = xzalloc(2 * opt->mode_count * sizeof(*sup->modes));
	for (size_t i = 0; i < 2 * opt->mode_count; i++) {
		sup->modes[i].config = *opt->config;
		sup->modes[i].config.mmu = opt->modes[i % opt->mode_count];
		if (i >= opt->mode_count)
			sup->modes[i].config.one_node = false;
		if (opt->snapshots && !opt->config->here)
			sup->modes[i].snapshot = snapshot_path(&sup->modes[i].config);
	}
}

static void set_up(struct supervisor *sup)
{
	struct itimerspec tick = {
		.it_value.tv_nsec = TICK_MS * 1000000l,
		.it_interval.tv_nsec = TICK_MS * 1000000l,
	};
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sup->epoll = epoll_create1(EPOLL_CLOEXEC);
	sup->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	sup->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	timerfd_settime(sup->timer, 0, &tick, NULL);
	watch(sup, sup->timer, 0, FROM_TIMER);
	watch(sup, sup->signals, 0, FROM_SIGNALS);
	set_up_modes(sup);
	sup->slots = xzalloc(sup->opt->jobs * sizeof(*sup->slots));
	for (unsigned int i = 0; i < sup->opt->jobs; i++)
		sup->slots[i].id = i;
}

static void tear_down(struct supervisor *sup)
{
	close(sup->epoll);
	close(sup->timer);
	close(sup->signals);
	free(sup->slots);
	for (size_t i = 0; i < 2 * sup->opt->mode_count; i++)
		free(sup->modes[i].snapshot);
	free(sup->modes);
}

int supervise(const struct supervisor_options *options, struct run *run)
{
	struct supervisor sup = { .opt = options, .run = run };
	/* One at a time: an event may close what a later one in the same batch is about. */
	struct epoll_event event;

	set_up(&sup);
	for (;;) {
		for (unsigned int i = 0; i < options->jobs; i++) {
			enum slot_state before;

			do {
				before = sup.slots[i].state;
				advance(&sup, &sup.slots[i]);
			} while (sup.slots[i].state != before);
		}
		if (nothing_left(&sup) && all_off(&sup))
			break;
		if (epoll_wait(sup.epoll, &event, 1, -1) == 1)
			dispatch(&sup, &event);
	}
	tear_down(&sup);
	return sup.interrupted ? STATUS_INTERRUPTED : STATUS_OK;
}

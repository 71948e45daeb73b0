// SPDX-License-Identifier: GPL-2.0-only
#include "workload/guest.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "guest-agent/agent.h"
#include "host/clock.h"
#include "host/die.h"
#include "host/path.h"
#include "workload/cgroup.h"
#include "workload/disks.h"
#include "workload/ending.h"
#include "workload/qemu-x86.h"
#include "workload/resize.h"

#define DEATH_MS 60000
#define ENDED_MS 20000	/* QEMU closed its end of the channel: it is on its way out */
#define LINE_MAX_SIZE (512 << 10)	/* of the agent */

static int complain(const char *what)
{
	int err = errno;

	printf("# %s: %s\n", what, strerror(err));
	return -err;
}

/* The heartbeats' file, which QEMU maps too. Its first page is locked here, and so stays in memory for both. */
static int beats_map(struct guest *guest)
{
	char *path = xasprintf(GUEST_BEATS, guest->number), *memory;
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	free(path);
	if (fd < 0 || ftruncate(fd, GUEST_BEATS_SIZE))
		return complain("the file of heartbeats");
	memory = mmap(NULL, 2 * BEAT_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (memory == MAP_FAILED || mlock(memory, BEAT_PAGE))
		return complain("the file of heartbeats");
	guest->beats[0] = (uint64_t *)memory;
	guest->beats[1] = (uint64_t *)(memory + BEAT_PAGE);
	return 0;
}

/* In the child: the disk as root, with what this machine has below it. */
static void enter_image(void)
{
	static const char *const shared[] = { "/proc", "/sys", "/dev", "/tmp" };

	if (unshare(CLONE_NEWNS))
		die(STATUS_HARNESS, "unshare: %s", strerror(errno));
	for (size_t i = 0; i < sizeof(shared) / sizeof(shared[0]); i++) {
		char *target = xasprintf(GUEST_ROOT "%s", shared[i]);

		if (mount(shared[i], target, NULL, MS_BIND | MS_REC, NULL))
			die(STATUS_HARNESS, "%s: %s", target, strerror(errno));
		free(target);
	}
	if (chroot(GUEST_ROOT) || chdir("/"))
		die(STATUS_HARNESS, GUEST_ROOT ": %s", strerror(errno));
}

static void become_qemu(const struct guest *guest, const struct args *args, const struct plan *plan)
{
	int log = open(xasprintf(QEMU_LOG, guest->number), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(log, STDOUT_FILENO);
	dup2(log, STDERR_FILENO);
	if (plan->high_mib && !cgroup_enter())
		die(STATUS_HARNESS, "QEMU cannot be limited");
	enter_image();
	execvp(args->v[0], args->v);
	die(STATUS_HARNESS, "%s: %s", args->v[0], strerror(errno));
}

/* Ours is the first; QEMU inherits the other. */
static int open_pair(int fds[2])
{
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds))
		return -errno;
	fcntl(fds[0], F_SETFD, FD_CLOEXEC);
	return 0;
}

static int launch(struct guest *guest, const struct plan *plan, const struct disks *disks)
{
	struct args args = { 0 };
	int channel[2], qmp[2], levers[2] = { -1, -1 };

	if (open_pair(channel))
		return complain("socketpair");
	channel_open(&guest->channel, channel[0]);
	if (open_pair(qmp)) {
		close(channel[1]);
		return complain("socketpair");
	}
	guest->qmp = qmp[0];
	if (resize_wanted(plan) && open_pair(levers)) {
		close(channel[1]);
		close(qmp[1]);
		return complain("socketpair");
	}
	guest->levers = levers[0];
	qemu_x86_args(&args, plan, guest->number, disks->image, disks->scratch, channel[1], qmp[1], levers[1]);
	fflush(stdout);
	guest->pid = fork();
	if (!guest->pid)
		become_qemu(guest, &args, plan);
	close(channel[1]);
	close(qmp[1]);
	if (levers[1] >= 0)
		close(levers[1]);
	args_free(&args);
	return guest->pid < 0 ? complain("fork") : 0;
}

int guest_start(struct guest *guest, const struct plan *plan, unsigned int number)
{
	char *log = xasprintf(GUEST_LOG, number);
	struct disks disks = { 0 };
	int err;

	*guest = (struct guest){ .number = number, .qmp = -1, .levers = -1, .jobs = json_array() };
	snprintf(guest->name, sizeof(guest->name), "guest %u", number);
	unlink(log);
	free(log);
	err = disks_find(&disks);
	if (!err)
		err = beats_map(guest);
	if (!err)
		err = launch(guest, plan, &disks);
	disks_release(&disks);
	return err;
}

/* Its status as waitpid() has it, or -1: it does not die within so long. */
static int wait_qemu(struct guest *guest, uint64_t ms)
{
	const struct timespec pause = { .tv_nsec = 50000000 };
	const uint64_t deadline = clock_ms() + ms;
	int status = -1;

	while (waitpid(guest->pid, &status, WNOHANG) == 0) {
		if (clock_ms() >= deadline)
			return -1;
		nanosleep(&pause, NULL);
	}
	guest->pid = 0;
	return status;
}

/* The first reason is the one that counts. */
static void give_why(struct guest *guest, char *why)
{
	if (guest->why)
		free(why);
	else
		guest->why = why;
}

static void qemu_gone(struct guest *guest)
{
	char *guest_path = xasprintf(GUEST_LOG, guest->number), *qemu_path = xasprintf(QEMU_LOG, guest->number);
	int status = wait_qemu(guest, ENDED_MS);
	char *guest_log = file_read(guest_path, NULL), *qemu_log = file_read(qemu_path, NULL);

	guest->gone = true;
	give_why(guest, status < 0 ? xstrdup("QEMU closed the guest's channel") :
				     ending_of_qemu(status, guest_log, qemu_log));
	free(qemu_log);
	free(guest_log);
	free(qemu_path);
	free(guest_path);
}

static void agent_gone(struct guest *guest, const struct channel_message *message)
{
	struct channel_exit exit = { 0 };

	if (message->size >= sizeof(exit))
		memcpy(&exit, message->data, sizeof(exit));
	guest->gone = true;
	give_why(guest, ending_of_agent(exit.status));
}

void guest_stop(struct guest *guest)
{
	/* In a deadlock it cannot die: then the runner has to end the machine. */
	if (guest->pid > 0) {
		kill(guest->pid, SIGKILL);
		wait_qemu(guest, DEATH_MS);
	}
	if (!guest->number)
		return;
	channel_close(&guest->channel);
	if (guest->qmp >= 0)
		close(guest->qmp);
	if (guest->levers >= 0)
		close(guest->levers);
	json_decref(guest->jobs);
	json_decref(guest->pattern);
	free(guest->why);
	free(guest->line);
	*guest = (struct guest){ 0 };
}

void guest_order(struct guest *guest, const struct plan *plan)
{
	json_t *order = json_pack("{s:i, s:i, s:I, s:O}", "pattern_mib", plan->pattern_mib, "seconds",
				  plan->seconds, "seed", (json_int_t)plan->seed, "jobs", plan->jobs);
	char *text = json_dumps(order, JSON_COMPACT);
	const char *const argv[] = { "guest-agent", text, NULL }, *const env[] = { NULL };

	if (channel_send_run(&guest->channel, "agent", argv, env))
		qemu_gone(guest);
	free(text);
	json_decref(order);
}

static void take_event(struct guest *guest, const char *line)
{
	json_t *object = json_loads(line, 0, NULL);
	const char *event = json_string_value(json_object_get(object, "event"));

	if (!event)
		printf("# progress %s: its agent: %.300s\n", guest->name, line);
	else if (!strcmp(event, "ready"))
		guest->ready = true;
	else if (!strcmp(event, "done"))
		guest->done = true;
	else if (!strcmp(event, "job"))
		json_array_append(guest->jobs, object);
	else if (!strcmp(event, "error"))
		give_why(guest, xasprintf("the guest's agent gave up: %s",
					  json_string_value(json_object_get(object, "what")) ?: "it said no more"));
	else if (!strcmp(event, "pattern"))
		guest->pattern = json_incref(object);
	else
		printf("# progress %s: its agent: %.300s\n", guest->name, line);
	json_decref(object);
}

static void take_output(struct guest *guest, const char *data, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (data[i] == '\n' || guest->line_used == LINE_MAX_SIZE) {
			guest->line[guest->line_used] = '\0';
			take_event(guest, guest->line);
			guest->line_used = 0;
			continue;
		}
		if (guest->line_used % BEAT_PAGE == 0)
			guest->line = xrealloc(guest->line, guest->line_used + BEAT_PAGE + 1);
		guest->line[guest->line_used++] = data[i];
	}
}

void guest_listen(struct guest *guest, int ms)
{
	struct pollfd fd = { .fd = guest->channel.fd, .events = POLLIN };
	struct channel_message message;
	int got;

	poll(&fd, 1, ms);
	while ((got = channel_receive(&guest->channel, &message)) > 0) {
		if (message.type == CHANNEL_HELLO && !guest->booted) {
			guest->booted = true;
		} else if (message.type == CHANNEL_OUTPUT) {
			take_output(guest, message.data, message.size);
		} else if (message.type == CHANNEL_EXIT && !guest->done) {
			agent_gone(guest, &message);
		}
	}
	if (got < 0 && !guest->gone)
		qemu_gone(guest);
}

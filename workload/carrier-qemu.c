// SPDX-License-Identifier: GPL-2.0-only
/* In a host machine: QEMU itself, a child of the director. */
#include "workload/carrier.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "host/clock.h"
#include "host/die.h"
#include "host/path.h"
#include "host/qmp.h"
#include "workload/cgroup.h"
#include "workload/disks.h"
#include "workload/ending.h"
#include "workload/qemu-x86.h"
#include "workload/resize.h"

#define DEATH_MS 60000
#define ENDED_MS 20000	/* QEMU closed its end of the channel: it is on its way out */

static int complain(const char *what)
{
	int err = errno;

	printf("# %s: %s\n", what, strerror(err));
	return -err;
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

bool carrier_open(const struct plan *plan)
{
	(void)plan;
	return true;
}

void carrier_close(void)
{
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
	if ((resize_wanted(plan) || plan->churn) && open_pair(levers)) {
		close(channel[1]);
		close(qmp[1]);
		return complain("socketpair");
	}
	guest->levers = levers[0];
	qemu_x86_args(&args, plan, guest, disks->image, disks->scratch, channel[1], qmp[1], levers[1]);
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

int carrier_start(struct guest *guest, const struct plan *plan)
{
	struct disks disks = { 0 };
	int err = disks_find(&disks);

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

void carrier_stop(struct guest *guest)
{
	qmp_close(guest->carried);
	guest->carried = NULL;
	/* In a deadlock it cannot die: then the runner has to end the machine. */
	if (guest->pid > 0) {
		kill(guest->pid, SIGKILL);
		wait_qemu(guest, DEATH_MS);
	}
}

void carrier_wait(const struct guest *guest, int ms)
{
	struct pollfd fd = { .fd = guest->channel.fd, .events = POLLIN };

	poll(&fd, 1, ms);
}

/* Its channel tells. */
bool carrier_ended(const struct guest *guest)
{
	(void)guest;
	return false;
}

char *carrier_why(struct guest *guest)
{
	char *guest_path = xasprintf(GUEST_LOG, guest->number), *qemu_path = xasprintf(QEMU_LOG, guest->number);
	int status = wait_qemu(guest, ENDED_MS);
	char *guest_log = file_read(guest_path, NULL), *qemu_log = file_read(qemu_path, NULL), *why;

	why = status < 0 ? xstrdup("QEMU closed the guest's channel") :
			   ending_of_qemu(status, guest_log, qemu_log);
	free(qemu_log);
	free(guest_log);
	free(qemu_path);
	free(guest_path);
	return why;
}


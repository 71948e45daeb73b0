// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/dm.h"
#include "lib/keeper.h"
#include "lib/sysfile.h"

#define UNDO_MAX 128
#define UNDO_TRIES 1000	/* 10 s: a machine may be emulated */

enum request_type { REQUEST_ADD, REQUEST_MARK, REQUEST_UNDO };

struct request {
	enum request_type type;
	enum undo undo;
	unsigned int mark;
	char path[256];
	char value[256];
};

static int keeper_fd = -1;
static pid_t keeper_pid;

static int undo_one(const struct request *r)
{
	switch (r->undo) {
	case UNDO_WRITE:
	case UNDO_ONLINE:
		return sysfile_write(r->path, r->value);
	case UNDO_APPEND:
		return sysfile_append(r->path, r->value);
	case UNDO_RMDIR:
		return rmdir(r->path) ? -errno : 0;
	case UNDO_UNLINK:
		return unlink(r->path) ? -errno : 0;
	case UNDO_UMOUNT:
		return umount2(r->path, MNT_DETACH) ? -errno : 0;
	case UNDO_SWAPOFF:
		return swapoff(r->path) ? -errno : 0;
	case UNDO_RMMOD:
		return syscall(SYS_delete_module, r->path, O_NONBLOCK) ? -errno : 0;
	case UNDO_DM_CREATE:
		return dm_undo_create(r->path);
	case UNDO_DM_STOP:
		return dm_undo_stop(r->path);
	}
	return -EINVAL;
}

/*
 * What is gone already, or was never made because the act failed after its announcement, is undone. EINVAL of
 * a memory block: it is online (state_store() in drivers/base/memory.c).
 */
static bool undo_is_moot(const struct request *r, int err)
{
	return err == -ENOENT || err == -ENODEV || err == -ENXIO ||
	       (err == -EINVAL && r->undo == UNDO_UMOUNT) ||
	       (err == -EINVAL && r->undo == UNDO_SWAPOFF) ||
	       (err == -EINVAL && r->undo == UNDO_ONLINE);
}

/* swapoff: see swap_off_racing(). */
static bool undo_may_succeed_yet(const struct request *r, int err)
{
	return err == -EBUSY || err == -EAGAIN || (err == -ENOMEM && r->undo == UNDO_SWAPOFF);
}

/*
 * Groups and instances are busy until the last process of the case has let go of them, which the
 * kernel does after the parent's wait: try for a while. What remains is a failure: the next test would find
 * another machine than it expects.
 */
static void undo_surely(const struct request *r)
{
	int tries, err = 0;

	for (tries = 0; tries < UNDO_TRIES; tries++) {
		err = undo_one(r);
		if (!undo_may_succeed_yet(r, err))
			break;
		usleep(10000);
	}
	expect(!err || undo_is_moot(r, err), "could not undo %s%s%s: %s", r->path,
	       r->value[0] ? " <- " : "", r->value, strerror(-err));
}

static void undo_down_to(struct request list[], unsigned int *count, unsigned int mark)
{
	while (*count > mark)
		undo_surely(&list[--*count]);
}

/*
 * Processes of the test may outlive it, as those that wait for a device, and hold its end of the socket: that
 * it is gone is told by `parent`, a pidfd.
 */
static bool next_request(int fd, int parent, struct request *r)
{
	struct pollfd polled[] = {
		{ .fd = fd, .events = POLLIN }, { .fd = parent, .events = POLLIN },
	};

	while (poll(polled, 2, -1) < 0)
		if (errno != EINTR)
			return false;
	return !polled[1].revents && recv(fd, r, sizeof(*r), 0) == sizeof(*r);
}

static void keeper_main(int fd, int parent)
{
	static struct request list[UNDO_MAX];
	unsigned int count = 0;
	struct request r;

	while (next_request(fd, parent, &r)) {
		switch (r.type) {
		case REQUEST_ADD:
			if (count < UNDO_MAX)
				list[count++] = r;
			break;
		case REQUEST_MARK:
			break;
		case REQUEST_UNDO:
			undo_down_to(list, &count, r.mark);
			break;
		}
		if (send(fd, &count, sizeof(count), MSG_NOSIGNAL) < 0)
			break;
	}
	undo_down_to(list, &count, 0);
	_exit(0);
}

void keeper_start(void)
{
	int pair[2], parent = syscall(SYS_pidfd_open, getpid(), 0);

	require(parent >= 0, "pidfd_open: %s", strerror(errno));
	require(!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair),
		"no socket pair for the keeper: %s", strerror(errno));
	fflush(stdout);
	keeper_pid = fork();
	require(keeper_pid >= 0, "no process for the keeper: %s", strerror(errno));
	if (!keeper_pid) {
		setsid();
		signal(SIGINT, SIG_IGN);
		signal(SIGTERM, SIG_IGN);
		signal(SIGPIPE, SIG_IGN);
		close(pair[0]);
		keeper_main(pair[1], parent);
	}
	close(pair[1]);
	close(parent);
	keeper_fd = pair[0];
}

static unsigned int ask(const struct request *r)
{
	unsigned int count;

	require(send(keeper_fd, r, sizeof(*r), MSG_NOSIGNAL) == sizeof(*r) &&
		recv(keeper_fd, &count, sizeof(count), 0) == sizeof(count),
		"the process that restores the machine's settings is gone");
	return count;
}

void keeper_add(enum undo undo, const char *path, const char *value)
{
	struct request r = { .type = REQUEST_ADD, .undo = undo };
	unsigned int count;

	snprintf(r.path, sizeof(r.path), "%s", path);
	snprintf(r.value, sizeof(r.value), "%s", value ? value : "");
	count = ask(&r);
	require(count < UNDO_MAX, "more than %d things to undo", UNDO_MAX);
}

unsigned int keeper_mark(void)
{
	return ask(&(struct request){ .type = REQUEST_MARK });
}

void keeper_undo(unsigned int mark)
{
	ask(&(struct request){ .type = REQUEST_UNDO, .mark = mark });
}

void keeper_stop(void)
{
	if (keeper_fd < 0)
		return;
	close(keeper_fd);
	keeper_fd = -1;
	while (waitpid(keeper_pid, NULL, 0) < 0 && errno == EINTR)
		;
}

// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/exit.h"
#include "lib/peer.h"

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd 438
#endif

typedef void (*peer_function)(void);

static void serve(int fd)
{
	peer_function function;
	char done = 0;

	while (read(fd, &function, sizeof(function)) == sizeof(function)) {
		function();
		if (write(fd, &done, 1) != 1)
			break;
	}
	_exit(EXIT_PASS);
}

void peer_start(struct peer *peer, const char *name)
{
	pid_t parent = getpid(), pid;
	int pair[2];

	require(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), "socketpair: %s",
		strerror(errno));
	pid = fork();
	require(pid >= 0, "fork of %s: %s", name, strerror(errno));
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(EXIT_FAIL);
		close(pair[0]);
		serve(pair[1]);
	}
	close(pair[1]);
	peer->name = name;
	peer->fd = pair[0];
	peer->pid = pid;
}

void peer_tell(const struct peer *peer, void (*function)(void))
{
	require(write(peer->fd, &function, sizeof(function)) == sizeof(function), "%s has ended",
		peer->name);
}

void peer_answer(const struct peer *peer)
{
	char done;

	require(read(peer->fd, &done, 1) == 1, "%s has ended", peer->name);
}

void peer_call(struct peer *peer, void (*function)(void))
{
	peer_tell(peer, function);
	peer_answer(peer);
}

int peer_wait(struct peer *peer)
{
	int status = 0;

	while (waitpid(peer->pid, &status, 0) < 0 && errno == EINTR)
		;
	close(peer->fd);
	return status;
}

int peer_end(struct peer *peer, void (*function)(void))
{
	peer_tell(peer, function);
	return peer_wait(peer);
}

int peer_kill(struct peer *peer)
{
	require(!kill(peer->pid, SIGKILL), "kill of %s: %s", peer->name, strerror(errno));
	return peer_wait(peer);
}

void *shared_alloc(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	require(memory != MAP_FAILED, "no shared memory: %s", strerror(errno));
	return memory;
}

int peer_take_fd(const struct peer *peer, int theirs)
{
	int pidfd = syscall(SYS_pidfd_open, peer->pid, 0), fd;

	require(pidfd >= 0, "pidfd_open: %s", strerror(errno));
	fd = syscall(SYS_pidfd_getfd, pidfd, theirs, 0);
	require(fd >= 0, "pidfd_getfd: %s", strerror(errno));
	close(pidfd);
	return fd;
}

// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/mailbox.h"
#include "lib/pin.h"

void pin_by_io_uring(struct pin *pin, void *memory, size_t pages)
{
	struct iovec buffer = { .iov_base = memory, .iov_len = pages * GUEST_PAGE };
	struct io_uring_params params = { 0 };

	pin->ring = syscall(SYS_io_uring_setup, 1, &params);
	if (pin->ring < 0 && (errno == ENOSYS || errno == EPERM))
		skip_case("io_uring_setup: %s", strerror(errno));
	require(pin->ring >= 0, "io_uring_setup: %s", strerror(errno));
	require(!syscall(SYS_io_uring_register, pin->ring, IORING_REGISTER_BUFFERS, &buffer, 1),
		"IORING_REGISTER_BUFFERS: %s", strerror(errno));
}

void pin_by_pipe(struct pin *pin, void *memory, size_t pages)
{
	struct iovec buffer = { .iov_base = memory, .iov_len = pages * GUEST_PAGE };

	pin->ring = -1;
	require(!pipe2(pin->pipe, O_CLOEXEC) &&
		fcntl(pin->pipe[1], F_SETPIPE_SZ, buffer.iov_len) >= (int)buffer.iov_len,
		"a pipe of %zu pages: %s", pages, strerror(errno));
	require(vmsplice(pin->pipe[1], &buffer, 1, 0) == (ssize_t)buffer.iov_len, "vmsplice: %s",
		strerror(errno));
}

/* A ring that is closed gives its buffers back some time later, one that is told to at once. */
void pin_release(struct pin *pin)
{
	if (pin->ring < 0) {
		close(pin->pipe[0]);
		close(pin->pipe[1]);
		return;
	}
	require(!syscall(SYS_io_uring_register, pin->ring, IORING_UNREGISTER_BUFFERS, NULL, 0),
		"IORING_UNREGISTER_BUFFERS: %s", strerror(errno));
	close(pin->ring);
}

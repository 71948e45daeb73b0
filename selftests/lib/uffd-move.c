// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/mailbox.h"
#include "lib/uffd-move.h"

#ifndef UFFDIO_MOVE
#define UFFD_FEATURE_MOVE (1 << 16)
#define UFFDIO_MOVE _IOWR(UFFDIO, 0x05, struct uffdio_move)

struct uffdio_move {
	uint64_t dst, src, len, mode;
	int64_t move;
};
#endif

int uffd_move_open(void *to, size_t pages)
{
	struct uffdio_api api = { .api = UFFD_API, .features = UFFD_FEATURE_MOVE };
	struct uffdio_register range = {
		.range = { (uintptr_t)to, pages * GUEST_PAGE }, .mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	int uffd = syscall(SYS_userfaultfd, O_CLOEXEC);

	if (uffd < 0 && errno == ENOSYS)
		skip_case("kernel without userfaultfd");
	require(uffd >= 0, "userfaultfd: %s", strerror(errno));
	if (ioctl(uffd, UFFDIO_API, &api))
		skip_case("kernel without UFFDIO_MOVE");
	require(!ioctl(uffd, UFFDIO_REGISTER, &range), "UFFDIO_REGISTER: %s", strerror(errno));
	return uffd;
}

void uffd_move_close(int uffd)
{
	close(uffd);
}

ssize_t uffd_move_some(int uffd, void *to, void *from, size_t pages)
{
	struct uffdio_move move = { .dst = (uintptr_t)to, .src = (uintptr_t)from,
				    .len = pages * GUEST_PAGE };
	int err;

	/* EAGAIN without any: somebody else held a lock. */
	do {
		err = ioctl(uffd, UFFDIO_MOVE, &move) ? errno : 0;
	} while (err == EAGAIN && move.move <= 0);
	return move.move > 0 ? (ssize_t)(move.move / GUEST_PAGE) : -err;
}

void uffd_move(int uffd, void *to, void *from, size_t pages)
{
	size_t done = 0;
	ssize_t more;

	while (done < pages) {
		more = uffd_move_some(uffd, (char *)to + done * GUEST_PAGE, (char *)from + done * GUEST_PAGE,
				      pages - done);
		require(more > 0, "UFFDIO_MOVE: %s", strerror(-more));
		done += more;
	}
}

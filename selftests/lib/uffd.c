// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/mailbox.h"
#include "lib/test.h"
#include "lib/uffd.h"

#define WAIT_MS 10000

int uffd_open(uint64_t features)
{
	struct uffdio_api api = { .api = UFFD_API, .features = features };
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 && errno == ENOSYS)
		skip_case("kernel without userfaultfd");
	require(fd >= 0, "userfaultfd: %s", strerror(errno));
	if (ioctl(fd, UFFDIO_API, &api) && errno == EINVAL)
		skip_case("userfaultfd of this kernel lacks one of the features %#lx", features);
	require(api.api == UFFD_API, "UFFDIO_API: %s", strerror(errno));
	return fd;
}

void uffd_register_wp(int uffd, void *memory, size_t pages)
{
	struct uffdio_register r = {
		.range = { (uintptr_t)memory, pages * GUEST_PAGE },
		.mode = UFFDIO_REGISTER_MODE_WP,
	};

	if (ioctl(uffd, UFFDIO_REGISTER, &r)) {
		if (errno == EINVAL)
			skip_case("userfaultfd of this kernel cannot protect such memory from writes");
		fail("UFFDIO_REGISTER: %s", strerror(errno));
	}
	require(r.ioctls >> _UFFDIO_WRITEPROTECT & 1, "memory is registered without UFFDIO_WRITEPROTECT");
}

static void change(int uffd, void *memory, size_t pages, uint64_t mode)
{
	struct uffdio_writeprotect wp = {
		.range = { (uintptr_t)memory, pages * GUEST_PAGE }, .mode = mode,
	};
	int err;

	/* EAGAIN: something else changes the mappings of the process */
	do {
		err = ioctl(uffd, UFFDIO_WRITEPROTECT, &wp) ? errno : 0;
	} while (err == EAGAIN);
	require(!err, "UFFDIO_WRITEPROTECT: %s", strerror(err));
}

void uffd_protect(int uffd, void *memory, size_t pages)
{
	change(uffd, memory, pages, UFFDIO_WRITEPROTECT_MODE_WP);
}

void uffd_unprotect(int uffd, void *memory, size_t pages)
{
	change(uffd, memory, pages, 0);
}

/* NULL: there is none now. */
static void *read_fault(int uffd)
{
	struct uffd_msg msg;
	ssize_t n = read(uffd, &msg, sizeof(msg));

	if (n < 0 && errno == EAGAIN)
		return NULL;
	require(n == sizeof(msg), "read of userfaultfd: %s", strerror(errno));
	require(msg.event == UFFD_EVENT_PAGEFAULT && msg.arg.pagefault.flags & UFFD_PAGEFAULT_FLAG_WP,
		"userfaultfd tells of event %u, flags %#llx, not of a write", msg.event,
		msg.arg.pagefault.flags);
	return (void *)(uintptr_t)msg.arg.pagefault.address;
}

void *uffd_wait(int uffd)
{
	struct pollfd ready = { .fd = uffd, .events = POLLIN };
	void *address = NULL;

	while (!address) {
		require(poll(&ready, 1, WAIT_MS * test_slowness()) > 0, "no write was held up");
		address = read_fault(uffd);
	}
	return address;
}

static void release(struct uffd_handler *h, void *address)
{
	const size_t size = h->granule * GUEST_PAGE;
	void *page = (void *)((uintptr_t)address / size * size);

	require(h->count < UFFD_FAULTS_MAX, "more than %d writes were held up", UFFD_FAULTS_MAX);
	h->page[h->count++] = page;
	if (h->held)
		h->held(page);
	uffd_unprotect(h->uffd, page, h->granule);
}

static void *handle(void *arg)
{
	struct uffd_handler *h = arg;
	struct pollfd ready[] = {
		{ .fd = h->uffd, .events = POLLIN }, { .fd = h->stop[0], .events = POLLIN },
	};
	void *address;

	for (;;) {
		require(poll(ready, 2, -1) > 0 || errno == EINTR, "poll: %s", strerror(errno));
		address = read_fault(h->uffd);
		if (address)
			release(h, address);
		else if (ready[1].revents)
			return NULL;
	}
}

void uffd_handler_start(struct uffd_handler *h, int uffd, size_t granule, void (*held)(void *page))
{
	int err;

	*h = (struct uffd_handler){ .uffd = uffd, .granule = granule, .held = held };
	require(!pipe2(h->stop, O_CLOEXEC), "pipe: %s", strerror(errno));
	err = pthread_create(&h->thread, NULL, handle, h);
	require(!err, "no thread for userfaultfd: %s", strerror(err));
}

void uffd_handler_stop(struct uffd_handler *h)
{
	int err;

	close(h->stop[1]);
	err = pthread_join(h->thread, NULL);
	require(!err, "join of the thread for userfaultfd: %s", strerror(err));
	close(h->stop[0]);
}

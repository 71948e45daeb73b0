// SPDX-License-Identifier: GPL-2.0-only
/*
 * Somebody else than the guest writes to pages that KSM merged and that the guest has mapped
 * read-only: their owner, another process, a disk. Exactly the written pages become the guest's own,
 * and it reads what was written; their twins keep what they were.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/disk-file.h"
#include "lib/ksm-guest.h"
#include "lib/ksm.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/peer.h"
#include "lib/test.h"

#define PAGES 48
#define FIRST 13	/* written, of the first half */
#define COUNT 17
#define BYTES (COUNT * GUEST_PAGE)

static struct ksm_guest guest;

static void set_up(void)
{
	ksm_guest_create_merged(&guest, PAGES);
}

static uint64_t key(unsigned int version)
{
	return memory_key(guest.slot[0]->tag, version);
}

/* The pages as they shall be, outside of guest memory. */
static void *new_content(void)
{
	char *content = memory_alloc(PAGES);

	memory_fill(content, key(2), FIRST, COUNT);
	return content + FIRST * GUEST_PAGE;
}

static void expect_unshared(const char *what)
{
	witness_step(&guest.witness, what, &(struct step){
		.event = NOTIFY_CLEAR, .hva = slot_page(guest.slot[0], FIRST), .pages = COUNT,
		.zapped = COUNT,
	});
	ksm_guest_expect_written(&guest, what, FIRST, COUNT);
}

static void by_owner(void)
{
	set_up();
	memory_fill(guest.memory, key(2), FIRST, COUNT);
	expect_unshared("the owner writes");
}

/* What the peer needs to know. */
static struct {
	pid_t owner;
	void *target;
	char content[BYTES];
} *order;

static void peer_write(void)
{
	struct iovec local = { .iov_base = order->content, .iov_len = BYTES };
	struct iovec remote = { .iov_base = order->target, .iov_len = BYTES };

	require(process_vm_writev(order->owner, &local, 1, &remote, 1, 0) == (ssize_t)BYTES,
		"process_vm_writev: %s", strerror(errno));
}

static void by_process(void)
{
	struct peer writer;

	order = shared_alloc(sizeof(*order));
	peer_start(&writer, "the writer");
	set_up();
	order->owner = getpid();
	order->target = slot_page(guest.slot[0], FIRST);
	memcpy(order->content, new_content(), BYTES);
	peer_call(&writer, peer_write);
	expect_unshared("process_vm_writev");
}

/* A read past the page cache goes into pages that get_user_pages() finds for writing. */
static void by_disk(void)
{
	struct disk_file file;

	set_up();
	disk_file_create(&file, COUNT);
	require(pwrite(file.fd, new_content(), BYTES, 0) == (ssize_t)BYTES && !fsync(file.fd),
		"write of a file: %s", strerror(errno));
	require(pread(file.direct_fd, slot_page(guest.slot[0], FIRST), BYTES, 0) == (ssize_t)BYTES,
		"read past the page cache: %s", strerror(errno));
	expect_unshared("O_DIRECT read");
}

/*
 * A pipe that got the pages themselves only reads them: they stay merged, and stay in the pipe as
 * they were when the guest writes.
 */
static void read_by_pipe(void)
{
	static const char what[] = "vmsplice";
	struct iovec from;
	char *got = memory_alloc(PAGES);
	int pipes[2];

	set_up();
	from = (struct iovec){ .iov_base = slot_page(guest.slot[0], FIRST), .iov_len = BYTES };
	require(!pipe2(pipes, O_CLOEXEC) && fcntl(pipes[1], F_SETPIPE_SZ, 32 * GUEST_PAGE) > 0 &&
		vmsplice(pipes[1], &from, 1, 0) == (ssize_t)BYTES, "vmsplice: %s", strerror(errno));
	witness_step(&guest.witness, what, &(struct step){ 0 });
	ksm_guest_expect_merged(&guest, what, 0, PAGES, true);
	memory_fill(guest.memory, key(2), FIRST, COUNT);
	expect_unshared("the owner writes what is in a pipe");
	require(read(pipes[0], got + FIRST * GUEST_PAGE, BYTES) == (ssize_t)BYTES, "read of the pipe: %s",
		strerror(errno));
	memory_check("the pipe", got, key(1), FIRST, COUNT);
}

const struct test test = {
	.name = "unshare",
	.group = "ksm",
	.proves = "a write to merged pages by anybody is seen by their guest, and by it alone",
	.needs = { .kvm = true, .ksm = true, .memory_mib = 64 },
	.modules = { "kvm_amd", "kvm_intel", "lzo-rle", "zram" },
	.events = EVENTS_RANGE,
	.timeout_s = 30,
	.cases = {
		{ "owner", by_owner },
		{ "process", by_process },
		{ "disk", by_disk, { .disk_file = true } },
		{ "pipe", read_by_pipe },
	},
};

// SPDX-License-Identifier: GPL-2.0-only
/*
 * A process with a VM ends while another one holds the VM, or its vCPU, by a file descriptor. The VM keeps
 * the dead mm_struct (mmgrab() in kvm_create_vm()), and none of its memory: each page that the guest wrote is
 * free at once, and not only when the descriptor is closed. Whose a page is says /proc/kpagecgroup, as the
 * process was alone in a cgroup.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kernel-page-flags.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/cgroup.h"
#include "lib/check.h"
#include "lib/exit.h"
#include "lib/guest.h"
#include "lib/lru.h"
#include "lib/mailbox.h"
#include "lib/many-vmas.h"
#include "lib/memory.h"
#include "lib/pagemap.h"
#include "lib/peer.h"
#include "lib/stage.h"
#include "lib/test.h"

#define PAGES 1024
#define DEADLINE_S 10
#define PAUSE_US 10000

static struct stage stage;	/* the peer's */
static struct peer peer;
static struct seen {
	int vm_fd, vcpu_fd;
	uint64_t pfn[PAGES];
} *seen;

static uint64_t group;		/* the inode of the cgroup */

static void peer_set_up(void)
{
	static struct page_state state[PAGES];

	cgroup_join();
	stage_make(&stage, memory_alloc(PAGES), PAGES);
	guest_fill(stage.vcpu, stage.slot, 0, PAGES, 1);
	lru_drain();
	pagemap_read(stage.memory.hva, state, PAGES);
	for (size_t i = 0; i < PAGES; i++) {
		require(state[i].present, "page %zu, which the guest wrote, is not there", i);
		seen->pfn[i] = state[i].pfn;
	}
	seen->vm_fd = stage.vm.fd;
	seen->vcpu_fd = stage.vcpu->fd;
}

static void peer_exit(void)
{
	_exit(EXIT_PASS);
}

static int open_table(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	require(fd >= 0, "%s: %s", path, strerror(errno));
	return fd;
}

static uint64_t read_of_page(int fd, uint64_t pfn)
{
	uint64_t entry;

	require(pread(fd, &entry, sizeof(entry), pfn * sizeof(entry)) == sizeof(entry),
		"pfn %#lx cannot be looked up: %s", pfn, strerror(errno));
	return entry;
}

/* How many of its pages are anonymous memory of that cgroup still. */
static size_t count_kept(void)
{
	int groups = open_table("/proc/kpagecgroup"), flags = open_table("/proc/kpageflags");
	size_t kept = 0;

	for (size_t i = 0; i < PAGES; i++)
		kept += read_of_page(groups, seen->pfn[i]) == group &&
			read_of_page(flags, seen->pfn[i]) >> KPF_ANON & 1;
	close(groups);
	close(flags);
	return kept;
}

/* What looks at pages (compaction, say) holds them for a moment; the VM would for as long as it is there. */
static void expect_free(const char *what)
{
	const time_t deadline = time(NULL) + DEADLINE_S * test_slowness();
	size_t kept = count_kept();

	while (kept && time(NULL) <= deadline) {
		usleep(PAUSE_US);
		lru_drain();
		kept = count_kept();
	}
	expect(!kept, "%s: %zu of %d pages of a process that is gone are not free", what, kept, PAGES);
}

static void find_group(void)
{
	struct stat st;
	int fd = cgroup_open(".", O_RDONLY);

	require(!fstat(fd, &st), "fstat of the cgroup: %s", strerror(errno));
	close(fd);
	group = st.st_ino;
}

static void set_up(void)
{
	size_t kept;

	seen = shared_alloc(sizeof(*seen));
	cgroup_create();
	find_group();
	peer_start(&peer, "the owner");
	peer_call(&peer, peer_set_up);
	kept = count_kept();
	require(kept == PAGES, "%zu of %d pages are of the owner's cgroup", kept, PAGES);
}

static void vm_held(void)
{
	int fd;

	set_up();
	fd = peer_take_fd(&peer, seen->vm_fd);
	peer_kill(&peer);
	expect_free("its VM is held");
	close(fd);
}

static void vcpu_held(void)
{
	int fd;

	set_up();
	fd = peer_take_fd(&peer, seen->vcpu_fd);
	peer_end(&peer, peer_exit);
	expect_free("its vCPU is held");
	close(fd);
}

static void spin_among_vmas(void)
{
	many_vmas_add(MANY_VMAS);
	guest_spin_write_start(stage.vcpu, stage.slot, 0, PAGES, 0);
	require(guest_spin_wait(stage.vcpu), "the guest stands still");
}

static void killed_with_many_vmas(void)
{
	int fd, status;

	set_up();
	fd = peer_take_fd(&peer, seen->vm_fd);
	peer_call(&peer, spin_among_vmas);
	status = peer_kill(&peer);
	expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "the owner ended with %#x", status);
	expect_free("it had 60000 VMAs, and its vCPU ran");
	close(fd);
}

const struct test test = {
	.name = "freed",
	.group = "life",
	.proves = "a dead owner's pages are free while somebody else holds its VM",
	.needs = { .kvm = true, .memory_mib = 32, .files = { "/proc/kpagecgroup", "/proc/kpageflags" } },
	.modules = { "kvm_amd", "kvm_intel" },
	.timeout_s = 30,
	.cases = {
		{ "vm-held", vm_held },
		{ "vcpu-held", vcpu_held },
		{ "killed-many-vmas", killed_with_many_vmas, .full = "makes 60000 mappings" },
	},
};

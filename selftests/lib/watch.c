// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/events.h"
#include "lib/record.h"
#include "lib/sptes.h"
#include "lib/watch.h"
#include "lib/witness.h"

void vm_show(const struct vm *vm, struct shown_vm *shown)
{
	shown->vm = *vm;
	shown->vm.owner = getpid();
	shown->mm = events_own_mm();
}

static int take_fd(int pidfd, int fd)
{
	int mine = syscall(SYS_pidfd_getfd, pidfd, fd, 0);

	if (mine < 0 && errno == ENOSYS)
		skip_case("kernel without pidfd_getfd");
	require(mine >= 0, "pidfd_getfd: %s", strerror(errno));
	return mine;
}

static void take_stats(struct stats *stats, int pidfd)
{
	if (stats->descriptors)
		require(!stats_attach(stats, take_fd(pidfd, stats->fd)), "the statistics cannot be read");
}

int vm_watch(struct vm *vm, const struct shown_vm *shown)
{
	int pidfd = syscall(SYS_pidfd_open, shown->vm.owner, 0), fd;
	unsigned int i;

	require(pidfd >= 0, "pidfd_open: %s", strerror(errno));
	*vm = shown->vm;
	fd = take_fd(pidfd, vm->fd);
	take_stats(&vm->stats, pidfd);
	for (i = 0; i < vm->vcpu_count; i++)
		take_stats(&vm->vcpu[i].stats, pidfd);
	close(pidfd);
	return fd;
}

int vm_watch_open(struct vm *vm, const struct shown_vm *shown, struct witness *witness)
{
	int fd = vm_watch(vm, shown);

	witness_open_of(witness, vm, shown->mm);
	return fd;
}

static void expect_no_sptes(const struct vm *vm, const char *what)
{
	struct sptes_count sptes;
	uint64_t pages;

	if (sptes_count(vm, &sptes))
		expect(!sptes.leaves[0] && !sptes.leaves[1] && !sptes.leaves[2],
		       "%s: its VM has %lu + %lu + %lu leaf sptes", what, sptes.leaves[0],
		       sptes.leaves[1], sptes.leaves[2]);
	if (vm_pages(vm, &pages))
		expect(!pages, "%s: KVM counts %lu pages mapped by leaf sptes", what, pages);
}

void vm_expect_released(const struct witness *witness, const char *what)
{
	struct event_list list = events_read();
	size_t i, releases = 0;

	record_mark(EVENT_STEP, what);
	for (i = 0; i < list.count; i++)
		releases += list.event[i].kind == EVENT_RELEASE;
	if (!events_missing() && events_have(EVENT_RELEASE))
		expect(releases == 1, "%s: its notifiers were released %zu times", what, releases);
	events_free(&list);
	expect_no_sptes(witness->vm, what);
}

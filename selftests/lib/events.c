// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/check.h"
#include "lib/events.h"
#include "lib/events-parse.h"
#include "lib/mailbox.h"
#include "lib/memory.h"
#include "lib/record.h"
#include "lib/tracefs.h"

#define END_TRIES 100	/* of 10 ms: ksmd and kswapd may be at it still */

static int pipe_fd = -1;

/*
 * Filters are applied here and not in the kernel, where setting one waits for all CPUs: only processes
 * with a secondary MMU have such events at all.
 */
static bool is_ours(const struct event *e)
{
	return !e->mm || record_has_mm(e->mm);
}

void events_add_mm(uint64_t mm)
{
	require(record_add_mm(mm), "events of too many processes");
}

/* Unmaps a page that nobody else has at that address in this process, and sees whose mm said so. */
static uint64_t learn_mm(int fd)
{
	struct event_list list;
	uint64_t mm = 0;
	char *page, *text;
	size_t i;

	page = memory_alloc(1);
	*page = 1;
	require(!munmap(page, GUEST_PAGE), "munmap: %s", strerror(errno));
	text = tracefs_pipe_read(fd);
	list = events_parse(text);
	free(text);
	for (i = 0; i < list.count; i++)
		if (list.event[i].kind == EVENT_START && list.event[i].task == gettid() &&
		    list.event[i].start == (uintptr_t)page)
			mm = list.event[i].mm;
	events_free(&list);
	require(mm, "an munmap in a process with a VM sent no notification");
	return mm;
}

uint64_t events_own_mm(void)
{
	uint64_t mm;
	int fd;

	if (events_missing())
		return 0;
	fd = tracefs_pipe_open();
	require(fd >= 0, "trace_pipe: %s", strerror(-fd));
	mm = learn_mm(fd);
	close(fd);
	return mm;
}

/* What was recorded before is dropped, or the caller's to free in *early. */
static void open_pipe(char **early)
{
	pipe_fd = tracefs_pipe_resume();
	require(pipe_fd >= 0, "trace_pipe: %s", strerror(-pipe_fd));
	*early = tracefs_pipe_read(pipe_fd);
}

/* That a VM was made is told before anybody can know whose it is. */
static void record_registration(char *text, uint64_t mm)
{
	struct event_list list;
	char *line;

	while ((line = strsep(&text, "\n"))) {
		if (!strstr(line, ": register: "))
			continue;
		list = events_parse(line);
		if (list.count && list.event[0].mm == mm)
			record_event(&list.event[0]);
		events_free(&list);
	}
}

void events_begin(void)
{
	uint64_t mm;
	char *early;

	if (events_missing())
		return;
	open_pipe(&early);
	if (events_have(EVENT_START)) {
		mm = learn_mm(pipe_fd);
		events_add_mm(mm);
		record_set_owner(mm);
		record_registration(early, mm);
	}
	free(early);
}

void events_begin_of(uint64_t mm)
{
	char *early;

	if (events_missing())
		return;
	open_pipe(&early);
	free(early);
	events_add_mm(mm);
}

static struct event_list read_ours(int fd)
{
	struct event_list list;
	size_t i, kept = 0;
	char *text;

	text = tracefs_pipe_read(fd);
	require(text, "no memory for the recorded events");
	list = events_parse(text);
	free(text);
	for (i = 0; i < list.count; i++)
		if (is_ours(&list.event[i]))
			list.event[kept++] = list.event[i];
	list.count = kept;
	for (i = 0; i < list.count; i++)
		record_event(&list.event[i]);
	return list;
}

struct event_list events_read(void)
{
	struct event_list none = { 0 };

	return pipe_fd < 0 ? none : read_ours(pipe_fd);
}

void events_end(void)
{
	struct event_list list;
	int fd, tries;

	if (events_missing())
		return;
	fd = tracefs_pipe_resume();
	if (!expect(fd >= 0, "trace_pipe: %s", strerror(-fd)))
		return;
	for (tries = 0; !tries || (tries < END_TRIES && !record_is_balanced()); tries++) {
		if (tries)
			usleep(10000);
		list = read_ours(fd);
		events_free(&list);
	}
	close(fd);
	record_require_balance();
}

// SPDX-License-Identifier: GPL-2.0-only
#include "trace/follow.h"

#include <stdlib.h>

bool follow_task(struct follow *follow, pid_t task)
{
	pid_t *tasks = realloc(follow->tasks, (follow->task_count + 1) * sizeof(*tasks));

	if (!tasks)
		return false;
	tasks[follow->task_count++] = task;
	follow->tasks = tasks;
	return true;
}

static bool has_task(const struct follow *follow, pid_t task)
{
	for (size_t i = 0; i < follow->task_count; i++)
		if (follow->tasks[i] == task)
			return true;
	return false;
}

static bool has_mm(const struct follow *follow, uint64_t mm)
{
	for (size_t i = 0; i < follow->mm_count; i++)
		if (follow->mms[i] == mm)
			return true;
	return false;
}

static void add_mm(struct follow *follow, uint64_t mm)
{
	uint64_t *mms;

	if (has_mm(follow, mm))
		return;
	mms = realloc(follow->mms, (follow->mm_count + 1) * sizeof(*mms));
	if (!mms)
		return;
	mms[follow->mm_count++] = mm;
	follow->mms = mms;
}

static bool last_was_ours(const struct follow *follow, pid_t task)
{
	const struct last *last = &follow->last[task % FOLLOW_TASKS];

	return last->task == task && last->ours;
}

bool follow_event(struct follow *follow, const struct event *event)
{
	bool ours = has_task(follow, event->task);

	if (event->kind == EVENT_FORK) {
		if (ours)
			follow_task(follow, event->child);
		return false;
	}
	if (event->kind == EVENT_REGISTER && ours)
		add_mm(follow, event->mm);
	if (!event->mm)
		return ours || last_was_ours(follow, event->task);
	ours = has_mm(follow, event->mm);
	follow->last[event->task % FOLLOW_TASKS] = (struct last){ event->task, ours };
	return ours;
}

void follow_release(struct follow *follow)
{
	free(follow->tasks);
	free(follow->mms);
	*follow = (struct follow){ 0 };
}

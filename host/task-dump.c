// SPDX-License-Identifier: GPL-2.0-only
#include "task-dump.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "klog.h"

#define BLOCKED "sysrq: Show Blocked State"
#define ALL "sysrq: Show State"
#define DEPTH 40	/* functions of a stack that are kept */

/* What every task that waits is in. */
static bool is_scheduler(const char *name)
{
	return !strcmp(name, "__schedule") || !strncmp(name, "schedule", 8) || !strcmp(name, "io_schedule") ||
	       !strcmp(name, "preempt_schedule_common");
}

bool stack_has(const char *stack, const char *function)
{
	size_t length = strlen(function);

	for (const char *at = stack; at && (at = strstr(at, function)); at += length)
		if ((at == stack || at[-1] == ' ') && (!at[length] || at[length] == ' '))
			return true;
	return false;
}

static struct dumped_task *task_of(struct task_dump *dump, int pid)
{
	for (size_t i = 0; i < dump->count; i++)
		if (dump->tasks[i].pid == pid)
			return &dump->tasks[i];
	dump->tasks = xrealloc(dump->tasks, (dump->count + 1) * sizeof(*dump->tasks));
	dump->tasks[dump->count] = (struct dumped_task){ .pid = pid };
	return &dump->tasks[dump->count++];
}

/* "task:NAME   state:D stack:13512 pid:30 ...", with more blanks before 5.17. NULL: it is no such line. */
static struct dumped_task *begin_task(struct task_dump *dump, const char *message)
{
	const char *state = strstr(message, " state:"), *pid = strstr(message, " pid:");
	struct dumped_task *task;
	size_t length;

	if (strncmp(message, "task:", 5) || !state || !pid)
		return NULL;
	task = task_of(dump, strtol(pid + 5, NULL, 10));
	length = state - message - 5;
	while (length && message[5 + length - 1] == ' ')
		length--;
	snprintf(task->name, sizeof(task->name), "%.*s", (int)length, message + 5);
	task->state = state[7];
	free(task->stack);
	task->stack = NULL;
	task->guessed = false;
	return task;
}

/*
 * " function+0x1/0x2"; with "? " before it, it is on the stack but was not found to be called: nothing else is known
 * of a task that runs on another CPU (show_trace_log_lvl() in arch/x86/kernel/dumpstack.c).
 */
static bool add_function(struct dumped_task *task, const char *message)
{
	char name[100], *longer;
	bool guess = !strncmp(message + strspn(message, " "), "? ", 2);

	if (sscanf(message, guess ? " ? %99[^+ ]+0x" : " %99[^+ ?]+0x", name) != 1 || !strchr(message, '+') ||
	    is_scheduler(name) || (guess && (task->state != 'R' || (task->stack && !task->guessed))))
		return false;
	if (task->guessed && !guess) {
		free(task->stack);
		task->stack = NULL;
	}
	task->guessed = guess;
	longer = xasprintf("%s%s%s", task->stack ? task->stack : "", task->stack ? " < " : "", name);
	free(task->stack);
	task->stack = longer;
	return true;
}

/* Up to the next answer. */
static void read_answer(struct task_dump *dump, const char *answer)
{
	char *copy = xstrdup(answer), *rest = copy, *line;
	struct dumped_task *task = NULL;
	unsigned int depth = 0;

	while ((line = strsep(&rest, "\n"))) {
		const char *message = klog_message(line);
		struct dumped_task *next = begin_task(dump, message);

		if (!strncmp(message, "sysrq: ", 7))
			break;
		if (next) {
			task = next;
			depth = 0;
		} else if (strstr(message, "</TASK>")) {
			task = NULL;
		} else if (task && depth < DEPTH) {
			depth += add_function(task, message);
		}
	}
	free(copy);
}

/* Past the first line of the first one, or NULL. */
static const char *first_answer(const char *log, const char *title)
{
	const char *found = strstr(log, title);

	return found ? found + strlen(title) : NULL;
}

static void leave_out_the_writer(struct task_dump *dump)
{
	size_t kept = 0;

	for (size_t i = 0; i < dump->count; i++) {
		if (stack_has(dump->tasks[i].stack, "sched_show_task"))
			free(dump->tasks[i].stack);
		else
			dump->tasks[kept++] = dump->tasks[i];
	}
	dump->count = kept;
}

void task_dump_read(struct task_dump *dump, const char *log)
{
	const char *blocked = first_answer(log, BLOCKED), *all = first_answer(log, ALL);

	*dump = (struct task_dump){ .all = all };
	if (all && (!blocked || all < blocked))
		read_answer(dump, all);
	if (blocked)
		read_answer(dump, blocked);
	if (all && blocked && all > blocked)
		read_answer(dump, all);
	leave_out_the_writer(dump);
}

void task_dump_free(struct task_dump *dump)
{
	for (size_t i = 0; i < dump->count; i++)
		free(dump->tasks[i].stack);
	free(dump->tasks);
	*dump = (struct task_dump){ 0 };
}

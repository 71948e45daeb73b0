// SPDX-License-Identifier: GPL-2.0-only
#include "blocked.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "klog.h"

#define ANSWER "sysrq: Show Blocked State"
#define DEPTH 12		/* functions of a stack that are shown and compared */
#define NAMES_SIZE 200

struct place {
	char *stack, names[NAMES_SIZE];
	unsigned int tasks;
};

struct page {
	struct place *places;
	size_t count;
	char task[32];		/* whose stack is being read; "": none */
	char *stack;
	unsigned int depth;
};

/* What every task that waits is in. */
static bool is_scheduler(const char *name)
{
	return !strcmp(name, "__schedule") || !strncmp(name, "schedule", 8) || !strcmp(name, "io_schedule") ||
	       !strcmp(name, "preempt_schedule_common");
}

static void add_function(struct page *page, const char *name)
{
	char *longer;

	if (page->depth == DEPTH || is_scheduler(name))
		return;
	page->depth++;
	longer = xasprintf("%s%s%s", page->stack ? page->stack : "", page->stack ? " < " : "", name);
	free(page->stack);
	page->stack = longer;
}

static struct place *place_of(struct page *page, const char *stack)
{
	for (size_t i = 0; i < page->count; i++)
		if (!strcmp(page->places[i].stack, stack))
			return &page->places[i];
	page->places = xrealloc(page->places, (page->count + 1) * sizeof(*page->places));
	page->places[page->count] = (struct place){ .stack = xstrdup(stack) };
	return &page->places[page->count++];
}

static void end_task(struct page *page)
{
	struct place *place;
	size_t used;

	if (page->task[0] && page->stack) {
		place = place_of(page, page->stack);
		used = strlen(place->names);
		snprintf(place->names + used, NAMES_SIZE - used, "%s%s", used ? ", " : "", page->task);
		place->tasks++;
	}
	free(page->stack);
	page->stack = NULL;
	page->depth = 0;
	page->task[0] = '\0';
}

/* "task:NAME    state:D ...", then "Call Trace:" and " function+0x1/0x2"; "? " is on the stack, but was not called. */
static void feed(struct page *page, const char *message)
{
	char name[100];

	if (!strncmp(message, "task:", 5)) {
		end_task(page);
		sscanf(message, "task:%31s", page->task);
	} else if (page->task[0] && sscanf(message, " %99[^+ ?]+0x", name) == 1 && strchr(message, '+')) {
		add_function(page, name);
	} else if (strstr(message, "</TASK>")) {
		end_task(page);
	}
}

static int by_tasks(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	return (x->tasks < y->tasks) - (x->tasks > y->tasks);
}

static char *print(struct page *page)
{
	char *text = NULL;

	if (!page->places)
		return NULL;
	qsort(page->places, page->count, sizeof(*page->places), by_tasks);
	for (size_t i = 0; i < page->count; i++) {
		const struct place *place = &page->places[i];
		char *longer = xasprintf("%s%u blocked: %s\n  %s\n", text ? text : "", place->tasks,
					 place->names, place->stack);

		free(text);
		text = longer;
	}
	return text;
}

/* Past the last answer's first line, or NULL. */
static const char *last_answer(const char *log)
{
	const char *found = NULL;

	for (const char *at = log; (at = strstr(at, ANSWER)); at += strlen(ANSWER))
		found = at + strlen(ANSWER);
	return found;
}

char *blocked_page(const char *log)
{
	const char *answer = last_answer(log);
	char *copy = answer ? xstrdup(answer) : NULL, *rest = copy, *line, *text;
	struct page page = { 0 };

	while (rest && (line = strsep(&rest, "\n"))) {
		const char *message = klog_message(line);

		if (!strncmp(message, "sysrq: ", 7))
			break;
		feed(&page, message);
	}
	end_task(&page);
	text = print(&page);
	for (size_t i = 0; i < page.count; i++)
		free(page.places[i].stack);
	free(page.places);
	free(copy);
	return text;
}

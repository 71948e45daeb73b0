// SPDX-License-Identifier: GPL-2.0-only
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/callers.h"
#include "lib/check.h"
#include "lib/exit.h"
#include "lib/known-callers.h"

#define NOTED_MAX 512
#define LINE_SIZE 900	/* diag() cuts at a thousand */

static struct {
	atomic_uint count;
	struct noted {
		enum caller_kind kind;
		char name[CALLER_SIZE];
	} noted[NOTED_MAX];
} *reached;

static const char *const kinds[CALLER_KINDS] = {
	[CALLER_NOTIFIER] = "notifier call sites",
	[CALLER_AGING] = "aging call sites",
};

void callers_init(void)
{
	reached = mmap(NULL, sizeof(*reached), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		       -1, 0);
	if (reached == MAP_FAILED) {
		perror("mmap of the memory for call sites");
		exit(EXIT_FAIL);
	}
}

static bool has_kind(const struct event *event, enum caller_kind *kind)
{
	switch (event->kind) {
	case EVENT_START:
		*kind = CALLER_NOTIFIER;
		return true;
	case EVENT_CLEAR_FLUSH_YOUNG:
	case EVENT_CLEAR_YOUNG:
	case EVENT_TEST_YOUNG:
		*kind = CALLER_AGING;
		return true;
	default:
		return false;
	}
}

void callers_note(const struct event *event)
{
	enum caller_kind kind;
	unsigned int i, count;

	if (!reached || !event->caller[0] || !has_kind(event, &kind))
		return;
	count = atomic_load(&reached->count);
	for (i = 0; i < count; i++)
		if (reached->noted[i].kind == kind && !strcmp(reached->noted[i].name, event->caller))
			return;
	if (count == NOTED_MAX)
		return;
	reached->noted[count].kind = kind;
	strcpy(reached->noted[count].name, event->caller);
	atomic_store(&reached->count, count + 1);
}

/* Names gathered into lines of "# VERB KIND: NAME NAME ...". */
struct lines {
	const char *verb;
	enum caller_kind kind;
	char text[LINE_SIZE];
	size_t used;
};

static void lines_end(struct lines *lines)
{
	if (lines->used)
		diag("%s %s:%s", lines->verb, kinds[lines->kind], lines->text);
	lines->used = 0;
}

static void lines_add(struct lines *lines, enum caller_kind kind, const char *name)
{
	if (kind != lines->kind || lines->used + strlen(name) + 2 > sizeof(lines->text))
		lines_end(lines);
	lines->kind = kind;
	lines->used += snprintf(lines->text + lines->used, sizeof(lines->text) - lines->used, " %s",
				name);
}

void callers_report(void)
{
	struct lines covers = { .verb = "covers" }, coverable = { .verb = "coverable" };
	struct known_callers known;
	enum caller_kind kind;
	unsigned int i;

	if (!known_callers_read(&known))
		diag("which call sites there are cannot be told: %s", known.error);
	for (kind = 0; kind < CALLER_KINDS; kind++)
		for (i = 0; i < known.count; i++)
			if (known.caller[i].kind == kind)
				lines_add(&coverable, kind, known.caller[i].name);
	lines_end(&coverable);
	known_callers_free(&known);
	for (kind = 0; kind < CALLER_KINDS; kind++)
		for (i = 0; i < atomic_load(&reached->count); i++)
			if (reached->noted[i].kind == kind)
				lines_add(&covers, kind, reached->noted[i].name);
	lines_end(&covers);
}

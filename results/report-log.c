// SPDX-License-Identifier: GPL-2.0-only
#include "report-log.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/die.h"
#include "host/path.h"
#include "host/splat.h"
#include "report.h"
#include "run-folder.h"

static char *copy(const char *from, const char *to)
{
	return xasprintf("%.*s", (int)(to - from), from);
}

static bool take_violation(struct report_story *story, const char *line)
{
	const char *page = strstr(line, "page "), *has = page ? strstr(page, " has ") : NULL;
	const char *expected = has ? strstr(has, ", expected ") : NULL, *step;

	if (!expected)
		return false;
	step = page > line + 1 && !strncmp(page - 2, ": ", 2) ? page - 2 : page;
	story->violations = xrealloc(story->violations,
				     (story->violation_count + 1) * sizeof(*story->violations));
	story->violations[story->violation_count++] = (struct report_violation){
		copy(line, step), copy(page + strlen("page "), has),
		copy(has + strlen(" has "), expected), xstrdup(expected + strlen(", expected ")),
	};
	return true;
}

static FILE *open_text(char **text, size_t *size)
{
	FILE *f = open_memstream(text, size);

	if (!f)
		die(STATUS_HARNESS, "out of memory");
	return f;
}

void report_story_make(struct report_story *story, const char *reason)
{
	char *copied = xstrdup(reason), *rest = copied, *line;
	size_t message_size, timeline_size;
	FILE *message, *timeline;

	*story = (struct report_story){ 0 };
	message = open_text(&story->message, &message_size);
	timeline = open_text(&story->timeline, &timeline_size);
	while ((line = strsep(&rest, "\n"))) {
		if (!strncmp(line, "|", 1))
			fprintf(timeline, "%s\n", line + 1);
		else if (strcmp(line, "what happened:") && !take_violation(story, line))
			fprintf(message, "%s%s", ftell(message) > 0 ? "\n" : "", line);
	}
	fclose(message);
	fclose(timeline);
	free(copied);
}

void report_story_free(struct report_story *story)
{
	for (size_t i = 0; i < story->violation_count; i++) {
		free(story->violations[i].step);
		free(story->violations[i].page);
		free(story->violations[i].has);
		free(story->violations[i].expected);
	}
	free(story->violations);
	free(story->message);
	free(story->timeline);
	*story = (struct report_story){ 0 };
}

/* A file of the test's folder; NULL if the run was imported without, or it is gone. */
static char *path_in(const struct report *report, const struct report_test *test, const char *name)
{
	const char *run = report->runs[test->run].folder;
	char *path = xasprintf("%s/%s/%s", run, test->folder, name);

	if (*run && *test->folder && path_exists(path))
		return path;
	free(path);
	return NULL;
}

/* Whole lines, from the beginning or from the end. Takes text. */
static char *limit(char *text, bool end)
{
	size_t length = strlen(text);
	char *cut, *part;

	if (length <= REPORT_LOG_BYTES)
		return text;
	if (end) {
		cut = strchr(text + length - REPORT_LOG_BYTES, '\n');
		part = xasprintf("[...]\n%s", cut ? cut + 1 : text + length - REPORT_LOG_BYTES);
	} else {
		text[REPORT_LOG_BYTES] = '\0';
		cut = strrchr(text, '\n');
		part = xasprintf("%.*s\n[...]\n", (int)(cut ? cut - text : REPORT_LOG_BYTES), text);
	}
	free(text);
	return part;
}

static const char *first_splat(const char *text)
{
	while (*text) {
		size_t length = strcspn(text, "\n");
		char *line = copy(text, text + length);
		bool bad = splat_match(line);

		free(line);
		if (bad)
			return text;
		text += length + (text[length] == '\n');
	}
	return NULL;
}

char *report_kernel_log(const struct report *report, const struct report_test *test)
{
	char *path = path_in(report, test, "kernel.log"), *text = path ? file_read(path, NULL) : NULL, *part;
	const char *splat;

	free(path);
	if (!text)
		return xstrdup("");
	splat = first_splat(text);
	if (!splat)
		return limit(text, true);
	part = limit(xstrdup(splat), false);
	free(text);
	return part;
}

char *report_diagnosis(const struct report *report, const struct report_test *test)
{
	char *path = path_in(report, test, RUN_DIAGNOSIS), *text = path ? file_read(path, NULL) : NULL;

	free(path);
	return text ? text : xstrdup("");
}

char *report_script(const struct report *report, const struct report_test *test)
{
	char *path = path_in(report, test, "reproduce.sh");

	return path ? path : xstrdup("");
}

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

#define VIOLATIONS_MAX 64	/* tests themselves say eight and count the rest */

static char *read_part(const char *folder, const char *name)
{
	char *path = xasprintf("%s/%s", folder, name), *data = file_read(path, NULL);

	free(path);
	return data ? data : xstrdup("");
}

static char *copy(const char *from, const char *to)
{
	return xasprintf("%.*s", (int)(to - from), from);
}

/* Some checks say what they are about, some do not: the step may be empty. */
static void take_violation(struct report_log *log, const char *line)
{
	const char *page = strstr(line, "page "), *has = page ? strstr(page, " has ") : NULL;
	const char *expected = has ? strstr(has, ", expected ") : NULL, *step;

	if (!expected || log->violation_count == VIOLATIONS_MAX)
		return;
	step = page > line + 1 && !strncmp(page - 2, ": ", 2) ? page - 2 : page;
	log->violations = xrealloc(log->violations, (log->violation_count + 1) * sizeof(*log->violations));
	log->violations[log->violation_count++] = (struct report_violation){
		copy(line, step), copy(page + strlen("page "), has),
		copy(has + strlen(" has "), expected), xstrdup(expected + strlen(", expected ")),
	};
}

/* "name" of "not ok 3 name # directive"; NULL for any other line. */
static char *failed_case(const char *line)
{
	const char *name;

	if (strncmp(line, "not ok ", 7))
		return NULL;
	name = line + 7 + strspn(line + 7, "0123456789");
	name += strspn(name, " -");
	return xasprintf("%.*s", (int)strcspn(name, "#"), name);
}

static void flush(FILE *out, char **pending, size_t *size, FILE **events, const char *name)
{
	fclose(*events);
	if (*size && name)
		fprintf(out, "%s\n%s", name, *pending);
	free(*pending);
	*events = open_memstream(pending, size);
	if (!*events)
		die(STATUS_HARNESS, "out of memory");
}

/* "# | ..." lines belong to the result after them. */
static void read_ktap(struct report_log *log, char *ktap, FILE *out)
{
	char *pending = NULL, *line, *rest = ktap;
	size_t size = 0;
	FILE *events = open_memstream(&pending, &size);

	if (!events)
		die(STATUS_HARNESS, "out of memory");
	while ((line = strsep(&rest, "\n"))) {
		line += strspn(line, " ");
		if (!strncmp(line, "# |", 3)) {
			fprintf(events, "%s\n", line + 3);
		} else if (!strncmp(line, "# ", 2)) {
			take_violation(log, line + 2);
		} else if (!strncmp(line, "ok ", 3) || !strncmp(line, "not ok ", 7)) {
			char *name = failed_case(line);

			flush(out, &pending, &size, &events, name);
			free(name);
		}
	}
	flush(out, &pending, &size, &events, "without a result");
	fclose(events);
	free(pending);
}

/* Whole lines, not more than so many bytes; from the end if that is where the news is. */
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
		if (cut)
			*cut = '\0';
		part = xasprintf("%s\n[...]\n", text);
	}
	free(text);
	return part;
}

/* From the first line that makes a splat or panic; where there is none, the end. */
static char *kernel_slice(char *text)
{
	for (const char *line = text; *line;) {
		size_t length = strcspn(line, "\n");
		char *one = xasprintf("%.*s", (int)length, line), *part;
		bool bad = splat_match(one);

		free(one);
		if (bad) {
			part = limit(xstrdup(line), false);
			free(text);
			return part;
		}
		line += length + (line[length] == '\n');
	}
	return limit(text, true);
}

void report_log_load(struct report_log *log, const struct report *report, const struct report_test *test)
{
	const char *run = report->runs[test->run].folder;
	char *folder = xasprintf("%s/%s", run, test->folder), *ktap;
	size_t size;
	FILE *out;

	*log = (struct report_log){ 0 };
	out = open_memstream(&log->timeline, &size);
	if (!out)
		die(STATUS_HARNESS, "out of memory");
	if (*run && *test->folder) {
		ktap = read_part(folder, "ktap");
		read_ktap(log, ktap, out);
		free(ktap);
		log->kernel = kernel_slice(read_part(folder, "kernel.log"));
		log->script = xasprintf("%s/reproduce.sh", folder);
	}
	fclose(out);
	log->timeline = limit(log->timeline, false);
	if (!log->kernel)
		log->kernel = xstrdup("");
	if (!log->script || !path_exists(log->script)) {
		free(log->script);
		log->script = xstrdup("");
	}
	free(folder);
}

void report_log_free(struct report_log *log)
{
	for (size_t i = 0; i < log->violation_count; i++) {
		free(log->violations[i].step);
		free(log->violations[i].page);
		free(log->violations[i].has);
		free(log->violations[i].expected);
	}
	free(log->violations);
	free(log->timeline);
	free(log->kernel);
	free(log->script);
	*log = (struct report_log){ 0 };
}

// SPDX-License-Identifier: GPL-2.0-only
#include "run-ktap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/die.h"
#include "run.h"
#include "text.h"

/* On one line, of what terminals and parsers take for text, and no '#' in a name: it would begin a directive. */
static void put_text(FILE *f, const char *text, bool name)
{
	char *clean = text_clean_line(text);

	for (const char *c = clean; *c; c++)
		fputc(name && *c == '#' ? '_' : *c, f);
	free(clean);
}

/* A comment whose text began like this would begin nested results. */
static bool begins_level(const char *text)
{
	text += strspn(text, " #\t\r\n");
	return !strncmp(text, "KTAP version", 12) || !strncmp(text, "TAP version", 11);
}

void ktap_put_result(FILE *f, const char *indent, size_t number, const char *name,
		            enum verdict verdict, const char *reason)
{
	const char *directive = verdict == VERDICT_SKIP ? "SKIP" : verdict == VERDICT_XFAIL ? "XFAIL" : NULL;

	if (reason && !directive) {
		fprintf(f, "%s# %s", indent, begins_level(reason) ? "- " : "");
		put_text(f, reason, false);
		fputc('\n', f);
	}
	fprintf(f, "%s%s %zu ", indent, verdict_is_failure(verdict) ? "not ok" : "ok", number);
	put_text(f, name, true);
	if (directive)
		fprintf(f, " # %s", directive);
	else if (verdict == VERDICT_TIMEOUT)
		fputs(" # TIMEOUT", f);
	else if (verdict_is_failure(verdict) && verdict != VERDICT_FAIL)
		fprintf(f, " # ERROR %s", verdict_name(verdict));
	if (directive && reason) {
		fputc(' ', f);
		put_text(f, reason, false);
	}
	fputc('\n', f);
}

static void put_test(FILE *f, size_t number, const struct run_test *test)
{
	char *label = run_test_label(test);

	if (test->case_count)
		fprintf(f, "  KTAP version 1\n  1..%zu\n", test->case_count);
	for (size_t i = 0; i < test->case_count; i++)
		ktap_put_result(f, "  ", i + 1, test->cases[i].name, test->cases[i].verdict,
				   test->cases[i].reason);
	ktap_put_result(f, "", number, label, test->verdict, test->reason);
	free(label);
}

char *run_ktap(const struct run *run)
{
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		die(STATUS_HARNESS, "out of memory");
	fprintf(f, "KTAP version 1\n1..%zu\n", run->test_count);
	for (size_t i = 0; i < run->test_count; i++)
		put_test(f, i + 1, &run->tests[i]);
	fclose(f);
	return text;
}

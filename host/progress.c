// SPDX-License-Identifier: GPL-2.0-only
#include "progress.h"

#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "colour.h"
#include "die.h"
#include "path.h"
#include "results/run-folder.h"
#include "results/run.h"
#include "results/text.h"

#define QUIET_HEARTBEAT_S 30	/* between heartbeats where nobody watches */
#define REASON_LINES 4	/* shown of one reason, unless verbose */

struct activity {
	unsigned int id;
	char *what;
	double since;
};

static const struct style {
	const char *symbol, *word, *colour, *plural;
} styles[VERDICT_COUNT] = {
	[VERDICT_PASS] = { "✓", "ok", "\033[32m", "passed" },
	[VERDICT_FAIL] = { "✗", "FAIL", "\033[1;31m", "failed" },
	[VERDICT_SKIP] = { "○", "skip", "\033[33m", "skipped" },
	[VERDICT_TIMEOUT] = { "◔", "TIMEOUT", "\033[1;31m", "timed out" },
	[VERDICT_HANG] = { "■", "HANG", "\033[1;31m", "hung" },
	[VERDICT_PANIC] = { "‼", "PANIC", "\033[1;31m", "panicked" },
	[VERDICT_SPLAT] = { "!", "SPLAT", "\033[1;35m", "with splats" },
	[VERDICT_LOST] = { "?", "LOST", "\033[1;31m", "lost" },
	[VERDICT_XFAIL] = { "×", "xfail", "\033[33m", "failed as known" },
	[VERDICT_XPASS] = { "↑", "XPASS", "\033[1;35m", "passed against expectation" },
};

static FILE *stream;
static bool verbose_output, terminal, colours, symbols, heartbeat_shown;
static struct activity *activities;
static size_t activity_count;
static double last_heartbeat;
static int name_width = 22;

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static bool locale_is_utf8(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char *value = getenv(names[i]);

		if (value && *value)
			return strcasestr(value, "utf-8") || strcasestr(value, "utf8");
	}
	return false;
}

void progress_init(FILE *out, bool verbose)
{
	stream = out;
	verbose_output = verbose;
	terminal = colour_terminal(out);
	colours = colour_wanted(out);
	symbols = terminal && locale_is_utf8();
	last_heartbeat = now();
}

static const char *colour(const char *code)
{
	return colours ? code : "";
}

static const char *plain(void)
{
	return colour("\033[0m");
}

static void clear_heartbeat(void)
{
	if (heartbeat_shown)
		fputs("\r\033[K", stream);
	heartbeat_shown = false;
}

void progress_begin(unsigned int id, const char *what)
{
	progress_end(id);
	activities = xrealloc(activities, (activity_count + 1) * sizeof(*activities));
	activities[activity_count++] = (struct activity){
		.id = id,
		.what = text_clean_line(what),
		.since = now(),
	};
}

void progress_end(unsigned int id)
{
	for (size_t i = 0; i < activity_count; i++) {
		if (activities[i].id != id)
			continue;
		free(activities[i].what);
		memmove(&activities[i], &activities[i + 1],
			(--activity_count - i) * sizeof(*activities));
		return;
	}
}

static int terminal_width(void)
{
	struct winsize size;

	return ioctl(fileno(stream), TIOCGWINSZ, &size) || !size.ws_col ? 80 : size.ws_col;
}

void progress_tick(size_t done, size_t total)
{
	char *line;
	int width;

	if (!terminal && now() - last_heartbeat < QUIET_HEARTBEAT_S)
		return;
	last_heartbeat = now();
	line = xasprintf("  %zu of %zu done", done, total);
	for (size_t i = 0; i < activity_count; i++) {
		char *longer = xasprintf("%s%s %s %.0f s", line, i ? "," : " |", activities[i].what,
					 now() - activities[i].since);

		free(line);
		line = longer;
	}
	if (terminal) {
		width = terminal_width() - 1;
		fprintf(stream, "\r\033[K%s%.*s%s\r", colour("\033[2m"), width, line, plain());
		heartbeat_shown = true;
	} else {
		fprintf(stream, "%s\n", line);
	}
	free(line);
	fflush(stream);
}

void progress_line(const char *fmt, ...)
{
	va_list ap;

	clear_heartbeat();
	va_start(ap, fmt);
	vfprintf(stream, fmt, ap);
	va_end(ap);
	fputc('\n', stream);
	fflush(stream);
}

/*
 * Lines of text behind the indentation, at most so many; the rest stands in the test's ktap. A test's
 * output cannot drive the terminal.
 */
static void print_indented(int indent, const char *text, unsigned int max)
{
	char *clean = text_clean(text), *rest = clean, *line;
	unsigned int lines = 0;

	while ((line = strsep(&rest, "\n")))
		if (lines++ < max)
			fprintf(stream, "%*s%s\n", indent, "", line);
	if (lines > max && max > 1)
		fprintf(stream, "%*s... %u lines more in its ktap\n", indent, "", lines - max);
	free(clean);
}

/* A short reason stands behind the name. */
static void print_case(const struct run_case *c)
{
	const struct style *style = &styles[c->verdict];
	bool one_line = c->reason && !strchr(c->reason, '\n');
	char *name = text_clean_line(c->name), *reason = text_clean_line(one_line ? c->reason : "");

	fprintf(stream, "            %s%s%s %s%s%s\n", colour(style->colour), style->word, plain(),
		name, one_line ? ": " : "", reason);
	if (c->reason && !one_line)
		print_indented(16, c->reason, verbose_output ? UINT_MAX : REASON_LINES);
	free(reason);
	free(name);
}

static void print_style(const struct style *style)
{
	fprintf(stream, "  %s%s%s%-7s%s ", colour(style->colour), symbols ? style->symbol : "",
		symbols ? " " : "", style->word, plain());
}

/* "6 cases", or "4 of 6 cases" if not all of them passed. */
static char *case_text(const struct run_test *test)
{
	size_t passed = 0;

	if (!test->case_count)
		return xstrdup("");
	for (size_t i = 0; i < test->case_count; i++)
		passed += test->cases[i].verdict == VERDICT_PASS;
	if (passed != test->case_count)
		return xasprintf("%zu of %zu cases", passed, test->case_count);
	return xasprintf("%zu case%s", passed, passed == 1 ? "" : "s");
}

/* The reason of a failed or skipped test may be that of a case, which is printed anyway. */
static bool said_by_case(const struct run_test *test)
{
	for (size_t i = 0; i < test->case_count; i++) {
		const struct run_case *c = &test->cases[i];
		size_t length = strlen(c->name);

		if (c->verdict == VERDICT_PASS || strncmp(test->reason, c->name, length))
			continue;
		if (!test->reason[length] ||
		    (c->reason && !strncmp(test->reason + length, ": ", 2) &&
		     !strcmp(test->reason + length + 2, c->reason)))
			return true;
	}
	return false;
}

static void print_expected(const struct run_test *test)
{
	for (size_t i = 0; i < test->expected_count; i++) {
		char *clean = text_clean(test->expected[i]);

		fprintf(stream, "            expected: %s\n", clean);
		free(clean);
	}
}

/* Tests are named by whoever made their files. The caller's to free. */
static char *clean_label(const struct run_test *test)
{
	char *label = run_test_label(test), *clean = text_clean_line(label);

	free(label);
	return clean;
}

void progress_verdict(const struct run_test *test)
{
	char *label = clean_label(test), *cases = case_text(test);

	name_width = text_wider(name_width, label);
	clear_heartbeat();
	print_style(&styles[test->verdict]);
	text_put(stream, label, name_width);
	fprintf(stream, " %12s %7.1f s", cases, test->duration_s);
	if (test->witnesses && *test->witnesses)
		fprintf(stream, "   %s", test->witnesses);
	fputc('\n', stream);
	if (test->verdict != VERDICT_PASS && test->reason && !said_by_case(test))
		print_indented(12, test->reason, REASON_LINES);
	for (size_t i = 0; i < test->case_count; i++)
		if (verbose_output || test->cases[i].verdict != VERDICT_PASS)
			print_case(&test->cases[i]);
	if (verbose_output)
		print_expected(test);
	fflush(stream);
	free(cases);
	free(label);
}

static void print_counts(const struct run_totals *totals)
{
	const char *separator = "";

	for (enum verdict v = 0; v < VERDICT_COUNT; v++) {
		bool always = v == VERDICT_PASS || v == VERDICT_FAIL || v == VERDICT_SKIP;

		if (!always && !totals->by_verdict[v])
			continue;
		fprintf(stream, "%s%s%zu %s%s", separator,
			totals->by_verdict[v] ? colour(styles[v].colour) : "", totals->by_verdict[v],
			styles[v].plural, totals->by_verdict[v] ? plain() : "");
		separator = ", ";
	}
	fprintf(stream, " of %zu", totals->tests);
}

/* A line for each mode, if there are several. */
static void print_modes(const struct run *run)
{
	char *modes = xstrdup(run->mmu ? run->mmu : ""), *rest = modes, *mode;

	while (strchr(run->mmu ? run->mmu : "", ',') && (mode = strsep(&rest, ","))) {
		const struct run_totals totals = run_totals(run, mode);

		fprintf(stream, "  %s: ", mode);
		print_counts(&totals);
		fputc('\n', stream);
	}
	free(modes);
}

static void print_totals(const struct run *run)
{
	const struct run_totals totals = run_totals(run, NULL);

	fputc('\n', stream);
	print_modes(run);
	fputs("  ", stream);
	print_counts(&totals);
	fprintf(stream, " in %.1f s", run->duration_s);
	fprintf(stream, "   kernel %s, %s, mmu %s, seed %llu\n",
		run->kernel_release ? run->kernel_release : "unknown",
		run->accel ? run->accel : "no accelerator", run->mmu ? run->mmu : "default",
		(unsigned long long)run->seed);
}

/* "14 of 32 notifier call sites"; without the total where nobody knows it. */
static void print_coverage_kind(const struct coverage_kind *kind, const char *intro)
{
	char *name = text_clean(kind->kind);
	size_t reached = coverage_reached(kind);

	if (kind->known)
		fprintf(stream, "%s%zu of %zu %s", intro, reached, kind->count, name);
	else
		fprintf(stream, "%s%zu %s", intro, reached, name);
	free(name);
}

static void print_not_reached(const struct coverage_kind *kind)
{
	char *name = text_clean(kind->kind);

	if (coverage_reached(kind) < kind->count)
		fprintf(stream, "  %s never reached:\n", name);
	free(name);
	for (size_t i = 0; i < kind->count; i++)
		if (!kind->sites[i].reached)
			print_indented(12, kind->sites[i].name, 1);
}

static void print_coverage(const struct run *run)
{
	struct coverage coverage;

	run_coverage(run, &coverage);
	for (size_t i = 0; i < coverage.count; i++)
		print_coverage_kind(&coverage.kinds[i], i ? ", " : "  reached ");
	if (coverage.count)
		fputc('\n', stream);
	for (size_t i = 0; verbose_output && i < coverage.count; i++)
		print_not_reached(&coverage.kinds[i]);
	coverage_release(&coverage);
}

/* A case counts unless all of its test was left. */
static void print_left(const struct run *run)
{
	size_t tests = 0;

	for (size_t i = 0; i < run->left_count; i++)
		tests += !run->left[i].name;
	if (run->left_count)
		fprintf(stream, "  left to full runs (--full, make check CHECK=full): %zu test%s, "
			"%zu case%s of others; sptest list says which and why\n", tests,
			tests == 1 ? "" : "s", run->left_count - tests,
			run->left_count - tests == 1 ? "" : "s");
}

/* Of a machine that was asked who waits for what. */
static void print_diagnosis(const struct run *run, const struct run_test *test)
{
	char *path = xasprintf("%s/%s/" RUN_DIAGNOSIS, run->folder, test->folder);

	if (path_exists(path))
		fprintf(stream, "            diagnosis: %s\n", path);
	free(path);
}

static void print_failure(const struct run *run, const struct run_test *test)
{
	char *label = clean_label(test), *class = run_test_class(test);

	fputc('\n', stream);
	print_style(&styles[test->verdict]);
	fprintf(stream, "%s%s%s\n", label, class ? "   " : "", class ? class : "");
	free(class);
	if (test->reason)
		print_indented(12, test->reason, 1);
	if (test->fingerprint)
		fprintf(stream, "            at: %s\n", test->fingerprint);
	if (run->folder && test->folder) {
		print_diagnosis(run, test);
		fprintf(stream, "            reproduce: %s/%s/reproduce.sh\n", run->folder,
			test->folder);
	}
	free(label);
}

/* Known bugs are never silent. */
static bool is_worth_a_word(enum verdict verdict)
{
	return verdict != VERDICT_PASS && verdict != VERDICT_SKIP;
}

void progress_summary(const struct run *run)
{
	clear_heartbeat();
	for (size_t i = 0; i < run->test_count; i++)
		if (is_worth_a_word(run->tests[i].verdict))
			print_failure(run, &run->tests[i]);
	print_totals(run);
	print_coverage(run);
	print_left(run);
	if (run->folder)
		fprintf(stream, "  everything is in %s\n", run->folder);
	fflush(stream);
}

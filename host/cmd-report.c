// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cmd.h"
#include "die.h"
#include "path.h"
#include "results/report-forms.h"
#include "results/report-html.h"
#include "results/report.h"
#include "splat.h"
#include "store-path.h"

static const char usage[] =
	"Usage: sptest report [OPTIONS] [RUN...]\n\n"
	"Runs of the store in other forms. RUN is a run folder, a number of sptest results list, a kernel version, a\n"
	"date, latest or last-green; without any: the newest run of each kernel and MMU mode.\n\n"
	"  --html FILE      one page: matrix, failures with logs, known bugs, skips, coverage, runs\n"
	"  --markdown FILE  for a merge request or a mail; without any form: on standard output\n"
	"  --junit FILE     JUnit XML, a testsuite a run\n"
	"  --ktap FILE      KTAP version 1\n"
	"  --kcidb FILE     KCIDB's I/O schema v5.3\n"
	"  --json FILE      the model behind all of them, see docs/results.md\n"
	"  --since TIME     without RUN: only what started then or later (2026-11-23, 2026-11-23T04:00:00Z)\n"
	"  --store DB       the database (default: results/runs/" STORE_NAME ")\n\n"
	"FILE - is standard output. The totals of all forms come from one query.\n\n"
	"Exit status: 0 written, whatever the verdicts are, 2 bad input, 3 the database or a file cannot be used.\n\n"
	"Example: sptest report --html report.html --junit report.xml\n";

enum { FORM_HTML, FORM_MARKDOWN, FORM_JUNIT, FORM_KTAP, FORM_KCIDB, FORM_JSON, FORMS, OPT_SINCE, OPT_STORE };

static char *(*const writers[FORMS])(const struct report *report) = {
	[FORM_HTML] = report_html, [FORM_MARKDOWN] = report_markdown, [FORM_JUNIT] = report_junit,
	[FORM_KTAP] = report_ktap, [FORM_KCIDB] = report_kcidb, [FORM_JSON] = report_json,
};

static const struct option long_options[] = {
	{ "help", no_argument, NULL, 'h' },
	{ "html", required_argument, NULL, FORM_HTML },
	{ "markdown", required_argument, NULL, FORM_MARKDOWN },
	{ "junit", required_argument, NULL, FORM_JUNIT },
	{ "ktap", required_argument, NULL, FORM_KTAP },
	{ "kcidb", required_argument, NULL, FORM_KCIDB },
	{ "json", required_argument, NULL, FORM_JSON },
	{ "since", required_argument, NULL, OPT_SINCE },
	{ "store", required_argument, NULL, OPT_STORE },
	{ 0 },
};

struct options {
	const char *files[FORMS];
	const char *store, *since;
};

static int write_through(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");
	int err = f && fputs(text, f) >= 0 ? 0 : -errno;

	if (f && fclose(f) && !err)
		err = -errno;
	return err;
}

static void write_form(const char *path, char *text)
{
	struct stat st;
	int err = 0;

	if (strcmp(path, "-") && stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		err = write_through(path, text);	/* /dev/stdout, a pipe: must not be replaced by a file */
	else if (strcmp(path, "-"))
		err = file_write(path, text, strlen(text), 0666);
	else if (fputs(text, stdout) < 0 || fflush(stdout))
		err = -1;
	if (err)
		die(STATUS_HARNESS, "%s: %s", path, err < -1 ? strerror(-err) : "cannot be written");
	free(text);
}

static int64_t *find_runs(struct store *store, char **words, const char *since, size_t *count)
{
	char error[STORE_ERROR];
	int64_t *ids = NULL;
	int found = 0, err;

	if (!*words) {
		found = store_newest(store, since ? since : "", &ids, error);
		if (found < 0)
			die(STATUS_HARNESS, "%s", error);
		if (!found && store_campaigns(store, since ? since : "", error) <= 0)
			die(STATUS_USAGE, "no runs in %s%s%s", store->path, since ? " since " : "", since ? since : "");
	}
	for (; *words; words++) {
		ids = xrealloc(ids, (found + 1) * sizeof(*ids));
		err = store_find(store, *words, 0, &ids[found++], error);
		if (err)
			die(err == -EIO ? STATUS_HARNESS : STATUS_USAGE, "%s", error);
	}
	*count = found;
	return ids;
}

static void write_report(struct store *store, char **words, const struct options *options)
{
	char error[STORE_ERROR];
	struct report report;
	size_t count;
	int64_t *ids = find_runs(store, words, options->since, &count);

	if (report_load(&report, store, ids, count, error))
		die(STATUS_HARNESS, "%s", error);
	for (int form = 0; form < FORMS; form++)
		if (options->files[form])
			write_form(options->files[form], writers[form](&report));
	report_free(&report);
	free(ids);
}

/* "2026", "2026-11-23T04", as ISO 8601 begins: runs are chosen by it as text. */
static bool is_beginning_of_time(const char *text)
{
	static const char form[] = "0000-00-00T00:00:00Z";
	size_t n = strlen(text);

	if (n < 4 || n >= sizeof(form))
		return false;
	for (size_t i = 0; i < n; i++)
		if (form[i] == '0' ? !isdigit((unsigned char)text[i]) : text[i] != form[i])
			return false;
	return true;
}

static void check_options(const struct options *options, const char *word)
{
	int standard = 0;

	for (int form = 0; form < FORMS; form++)
		standard += options->files[form] && !strcmp(options->files[form], "-");
	if (standard > 1)
		die(STATUS_USAGE, "report: %d forms on standard output would be none: name a file for each but one", standard);
	if (options->since && word)
		die(STATUS_USAGE, "report: --since chooses runs, and so does %s: say one of them", word);
	if (options->since && !is_beginning_of_time(options->since))
		die(STATUS_USAGE, "--since %s: a time is wanted, like 2026-11-23 or 2026-11-23T04:00:00Z", options->since);
}

int cmd_report(int argc, char **argv)
{
	struct options options = { 0 };
	struct store store;
	bool any = false;
	int opt;

	while ((opt = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
		if (opt == 'h') {
			fputs(usage, stdout);
			return STATUS_OK;
		}
		if (opt == OPT_SINCE)
			options.since = optarg;
		else if (opt == OPT_STORE)
			options.store = optarg;
		else if (opt < FORMS)
			options.files[opt] = optarg;
		else
			return STATUS_USAGE;
		any |= opt < FORMS;
	}
	check_options(&options, argv[optind]);
	if (!any)
		options.files[FORM_MARKDOWN] = "-";
	splat_load();
	store_open_words(&store, options.store, argv + optind);
	write_report(&store, argv + optind, &options);
	store_close(&store);
	return STATUS_OK;
}

// SPDX-License-Identifier: GPL-2.0-only
#include "report-order.h"

#include <stdlib.h>
#include <string.h>

#include "host/die.h"
#include "host/mmu.h"
#include "host/version.h"
#include "report.h"

int report_by_id(const void *a, const void *b)
{
	const struct report_run *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

int report_row_by_name(const void *a, const void *b)
{
	const struct report_row *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static int by_name(const void *a, const void *b)
{
	const struct report_test *x = a, *y = b;

	return strcmp(x->name, y->name);
}

/* tdp, direct, shadow, then whatever else there is */
static int place_of_mode(const char *mmu)
{
	const char *modes[MMU_MODES];
	size_t count = mmu_list("all", modes);

	for (size_t i = 0; i < count; i++)
		if (!strcmp(modes[i], mmu))
			return i;
	return count;
}

int report_mode_order(const char *a, const char *b)
{
	int order = place_of_mode(a) - place_of_mode(b);

	return order ? order : strcmp(a, b);
}

/* title holds the version until all columns are there. */
static int column_order(const void *a, const void *b)
{
	const struct report_column *x = a, *y = b;
	int order = version_compare(x->title, y->title);

	if (!order)
		order = strcmp(x->kernel, y->kernel);
	if (!order)
		order = strcmp(x->config, y->config);
	return order ? order : report_mode_order(x->mmu, y->mmu);
}

static bool is_of(const struct report_column *column, const struct report_run *run)
{
	return !strcmp(column->kernel, run->kernel) && !strcmp(column->config, run->config_hash);
}

/* Number of columns: none. */
static size_t find_column(const struct report *report, const struct report_test *test)
{
	size_t i = 0;

	while (i < report->column_count && (!is_of(&report->columns[i], &report->runs[test->run]) ||
					    strcmp(report->columns[i].mmu, test->mmu)))
		i++;
	return i;
}

static void add_column(struct report *report, const struct report_test *test)
{
	const struct report_run *run = &report->runs[test->run];

	if (find_column(report, test) < report->column_count)
		return;
	report->columns = xrealloc(report->columns, (report->column_count + 1) * sizeof(*report->columns));
	report->columns[report->column_count++] = (struct report_column){
		xstrdup(run->kernel), xstrdup(test->mmu), xstrdup(run->config_hash), xstrdup(run->version),
	};
}

static char *column_title(const struct report *report, const struct report_column *column)
{
	bool shared_version = false, shared_release = false;

	for (size_t i = 0; i < report->column_count; i++) {
		const struct report_column *other = &report->columns[i];
		bool same_release = !strcmp(other->kernel, column->kernel);

		shared_version |= !same_release && !strcmp(other->title, column->title);
		shared_release |= same_release && strcmp(other->config, column->config);
	}
	if (shared_release)
		return xasprintf("%s %.8s", column->kernel, column->config);
	return xstrdup(shared_version ? column->kernel : column->title);
}

/*
 * Two kernels of one version, a stock one and one with debugging, are called by their releases; two builds of one
 * release by their configurations, too.
 */
static void name_columns(struct report *report)
{
	char **titles = xzalloc((report->column_count + 1) * sizeof(*titles));

	for (size_t i = 0; i < report->column_count; i++)
		titles[i] = column_title(report, &report->columns[i]);
	for (size_t i = 0; i < report->column_count; i++) {
		free(report->columns[i].title);
		report->columns[i].title = titles[i];
	}
	free(titles);
}

static void add_rows(struct report *report)
{
	for (size_t i = 0; i < report->test_count; i++) {
		struct report_test *test = &report->tests[i];

		if (!i || strcmp(test->name, report->tests[i - 1].name)) {
			report->rows = xrealloc(report->rows, (report->row_count + 1) * sizeof(*report->rows));
			report->rows[report->row_count++] = (struct report_row){ .name = xstrdup(test->name) };
		}
		test->row = report->row_count - 1;
	}
}

static int by_place(const void *a, const void *b)
{
	const struct report_test *x = a, *y = b;

	if (x->row != y->row)
		return x->row < y->row ? -1 : 1;
	if (x->column != y->column)
		return x->column < y->column ? -1 : 1;
	if (x->run != y->run)
		return x->run < y->run ? -1 : 1;
	return (x->round > y->round) - (x->round < y->round);
}

void report_order_tests(struct report *report)
{
	if (!report->test_count)
		return;
	for (size_t i = 0; i < report->test_count; i++)
		add_column(report, &report->tests[i]);
	qsort(report->columns, report->column_count, sizeof(*report->columns), column_order);
	name_columns(report);
	for (size_t i = 0; i < report->test_count; i++)
		report->tests[i].column = find_column(report, &report->tests[i]);
	qsort(report->tests, report->test_count, sizeof(*report->tests), by_name);
	add_rows(report);
	qsort(report->tests, report->test_count, sizeof(*report->tests), by_place);
}

static int case_by_test(const void *key, const void *element)
{
	int64_t test = *(const int64_t *)key, other = ((const struct report_case *)element)->test;

	return (test > other) - (test < other);
}

void report_order_cases(struct report *report)
{
	for (size_t i = 0; i < report->test_count; i++) {
		struct report_test *test = &report->tests[i];
		const struct report_case *end = report->cases + report->case_count, *first;

		if (test->verdict == VERDICT_PASS && !report->case_count)
			continue;
		first = report->case_count ? bsearch(&test->id, report->cases, report->case_count,
						     sizeof(*first), case_by_test) : NULL;
		if (!first)
			continue;
		while (first > report->cases && first[-1].test == test->id)
			first--;
		test->cases = first;
		while (first < end && first->test == test->id)
			first++;
		test->case_count = first - test->cases;
	}
}

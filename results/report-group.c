// SPDX-License-Identifier: GPL-2.0-only
#include "report-group.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/die.h"
#include "report.h"

/* One occurrence. */
struct item {
	const char *test, *name, *reason;
	int length;	/* of the first line of reason: what follows differs each time */
	size_t column;
};

struct items {
	struct item *all;
	size_t count, room;
};

static void add(struct items *items, const char *test, const char *name, const char *reason, size_t column)
{
	if (items->count == items->room) {
		items->room = items->room ? 2 * items->room : 64;
		items->all = xrealloc(items->all, items->room * sizeof(*items->all));
	}
	items->all[items->count++] = (struct item){
		test, name, reason, strcspn(reason, "\n"), column,
	};
}

static int order(const struct item *x, const struct item *y)
{
	int order = strcmp(x->test, y->test);

	if (!order)
		order = strcmp(x->name, y->name);
	if (!order)
		order = x->length - y->length;
	return order ? order : strncmp(x->reason, y->reason, x->length);
}

static int by_text(const void *a, const void *b)
{
	const struct item *x = a, *y = b;
	int sign = order(x, y);

	return sign ? sign : (x->column > y->column) - (x->column < y->column);
}

static void collect(struct items *items, const struct report *report, enum verdict verdict)
{
	for (size_t i = 0; i < report->test_count; i++) {
		const struct report_test *test = &report->tests[i];
		size_t found = 0;

		for (size_t j = 0; j < test->case_count; j++)
			if (test->cases[j].verdict == verdict) {
				add(items, test->name, test->cases[j].name, test->cases[j].reason,
				    test->column);
				found++;
			}
		if (test->verdict == verdict && !found)
			add(items, test->name, "", test->reason, test->column);
	}
	if (items->count)
		qsort(items->all, items->count, sizeof(*items->all), by_text);
}

void report_groups_make(struct report_groups *groups, const struct report *report, enum verdict verdict)
{
	struct items items = { 0 };
	struct report_group *group = NULL;

	*groups = (struct report_groups){ 0 };
	collect(&items, report, verdict);
	for (size_t i = 0; i < items.count; i++) {
		const struct item *item = &items.all[i];

		if (!i || order(item, item - 1)) {
			groups->all = xrealloc(groups->all, (groups->count + 1) * sizeof(*groups->all));
			group = &groups->all[groups->count++];
			*group = (struct report_group){
				.test = item->test, .name = item->name,
				.reason = xasprintf("%.*s", item->length, item->reason),
				.columns = xzalloc(report->column_count),
			};
		}
		group->count += !group->columns[item->column];
		group->columns[item->column] = true;
	}
	free(items.all);
}

void report_groups_free(struct report_groups *groups)
{
	for (size_t i = 0; i < groups->count; i++) {
		free(groups->all[i].columns);
		free(groups->all[i].reason);
	}
	free(groups->all);
	*groups = (struct report_groups){ 0 };
}

/* Columns of one kernel stand side by side: how many of them from `first` on, and how many it has. */
static size_t kernel_span(const struct report *report, size_t first)
{
	size_t end = first;

	while (end < report->column_count &&
	       !strcmp(report->columns[end].title, report->columns[first].title))
		end++;
	return end - first;
}

static void put_kernel(FILE *out, const struct report *report, const struct report_group *group,
		       size_t first, size_t span)
{
	const char *comma = "";
	size_t count = 0;

	for (size_t i = first; i < first + span; i++)
		count += group->columns[i];
	if (!count)
		return;
	fprintf(out, "%s%s", ftell(out) > 0 ? "; " : "", report->columns[first].title);
	if (count == span && span > 1) {
		fputs(" all modes", out);
		return;
	}
	for (size_t i = first; i < first + span; i++)
		if (group->columns[i]) {
			fprintf(out, "%s %s", comma, report->columns[i].mmu);
			comma = ",";
		}
}

char *report_group_places(const struct report *report, const struct report_group *group)
{
	char *text;
	size_t size;
	FILE *out;

	if (group->count == report->column_count && group->count > 1)
		return xstrdup("everywhere");
	out = open_memstream(&text, &size);
	if (!out)
		die(STATUS_HARNESS, "out of memory");
	for (size_t i = 0; i < report->column_count; i += kernel_span(report, i))
		put_kernel(out, report, group, i, kernel_span(report, i));
	fclose(out);
	return text;
}

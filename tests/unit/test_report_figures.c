// SPDX-License-Identifier: GPL-2.0-only
#include "scratch_store.h"

#include "results/report-forms.h"
#include "results/report-html.h"
#include "results/report.h"
#include "xpath.h"

#define MEASURED(values) \
	"{\"name\": \"swap/speed\", \"mmu\": \"tdp\", \"round\": 1, \"verdict\": \"pass\", \"duration_s\": 1, \"cases\": []," \
	"\"figures\": {\"reads_and_writes\": {\"unit\": \"1/s\", \"less_is_better\": false, \"values\": [" values "]}}}"

static void load(struct report *report, struct store *store, int64_t id)
{
	char error[STORE_ERROR] = "";

	if (report_load(report, store, &id, 1, error))
		fail_msg("%s", error);
}

static void what_a_run_measured_is_in_its_report_and_so_is_what_came_before(void **state)
{
	struct report report;
	struct store store;
	int64_t second;

	open_store(&store);
	import(&store, state, "one", "2026-11-20T04:00:00Z", MEASURED("10, 20"));
	second = import(&store, state, "two", "2026-11-21T04:00:00Z", MEASURED("40"));
	import(&store, state, "three", "2026-11-22T04:00:00Z", MEASURED("1000"));
	load(&report, &store, second);
	assert_int_equal(report.figure_count, 2);
	assert_false(report.figures[0].chosen);
	assert_int_equal(report.figures[0].count, 2);
	assert_true(report.figures[0].mean == 15 && report.figures[0].least == 10 && report.figures[0].most == 20);
	assert_int_equal(report.figures[0].at, 1795147200);
	assert_true(report.figures[1].chosen);
	assert_true(report.figures[1].mean == 40);
	report_free(&report);
	store_close(&store);
}

static void the_page_has_a_row_for_each(void **state)
{
	struct report report;
	struct store store;
	int64_t second;
	char *page;

	open_store(&store);
	import(&store, state, "one", "2026-11-20T04:00:00Z", MEASURED("10, 20"));
	second = import(&store, state, "two", "2026-11-21T04:00:00Z", MEASURED("40"));
	load(&report, &store, second);
	page = report_html(&report);
	assert_xpath(page, "count(//h2[@id='figures'])", 1);
	assert_xpath(page, "count(//td[.=\"reads_and_writes\"])", 1);
	assert_xpath(page, "count(//td[.='40'])", 3);
	free(page);
	report_free(&report);
	store_close(&store);
}

static void without_figures_there_is_no_section(void **state)
{
	struct report report;
	struct store store;
	char *page;

	open_store(&store);
	load(&report, &store, import(&store, state, "one", "2026-11-20T04:00:00Z", TEST("a/b", "pass", "1")));
	page = report_html(&report);
	assert_null(strstr(page, "figures"));
	free(page);
	report_free(&report);
	store_close(&store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_run_measured_is_in_its_report_and_so_is_what_came_before),
		cmocka_unit_test(the_page_has_a_row_for_each),
		cmocka_unit_test(without_figures_there_is_no_section),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}

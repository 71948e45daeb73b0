// SPDX-License-Identifier: GPL-2.0-only
#include "scratch_store.h"

#include "kcidb_rules.h"
#include "results/report-forms.h"
#include "results/report-group.h"
#include "results/report-html.h"
#include "results/report.h"
#include "results/store-sql.h"
#include "xpath.h"

enum { HTML, MARKDOWN, JUNIT, KTAP, KCIDB, JSON, FORMS };

static char *(*const writers[FORMS])(const struct report *report) = {
	report_html, report_markdown, report_junit, report_ktap, report_kcidb, report_json,
};

struct forms {
	char *text[FORMS];
	json_t *kcidb, *json;
};

static void load(struct report *report, struct store *store, const int64_t *ids, size_t count)
{
	char error[STORE_ERROR] = "";

	if (report_load(report, store, ids, count, error))
		fail_msg("%s", error);
}

static void write_all(struct forms *forms, const struct report *report)
{
	for (int i = 0; i < FORMS; i++)
		forms->text[i] = writers[i](report);
	forms->kcidb = json_loads(forms->text[KCIDB], 0, NULL);
	forms->json = json_loads(forms->text[JSON], 0, NULL);
	assert_non_null(forms->json);
	assert_kcidb(forms->kcidb);
}

static void free_all(struct forms *forms)
{
	for (int i = 0; i < FORMS; i++)
		free(forms->text[i]);
	json_decref(forms->kcidb);
	json_decref(forms->json);
}

static int64_t total(const struct forms *forms, const char *name)
{
	return json_integer_value(json_object_get(json_object_get(forms->json, "totals"), name));
}

/* Of all builds. */
static int64_t kcidb_total(const struct forms *forms, const char *name)
{
	int64_t sum = 0;
	json_t *build;
	size_t i;

	json_array_foreach(json_object_get(forms->kcidb, "builds"), i, build)
		sum += json_integer_value(json_object_get(json_object_get(json_object_get(build, "misc"),
									  "totals"), name));
	return sum;
}

/* Every form says the same, in its totals and in what it lists. */
static void assert_agreement(const struct forms *forms, const struct report *report)
{
	const struct report_totals *totals = &report->totals;
	size_t failed = totals->by_verdict[VERDICT_FAIL];
	char *line = report_totals_text(totals), *ktap;

	assert_int_equal(total(forms, "tests"), totals->tests);
	assert_int_equal(total(forms, "failures"), totals->failures);
	assert_int_equal(json_array_size(json_object_get(forms->json, "tests")), totals->tests);
	assert_int_equal(kcidb_total(forms, "tests"), totals->tests);
	assert_int_equal(kcidb_total(forms, "failures"), totals->failures);
	assert_int_equal(json_array_size(json_object_get(forms->kcidb, "tests")), totals->tests);
	assert_xpath(forms->text[JUNIT], "number(/testsuites/@tests)", totals->tests);
	assert_xpath(forms->text[JUNIT], "count(//testcase)", totals->tests);
	assert_xpath(forms->text[JUNIT], "sum(//testsuite/@tests)", totals->tests);
	assert_xpath(forms->text[JUNIT], "number(/testsuites/@failures)", failed);
	assert_xpath(forms->text[JUNIT], "count(//failure)", failed);
	assert_xpath(forms->text[JUNIT], "count(//error)", totals->failures - failed);
	assert_xpath(forms->text[JUNIT], "count(//skipped) - number(/testsuites/@skipped)", 0);
	assert_xpath(forms->text[HTML], "count(//details)", totals->failures);
	ktap = xasprintf("\n1..%zu\n", totals->tests);
	assert_non_null(strstr(forms->text[KTAP], ktap));
	assert_non_null(strstr(forms->text[MARKDOWN], line));
	assert_non_null(strstr(forms->text[HTML], line));
	free(ktap);
	free(line);
}

static void all_forms_agree(void **state)
{
	struct report report;
	struct forms forms;
	struct store store;
	int64_t ids[3];

	open_store(&store);
	ids[0] = import(&store, state, "r0", "2026-01-01T00:00:00Z", TEST("a/pass", "pass", "1") ","
			TEST("a/fail", "fail", "1") "," TEST("a/skip", "skip", "1") ","
			TEST("a/panic", "panic", "1") "," TEST("a/xfail", "xfail", "1"));
	ids[1] = import(&store, state, "r1", "2026-01-02T00:00:00Z", TEST("a/pass", "hang", "1") ","
			TEST("a/pass", "pass", "2") "," TEST("b/x", "xpass", "1") ","
			TEST("b/y", "lost", "1") "," TEST("b/z", "timeout", "1") "," TEST("b/s", "splat", "1"));
	ids[2] = ids[1];
	load(&report, &store, ids, 3);
	assert_int_equal(report.totals.tests, 11);
	assert_int_equal(report.totals.failures, 6);
	assert_int_equal(report.run_count, 2);
	assert_int_equal(report.row_count, 9);
	assert_int_equal(report.column_count, 1);
	write_all(&forms, &report);
	assert_agreement(&forms, &report);
	/* the worst of rounds and runs is what the matrix shows */
	assert_xpath(forms.text[HTML], "count(//table[@class='matrix']//tr[th='a/pass']/td[@class='f'])", 1);
	free_all(&forms);
	report_free(&report);
	store_close(&store);
}

static void nothing_is_something_to_report(void **state)
{
	struct report report;
	struct forms forms;
	struct store store;
	int64_t ids[] = { 0, 999 };

	open_store(&store);
	ids[0] = import(&store, state, "e", "2026-01-01T00:00:00Z", "");
	load(&report, &store, ids, 2);
	assert_string_equal(report_verdict(&report.totals), "nothing proven");
	write_all(&forms, &report);
	assert_agreement(&forms, &report);
	free_all(&forms);
	report_free(&report);
	store_close(&store);
}

/* JSON escapes stand for the bytes: quotes, markup, an end of CDATA, UTF-8, newlines, escapes of terminals. */
static const char *const hostile[] = {
	"it's/a \\\"q\\\"", "<b>/<script>alert(1)</script>", "a/]]>", "a/&lt;&amp;", "\\u00e9/\\u65e5\\u672c\\ud83d\\ude00",
	"a/line\\nbreak", "a/tab\\tand\\rreturn", "a/\\u001b[31mred", "a/|pipe|", "a/`tick` ```", "a/# SKIP not", "a/@all",
	"../../etc/passwd", "%s%n/%d", "a/'; DROP TABLE run;--", "<!--/-->", "ok 1 a/b", "-/--html=x", "", "/", " ",
	"a/\\u202eright-to-left", "a/\\u2066b\\u200fc\\u2028d\\u0085e", "a/</style><style>", "[x](javascript:alert(1))/y",
};

#define HOSTILE (sizeof(hostile) / sizeof(hostile[0]))

/* Each name is also reason, case, mode and fingerprint. */
static char *hostile_tests(const char *verdict)
{
	char *all = xstrdup("");

	for (size_t i = 0; i < HOSTILE; i++) {
		const char *h = hostile[i];
		char *longer = xasprintf("%s%s{\"name\": \"%s\", \"mmu\": \"%s\", \"round\": 1, \"verdict\": \"%s\","
			"\"reason\": \"%s\", \"duration_s\": 1, \"fingerprint\": \"%s\", \"folder\": \"%s\","
			"\"cases\": [{\"name\": \"%s\", \"verdict\": \"%s\", \"reason\": \"%s\\n%s: page 1 has %s, expected %s\\n|%s\"}]}",
			all, i ? "," : "", h, h, verdict, h, h, h, h, verdict, h, h, h, h, h);

		free(all);
		all = longer;
	}
	return all;
}

static size_t lines_that_begin(const char *text, const char *with)
{
	size_t count = 0;

	for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n')
		count += !strncmp(line, with, strlen(with));
	return count;
}

/* Is it anywhere but in a fenced block of code? A block ends by a line of as many backticks as began it. */
static bool is_outside_code(const char *markdown, const char *what)
{
	bool found = false;
	size_t fence = 0;

	for (const char *line = markdown; *line;) {
		size_t length = strcspn(line, "\n"), ticks = strspn(line, "`");
		char *copy = strndup(line, length);

		if (ticks >= 3 && ticks == length && (!fence || ticks >= fence))
			fence = fence ? 0 : ticks;
		else
			found |= !fence && strstr(copy, what);
		free(copy);
		line += length + (line[length] == '\n');
	}
	assert_int_equal(fence, 0);
	return found;
}

static void hostile_names_are_only_text(void **state)
{
	static const char *const verdicts[] = { "fail", "skip", "xfail", "xpass", "panic" };
	struct store store;

	open_store(&store);
	for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++) {
		char *tests = hostile_tests(verdicts[i]), name[16];
		struct report report;
		struct forms forms;
		int64_t id;

		snprintf(name, sizeof(name), "h%zu", i);
		id = import(&store, state, name, "2026-01-01T00:00:00Z", tests);
		load(&report, &store, &id, 1);
		assert_int_equal(report.totals.tests, HOSTILE);
		write_all(&forms, &report);
		assert_agreement(&forms, &report);
		assert_xpath(forms.text[HTML], "count(//script) + count(//@href[not(starts-with(., '#'))]) +"
			     " count(//b[not(ancestor::div or ancestor::p or ancestor::summary)])", 0);
		assert_xpath(forms.text[HTML], "count(//style)", 1);
		assert_int_equal(lines_that_begin(forms.text[KTAP], "ok ") +
				 lines_that_begin(forms.text[KTAP], "not ok "), HOSTILE);
		assert_null(strchr(forms.text[KTAP], '\033'));
		for (int form = 0; form < FORMS; form++)
			assert_null(strstr(forms.text[form], "\xe2\x80\xae"));
		assert_false(is_outside_code(forms.text[MARKDOWN], "<script>"));
		assert_false(is_outside_code(forms.text[MARKDOWN], "@all"));
		assert_false(is_outside_code(forms.text[MARKDOWN], "x]("));
		assert_int_equal(rows(&store, "run"), i + 1);
		free_all(&forms);
		report_free(&report);
		free(tests);
	}
	store_close(&store);
}

/* No form has a place for it. */
static void unknown_verdicts_are_refused(void **state)
{
	static const char *const changes[] = {
		"UPDATE test SET verdict = 'splendid'", "UPDATE test SET verdict = 'pass'; UPDATE result SET verdict = 'splendid'",
		"DELETE FROM result; INSERT INTO figure SELECT id, 'f', 's', 0, 9e999 FROM test",
	};
	char error[STORE_ERROR];
	struct report report;
	struct store store;
	int64_t id;

	open_store(&store);
	id = import(&store, state, "u", "2026-01-01T00:00:00Z", TEST("a/b", "pass", "1"));
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		assert_int_equal(sqlite3_exec(store.db, changes[i], NULL, NULL, NULL), SQLITE_OK);
		error[0] = '\0';
		assert_true(report_load(&report, &store, &id, 1, error) < 0);
		assert_non_null(strstr(error, i < 2 ? "none that this sptest knows" : "no number"));
	}
	store_close(&store);
}

static void times_that_are_none_are_left_out(void **state)
{
	struct report report;
	struct store store;
	json_t *kcidb;
	int64_t id;
	char *text;

	open_store(&store);
	id = import(&store, state, "t", "yesterday\\n</b>", TEST("a/b", "pass", "1"));
	load(&report, &store, &id, 1);
	text = report_kcidb(&report);
	kcidb = json_loads(text, 0, NULL);
	assert_kcidb(kcidb);
	assert_null(strstr(text, "start_time"));
	json_decref(kcidb);
	free(text);
	report_free(&report);
	store_close(&store);
}

#define RUNS 10
#define TESTS 2000
#define CASES 5

static void add_many(struct store *store, int64_t run)
{
	for (int i = 0; i < TESTS; i++) {
		char *name = xasprintf("g%d/t%d", i / 50, i);
		int64_t test;

		assert_int_equal(sql_run(store->db, "INSERT INTO test (run, name, mmu, round, verdict, reason)"
					 " VALUES (?, ?, 'tdp', 1, ?, 'why')", "itt", run, name,
					 i % 1000 ? "pass" : "fail"), 0);
		test = sqlite3_last_insert_rowid(store->db);
		for (int j = 0; j < CASES; j++)
			assert_int_equal(sql_run(store->db, "INSERT INTO result VALUES (?, 'c', ?, 'why')",
						 "it", test, i % 10 ? "pass" : "skip"), 0);
		free(name);
	}
}

static void a_hundred_thousand_results(void **state)
{
	struct report report;
	struct forms forms;
	struct store store;
	int64_t ids[RUNS];

	open_store(&store);
	for (int i = 0; i < RUNS; i++) {
		char name[16], started[32];

		snprintf(name, sizeof(name), "m%d", i);
		snprintf(started, sizeof(started), "2026-01-0%dT00:00:00Z", i);
		ids[i] = import(&store, state, name, started, "");
		sqlite3_exec(store.db, "BEGIN", NULL, NULL, NULL);
		add_many(&store, ids[i]);
		sqlite3_exec(store.db, "COMMIT", NULL, NULL, NULL);
	}
	load(&report, &store, ids, RUNS);
	assert_int_equal(report.totals.tests, RUNS * TESTS);
	assert_int_equal(report.totals.failures, RUNS * TESTS / 1000);
	for (int i = 0; i < FORMS; i++)
		forms.text[i] = writers[i](&report);
	assert_xpath(forms.text[JUNIT], "count(//testcase)", RUNS * TESTS);
	assert_xpath(forms.text[HTML], "count(//table[@class='matrix']/tbody/tr)", TESTS);
	for (int i = 0; i < FORMS; i++)
		free(forms.text[i]);
	report_free(&report);
	store_close(&store);
}

static void groups_say_where(void **state)
{
	struct report_groups groups;
	struct report report;
	struct store store;
	int64_t id;
	char *places;

	open_store(&store);
	id = import(&store, state, "g", "2026-01-01T00:00:00Z", TEST("a/b", "skip", "1") "," TEST("a/b", "skip", "2")
		    ",{\"name\": \"a/b\", \"mmu\": \"shadow\", \"verdict\": \"skip\", \"reason\": \"because\\nof x\"},"
		    "{\"name\": \"a/c\", \"mmu\": \"direct\", \"verdict\": \"skip\", \"reason\": \"other\"}");
	load(&report, &store, &id, 1);
	report_groups_make(&groups, &report, VERDICT_SKIP);
	assert_int_equal(groups.count, 2);
	assert_string_equal(groups.all[0].reason, "because");
	places = report_group_places(&report, &groups.all[0]);
	assert_string_equal(places, "6.12.1 tdp, shadow");
	free(places);
	report_groups_free(&groups);
	report_free(&report);
	store_close(&store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_forms_agree),
		cmocka_unit_test(nothing_is_something_to_report),
		cmocka_unit_test(hostile_names_are_only_text),
		cmocka_unit_test(unknown_verdicts_are_refused),
		cmocka_unit_test(times_that_are_none_are_left_out),
		cmocka_unit_test(a_hundred_thousand_results),
		cmocka_unit_test(groups_say_where),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}

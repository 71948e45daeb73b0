// SPDX-License-Identifier: GPL-2.0-only
/* What a guest's agent said of fio 3.33 and stress-ng 0.15 (tests/unit/recorded), as the run's figures. */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "results/ktap.h"
#include "results/measured.h"
#include "workload/job-figures.h"
#include "workload/look.h"
#include "workload/series.h"

enum { FIO_BOTH, FIO_WRITE, STRESS_NG, FIO_FULL };

/* A job's words, the caller's to free. */
static char *words_of(int number, bool *fine)
{
	FILE *f = fopen(SOURCE_DIR "/tests/unit/recorded/agent-jobs", "r"), *out;
	char *text = NULL;
	size_t size;
	json_t *job = NULL;

	assert_non_null(f);
	for (int i = 0; i <= number; i++) {
		json_decref(job);
		job = json_loadf(f, JSON_DISABLE_EOF_CHECK, NULL);
		assert_non_null(job);
	}
	fclose(f);
	out = open_memstream(&text, &size);
	assert_non_null(out);
	*fine = job_figures(job, out);
	fclose(out);
	json_decref(job);
	return text;
}

static struct ktap *read_text(char *text)
{
	struct ktap *ktap = ktap_new();
	char *rest = text, *line;

	while ((line = strsep(&rest, "\n")))
		ktap_feed(ktap, line);
	free(text);
	return ktap;
}

static const struct measured *find(const struct ktap *ktap, const char *name)
{
	const struct measured_list *list = ktap_measured(ktap);

	for (size_t i = 0; i < list->count; i++)
		if (!strcmp(list->figures[i].name, name))
			return &list->figures[i];
	return NULL;
}

static void expect(const struct ktap *ktap, const char *name, double value, const char *unit, bool less)
{
	const struct measured *figure = find(ktap, name);

	assert_non_null(figure);
	assert_int_equal(figure->count, 1);
	assert_true(figure->values[0] > value * 0.999999 && figure->values[0] < value * 1.000001);
	assert_string_equal(figure->unit, unit);
	assert_int_equal(figure->less_is_better, less);
}

static void fio_that_reads_and_writes(void **state)
{
	bool fine;
	struct ktap *ktap = read_text(words_of(FIO_BOTH, &fine));

	(void)state;
	assert_true(fine);
	expect(ktap, "fio_memory_read_iops", 10189.054726, "1/s", false);
	expect(ktap, "fio_memory_read_bytes", 41734368, "B/s", false);
	expect(ktap, "fio_memory_read_latency", 83.154466309, "us", true);
	expect(ktap, "fio_memory_read_latency_99", 415.744, "us", true);
	expect(ktap, "fio_memory_write_iops", 10979.166667, "1/s", false);
	expect(ktap, "fio_memory_write_bytes", 44970666, "B/s", false);
	expect(ktap, "fio_memory_write_latency", 9.170352941, "us", true);
	expect(ktap, "fio_memory_write_latency_99", 11.968, "us", true);

	assert_int_equal(ktap_measured(ktap)->count, 8);
	ktap_free(ktap);
}

static void fio_that_writes_and_verifies(void **state)
{
	bool fine;
	struct ktap *ktap = read_text(words_of(FIO_WRITE, &fine));

	(void)state;
	assert_true(fine);
	expect(ktap, "fio_disk_write_iops", 51200, "1/s", false);
	expect(ktap, "fio_disk_write_bytes", 838860800, "B/s", false);
	expect(ktap, "fio_disk_write_latency", 16.788625, "us", true);
	expect(ktap, "fio_disk_write_latency_99", 24.704, "us", true);

	ktap_free(ktap);
}

static void stress_ng_counts_what_it_calls_operations(void **state)
{
	bool fine;
	struct ktap *ktap = read_text(words_of(STRESS_NG, &fine));

	(void)state;
	assert_true(fine);
	expect(ktap, "stress_vm_bogo_ops", 40, "ops", false);
	expect(ktap, "stress_vm_bogo_ops_per_s", 246.15, "1/s", false);

	assert_int_equal(ktap_measured(ktap)->count, 2);
	ktap_free(ktap);
}

static void a_job_that_failed_says_why_and_measured_nothing(void **state)
{
	bool fine;
	char *words = words_of(FIO_FULL, &fine);

	(void)state;
	assert_false(fine);
	assert_ptr_equal(strstr(words, "# exit status 1: fio: io_u error on file "), words);
	assert_non_null(strstr(words, "No space left on device"));
	assert_non_null(strstr(words, "; job: fio --name=full "));
	assert_null(strstr(words, "jobname"));
	assert_null(strstr(words, "figure"));
	free(words);
}

static void one_that_was_killed_says_by_what(void **state)
{
	json_t *job = json_pack("{s:s, s:i, s:i, s:s}", "job", "stress-ng --vm 1", "status", -1, "signal", 9,
				"output", "first\nlast\n");
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	assert_false(job_figures(job, out));
	fclose(out);
	assert_string_equal(text, "# killed by signal 9 (Killed); job: stress-ng --vm 1\n# | first\n# | last\n");
	free(text);
	json_decref(job);
}

/* From its first sample to its last, whatever was counted before. */
static void a_series_has_what_happened_meanwhile(void **state)
{
	struct sample samples[] = {
		{ .ms = 1000, .beat_locked = 5, .swap_in = 7, .faults = 900, .pressure = true, .full_us = 1000000 },
		{ .ms = 11000, .beat_locked = 105, .beat_swappable = 80, .swap_in = 27, .swap_out = 3, .faults = 1000,
		  .major_faults = 4, .pressure = true, .some_us = 2500000, .full_us = 2000000 },
	};
	const struct series series = { samples, 2 };
	const struct looks looks = { .count = 3, .sptes = 12345678901, .violations = 1 };
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct ktap *ktap;

	(void)state;
	series_print(&series, out);
	looks_print(&looks, "live", out);
	fclose(out);
	ktap = read_text(text);
	expect(ktap, "seconds", 10, "s", true);
	expect(ktap, "beats_locked", 100, "beats", false);
	expect(ktap, "beats_per_s", 8, "1/s", false);
	expect(ktap, "swapped_in", 20, "pages", true);
	expect(ktap, "faults", 100, "faults", true);
	expect(ktap, "some_stalled", 2.5, "s", true);
	expect(ktap, "all_stalled", 1, "s", true);
	expect(ktap, "live_sptes", 12345678901, "sptes", false);
	expect(ktap, "live_violations", 1, "violations", true);
	ktap_free(ktap);
}

/* The beats stop in the middle; no row is lost, whatever the number of samples. */
static void a_course_shows_when_it_stopped(void **state)
{
	struct sample samples[101] = { { .ms = 70000, .swap_out = 500 } };
	const struct series series = { samples, 101 };
	unsigned long beats = 0, out_pages = 0, rows = 0, last_beats = 1, stall = 1, beat, pages, full;
	char *text = NULL, *rest, *line;
	double s = 0;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	for (int i = 1; i < 101; i++) {
		samples[i] = samples[i - 1];
		samples[i].ms += 500;
		samples[i].beat_locked += i <= 50 ? 5 : 0;
		samples[i].swap_out += 3;
		samples[i].full_us += i <= 50 ? 0 : 400000;
	}
	series_print_course(&series, out);
	fclose(out);
	rest = text;
	while ((line = strsep(&rest, "\n"))) {
		if (sscanf(line, "# | %lf %lu %*u %lu %*u %*u %*u %*u %*u %lu", &s, &beat, &pages, &full) != 4)
			continue;
		rows++;
		beats += beat;
		out_pages += pages;
		last_beats = beat;
		stall = full;
	}
	free(text);
	assert_in_range(rows, 30, 40);
	assert_int_equal(beats, 250);
	assert_int_equal(out_pages, 300);
	assert_int_equal(last_beats, 0);
	assert_true(stall > 0);
	assert_true(s == 50);
}

/* They were said long before; the verdict on the looks needs them right before it. */
static void what_looks_found_wrong_precedes_their_figures(void **state)
{
	char words[] = "# violation: {\"gfn\":5}\n", *text = NULL;
	const struct looks looks = { .count = 3, .violations = 1, .words = words };
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	looks_print(&looks, "frozen", out);
	fclose(out);
	assert_ptr_equal(strstr(text, words), text);
	assert_non_null(strstr(text, "# figure frozen_violations 1 violations less\n"));
	free(text);
}

static void without_psi_there_is_no_such_figure(void **state)
{
	struct sample samples[] = { { .ms = 1000 }, { .ms = 2000 } };
	const struct series series = { samples, 2 };
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	series_print(&series, out);
	series_print(&(const struct series){ 0 }, out);
	fclose(out);
	assert_null(strstr(text, "stalled"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fio_that_reads_and_writes),
		cmocka_unit_test(fio_that_writes_and_verifies),
		cmocka_unit_test(stress_ng_counts_what_it_calls_operations),
		cmocka_unit_test(a_job_that_failed_says_why_and_measured_nothing),
		cmocka_unit_test(one_that_was_killed_says_by_what),
		cmocka_unit_test(a_series_has_what_happened_meanwhile),
		cmocka_unit_test(a_course_shows_when_it_stopped),
		cmocka_unit_test(what_looks_found_wrong_precedes_their_figures),
		cmocka_unit_test(without_psi_there_is_no_such_figure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

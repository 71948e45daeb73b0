// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include <string.h>

#include "results/measured.h"

static void values_of_one_name_come_together(void **state)
{
	struct measured_list list = { 0 };

	(void)state;
	measured_take(&list, "figure reads 2.5 1/s more");
	measured_take(&list, "figure latency 10 us less");
	measured_take(&list, "figure reads 1e3 1/s more");
	assert_int_equal(list.count, 2);
	assert_string_equal(list.figures[0].name, "reads");
	assert_string_equal(list.figures[0].unit, "1/s");
	assert_false(list.figures[0].less_is_better);
	assert_int_equal(list.figures[0].count, 2);
	assert_true(list.figures[0].values[0] == 2.5 && list.figures[0].values[1] == 1000);
	assert_true(list.figures[1].less_is_better);
	measured_release(&list);
	assert_int_equal(list.count, 0);
}

static void what_is_no_figure_is_let_be(void **state)
{
	static const char *const others[] = {
		"", "figure", "figure reads", "figure reads 5", "figure reads 5 1/s", "figure reads 5 1/s best",
		"figure reads 5 1/s more or less", "figure reads many 1/s more", "figure reads nan 1/s more",
		"figure reads inf 1/s more", "figures reads 5 1/s more", "the figure reads 5 1/s more",
		"figure \x01\xff 5 1/s more", "figure reads 5 <b> more",
	};
	struct measured_list list = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		measured_take(&list, others[i]);
	assert_int_equal(list.count, 0);
}

static void much_output_does_not_fill_the_memory(void **state)
{
	struct measured_list list = { 0 };
	char line[100];

	(void)state;
	for (int i = 0; i < 3000; i++) {
		snprintf(line, sizeof(line), "figure reads%d 5 1/s more", i);
		measured_take(&list, line);
	}
	assert_true(list.count < 2000);
	for (int i = 0; i < 100000; i++)
		measured_take(&list, "figure reads0 5 1/s more");
	assert_true(list.figures[0].count < 100000);
	measured_release(&list);
}

static void a_list_is_added_to_another(void **state)
{
	struct measured_list list = { 0 }, other = { 0 };

	(void)state;
	measured_take(&list, "figure reads 1 1/s more");
	measured_take(&other, "figure reads 2 1/s more");
	measured_take(&other, "figure stalled 3 s less");
	measured_add(&list, &other);
	measured_release(&other);
	assert_int_equal(list.count, 2);
	assert_int_equal(list.figures[0].count, 2);
	assert_true(list.figures[0].values[1] == 2);
	assert_string_equal(list.figures[1].unit, "s");
	measured_release(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_of_one_name_come_together),
		cmocka_unit_test(what_is_no_figure_is_let_be),
		cmocka_unit_test(much_output_does_not_fill_the_memory),
		cmocka_unit_test(a_list_is_added_to_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

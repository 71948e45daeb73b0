// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include <libxml/parser.h>
#include <string.h>
#include <unistd.h>

#include "host/proc.h"
#include "results/plot.h"

static const struct plot_point points[] = {
	{ 1790000000, 10, 9, 11 }, { 1790086400, 12, 12, 12 },
};

static char *plot(const char *unit, const char *title)
{
	const struct plot_line lines[] = {
		{ title, points, 2 }, { "another", points, 1 },
	};

	return plot_svg("f1", unit, lines, 2);
}

static void assert_xml(const char *text)
{
	xmlDoc *doc = xmlReadMemory(text, strlen(text), NULL, NULL, XML_PARSE_NOERROR | XML_PARSE_NONET);

	assert_non_null(doc);
	xmlFreeDoc(doc);
}

static void need_gnuplot(void)
{
	if (!proc_in_path("gnuplot"))
		skip();
}

static void lines_become_an_svg_element(void **state)
{
	char *text;

	(void)state;
	need_gnuplot();
	text = plot("IOPS", "6.12.117 tdp");
	assert_non_null(text);
	assert_memory_equal(text, "<svg", 4);
	assert_non_null(strstr(text, "6.12.117 tdp"));
	assert_non_null(strstr(text, "IOPS"));
	assert_non_null(strstr(text, "f1_plot_1"));
	assert_xml(text);
	free(text);
}

static void a_title_is_no_command(void **state)
{
	static const char *const hostile[] = {
		"'; system 'touch pwned", "a\n!touch pwned\n", "`touch pwned`", "\"\\\n{/Symbol a}_b^c", "<b>&\x01",
	};

	(void)state;
	need_gnuplot();
	for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
		char *text = plot(hostile[i], hostile[i]);

		assert_non_null(text);
		assert_xml(text);
		assert_int_not_equal(access("pwned", F_OK), 0);
		free(text);
	}
}

static void without_gnuplot_there_is_none(void **state)
{
	char *path = strdup(getenv("PATH"));

	(void)state;
	setenv("PATH", "/nonexistent", 1);
	assert_null(plot("s", "x"));
	setenv("PATH", path, 1);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_become_an_svg_element),
		cmocka_unit_test(a_title_is_no_command),
		cmocka_unit_test(without_gnuplot_there_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

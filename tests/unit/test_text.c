// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include <locale.h>

#include "results/text.h"

/* In whatever locale: tests run in "C" until one is set. */
static void characters_are_as_wide_as_they_are_shown(void **state)
{
	static const struct {
		const char *text;
		int width;
	} cases[] = {
		{ "", 0 }, { "zap/munmap", 10 }, { "zap/\xc3\xa9", 5 }, { "e\xcc\x81", 1 },	/* e and an accent laid over it */
		{ "\xe9\xa1\xb5\xe8\xa1\xa8", 4 }, { "\xef\xbf\xbd", 1 }, { "a\xff\xfe", 3 }, { "\xe9\xa1", 2 },
	};

	(void)state;
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
			assert_int_equal(text_width(cases[i].text), cases[i].width);
		setlocale(LC_ALL, "C");
	}
	assert_int_equal(text_wider(3, "zap/\xc3\xa9"), 5);
	assert_int_equal(text_wider(7, "zap/\xc3\xa9"), 7);
}

static void columns_are_filled_up(void **state)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	text_put(out, "\xc3\xa9", 3);
	fputc('|', out);
	text_put(out, "\xe9\xa1\xb5", 3);
	fputc('|', out);
	text_put(out, "long", 3);
	fclose(out);
	assert_string_equal(text, "\xc3\xa9  |\xe9\xa1\xb5 |long");
	free(text);
}

static void one_line_is_one(void **state)
{
	char *line = text_clean_line("a\nb\tc\033\x9b");

	(void)state;
	assert_string_equal(line, "a b c\xef\xbf\xbd\xef\xbf\xbd");
	free(line);
}

/* Nor does it stand in another order, or on two lines, where somebody reads it. Arabic itself stays. */
static void directions_are_not_turned(void **state)
{
	static const char *const turning[] = {
		"\u061c", "\u200e", "\u200f", "\u2028", "\u2029", "\u202a", "\u202e", "\u2066", "\u2069",
	};
	static const char fine[] = "\u061b\u061d\u0627\u200d\u2010\u2027\u202f\u2065\u206a";
	char *clean;

	(void)state;
	for (size_t i = 0; i < sizeof(turning) / sizeof(turning[0]); i++) {
		clean = text_clean(turning[i]);
		assert_string_equal(clean, "\ufffd");
		free(clean);
	}
	clean = text_clean(fine);
	assert_string_equal(clean, fine);
	free(clean);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(characters_are_as_wide_as_they_are_shown),
		cmocka_unit_test(columns_are_filled_up),
		cmocka_unit_test(one_line_is_one),
		cmocka_unit_test(directions_are_not_turned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

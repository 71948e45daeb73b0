// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include <string.h>

#include "host/args.h"
#include "host/die.h"
#include "host/proc.h"

static const char *const words[] = {
	"plain", "two words", "", "it's", "$HOME `id` \"x\"", "a\nb", "*", "-o=1,2",
};
#define COUNT (sizeof(words) / sizeof(words[0]))

/* What counts is that a shell reads the same words back. */
static void a_shell_reads_the_same_words(void **state)
{
	struct args args = { 0 };
	char *line, *script, *text, expected[256] = "";

	(void)state;
	for (size_t i = 0; i < COUNT; i++) {
		args_add(&args, "%s", words[i]);
		strcat(strcat(expected, words[i]), "|");
	}
	line = args_quote(&args);
	script = xasprintf("printf '%%s|' %s", line);
	text = proc_capture((const char *const[]){ "sh", "-c", script, NULL }, NULL);
	assert_string_equal(text, expected);
	free(text);
	free(script);
	free(line);
	args_free(&args);
}

static void plain_words_stay_readable(void **state)
{
	char *word = shell_quote("/usr/bin/x-1.2_3=a,b:c@d+e%f");

	(void)state;
	assert_string_equal(word, "/usr/bin/x-1.2_3=a,b:c@d+e%f");
	free(word);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_shell_reads_the_same_words),
		cmocka_unit_test(plain_words_stay_readable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

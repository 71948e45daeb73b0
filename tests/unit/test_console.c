// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include <string.h>
#include <sys/socket.h>

#include "host/console.h"
#include "host/splat.h"

struct fixture {
	struct console console;
	int kernel;	/* the other end of the line */
	char log[32];
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	int fds[2];

	strcpy(f->log, "/tmp/test_console.XXXXXX");
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) || close(mkstemp(f->log)))
		return -1;
	console_open(&f->console, fds[0], f->log, false);
	f->kernel = fds[1];
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	console_close(&f->console);
	close(f->kernel);
	unlink(f->log);
	free(f);
	return 0;
}

static void say(struct fixture *f, const char *text)
{
	assert_int_equal(write(f->kernel, text, strlen(text)), strlen(text));
	assert_true(console_read(&f->console));
}

static void a_slice_is_what_stands_between_the_markers(void **state)
{
	struct fixture *f = *state;

	say(f, "[    1.0] before\r\n[    2.0] sptest: beg");
	assert_false(f->console.begun);
	say(f, "in zap/munmap\r\n[    3.0] within\r\n");
	assert_true(f->console.begun);
	assert_false(f->console.ended);
	say(f, "[    4.0] sptest: end zap/munmap\r\n");
	assert_true(f->console.ended);
	assert_null(strstr(f->console.slice, "before"));
	assert_non_null(strstr(f->console.slice, "within"));
}

static void the_next_test_has_a_slice_of_its_own(void **state)
{
	struct fixture *f = *state;

	say(f, "[ 1.0] sptest: begin a\n[ 2.0] one\n[ 3.0] sptest: end a\n");
	console_judged(&f->console);
	console_expect(&f->console);
	assert_false(f->console.begun || f->console.ended);
	say(f, "[ 4.0] sptest: begin b\n[ 5.0] two\n");
	assert_null(strstr(f->console.slice, "one"));
	assert_non_null(strstr(f->console.slice, "two"));
}

static void what_comes_between_two_tests_is_not_lost(void **state)
{
	struct fixture *f = *state;

	say(f, "[ 0.5] of the boot\n[ 1.0] sptest: begin a\n[ 3.0] sptest: end a\n");
	assert_null(strstr(f->console.slice, "of the boot"));
	console_judged(&f->console);
	say(f, "[ 3.5] late\n");
	console_expect(&f->console);
	say(f, "[ 4.0] sptest: begin b\n");
	assert_non_null(strstr(f->console.slice, "late"));
}

static void a_message_that_mentions_a_marker_is_none(void **state)
{
	struct fixture *f = *state;

	say(f, "[ 1.0] comm: notsptest: begin a\n");
	assert_false(f->console.begun);
}

static void a_panic_is_kept_the_first_one(void **state)
{
	struct fixture *f = *state;

	say(f, "[ 1.0] Kernel panic - not syncing: one\n[ 2.0] Kernel panic - not syncing: two\n");
	assert_non_null(f->console.panic);
	assert_non_null(strstr(f->console.panic, "one"));
}

static void the_end_of_the_line_is_told(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(write(f->kernel, "[ 1.0] sptest: begin a\n[ 2.0] no newline", 41), 41);
	shutdown(f->kernel, SHUT_WR);
	assert_false(console_read(&f->console));
	assert_non_null(strstr(f->console.slice, "no newline"));
}

static void a_line_without_end_does_not_grow(void **state)
{
	struct fixture *f = *state;
	char *text = malloc(20001);

	memset(text, 'x', 20000);
	text[20000] = '\0';
	say(f, "[ 1.0] sptest: begin a\n");
	say(f, text);
	say(f, "\n[ 2.0] sptest: end a\n");
	assert_true(f->console.ended);
	free(text);
}

static int load(void **state)
{
	(void)state;
	splat_load_file(SOURCE_DIR "/host/splats");
	return 0;
}

int main(void)
{
#define test(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		test(a_slice_is_what_stands_between_the_markers),
		test(the_next_test_has_a_slice_of_its_own),
		test(what_comes_between_two_tests_is_not_lost),
		test(a_message_that_mentions_a_marker_is_none),
		test(a_panic_is_kept_the_first_one),
		test(the_end_of_the_line_is_told),
		test(a_line_without_end_does_not_grow),
	};

	return cmocka_run_group_tests(tests, load, NULL);
}

// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include <signal.h>
#include <string.h>

#include "host/die.h"
#include "host/path.h"
#include "host/proc.h"

static int run_sh(const char *script, const struct proc_options *opt)
{
	const char *const argv[] = { "sh", "-c", script, NULL };

	return proc_run(argv, opt);
}

static char *capture_sh(const char *script, const struct proc_options *opt)
{
	const char *const argv[] = { "sh", "-c", script, NULL };

	return proc_capture(argv, opt);
}

static void exit_statuses(void **state)
{
	const char *const none[] = { "sptest-no-such-program", NULL };

	(void)state;
	assert_int_equal(run_sh("exit 0", NULL), 0);
	assert_int_equal(run_sh("exit 7", NULL), 7);
	assert_int_equal(run_sh("kill -TERM $$", NULL), 128 + SIGTERM);
	assert_int_not_equal(proc_run(none, NULL), 0);
}

static void stdin_is_empty(void **state)
{
	int fds[2], old = dup(STDIN_FILENO);

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], "line\n", 5), 5);
	dup2(fds[0], STDIN_FILENO);
	assert_int_equal(run_sh("if read line; then exit 1; fi", NULL), 0);
	dup2(old, STDIN_FILENO);
	close(old);
	close(fds[0]);
	close(fds[1]);
}

static void output_is_captured_whole(void **state)
{
	char *text = capture_sh("echo out; echo err >&2", NULL);

	(void)state;
	assert_string_equal(text, "out\n");
	free(text);
	text = capture_sh("i=0; while [ $i -lt 5000 ]; do echo 123456789; i=$((i+1)); done", NULL);
	assert_int_equal(strlen(text), 50000);
	free(text);
	assert_null(capture_sh("echo half; exit 1", NULL));
}

static void options_hold(void **state)
{
	char log[] = "/tmp/test_proc.XXXXXX";
	const struct proc_options opt = {
		.dir = "/",
		.env_name = "SPTEST_WORD",
		.env_value = "a b",
		.log = log,
	};
	char *text;
	int fd = mkstemp(log);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(run_sh("pwd; echo \"$SPTEST_WORD\" >&2", &opt), 0);
	assert_int_equal(run_sh("echo more", &opt), 0);
	text = file_read(log, NULL);
	unlink(log);
	assert_string_equal(text, "/\na b\nmore\n");
	free(text);
}

/* Nothing that sptest started may outlive it. */
static void children_die_with_their_parent(void **state)
{
	const char *const argv[] = { "sleep", "1000", NULL };
	int fds[2];
	pid_t parent, child = 0;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	parent = fork();
	if (!parent) {
		child = proc_start(argv, NULL);
		if (write(fds[1], &child, sizeof(child)) != sizeof(child))
			_exit(1);
		pause();
	}
	close(fds[1]);
	assert_int_equal(read(fds[0], &child, sizeof(child)), sizeof(child));
	assert_true(child > 0);
	kill(parent, SIGKILL);
	waitpid(parent, NULL, 0);
	for (int i = 0; i < 1000 && !kill(child, 0); i++) {
		char *path = xasprintf("/proc/%d/stat", child), *stat = file_read(path, NULL);
		bool zombie = stat && strstr(stat, ") Z ");

		free(stat);
		free(path);
		if (zombie)	/* in a container without an init that reaps */
			break;
		usleep(10000);
		assert_true(i < 999);
	}
	close(fds[0]);
}

static void programs_are_found(void **state)
{
	(void)state;
	assert_true(proc_in_path("sh"));
	assert_false(proc_in_path("sptest-no-such-program"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exit_statuses),
		cmocka_unit_test(stdin_is_empty),
		cmocka_unit_test(output_is_captured_whole),
		cmocka_unit_test(options_hold),
		cmocka_unit_test(children_die_with_their_parent),
		cmocka_unit_test(programs_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

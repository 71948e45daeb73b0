// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "host/channel.h"

static struct channel ours;
static int theirs;

static int set_up(void **state)
{
	int fds[2];

	(void)state;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds))
		return -1;
	channel_open(&ours, fds[0]);
	theirs = fds[1];
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	channel_close(&ours);
	close(theirs);
	return 0;
}

static void put(const void *data, size_t size)
{
	assert_int_equal(write(theirs, data, size), size);
}

static void messages_come_whole_and_in_order(void **state)
{
	const struct channel_header header = { CHANNEL_OUTPUT, 5 };
	struct channel_message message;

	(void)state;
	assert_int_equal(channel_receive(&ours, &message), 0);
	put(&header, 3);
	assert_int_equal(channel_receive(&ours, &message), 0);
	put((const char *)&header + 3, sizeof(header) - 3);
	put("he", 2);
	assert_int_equal(channel_receive(&ours, &message), 0);
	put("llo", 3);
	put(&header, sizeof(header));
	put("again", 5);
	assert_int_equal(channel_receive(&ours, &message), 1);
	assert_int_equal(message.type, CHANNEL_OUTPUT);
	assert_string_equal(message.data, "hello");
	assert_int_equal(channel_receive(&ours, &message), 1);
	assert_string_equal(message.data, "again");
	assert_int_equal(channel_receive(&ours, &message), 0);
}

static void the_longest_message_fits_and_no_longer_one(void **state)
{
	struct channel_header header = { CHANNEL_OUTPUT, CHANNEL_MAX };
	static char data[CHANNEL_MAX];
	struct channel_message message;

	(void)state;
	put(&header, sizeof(header));
	put(data, sizeof(data));
	assert_int_equal(channel_receive(&ours, &message), 1);
	assert_int_equal(message.size, CHANNEL_MAX);
	header.length++;
	put(&header, sizeof(header));
	assert_int_equal(channel_receive(&ours, &message), -EPROTO);
}

static void the_other_end_gone_is_told(void **state)
{
	struct channel_message message;

	(void)state;
	shutdown(theirs, SHUT_RDWR);
	assert_int_equal(channel_receive(&ours, &message), -EPIPE);
	assert_int_equal(channel_send(&ours, CHANNEL_PING, "x", 1), -EPIPE);
}

static void a_job_is_a_name_words_and_environment(void **state)
{
	static const char *const argv[] = { "/tests/a/b", "--case", "x", NULL };
	static const char *const env[] = { "SEED=1", NULL };
	static const char strings[] = "a/b\0/tests/a/b\0--case\0x\0SEED=1";
	struct {
		struct channel_header header;
		struct channel_run run;
		char strings[sizeof(strings)];
	} got;

	(void)state;
	assert_int_equal(channel_send_run(&ours, "a/b", argv, env), 0);
	assert_int_equal(read(theirs, &got, sizeof(got)),
			 sizeof(got.header) + sizeof(got.run) + sizeof(strings));
	assert_int_equal(got.header.type, CHANNEL_RUN);
	assert_int_equal(got.run.argc, 3);
	assert_int_equal(got.run.envc, 1);
	assert_memory_equal(got.strings, strings, sizeof(strings));
}

int main(void)
{
#define test(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		test(messages_come_whole_and_in_order),
		test(the_longest_message_fits_and_no_longer_one),
		test(the_other_end_gone_is_told),
		test(a_job_is_a_name_words_and_environment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

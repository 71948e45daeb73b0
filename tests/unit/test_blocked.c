// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include <string.h>

#include "host/blocked.h"

#define TASK(name, functions) \
	"[  323.539957] task:" name "      state:D stack:14072 pid:30    tgid:30    ppid:2      flags:0x00004000\n" \
	"[  323.540516] Call Trace:\n[  323.542957]  <TASK>\n[  323.543053]  __schedule+0x436/0x9b0\n" \
	"[  323.543160]  schedule+0x27/0xa0\n[  323.543412]  ? srso_return_thunk+0x5/0x5f\n" functions \
	"[  323.543412]  </TASK>\n"

#define READER "[  323.5]  rwsem_down_read_slowpath+0x25d/0x4a0\n[  323.5]  down_read+0x48/0xa0\n" \
	       "[  323.5]  rmap_walk_file+0x1b3/0x200\n"
#define WRITER "[  323.5]  rwsem_down_write_slowpath+0x25d/0x4a0\n[  323.5]  down_write+0x48/0xa0\n" \
	       "[  323.5]  unlink_file_vma_batch_final+0x1b3/0x200\n"

static void those_who_wait_in_the_same_place_come_together(void **state)
{
	char *page = blocked_page("[    1.0] boot\n[  323.539134] sysrq: Show Blocked State\n"
				  TASK("qemu", WRITER) TASK("kcompactd0", READER) TASK("kswapd0", READER));

	(void)state;
	assert_non_null(page);
	assert_string_equal(page, "2 blocked: kcompactd0, kswapd0\n"
			    "  rwsem_down_read_slowpath < down_read < rmap_walk_file\n"
			    "1 blocked: qemu\n"
			    "  rwsem_down_write_slowpath < down_write < unlink_file_vma_batch_final\n");
	free(page);
}

static void the_last_answer_counts_up_to_the_next_of_another_kind(void **state)
{
	char *page = blocked_page("sysrq: Show Blocked State\n" TASK("gone", READER)
				  "sysrq: Show Blocked State\n" TASK("stays", WRITER)
				  "[  323.683179] sysrq: Show State\n" TASK("sleeps", READER));

	(void)state;
	assert_non_null(page);
	assert_non_null(strstr(page, "stays"));
	assert_null(strstr(page, "gone"));
	assert_null(strstr(page, "sleeps"));
	free(page);
}

static void a_log_that_was_cut_is_read_to_its_end(void **state)
{
	char *page = blocked_page("sysrq: Show Blocked State\n[    1.5] task:kswapd0   state:D\n[    1.5] Call Trace:\n"
				  "[    1.5]  down_read+0x48/0xa0\n[    1.5]  rmap_wal");

	(void)state;
	assert_non_null(page);
	assert_string_equal(page, "1 blocked: kswapd0\n  down_read\n");
	free(page);
}

static void without_an_answer_or_a_task_there_is_no_page(void **state)
{
	(void)state;
	assert_null(blocked_page(""));
	assert_null(blocked_page(TASK("kswapd0", READER)));
	assert_null(blocked_page("sysrq: Show Blocked State\n[    1.5] usb: something+0x5/0x6 else\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(those_who_wait_in_the_same_place_come_together),
		cmocka_unit_test(the_last_answer_counts_up_to_the_next_of_another_kind),
		cmocka_unit_test(a_log_that_was_cut_is_read_to_its_end),
		cmocka_unit_test(without_an_answer_or_a_task_there_is_no_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

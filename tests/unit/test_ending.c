// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"

#include "workload/ending.h"

#define KILLED 9		/* as waitpid() has them */
#define EXITED(status) ((status) << 8)

static void expect(char *text, const char *wanted)
{
	assert_string_equal(text, wanted);
	free(text);
}

static void an_agent_has_a_signal_or_a_status(void **state)
{
	(void)state;
	expect(ending_of_agent(KILLED), "the guest's agent was killed by signal 9 (Killed)");
	expect(ending_of_agent(EXITED(127)), "the guest's agent ended with status 127");
}

static void qemu_that_ends_says_why_last(void **state)
{
	(void)state;
	expect(ending_of_qemu(KILLED, NULL, NULL), "QEMU was killed by signal 9 (Killed)");
	expect(ending_of_qemu(EXITED(1), "", ""), "QEMU ended with status 1");
	expect(ending_of_qemu(EXITED(1), "[    0.1] Linux\n", "a warning\nqemu: linux kernel too old\r\n\n"),
	       "QEMU ended with status 1: qemu: linux kernel too old");
	expect(ending_of_qemu(EXITED(1), NULL, "no newline"), "QEMU ended with status 1: no newline");
}

static void a_panic_is_the_reason_whatever_qemu_says(void **state)
{
	(void)state;
	expect(ending_of_qemu(EXITED(0), "[    9.0] sysrq: Trigger a crash\r\n"
			      "[    9.5] Kernel panic - not syncing: sysrq triggered crash\r\n"
			      "[    9.6] CPU: 0 PID: 70\r\n[    9.9] Kernel panic - not syncing: again\r\n", "bye"),
	       "the guest's kernel panicked: Kernel panic - not syncing: sysrq triggered crash");
	expect(ending_of_qemu(EXITED(0), "Kernel panic - not syncing: cut", NULL),
	       "the guest's kernel panicked: Kernel panic - not syncing: cut");
}

static void of_a_domain_libvirt_or_its_guest_tells(void **state)
{
	(void)state;
	expect(ending_of_domain("the domain ended: it was destroyed", NULL), "the domain ended: it was destroyed");
	expect(ending_of_domain("the domain ended: it was destroyed", "[    1.0] Kernel panic - not syncing: x\r\n"),
	       "the guest's kernel panicked: Kernel panic - not syncing: x");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_agent_has_a_signal_or_a_status),
		cmocka_unit_test(qemu_that_ends_says_why_last),
		cmocka_unit_test(a_panic_is_the_reason_whatever_qemu_says),
		cmocka_unit_test(of_a_domain_libvirt_or_its_guest_tells),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

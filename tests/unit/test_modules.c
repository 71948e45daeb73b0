// SPDX-License-Identifier: GPL-2.0-only
#include "scratch.h"

#include <errno.h>

#include "host/modules.h"

static const char dep[] =
	"kernel/arch/x86/kvm/kvm-amd.ko.xz: kernel/arch/x86/kvm/kvm.ko.xz kernel/drivers/ccp.ko.xz\n"
	"kernel/arch/x86/kvm/kvm.ko.xz: kernel/virt/lib/irqbypass.ko.xz\n"
	"kernel/drivers/ccp.ko.xz:\n"
	"kernel/virt/lib/irqbypass.ko.xz:\n"
	"kernel/a.ko: kernel/b.ko\n"
	"kernel/b.ko: kernel/a.ko\n";

static void collect(void *arg, const char *name, const char *path)
{
	const char *file = strrchr(path, '/') + 1;

	strcat(arg, name);
	strcat(arg, "=");
	strcat(arg, file);
	strcat(arg, " ");
}

static void visit(void **state, const char *const names[], size_t count, char *order)
{
	struct modules *modules = modules_open(*state);

	assert_non_null(modules);
	order[0] = '\0';
	modules_visit(modules, names, count, collect, order);
	modules_close(modules);
}

static int with_dep(void **state)
{
	int err = scratch_make(state);

	scratch_text(state, "modules.dep", dep);
	return err;
}

static void dependencies_come_first_and_once(void **state)
{
	const char *const names[] = { "kvm", "kvm_amd", "irqbypass" };
	char order[500];

	visit(state, names, 3, order);
	assert_string_equal(order, "irqbypass=irqbypass.ko.xz kvm=kvm.ko.xz ccp=ccp.ko.xz "
			    "kvm_amd=kvm-amd.ko.xz ");
}

static void hyphens_are_underscores(void **state)
{
	const char *const names[] = { "kvm-amd", "kvm_amd" };
	char order[500];

	visit(state, names, 2, order);
	assert_non_null(strstr(order, "kvm_amd=kvm-amd.ko.xz"));
	assert_null(strstr(strstr(order, "kvm_amd") + 1, "kvm_amd"));
}

static void unknown_ones_are_left_out(void **state)
{
	const char *const names[] = { "kv", "kvm_intel", "ccp" };
	char order[500];

	visit(state, names, 3, order);
	assert_string_equal(order, "ccp=ccp.ko.xz ");
}

static void a_cycle_ends(void **state)
{
	const char *const names[] = { "a" };
	char order[500];

	visit(state, names, 1, order);
	assert_string_equal(order, "b=b.ko a=a.ko ");
}

static void no_file_no_modules(void **state)
{
	(void)state;
	assert_null(modules_open("/nonexistent"));
	assert_int_equal(errno, ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dependencies_come_first_and_once),
		cmocka_unit_test(hyphens_are_underscores),
		cmocka_unit_test(unknown_ones_are_left_out),
		cmocka_unit_test(a_cycle_ends),
		cmocka_unit_test(no_file_no_modules),
	};

	return cmocka_run_group_tests(tests, with_dep, scratch_remove);
}

// SPDX-License-Identifier: GPL-2.0-only
#include "cmd.h"

#include <stdio.h>

#include "die.h"
#include "pressure.h"
#include "workload-run.h"

static const char usage[] =
	"Usage: sptest workload [NAME|GLOB|FILE] [OPTIONS]\n\n"
	"Linux guests under QEMU at work in a host machine that is short of memory: their data are\n"
	"verified, their sptes checked, live and frozen, and they must get on. Default: all workloads;\n"
	"a FILE of your own has a slash in its path.\n\n"
	"  --list           the workloads and the pressures; with --json: all of each workload\n"
	"  --kernel K       of the host machine: as sptest run has it\n"
	WORKLOAD_OPTIONS_HELP
	WORKLOAD_HERE_HELP
	"\nExit status: as of sptest run.\n\n"
	"Example: sptest workload fio-verify --kernel 6.12\n"
	"         sptest workload 'stress-*' --here --guest-kernel 6.12\n";

int cmd_workload(int argc, char **argv)
{
	struct workload_options o;
	struct test_list list;
	const char *select;
	int status = STATUS_OK;

	if (!workload_options_parse(&o, argc, argv, usage, &select))
		return STATUS_OK;
	if (o.save || o.minimise)
		die(STATUS_USAGE, "--save and --minimise are of sptest deadlock; see --help");
	workload_list_load(&list, "workloads", select, &o.choice);
	if (!list.count)
		die(STATUS_USAGE, "no workload matches %s; sptest workload --list names them", select);
	o.run.machine.tests = o.choice.file ? list.tests[0].name : select;
	if (o.list) {
		workload_list_print(&list, o.run.json);
		if (!o.run.json && !select) {
			printf("\npressures:\n");
			pressures_print();
		}
	} else {
		status = workload_run(&o, &list, argc, argv);
	}
	machine_options_release(&o.run.machine);
	test_list_free(&list);
	return status;
}

// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "die.h"

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
} commands[] = {
	{ "run", cmd_run, "run tests on a kernel" },
	{ "list", cmd_list, "the tests: what they need, what they prove" },
	{ "shell", cmd_shell, "an interactive shell in the host machine" },
	{ "matrix", cmd_matrix, "the tests on several kernels in several MMU modes" },
	{ "results", cmd_results, "all runs: list, matrix, trend of a test, import" },
	{ "compare", cmd_compare, "two runs: regressions, fixes, new, gone, flaky" },
	{ "report", cmd_report, "runs as HTML, Markdown, JUnit XML, KTAP, KCIDB, JSON" },
	{ "kernels", cmd_kernels, "list, fetch, build and show kernels" },
	{ "mutants", cmd_mutants, "switch defects on in a kernel: do the tests notice?" },
	{ "bisect", cmd_bisect, "which commit of a kernel tree broke a test" },
	{ "spte", cmd_spte, "the secondary page tables of running VMs, shown and checked" },
	{ "trace", cmd_trace, "what the kernel tells the MMU notifiers of a program" },
	{ "workload", cmd_workload, "Linux guests at work in a host machine that is short of memory" },
	{ "deadlock", cmd_deadlock, "a swap deadlock on demand, and who waits where" },
	{ "doctor", cmd_doctor, "what this machine offers and lacks" },
};

#define COUNT (sizeof(commands) / sizeof(commands[0]))

static int help(FILE *out)
{
	fputs("Usage: sptest COMMAND [OPTIONS]\n\n"
	      "Boots a host kernel, moves memory under live KVM guests and proves that KVM's\n"
	      "secondary page tables follow.\n\n", out);
	for (size_t i = 0; i < COUNT; i++)
		fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].help);
	fputs("  help       this page; help COMMAND: that command's\n\n"
	      "Example: sptest run --kernel 6.12 --tests zap/munmap\n"
	      "See also: sptest COMMAND --help, man sptest\n", out);
	return STATUS_OK;
}

static int dispatch(int argc, char **argv)
{
	for (size_t i = 0; i < COUNT; i++)
		if (!strcmp(argv[0], commands[i].name))
			return commands[i].run(argc, argv);
	die(STATUS_USAGE, "%s: no such command; sptest help lists them", argv[0]);
}

int main(int argc, char **argv)
{
	static char option[] = "--help";

	setlinebuf(stdout);
	if (argc < 2) {
		help(stderr);
		return STATUS_USAGE;
	}
	if (!strcmp(argv[1], "help") || !strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
		char *words[] = { argc > 2 ? argv[2] : NULL, option, NULL };

		return argc > 2 ? dispatch(2, words) : help(stdout);
	}
	return dispatch(argc - 1, argv + 1);
}

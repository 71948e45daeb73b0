// SPDX-License-Identifier: GPL-2.0-only
#include "spte/tool/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <stdnoreturn.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
	"Usage: sptest spte PID[:FD] | --all  [OPTIONS]\n\n"
	"Shows the secondary page tables of running VMs (x86), and holds them against the page\n"
	"tables of the process that owns the VM. It only reads; root is needed.\n\n"
	"  --all               every VM of this machine\n"
	"  --check             every spte must map what the owner's page table maps\n"
	"  --freeze            stop the owner (SIGSTOP, SIGCONT) while its tables are read\n"
	"  --dump              every spte: gfn, hva, level, pfn, rwx, accessed, dirty; and the pte\n"
	"  --range FIRST-LAST  only these gfns (decimal or 0x...)\n"
	"  --diff SECONDS      two readings, and what changed between them\n"
	"  --watch SECONDS     again and again, until interrupted\n"
	"  --map               draws the guest's memory\n"
	"  --svg FILE          writes the same picture\n"
	"  --json              the result as JSON, one object a VM and reading\n\n"
	"PID is the process that made the VM; :FD is needed only if it has several.\n"
	"Exit status: 0 all right, 1 a violation or totals unlike KVM's, 2 usage, 3 cannot read.\n\n"
	"Example: sptest spte --all --check\n"
	"         sptest spte 4242 --dump --range 0x100-0x1ff\n";

static noreturn void complain(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("sptest spte: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputs("; see --help\n", stderr);
	va_end(ap);
	exit(STATUS_USAGE);
}

static unsigned long long number(const char *text, char **end, const char *what)
{
	unsigned long long value;

	errno = 0;
	value = strtoull(text, end, 0);
	if (*end == text || *text == '-' || errno)
		complain("%s: \"%s\" is no number", what, text);
	return value;
}

static void take_range(struct options *options, const char *text)
{
	char *end;

	options->first = options->last = number(text, &end, "--range");
	if (*end == '-')
		options->last = number(end + 1, &end, "--range");
	if (*end || options->last < options->first)
		complain("--range %s: give FIRST-LAST", text);
}

static double take_seconds(const char *text, const char *what)
{
	char *end;
	double seconds = strtod(text, &end);

	if (end == text || *end || !(seconds > 0) || seconds > 1e6)
		complain("%s %s: give seconds above 0", what, text);
	return seconds;
}

static void take_pid(struct options *options, const char *text)
{
	char *end;
	unsigned long long pid = number(text, &end, "PID"), fd = 0;

	if (*end == ':')
		fd = number(end + 1, &end, "FD");
	else
		options->fd = -1;
	if (*end || pid == 0 || pid > 1u << 30 || fd > 1u << 30)
		complain("%s: give PID or PID:FD", text);
	options->pid = pid;
	if (options->fd >= 0)
		options->fd = fd;
}

static void take(struct options *options, int opt)
{
	switch (opt) {
	case 'h':
		fputs(usage, stdout);
		exit(STATUS_OK);
	case 'a':
		options->all = true;
		break;
	case 'c':
		options->check = true;
		break;
	case 'f':
		options->freeze = true;
		break;
	case 'd':
		options->dump = true;
		break;
	case 'r':
		take_range(options, optarg);
		break;
	case 'D':
		options->diff_s = take_seconds(optarg, "--diff");
		break;
	case 'w':
		options->watch_s = take_seconds(optarg, "--watch");
		break;
	case 'm':
		options->map = true;
		break;
	case 's':
		options->svg = optarg;
		break;
	case 'j':
		options->json = true;
		break;
	default:
		exit(STATUS_USAGE);
	}
}

void options_parse(struct options *options, int argc, char **argv)
{
	static const struct option table[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "all", no_argument, NULL, 'a' },
		{ "check", no_argument, NULL, 'c' },
		{ "freeze", no_argument, NULL, 'f' },
		{ "dump", no_argument, NULL, 'd' },
		{ "range", required_argument, NULL, 'r' },
		{ "diff", required_argument, NULL, 'D' },
		{ "watch", required_argument, NULL, 'w' },
		{ "map", no_argument, NULL, 'm' },
		{ "svg", required_argument, NULL, 's' },
		{ "json", no_argument, NULL, 'j' },
		{ 0 },
	};
	int opt;

	*options = (struct options){ .last = UINT64_MAX };
	while ((opt = getopt_long(argc, argv, "h", table, NULL)) != -1)
		take(options, opt);
	options->colour = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
	if (options->all ? optind != argc : optind != argc - 1)
		complain("give one PID, or --all");
	if (!options->all)
		take_pid(options, argv[optind]);
	if (options->json && (options->map || options->diff_s))
		complain("--json goes with neither --map nor --diff");
	if (options->diff_s > 0 && options->freeze)
		complain("--diff of a stopped owner shows nothing: leave --freeze out");
	if (options->svg && options->all)
		complain("--svg draws one VM: give its PID");
}

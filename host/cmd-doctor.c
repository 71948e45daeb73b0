// SPDX-License-Identifier: GPL-2.0-only
#include <getopt.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "cmd.h"
#include "die.h"
#include "doctor.h"

static const char usage[] =
	"Usage: sptest doctor [--json] [--out DIR]\n\n"
	"What this machine offers and lacks: each line is ok, or says how to mend it.\n\n"
	"  --json     for programs\n"
	"  --out DIR  the folder that run folders go into (default: results/runs)\n\n"
	"Exit status: 0 if make check can run, 2 if something is missing.\n\n"
	"Example: sptest doctor\n";

static void print(const struct finding *finding)
{
	printf("%-5s %-12s %s\n", finding->ok ? "ok" : "LACKS", finding->name, finding->text);
	if (finding->fix[0])
		printf("%-5s %-12s fix: %s\n", "", "", finding->fix);
}

static json_t *pack(const struct finding *finding)
{
	return json_pack("{s:s, s:b, s:s, s:s}", "name", finding->name, "ok", finding->ok,
			 "text", finding->text, "fix", finding->fix);
}

static int examine(const char *out, bool json)
{
	json_t *all = json ? json_array() : NULL;
	bool ok = true;

	for (const struct doctor_entry *entry = doctor_entries; entry->name; entry++) {
		struct finding finding = { .name = entry->name, .ok = true };

		entry->check(&finding, out);
		ok &= finding.ok;
		if (all)
			json_array_append_new(all, pack(&finding));
		else
			print(&finding);
	}
	if (all) {
		json_dumpf(all, stdout, JSON_INDENT(2));
		putchar('\n');
		json_decref(all);
	}
	return ok ? STATUS_OK : STATUS_USAGE;
}

int cmd_doctor(int argc, char **argv)
{
	static const struct option options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "json", no_argument, NULL, 'j' },
		{ "out", required_argument, NULL, 'o' },
		{ 0 },
	};
	const char *out = "results/runs";
	bool json = false;
	int opt;

	while ((opt = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (opt == 'h') {
			fputs(usage, stdout);
			return STATUS_OK;
		}
		if (opt == 'j')
			json = true;
		else if (opt == 'o')
			out = optarg;
		else
			return STATUS_USAGE;
	}
	if (optind < argc)
		die(STATUS_USAGE, "doctor: unexpected \"%s\"; see sptest doctor --help", argv[optind]);
	note_quiet(json);
	return examine(out, json);
}

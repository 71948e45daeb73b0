// SPDX-License-Identifier: GPL-2.0-only
#include "mutant-campaign.h"

#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "die.h"
#include "mutant-run.h"
#include "mutant-survey.h"
#include "path.h"
#include "results/mutants.h"
#include "results/run-folder.h"

static char *mutant_folder(const struct mutants *mutants, const struct mutant *mutant)
{
	return xasprintf("%s/%s", mutants->folder, mutant->name);
}

/* A child judges one mutant and leaves its verdict in a file: nothing of it is shared. */
static void judge(struct mutants *mutants, struct mutant *mutant, const struct mutant_options *options)
{
	char *folder = mutant_folder(mutants, mutant), *path = xasprintf("%s/verdict.json", folder);
	json_t *verdict;

	mutant_run(mutant, folder, options);
	verdict = json_pack("{s:i, s:s, s:s, s:f, s:I}", "verdict", mutant->verdict,
			    "killer", mutant->killer, "reason", mutant->reason,
			    "duration_s", mutant->duration_s, "tried", (json_int_t)mutant->tried);
	_exit(json_dump_file(verdict, path, 0) ? STATUS_HARNESS : STATUS_OK);
}

static void read_verdict(struct mutants *mutants, struct mutant *mutant)
{
	char *folder = mutant_folder(mutants, mutant), *path = xasprintf("%s/verdict.json", folder);
	json_t *verdict = json_load_file(path, 0, NULL);
	const char *killer, *reason;
	json_int_t tried;
	int code;

	if (!verdict || json_unpack(verdict, "{s:i, s:s, s:s, s:F, s:I}", "verdict", &code, "killer",
				    &killer, "reason", &reason, "duration_s", &mutant->duration_s,
				    "tried", &tried)) {
		mutant_set_verdict(mutant, MUTANT_BROKEN, "", xasprintf("its own process failed: see %s/log", folder));
	} else {
		mutant_set_verdict(mutant, code, killer, xstrdup(reason));
		mutant->tried = tried;
	}
	note("%s: %s%s%s", mutant->name, mutant_verdict_name(mutant->verdict),
	     mutant->killer[0] ? " by " : "", mutant->killer);
	json_decref(verdict);
	free(path);
	free(folder);
}

static void wait_for_one(struct mutants *mutants, pid_t *pids)
{
	pid_t pid = wait(NULL);

	for (size_t i = 0; i < mutants->count; i++)
		if (pids[i] == pid)
			read_verdict(mutants, &mutants->all[i]);
}

static void judge_all(struct mutants *mutants, const struct mutant_options *options, unsigned long jobs)
{
	pid_t parent = getpid();
	pid_t *pids = xzalloc((mutants->count + 1) * sizeof(*pids));
	size_t running = 0;

	for (size_t i = 0; i < mutants->count; i++) {
		if (!mutants->all[i].reach_count)
			continue;
		if (running == jobs) {
			wait_for_one(mutants, pids);
			running--;
		}
		fflush(NULL);
		pids[i] = fork();
		if (pids[i] < 0)
			die(STATUS_HARNESS, "fork: %s", strerror(errno));
		if (!pids[i]) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			if (getppid() != parent)
				_exit(STATUS_HARNESS);
			judge(mutants, &mutants->all[i], options);
		}
		running++;
	}
	while (running--)
		wait_for_one(mutants, pids);
	free(pids);
}

void mutant_campaign(struct mutants *mutants, const struct mutant_options *options, unsigned long jobs)
{
	char *path = xasprintf("%s/mutants.json", mutants->folder), *text;
	uint64_t started = clock_ms();
	int err;

	mutants->started = utc_now("%Y-%m-%dT%H:%M:%SZ");
	mutant_survey(mutants, options);
	if (!mutants->count)
		die(STATUS_USAGE, "no mutant is named %s: see sptest mutants --list", options->only);
	judge_all(mutants, options, jobs);
	mutants->duration_s = (clock_ms() - started) / 1000.0;
	text = mutants_json(mutants);
	err = file_write(path, text, strlen(text), 0644);
	if (err)
		die(STATUS_HARNESS, "%s: %s", path, strerror(-err));
	free(text);
	free(path);
}

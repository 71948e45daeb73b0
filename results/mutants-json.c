// SPDX-License-Identifier: GPL-2.0-only
/* Campaigns as JSON: mutants.json, and what `sptest mutants --json` prints. */
#include <jansson.h>

#include "host/die.h"
#include "results/mutants.h"

static json_t *mutant_json(const struct mutant *mutant)
{
	json_t *reach = json_array();

	for (size_t i = 0; i < mutant->reach_count; i++)
		json_array_append_new(reach, json_string(mutant->reach[i].test));
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:f, s:I, s:o}", "name", mutant->name,
			 "text", mutant->text, "commit", mutant->commit,
			 "verdict", mutant_verdict_name(mutant->verdict), "killer", mutant->killer,
			 "reason", mutant->reason, "duration_s", mutant->duration_s,
			 "tried", (json_int_t)mutant->tried, "reached_by", reach);
}

static json_t *campaign_json(const struct mutants *mutants)
{
	json_t *all = json_array(), *totals = json_object();

	for (size_t i = 0; i < mutants->count; i++)
		json_array_append_new(all, mutant_json(&mutants->all[i]));
	for (int v = 0; v < MUTANT_VERDICTS; v++)
		json_object_set_new(totals, mutant_verdict_name(v), json_integer(mutants_count(mutants, v)));
	return json_pack("{s:i, s:s?, s:s?, s:s, s:s, s:f, s:f, s:o, s:o}", "format", 1,
			 "started", mutants->started, "suite", mutants->suite,
			 "kernel", mutants->kernel, "mmu", mutants->mmu,
			 "duration_s", mutants->duration_s, "median_kill_s", mutants_median(mutants),
			 "totals", totals, "mutants", all);
}

static char *dump(json_t *root)
{
	char *text = json_dumps(root, JSON_INDENT(2));

	json_decref(root);
	if (!text)
		die(STATUS_HARNESS, "out of memory, or text that is not UTF-8");
	return text;
}

char *mutants_json(const struct mutants *mutants)
{
	return dump(campaign_json(mutants));
}

char *mutants_json_all(const struct mutants *suites, size_t count)
{
	json_t *all;

	if (count == 1)
		return mutants_json(suites);
	all = json_array();
	for (size_t i = 0; i < count; i++)
		json_array_append_new(all, campaign_json(&suites[i]));
	return dump(json_pack("{s:i, s:o}", "format", 1, "suites", all));
}

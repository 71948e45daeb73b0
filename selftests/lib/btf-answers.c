// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/btf-answers.h"
#include "lib/kept.h"

#define KEPT "/run/sptest-btf"	/* "VALUE QUESTION" in each line */

static void append(struct btf_answers *answers, const char *question, int value)
{
	struct btf_answer *grown;

	grown = realloc(answers->answer, (answers->count + 1) * sizeof(*grown));
	if (!grown)
		return;
	answers->answer = grown;
	grown += answers->count++;
	snprintf(grown->question, sizeof(grown->question), "%s", question);
	grown->value = value;
}

bool btf_answers_load(struct btf_answers *answers)
{
	char line[BTF_QUESTION_SIZE + 16], *question;
	FILE *f = kept_open(KEPT);

	*answers = (struct btf_answers){ 0 };
	if (!f)
		return false;
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		question = strchr(line, ' ');
		if (question)
			append(answers, question + 1, atoi(line));
	}
	fclose(f);
	return answers->count;
}

bool btf_answers_find(const struct btf_answers *answers, const char *question, int *value)
{
	for (size_t i = 0; i < answers->count; i++) {
		if (strcmp(answers->answer[i].question, question))
			continue;
		*value = answers->answer[i].value;
		return true;
	}
	return false;
}

void btf_answers_add(struct btf_answers *answers, const char *question, int value)
{
	append(answers, question, value);
	answers->changed = true;
}

static void save(const struct btf_answers *answers)
{
	FILE *f = kept_create(KEPT);

	if (!f)
		return;
	for (size_t i = 0; i < answers->count; i++)
		fprintf(f, "%d %s\n", answers->answer[i].value, answers->answer[i].question);
	kept_finish(f, KEPT);
}

void btf_answers_close(struct btf_answers *answers)
{
	if (answers->changed)
		save(answers);
	free(answers->answer);
	*answers = (struct btf_answers){ 0 };
}

/* SPDX-License-Identifier: GPL-2.0-only */
/* What the BTF of this kernel answered already: to read and search its 5 MB costs a test 50 ms under emulation. */
#ifndef SPTEST_LIB_BTF_ANSWERS_H
#define SPTEST_LIB_BTF_ANSWERS_H

#include <stdbool.h>
#include <stddef.h>

#define BTF_QUESTION_SIZE 112

struct btf_answers {
	struct btf_answer {
		char question[BTF_QUESTION_SIZE];
		int value;
	} *answer;
	size_t count;
	bool changed;	/* there are more than were loaded */
};

/* False: there are none yet. */
bool btf_answers_load(struct btf_answers *answers);
bool btf_answers_find(const struct btf_answers *answers, const char *question, int *value);
void btf_answers_add(struct btf_answers *answers, const char *question, int value);

/* Keeps them for who comes next, and frees them. */
void btf_answers_close(struct btf_answers *answers);

#endif

// SPDX-License-Identifier: GPL-2.0-only
#include "workload/look.h"

#include <jansson.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/die.h"
#include "host/path.h"
#include "host/proc.h"
#include "workload/figure.h"

#define ANSWER "look.json"
#define LINE_SIZE 400
#define WORDS_MAX 3000	/* the first are the ones that count */

/* For the verdict on the looks, and at once for who watches. */
static void __attribute__((format(printf, 2, 3))) say(struct looks *looks, const char *fmt, ...)
{
	char line[LINE_SIZE], *longer;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	printf("# progress %s\n", line);
	if (looks->words && strlen(looks->words) > WORDS_MAX)
		return;
	longer = xasprintf("%s# %s\n", looks->words ? looks->words : "", line);
	free(looks->words);
	looks->words = longer;
}

/* What sptest spte says, when it is no JSON. */
static void say_answer(struct looks *looks)
{
	char *text = file_read(ANSWER, NULL), *rest = text, *line;

	while (text && (line = strsep(&rest, "\n")))
		if (*line)
			say(looks, "%s", line);
	free(text);
}

static bool take_answer(struct looks *looks, int status)
{
	json_t *answer = json_load_file(ANSWER, JSON_DISABLE_EOF_CHECK, NULL), *violations, *violation;
	json_int_t sptes, pages, suspects;
	size_t i;
	bool fine;

	fine = answer && !json_unpack(answer, "{s:{s:I, s:I, s:I, s:o}}", "check", "sptes", &sptes,
				      "pages", &pages, "suspects", &suspects, "violations", &violations);
	if (!fine)
		goto out;
	looks->count += sptes > 0;
	looks->sptes += sptes;
	looks->pages += pages;
	looks->suspects += suspects;
	looks->violations += json_array_size(violations);
	json_array_foreach(violations, i, violation) {
		char *text = json_dumps(violation, JSON_COMPACT);

		say(looks, "violation: %s", text);
		free(text);
	}
	/* A status of its own without a violation: the totals differ from KVM's. */
	fine = !status || json_array_size(violations);
out:
	json_decref(answer);
	return fine;
}

/* Its exit status, or -1 if it was given up. */
static int wait_for(pid_t tool, bool (*meanwhile)(void *arg), void *arg)
{
	int status;

	while (waitpid(tool, &status, WNOHANG) == 0)
		if (!meanwhile(arg)) {
			kill(tool, SIGKILL);
			return -1;
		}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void look_at(struct looks *looks, pid_t pid, bool frozen, bool (*meanwhile)(void *arg), void *arg)
{
	const struct proc_options options = { .log = ANSWER };
	char *process = xasprintf("%d", pid);
	const char *const argv[] = {
		"sptest-spte", process, "--check", "--json", frozen ? "--freeze" : NULL, NULL
	};
	pid_t tool;
	int status = -1;

	unlink(ANSWER);
	tool = proc_start(argv, &options);
	if (tool > 0)
		status = wait_for(tool, meanwhile, arg);
	if (status < 0) {
		looks->errors++;
		say(looks, "sptest spte: %s", tool > 0 ? "given up" : strerror(-tool));
	} else if (!take_answer(looks, status)) {
		looks->errors++;
		say(looks, "sptest spte: exit status %d", status);
		say_answer(looks);
	}
	free(process);
}

static void print_count(FILE *out, const char *word, const char *what, unsigned long long count, bool less)
{
	char *name = xasprintf("%s_%s", word, what);

	figure(out, name, count, what, less);
	free(name);
}

void looks_print(const struct looks *looks, const char *word, FILE *out)
{
	fputs(looks->words ? looks->words : "", out);
	print_count(out, word, "looks", looks->count, false);
	print_count(out, word, "sptes", looks->sptes, false);
	print_count(out, word, "suspects", looks->suspects, true);
	print_count(out, word, "violations", looks->violations, true);
	print_count(out, word, "errors", looks->errors, true);
}

void looks_release(struct looks *looks)
{
	free(looks->words);
	*looks = (struct looks){ 0 };
}

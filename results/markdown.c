// SPDX-License-Identifier: GPL-2.0-only
#include "markdown.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

/* CommonMark takes a backslash before any punctuation for that. */
void markdown_text(FILE *f, const char *text)
{
	char *clean = text_clean(text);

	for (const char *c = clean; *c; c++) {
		if (*c == '\n' || *c == '\t')
			fputs(c[1] ? " " : "", f);
		else if (*c == '@')
			fputs("&#64;", f);	/* would call somebody */
		else if (ispunct((unsigned char)*c) && (c == clean || !strchr("-./:,%+=()'\"", *c)))
			fprintf(f, "\\%c", *c);
		else
			fputc(*c, f);
	}
	free(clean);
}

/* Nothing in code is escaped but the bar of a table, which GFM takes with its backslash before it looks for code. */
void markdown_code(FILE *f, const char *text)
{
	char *clean = text_clean(text);

	fputc('`', f);
	for (const char *c = clean; *c; c++) {
		if (*c == '\n' || *c == '\t')
			fputc(' ', f);
		else if (*c == '|')
			fputs("\\|", f);
		else
			fputc(*c == '`' ? '\'' : *c, f);
	}
	fputc('`', f);
	free(clean);
}

/* The fence is longer than any run of backticks inside. */
void markdown_block(FILE *f, const char *text)
{
	char *clean = text_clean(text);
	size_t longest = 2, ticks = 0, length = strlen(clean);

	for (const char *c = clean; *c; c++) {
		ticks = *c == '`' ? ticks + 1 : 0;
		if (ticks > longest)
			longest = ticks;
	}
	for (int end = 0; end < 2; end++) {
		for (size_t i = 0; i <= longest; i++)
			fputc('`', f);
		fputc('\n', f);
		if (!end)
			fprintf(f, "%s%s", clean, length && clean[length - 1] == '\n' ? "" : "\n");
	}
	free(clean);
}

void markdown_cell(FILE *f, const char *text)
{
	fputs("| ", f);
	markdown_text(f, text);
	fputc(' ', f);
}

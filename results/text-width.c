// SPDX-License-Identifier: GPL-2.0-only
/* Columns of a terminal: a name of bytes, of accents and of wide characters are not as wide as they are long. */
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "text.h"

/* Whatever locale the program runs in, names are UTF-8. */
static locale_t utf8(void)
{
	static locale_t locale;

	if (!locale)
		locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", NULL);
	return locale;
}

/* Of the next character of text, which goes on behind it; 0 of what is laid over the one before. */
static int next_width(const char **text)
{
	mbstate_t state = { 0 };
	wchar_t c;
	size_t n = mbrtowc(&c, *text, MB_CUR_MAX, &state);
	int width;

	if (n == 0 || n > MB_CUR_MAX) {
		(*text)++;
		return 1;
	}
	*text += n;
	width = wcwidth(c);
	return width < 0 ? 1 : width;
}

int text_width(const char *text)
{
	locale_t locale = utf8(), before = locale ? uselocale(locale) : NULL;
	int width = 0;

	while (*text)
		width += next_width(&text);
	if (before)
		uselocale(before);
	return width;
}

void text_put(FILE *out, const char *text, int width)
{
	fprintf(out, "%s%*s", text, width > text_width(text) ? width - text_width(text) : 0, "");
}

int text_wider(int width, const char *text)
{
	int other = text_width(text);

	return other > width ? other : width;
}

// SPDX-License-Identifier: GPL-2.0-only
#include "text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "host/die.h"

#define REPLACEMENT "\xef\xbf\xbd"	/* U+FFFD */

/* Length of the UTF-8 sequence at s, 0 if there is none; *c gets the character. */
static size_t utf8_decode(const unsigned char *s, uint32_t *c)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = s[0] < 0x80 ? 1 : s[0] < 0xc0 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 :
		   s[0] < 0xf8 ? 4 : 0;

	if (n <= 1) {
		*c = s[0];
		return n;
	}
	*c = s[0] & (0x7f >> n);
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)	/* the terminating NUL is none either */
			return 0;
		*c = *c << 6 | (s[i] & 0x3f);
	}
	return *c < least[n] ? 0 : n;
}

/* Unicode's Bidi_Control, which shows what follows in another order, and its separators of lines: one name would look like another. */
static bool is_layout(uint32_t c)
{
	return c == 0x61c || c == 0x200e || c == 0x200f || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

/*
 * The Char production of XML 1.0, without the carriage return, which parsers do not keep, and without what
 * terminals take for commands.
 */
static bool is_harmless(uint32_t c)
{
	return c == '\t' || c == '\n' || (c >= 0x20 && c < 0x7f) || (c >= 0xa0 && c < 0xd800) ||
	       (c >= 0xe000 && c < 0xfffe) || (c >= 0x10000 && c < 0x110000);
}

char *text_clean(const char *s)
{
	const unsigned char *in = (const unsigned char *)(s ? s : "");
	char *text = xzalloc(strlen((const char *)in) * strlen(REPLACEMENT) + 1);
	char *out = text;
	uint32_t c;

	while (*in) {
		size_t n = utf8_decode(in, &c);

		if (n && is_harmless(c) && !is_layout(c)) {
			memcpy(out, in, n);
			out += n;
		} else {
			out = stpcpy(out, REPLACEMENT);
		}
		in += n ? n : 1;
	}
	return text;
}

char *text_clean_line(const char *s)
{
	char *clean = text_clean(s);

	for (char *c = clean; *c; c++)
		if (*c == '\n' || *c == '\t')
			*c = ' ';
	return clean;
}

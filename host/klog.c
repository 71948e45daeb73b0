// SPDX-License-Identifier: GPL-2.0-only
#include "klog.h"

#include <ctype.h>
#include <string.h>

static const char *skip_level(const char *s)
{
	size_t n = *s == '<' ? strspn(s + 1, "0123456789") : 0;

	return n && s[n + 1] == '>' ? s + n + 2 : s;
}

/* "[ 12.34]" or "[T12]" and the space after it; "[#1]" and "[ BUG: ..." stay. */
static const char *skip_bracket(const char *s)
{
	const char *p;

	if (*s != '[')
		return s;
	p = s + 1 + strspn(s + 1, " ");
	if (*p == 'T' || *p == 'C')
		p++;
	if (!isdigit((unsigned char)*p))
		return s;
	p += strspn(p, "0123456789.");
	if (*p != ']')
		return s;
	return p[1] == ' ' ? p + 2 : p + 1;
}

const char *klog_message(const char *line)
{
	return skip_bracket(skip_bracket(skip_level(line)));
}

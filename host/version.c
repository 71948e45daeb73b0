// SPDX-License-Identifier: GPL-2.0-only
#include "version.h"

#include <ctype.h>
#include <string.h>

#include "die.h"

/* A tilde sorts before the end, the end before letters, letters before the rest. */
static int weight(char c)
{
	if (c == '~')
		return -1;
	if (!c || isdigit((unsigned char)c))
		return 0;
	return isalpha((unsigned char)c) ? c : c + 256;
}

static int compare_digits(const char **a, const char **b)
{
	const char *x = *a + strspn(*a, "0"), *y = *b + strspn(*b, "0");
	size_t nx = strspn(x, "0123456789"), ny = strspn(y, "0123456789");
	int order = nx < ny ? -1 : nx > ny;

	*a = x + nx;
	*b = y + ny;
	return order ? order : strncmp(x, y, nx);
}

static int compare_part(const char *a, const char *b)
{
	while (*a || *b) {
		int order;

		while ((*a && !isdigit((unsigned char)*a)) || (*b && !isdigit((unsigned char)*b))) {
			order = weight(*a) - weight(*b);
			if (order)
				return order;
			a++;
			b++;
		}
		order = compare_digits(&a, &b);
		if (order)
			return order;
	}
	return 0;
}

/* upstream, revision: split at the last hyphen */
static char *split_revision(char *version)
{
	char *hyphen = strrchr(version, '-');

	if (!hyphen)
		return version + strlen(version);
	*hyphen = '\0';
	return hyphen + 1;
}

int version_compare(const char *a, const char *b)
{
	char *x = strdupa(a), *y = strdupa(b);
	const char *revision_x = split_revision(x), *revision_y = split_revision(y);
	int order = compare_part(x, y);

	return order ? order : compare_part(revision_x, revision_y);
}

char *version_upstream(const char *package_version)
{
	char *upstream = xstrdup(package_version), *tilde;

	split_revision(upstream);
	tilde = strstr(upstream, "~rc");
	if (tilde)
		*tilde = '-';
	return upstream;
}

bool version_matches(const char *upstream, const char *word)
{
	size_t n = strlen(word);

	if (!n || strncmp(upstream, word, n))
		return false;
	if (!upstream[n] || strchr(".-", upstream[n]))
		return true;
	return isalpha((unsigned char)word[n - 1]);	/* "6.18-rc" and its number */
}

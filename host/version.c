// SPDX-License-Identifier: GPL-2.0-only
#include "version.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "die.h"

#define VERSION_NUMBERS 3

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

char *version_of_banner(const char *release, const char *banner)
{
	static const char word[] = " Debian ";
	const char *package = banner ? strstr(banner, word) : NULL;
	char *copy, *version;

	if (!package)
		return xstrdup(release);
	copy = xstrdup(package + strlen(word));
	copy[strcspn(copy, " ")] = '\0';
	version = version_upstream(copy);
	free(copy);
	return version;
}

/* Its numbers, major first; returns how many there are, 0 if it does not begin with one. */
static unsigned int take_numbers(const char *text, unsigned long numbers[VERSION_NUMBERS])
{
	unsigned int count = 0;

	memset(numbers, 0, VERSION_NUMBERS * sizeof(*numbers));
	while (count < VERSION_NUMBERS && isdigit((unsigned char)*text)) {
		char *end;

		numbers[count++] = strtoul(text, &end, 10);
		text = *end == '.' ? end + 1 : "";
	}
	return count;
}

/* To the precision of the bound: 6.1.192 is neither below nor above 6.1. */
static int compare_to_bound(const unsigned long *numbers, const char *bound)
{
	unsigned long of_bound[VERSION_NUMBERS];
	unsigned int count = take_numbers(bound, of_bound);

	for (unsigned int i = 0; i < count; i++)
		if (numbers[i] != of_bound[i])
			return numbers[i] < of_bound[i] ? -1 : 1;
	return 0;
}

/* Cuts the next range off, of which either end may be ""; false: there is none left. */
static bool next_range(char **rest, char **first, char **last)
{
	char *range = strsep(rest, ","), *dots;

	if (!range)
		return false;
	range += strspn(range, " ");
	range[strcspn(range, " ")] = '\0';
	dots = strstr(range, "..");
	*first = range;
	*last = dots ? dots + 2 : range;
	if (dots)
		*dots = '\0';
	return true;
}

bool version_in_ranges(const char *upstream, const char *ranges)
{
	char *copy = xstrdup(ranges), *rest = copy, *first, *last;
	unsigned long numbers[VERSION_NUMBERS];
	bool found = false;

	take_numbers(upstream, numbers);
	while (!found && next_range(&rest, &first, &last))
		found = compare_to_bound(numbers, first) >= 0 && compare_to_bound(numbers, last) <= 0;
	free(copy);
	return found;
}

static bool is_bound(const char *text)
{
	return !text[strspn(text, "0123456789.")] && (!*text || isdigit((unsigned char)*text));
}

bool version_are_ranges(const char *text)
{
	char *copy = xstrdup(text), *rest = copy, *first, *last;
	bool good = true;

	while (good && next_range(&rest, &first, &last))
		good = is_bound(first) && is_bound(last) && (*first || *last);
	free(copy);
	return good;
}

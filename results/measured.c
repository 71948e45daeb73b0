// SPDX-License-Identifier: GPL-2.0-only
#include "measured.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/die.h"

#define FIGURES_MAX 1024	/* a test's output cannot fill the memory */
#define VALUES_MAX 65536	/* of a figure */
#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.:/%-"
#define NAME_LENGTH 63

static struct measured *find(struct measured_list *list, const char *name, const char *unit, bool less)
{
	struct measured *figure;

	for (size_t i = 0; i < list->count; i++)
		if (!strcmp(list->figures[i].name, name))
			return &list->figures[i];
	if (list->count == FIGURES_MAX)
		return NULL;
	list->figures = xrealloc(list->figures, (list->count + 1) * sizeof(*figure));
	figure = &list->figures[list->count++];
	*figure = (struct measured){ .name = xstrdup(name), .unit = xstrdup(unit), .less_is_better = less };
	return figure;
}

static void add_value(struct measured *figure, double value)
{
	if (figure->count == VALUES_MAX)
		return;
	figure->values = xrealloc(figure->values, (figure->count + 1) * sizeof(*figure->values));
	figure->values[figure->count++] = value;
}

bool measured_is_name(const char *word)
{
	return strlen(word) <= NAME_LENGTH && strspn(word, NAME_CHARACTERS) == strlen(word);
}

void measured_take(struct measured_list *list, const char *diagnostic)
{
	char name[NAME_LENGTH + 1], unit[16], better[8], more[2];
	struct measured *figure;
	double value;

	if (sscanf(diagnostic, "figure %63s %lf %15s %7s %1s", name, &value, unit, better, more) != 4 ||
	    !isfinite(value) || !measured_is_name(name) || !measured_is_name(unit) ||
	    (strcmp(better, "less") && strcmp(better, "more")))
		return;
	figure = find(list, name, unit, !strcmp(better, "less"));
	if (figure)
		add_value(figure, value);
}

void measured_add(struct measured_list *into, const struct measured_list *from)
{
	for (size_t i = 0; i < from->count; i++) {
		const struct measured *figure = &from->figures[i];
		struct measured *mine = find(into, figure->name, figure->unit, figure->less_is_better);

		for (size_t j = 0; mine && j < figure->count; j++)
			add_value(mine, figure->values[j]);
	}
}

void measured_release(struct measured_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->figures[i].name);
		free(list->figures[i].unit);
		free(list->figures[i].values);
	}
	free(list->figures);
	*list = (struct measured_list){ 0 };
}

// SPDX-License-Identifier: GPL-2.0-only
#include "durations.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "lock.h"
#include "mmu.h"
#include "path.h"
#include "results/run.h"

#define FOLDER "durations"

/* One file a mode: an object of seconds by the name of the test. */
struct durations {
	size_t count;
	const char *modes[MMU_MODES];
	char *paths[MMU_MODES];
	json_t *seconds[MMU_MODES];
};

static json_t *read_file(const char *path)
{
	char *text = file_read(path, NULL);
	json_t *object = text ? json_loads(text, 0, NULL) : NULL;

	free(text);
	if (json_is_object(object))
		return object;
	json_decref(object);
	return json_object();
}

struct durations *durations_load(const char *accel, bool full, const char *const modes[],
				 size_t count)
{
	struct durations *durations = xzalloc(sizeof(*durations));
	char *dir = path_cache(FOLDER);

	durations->count = count;
	for (size_t i = 0; i < count; i++) {
		durations->modes[i] = modes[i];
		durations->paths[i] = xasprintf("%s/%s-%s%s.json", dir, accel, modes[i],
						full ? "-full" : "");
		durations->seconds[i] = read_file(durations->paths[i]);
	}
	free(dir);
	return durations;
}

void durations_free(struct durations *durations)
{
	if (!durations)
		return;
	for (size_t i = 0; i < durations->count; i++) {
		json_decref(durations->seconds[i]);
		free(durations->paths[i]);
	}
	free(durations);
}

double durations_of(const struct durations *durations, size_t mode, const char *test)
{
	json_t *value = json_object_get(durations->seconds[mode], test);

	return json_is_number(value) ? json_number_value(value) : -1;
}

/* The test ran to its end, in that mode; a skip says only how long nothing takes. */
static bool counts(const struct run_test *test, const char *mode, const json_t *seconds)
{
	if (test->mmu && strcmp(test->mmu, mode))
		return false;
	return test->verdict == VERDICT_PASS || test->verdict == VERDICT_FAIL ||
	       test->verdict == VERDICT_SPLAT ||
	       (test->verdict == VERDICT_SKIP && !json_object_get(seconds, test->name));
}

/* Other runs may have added to the file. Where it cannot be written, only the order is worse. */
static void keep_mode(const struct durations *durations, size_t mode, const struct run *run)
{
	json_t *seconds = read_file(durations->paths[mode]);
	char *text;

	for (size_t i = 0; i < run->test_count; i++)
		if (counts(&run->tests[i], durations->modes[mode], seconds))
			json_object_set_new(seconds, run->tests[i].name,
					    json_real(run->tests[i].duration_s));
	text = json_dumps(seconds, JSON_INDENT(1) | JSON_SORT_KEYS | JSON_REAL_PRECISION(4));
	if (text)
		file_write(durations->paths[mode], text, strlen(text), 0666);
	free(text);
	json_decref(seconds);
}

void durations_keep(const struct durations *durations, const struct run *run)
{
	int lock = lock_take(FOLDER);

	for (size_t i = 0; i < durations->count; i++)
		keep_mode(durations, i, run);
	lock_drop(lock);
}

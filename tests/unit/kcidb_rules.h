/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The rules of KCIDB's I/O schema v5.3 for what sptest writes (kcidb-io, kcidb_io/schema/v05_03.py):
 * which properties an object may and must have, of which type, by which pattern.
 */
#ifndef SPTEST_KCIDB_RULES_H
#define SPTEST_KCIDB_RULES_H

#include "unit.h"

#include <jansson.h>
#include <regex.h>
#include <string.h>

struct rule {
	const char *name;
	json_type type;
	const char *pattern;	/* of strings; NULL: any */
	bool required;
};

#define ID_PATTERN "^[a-z0-9_]+:[^\n]*$"
#define TIME_PATTERN "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|\\+[0-9]{2}:[0-9]{2})$"
#define STATUS_PATTERN "^(FAIL|ERROR|MISS|PASS|DONE|SKIP)$"

static const struct rule checkout_rules[] = {
	{ "id", JSON_STRING, ID_PATTERN, true }, { "origin", JSON_STRING, "^[a-z0-9_]+$", true },
	{ "tree_name", JSON_STRING, NULL, false }, { "git_commit_name", JSON_STRING, NULL, false },
	{ "patchset_hash", JSON_STRING, "^$|^[0-9a-f]{64}$", false }, { "start_time", JSON_STRING, TIME_PATTERN, false },
	{ "comment", JSON_STRING, NULL, false }, { "misc", JSON_OBJECT, NULL, false }, { 0 },
};

static const struct rule build_rules[] = {
	{ "checkout_id", JSON_STRING, ID_PATTERN, true }, { "id", JSON_STRING, ID_PATTERN, true },
	{ "origin", JSON_STRING, "^[a-z0-9_]+$", true }, { "comment", JSON_STRING, NULL, false },
	{ "start_time", JSON_STRING, TIME_PATTERN, false }, { "duration", JSON_REAL, NULL, false },
	{ "architecture", JSON_STRING, "^[a-z0-9_]*$", false }, { "status", JSON_STRING, STATUS_PATTERN, false },
	{ "config_name", JSON_STRING, NULL, false }, { "misc", JSON_OBJECT, NULL, false }, { 0 },
};

static const struct rule test_rules[] = {
	{ "build_id", JSON_STRING, ID_PATTERN, true }, { "id", JSON_STRING, ID_PATTERN, true },
	{ "origin", JSON_STRING, "^[a-z0-9_]+$", true }, { "environment", JSON_OBJECT, NULL, false },
	{ "path", JSON_STRING, "^([a-zA-Z0-9_-]+(\\.[a-zA-Z0-9_-]+)*)?$", false }, { "comment", JSON_STRING, NULL, false },
	{ "log_excerpt", JSON_STRING, NULL, false }, { "status", JSON_STRING, STATUS_PATTERN, false },
	{ "start_time", JSON_STRING, TIME_PATTERN, false }, { "duration", JSON_REAL, NULL, false },
	{ "misc", JSON_OBJECT, NULL, false }, { 0 },
};

static const struct rule environment_rules[] = {
	{ "comment", JSON_STRING, NULL, false }, { "misc", JSON_OBJECT, NULL, false }, { 0 },
};

static inline void assert_matches(const char *text, const char *pattern)
{
	regex_t regex;

	assert_int_equal(regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB), 0);
	if (regexec(&regex, text, 0, NULL, 0))
		fail_msg("\"%s\" does not match %s", text, pattern);
	regfree(&regex);
}

static inline const struct rule *rule_of(const struct rule *rules, const char *name)
{
	while (rules->name && strcmp(rules->name, name))
		rules++;
	return rules->name ? rules : NULL;
}

static inline void assert_object(const json_t *object, const struct rule *rules)
{
	const char *name;
	json_t *value;

	assert_true(json_is_object(object));
	json_object_foreach((json_t *)object, name, value) {
		const struct rule *rule = rule_of(rules, name);

		if (!rule)
			fail_msg("no such property: %s", name);
		if (json_typeof(value) != rule->type)
			fail_msg("%s is of another type", name);
		if (rule->pattern)
			assert_matches(json_string_value(value), rule->pattern);
		if (rule->type == JSON_STRING)
			assert_true(json_string_length(value) == strlen(json_string_value(value)));
	}
	for (; rules->name; rules++)
		if (rules->required && !json_object_get(object, rules->name))
			fail_msg("%s is missing", rules->name);
}

static inline json_t *find_id(const json_t *array, const char *id)
{
	json_t *one;
	size_t i;

	json_array_foreach((json_t *)array, i, one)
		if (!strcmp(json_string_value(json_object_get(one, "id")), id))
			return one;
	return NULL;
}

static inline void assert_array(const json_t *root, const char *name, const struct rule *rules,
				const char *parents, const char *parent)
{
	const json_t *array = json_object_get(root, name);
	json_t *one;
	size_t i;

	assert_true(json_is_array(array));
	json_array_foreach((json_t *)array, i, one) {
		assert_object(one, rules);
		assert_ptr_equal(find_id(array, json_string_value(json_object_get(one, "id"))), one);
		if (parents)
			assert_non_null(find_id(json_object_get(root, parents),
						json_string_value(json_object_get(one, parent))));
	}
}

/* A whole document, its tests the caller's to look at. */
static inline void assert_kcidb(const json_t *root)
{
	const json_t *version = json_object_get(root, "version");
	json_t *test;
	size_t i;

	assert_int_equal(json_integer_value(json_object_get(version, "major")), 5);
	assert_int_equal(json_integer_value(json_object_get(version, "minor")), 3);
	assert_int_equal(json_object_size(version), 2);
	assert_int_equal(json_object_size(root), 4);
	assert_array(root, "checkouts", checkout_rules, NULL, NULL);
	assert_array(root, "builds", build_rules, "checkouts", "checkout_id");
	assert_array(root, "tests", test_rules, "builds", "build_id");
	json_array_foreach(json_object_get(root, "tests"), i, test) {
		const json_t *excerpt = json_object_get(test, "log_excerpt");

		assert_object(json_object_get(test, "environment"), environment_rules);
		assert_true(!excerpt || json_string_length(excerpt) <= 16384);
	}
}

#endif

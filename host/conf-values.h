/* SPDX-License-Identifier: GPL-2.0-only */
/* What a line of a conf file must look like. All die (STATUS_USAGE) with "FILE:LINE: ..." if it does not. */
#ifndef SPTEST_CONF_VALUES_H
#define SPTEST_CONF_VALUES_H

#include <stdbool.h>
#include <stdnoreturn.h>

#include "conf.h"

/* "FILE:LINE: KEY = VALUE: WANTED is wanted" */
noreturn void conf_refuse(const struct conf *conf, const struct conf_pair *pair, const char *wanted);

/* It is there, and not empty. */
const struct conf_pair *conf_must_have(const struct conf *conf, const char *key);

/* "150 %", at most 1000; 0 where the file does not say. */
unsigned int conf_percent(const struct conf *conf, const char *key);

/* A whole number from 1 to max; 0 where the file does not say. */
unsigned int conf_count(const struct conf *conf, const char *key, unsigned int max);

/* Whether it is the first of two words; false where the file does not say. */
bool conf_is_word(const struct conf *conf, const char *key, const char *yes, const char *no);

/* Which of a NULL-ended list it is; the first where the file does not say. */
const char *conf_one_of(const struct conf *conf, const char *key, const char *const words[]);

/* No key stands there twice, but those of the NULL-ended list. */
void conf_check_repeated(const struct conf *conf, const char *const lists[]);

#endif

// SPDX-License-Identifier: GPL-2.0-only
#include "junit.h"

#include <stdlib.h>

#include "host/die.h"
#include "run.h"
#include "xml-text.h"

struct counts {
	size_t tests, failures, errors, skipped;
};

/*
 * The verdict on the whole test is a testcase of its own where no case says it: a skip, a panic, a
 * hang, KTAP that does not hold together.
 */
static bool needs_own_case(const struct run_test *test)
{
	size_t failed = 0, known = 0;

	for (size_t i = 0; i < test->case_count; i++) {
		failed += test->cases[i].verdict == VERDICT_FAIL;
		known += test->cases[i].verdict == VERDICT_XFAIL;
	}
	if (test->verdict == VERDICT_XFAIL)
		return !known;
	if (!verdict_is_failure(test->verdict))
		return !test->case_count;
	return test->verdict != VERDICT_FAIL || !failed;
}

static void count(struct counts *counts, enum verdict verdict)
{
	counts->tests++;
	if (verdict == VERDICT_SKIP || verdict == VERDICT_XFAIL)
		counts->skipped++;
	else if (verdict == VERDICT_FAIL)
		counts->failures++;
	else if (verdict_is_failure(verdict))
		counts->errors++;
}

static void count_test(struct counts *counts, const struct run_test *test)
{
	for (size_t i = 0; i < test->case_count; i++)
		count(counts, test->cases[i].verdict);
	if (needs_own_case(test))
		count(counts, test->verdict);
}

static void write_counts(xmlTextWriter *writer, const struct counts *counts)
{
	xml_attribute_number(writer, "tests", counts->tests);
	xml_attribute_number(writer, "failures", counts->failures);
	xml_attribute_number(writer, "errors", counts->errors);
	xml_attribute_number(writer, "skipped", counts->skipped);
}

static void write_time(xmlTextWriter *writer, double seconds)
{
	xmlTextWriterWriteFormatAttribute(writer, BAD_CAST "time", "%.3f", seconds);
}

static void write_outcome(xmlTextWriter *writer, enum verdict verdict, const char *reason)
{
	bool skipped = verdict == VERDICT_SKIP || verdict == VERDICT_XFAIL;
	const char *element = skipped ? "skipped" :
			      verdict == VERDICT_FAIL ? "failure" : "error";

	if (!skipped && !verdict_is_failure(verdict))
		return;
	xmlTextWriterStartElement(writer, BAD_CAST element);
	xml_attribute(writer, "message", reason);
	if (!skipped)
		xml_attribute(writer, "type", verdict_name(verdict));
	xmlTextWriterEndElement(writer);
}

static void write_case(xmlTextWriter *writer, const struct run_test *test, const char *name,
		       enum verdict verdict, const char *reason)
{
	char *label = run_test_label(test);

	xmlTextWriterStartElement(writer, BAD_CAST "testcase");
	xml_attribute(writer, "classname", label);
	xml_attribute(writer, "name", name);
	if (name == test->name)
		write_time(writer, test->duration_s);
	write_outcome(writer, verdict, reason);
	xmlTextWriterEndElement(writer);
	free(label);
}

static void write_suite(xmlTextWriter *writer, const struct run *run, const struct run_test *test)
{
	struct counts counts = { 0 };
	char *name = run_test_label(test);

	count_test(&counts, test);
	xmlTextWriterStartElement(writer, BAD_CAST "testsuite");
	xml_attribute(writer, "name", name);
	write_counts(writer, &counts);
	write_time(writer, test->duration_s);
	if (run->started)
		xml_attribute(writer, "timestamp", run->started);
	if (run->kernel_release)
		xml_attribute(writer, "hostname", run->kernel_release);
	for (size_t i = 0; i < test->case_count; i++)
		write_case(writer, test, test->cases[i].name, test->cases[i].verdict,
			   test->cases[i].reason);
	if (needs_own_case(test))
		write_case(writer, test, test->name, test->verdict, test->reason);
	xmlTextWriterEndElement(writer);
	free(name);
}

char *junit_xml(const struct run *run)
{
	xmlBuffer *buffer = xmlBufferCreate();
	xmlTextWriter *writer = xmlNewTextWriterMemory(buffer, 0);
	struct counts counts = { 0 };
	char *xml;

	if (!writer)
		die(STATUS_HARNESS, "out of memory");
	for (size_t i = 0; i < run->test_count; i++)
		count_test(&counts, &run->tests[i]);
	xmlTextWriterSetIndent(writer, 1);
	xmlTextWriterStartDocument(writer, NULL, "UTF-8", NULL);
	xmlTextWriterStartElement(writer, BAD_CAST "testsuites");
	xml_attribute(writer, "name", "sptest");
	write_counts(writer, &counts);
	write_time(writer, run->duration_s);
	for (size_t i = 0; i < run->test_count; i++)
		write_suite(writer, run, &run->tests[i]);
	xmlTextWriterEndDocument(writer);
	xmlFreeTextWriter(writer);
	xml = xstrdup((const char *)xmlBufferContent(buffer));
	xmlBufferFree(buffer);
	return xml;
}

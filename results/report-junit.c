// SPDX-License-Identifier: GPL-2.0-only
#include <libxml/xmlwriter.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/die.h"
#include "report-forms.h"
#include "report.h"
#include "xml-text.h"

static void put_totals(xmlTextWriter *writer, const struct report_totals *totals)
{
	size_t skipped = totals->by_verdict[VERDICT_SKIP] + totals->by_verdict[VERDICT_XFAIL];
	size_t failed = totals->by_verdict[VERDICT_FAIL];

	xml_attribute_number(writer, "tests", totals->tests);
	xml_attribute_number(writer, "failures", failed);
	xml_attribute_number(writer, "errors", totals->failures - failed);
	xml_attribute_number(writer, "skipped", skipped);
}

/* Its cases as text: what a viewer of JUnit unfolds. */
static void put_cases(xmlTextWriter *writer, const struct report_test *test)
{
	for (size_t i = 0; i < test->case_count; i++) {
		char *line = xasprintf("%s: %s: %s\n", test->cases[i].name,
				       verdict_name(test->cases[i].verdict), test->cases[i].reason);

		xml_text(writer, line);
		free(line);
	}
}

static void put_class(xmlTextWriter *writer, const struct report_test *test)
{
	char *line = xasprintf("run again: %s\n", test->class);

	xml_text(writer, line);
	free(line);
}

static void put_outcome(xmlTextWriter *writer, const struct report *report, const struct report_test *test)
{
	char *command;

	if (test->verdict == VERDICT_SKIP || test->verdict == VERDICT_XFAIL) {
		xmlTextWriterStartElement(writer, BAD_CAST "skipped");
		xml_attribute(writer, "message", test->reason);
		xmlTextWriterEndElement(writer);
		return;
	}
	if (!verdict_is_failure(test->verdict))
		return;
	command = report_command(report, test);
	xmlTextWriterStartElement(writer, BAD_CAST (test->verdict == VERDICT_FAIL ? "failure" : "error"));
	xml_attribute(writer, "message", test->reason);
	xml_attribute(writer, "type", verdict_name(test->verdict));
	if (*test->class)
		put_class(writer, test);
	put_cases(writer, test);
	xml_text(writer, command);
	xmlTextWriterEndElement(writer);
	free(command);
}

static void put_test(xmlTextWriter *writer, const struct report *report, const struct report_test *test)
{
	char *place = report_place(report, test);

	xmlTextWriterStartElement(writer, BAD_CAST "testcase");
	xml_attribute(writer, "classname", place);
	xml_attribute(writer, "name", test->name);
	xmlTextWriterWriteFormatAttribute(writer, BAD_CAST "time", "%.3f", test->duration_s);
	put_outcome(writer, report, test);
	xmlTextWriterEndElement(writer);
	free(place);
}

static void put_run(xmlTextWriter *writer, const struct report *report, size_t number)
{
	const struct report_run *run = &report->runs[number];
	char *name = xasprintf("%s %s run %lld", run->kernel, run->mmu, (long long)run->id);

	xmlTextWriterStartElement(writer, BAD_CAST "testsuite");
	xml_attribute(writer, "name", name);
	put_totals(writer, &run->totals);
	xmlTextWriterWriteFormatAttribute(writer, BAD_CAST "time", "%.3f", run->duration_s);
	xml_attribute(writer, "timestamp", run->started);
	xml_attribute(writer, "hostname", run->kernel);
	for (size_t i = 0; i < report->test_count; i++)
		if (report->tests[i].run == number)
			put_test(writer, report, &report->tests[i]);
	xmlTextWriterEndElement(writer);
	free(name);
}

char *report_junit(const struct report *report)
{
	xmlBuffer *buffer = xmlBufferCreate();
	xmlTextWriter *writer;
	char *xml;

	xmlBufferSetAllocationScheme(buffer, XML_BUFFER_ALLOC_DOUBLEIT);
	writer = xmlNewTextWriterMemory(buffer, 0);
	if (!writer)
		die(STATUS_HARNESS, "out of memory");
	xmlTextWriterSetIndent(writer, 1);
	xmlTextWriterStartDocument(writer, NULL, "UTF-8", NULL);
	xmlTextWriterStartElement(writer, BAD_CAST "testsuites");
	xml_attribute(writer, "name", "sptest");
	put_totals(writer, &report->totals);
	for (size_t i = 0; i < report->run_count; i++)
		put_run(writer, report, i);
	xmlTextWriterEndDocument(writer);
	xmlFreeTextWriter(writer);
	xml = xstrdup((const char *)xmlBufferContent(buffer));
	xmlBufferFree(buffer);
	return xml;
}

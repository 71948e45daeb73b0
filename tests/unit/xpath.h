/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SPTEST_XPATH_H
#define SPTEST_XPATH_H

#include "unit.h"

#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <string.h>

/* What an XPath expression says of an XML text, as a number; the text must be well-formed. */
static inline double xpath(const char *xml, const char *expression)
{
	xmlDoc *doc = xmlReadMemory(xml, strlen(xml), "x.xml", NULL, XML_PARSE_NOERROR | XML_PARSE_HUGE);
	xmlXPathContext *context;
	xmlXPathObject *object;
	double value;

	assert_non_null(doc);
	context = xmlXPathNewContext(doc);
	object = xmlXPathEvalExpression(BAD_CAST expression, context);
	assert_non_null(object);
	value = xmlXPathCastToNumber(object);
	xmlXPathFreeObject(object);
	xmlXPathFreeContext(context);
	xmlFreeDoc(doc);
	return value;
}

#define assert_xpath(xml, expression, expected) \
	do { \
		double value = xpath(xml, expression); \
		if (value != (expected)) \
			fail_msg("%s is %g, not %g", expression, value, (double)(expected)); \
	} while (0)

#endif

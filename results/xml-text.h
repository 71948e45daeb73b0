/* SPDX-License-Identifier: GPL-2.0-only */
/* Any bytes as attributes and text of XML. */
#ifndef SPTEST_XML_TEXT_H
#define SPTEST_XML_TEXT_H

#include <libxml/xmlwriter.h>
#include <stddef.h>

void xml_attribute(xmlTextWriter *writer, const char *name, const char *value);
void xml_attribute_number(xmlTextWriter *writer, const char *name, size_t value);
void xml_text(xmlTextWriter *writer, const char *text);

#endif

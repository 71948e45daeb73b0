// SPDX-License-Identifier: GPL-2.0-only
#include "xml-text.h"

#include <stdlib.h>

#include "text.h"

void xml_attribute(xmlTextWriter *writer, const char *name, const char *value)
{
	char *clean = text_clean(value);

	xmlTextWriterWriteAttribute(writer, BAD_CAST name, BAD_CAST clean);
	free(clean);
}

void xml_attribute_number(xmlTextWriter *writer, const char *name, size_t value)
{
	xmlTextWriterWriteFormatAttribute(writer, BAD_CAST name, "%zu", value);
}

void xml_text(xmlTextWriter *writer, const char *text)
{
	char *clean = text_clean(text);

	xmlTextWriterWriteString(writer, BAD_CAST clean);
	free(clean);
}

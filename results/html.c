// SPDX-License-Identifier: GPL-2.0-only
#include "html.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/die.h"
#include "xml-text.h"

struct html {
	xmlBuffer *buffer;
	xmlTextWriter *writer;
};

struct html *html_new(void)
{
	struct html *html = xzalloc(sizeof(*html));

	html->buffer = xmlBufferCreate();
	xmlBufferSetAllocationScheme(html->buffer, XML_BUFFER_ALLOC_DOUBLEIT);
	html->writer = xmlNewTextWriterMemory(html->buffer, 0);
	if (!html->writer)
		die(STATUS_HARNESS, "out of memory");
	html_raw(html, "<!DOCTYPE html>\n");
	return html;
}

char *html_finish(struct html *html)
{
	char *text;

	xmlTextWriterEndDocument(html->writer);
	xmlFreeTextWriter(html->writer);
	text = xstrdup((const char *)xmlBufferContent(html->buffer));
	xmlBufferFree(html->buffer);
	free(html);
	return text;
}

void html_open(struct html *html, const char *tag, const char *class)
{
	xmlTextWriterStartElement(html->writer, BAD_CAST tag);
	if (class)
		xmlTextWriterWriteAttribute(html->writer, BAD_CAST "class", BAD_CAST class);
}

void html_attribute(struct html *html, const char *name, const char *value)
{
	xml_attribute(html->writer, name, value);
}

void html_text(struct html *html, const char *text)
{
	xml_text(html->writer, text);
}

void html_printf(struct html *html, const char *format, ...)
{
	va_list ap;
	char *text;
	int n;

	va_start(ap, format);
	n = vasprintf(&text, format, ap);
	va_end(ap);
	if (n < 0)
		die(STATUS_HARNESS, "out of memory");
	html_text(html, text);
	free(text);
}

void html_close(struct html *html)
{
	xmlTextWriterFullEndElement(html->writer);
}

void html_void(struct html *html)
{
	xmlTextWriterEndElement(html->writer);
}

void html_element(struct html *html, const char *tag, const char *class, const char *text)
{
	html_open(html, tag, class);
	html_text(html, text);
	html_close(html);
}

void html_raw(struct html *html, const char *markup)
{
	xmlTextWriterWriteRaw(html->writer, BAD_CAST markup);
}

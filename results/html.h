/* SPDX-License-Identifier: GPL-2.0-only */
/* HTML that is XML as well. Any bytes may come as text: they are cleaned and escaped. */
#ifndef SPTEST_HTML_H
#define SPTEST_HTML_H

struct html;

struct html *html_new(void);

/* The text, the caller's to free; html is gone. */
char *html_finish(struct html *html);

/* <tag class="...">; class NULL: none. */
void html_open(struct html *html, const char *tag, const char *class);
void html_attribute(struct html *html, const char *name, const char *value);
void html_text(struct html *html, const char *text);
void html_printf(struct html *html, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* </tag>, of the innermost open one; html_void() for those that have no end, as meta. */
void html_close(struct html *html);
void html_void(struct html *html);

/* <tag class="...">text</tag> */
void html_element(struct html *html, const char *tag, const char *class, const char *text);

/* As it is: only for constants, and for XML that another program made of clean text. */
void html_raw(struct html *html, const char *markup);

#endif

// SPDX-License-Identifier: GPL-2.0-only
#include "xpath.h"

#include <glob.h>
#include <jansson.h>
#include <libxml/relaxng.h>

#include "host/die.h"
#include "host/workload-file.h"
#include "workload/libvirt/domain-xml.h"

#define SCHEMA "/usr/share/libvirt/schemas/domain.rng"

static const char *const backings[] = { "anonymous", "memfd", "hugepages", "locked", "nosharepages" };

static const struct domain domain = {
	.name = "sptest-1-1", .kvm = true, .kernel = "/cache/a & b/vmlinuz", .initrd = "/cache/initrd",
	.image = "/cache/image.iso", .data = "/runs/data", .channel = "/tmp/channel", .log = "/runs/guest.log",
	.beats = "sptest-1-1",
};

/* The plan of a workload, of text written to a file, with this backing. */
static json_t *load(struct plan *plan, const char *path, const char *backing)
{
	const struct workload_choice choice = { .scale = workload_scale("small") };
	json_t *description = workload_file_read(path, "workload", "it", &choice, false);
	json_error_t error;

	*plan = (struct plan){ .root = json_object_get(description, "plan") };
	if (backing)
		json_object_set_new(plan->root, "backing", json_string(backing));
	if (!plan_read(plan, &error))
		fail_msg("%s: %s", path, error.text);
	return description;
}

static char *xml_of(const char *more)
{
	static const char fixed[] = "proves = x\nguest = 150 %\njob = true\n";
	char path[] = "/tmp/sptest-unit.XXXXXX", *xml;
	struct plan plan;
	json_t *description;
	FILE *file = fdopen(mkstemp(path), "w");

	assert_non_null(file);
	fprintf(file, "%s%s\n", fixed, more);
	fclose(file);
	description = load(&plan, path, NULL);
	unlink(path);
	xml = domain_xml(&plan, &domain);
	json_decref(description);
	return xml;
}

static void __attribute__((format(printf, 2, 3))) say(void *quiet, const char *fmt, ...)
{
	va_list ap;

	if (quiet)
		return;
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
}

static bool is_valid(const char *xml, xmlRelaxNG *schema, bool quiet)
{
	xmlDoc *doc = xmlReadMemory(xml, strlen(xml), "domain.xml", NULL, 0);
	xmlRelaxNGValidCtxt *context = xmlRelaxNGNewValidCtxt(schema);
	bool valid;

	assert_non_null(doc);
	xmlRelaxNGSetValidErrors(context, say, say, quiet ? schema : NULL);
	valid = xmlRelaxNGValidateDoc(context, doc) == 0;
	xmlRelaxNGFreeValidCtxt(context);
	xmlFreeDoc(doc);
	return valid;
}

static xmlRelaxNG *load_schema(void)
{
	xmlRelaxNGParserCtxt *context = xmlRelaxNGNewParserCtxt(SCHEMA);
	xmlRelaxNG *schema = xmlRelaxNGParse(context);

	xmlRelaxNGFreeParserCtxt(context);
	if (!schema)
		fail_msg(SCHEMA ": ci/setup test installs it");
	return schema;
}

static void check_all(xmlRelaxNG *schema, const char *path, size_t *count)
{
	for (size_t i = 0; i < sizeof(backings) / sizeof(backings[0]); i++) {
		struct plan plan;
		json_t *description = load(&plan, path, backings[i]);
		char *xml = domain_xml(&plan, &domain);

		if (!is_valid(xml, schema, false))
			fail_msg("%s, %s:\n%s", path, backings[i], xml);
		free(xml);
		json_decref(description);
		++*count;
	}
}

static void every_workload_with_every_backing_is_valid(void **state)
{
	xmlRelaxNG *schema = load_schema();
	size_t count = 0;
	glob_t found;

	(void)state;
	assert_int_equal(glob(SOURCE_DIR "/workloads/*", 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++)
		check_all(schema, found.gl_pathv[i], &count);
	assert_true(found.gl_pathc >= 7);
	assert_int_equal(count, found.gl_pathc * 5);
	globfree(&found);
	xmlRelaxNGFree(schema);
}

/* The schema is no rubber stamp. */
static void what_libvirt_does_not_know_is_invalid(void **state)
{
	xmlRelaxNG *schema = load_schema();
	char *xml = xml_of(""), *word = strstr(xml, "ivshmem-plain");

	(void)state;
	assert_true(is_valid(xml, schema, true));
	memcpy(word, "ivshmem-fancy", strlen("ivshmem-plain"));
	assert_false(is_valid(xml, schema, true));
	free(xml);
	xmlRelaxNGFree(schema);
}

/* What a line of the workload's file comes to. */
static void expect(const char *line, const char *expression)
{
	char *xml = xml_of(line), *whole = xasprintf("count(/domain[%s])", expression);

	assert_xpath(xml, whole, 1);
	free(whole);
	free(xml);
}

static void memory_is_what_the_file_says(void **state)
{
	(void)state;
	expect("", "memory[@unit='MiB'] = 384 and not(memoryBacking or memtune or numatune or maxMemory)");
	expect("backing = memfd", "memoryBacking[source/@type = 'memfd' and access/@mode = 'shared']");
	expect("backing = hugepages", "memoryBacking/hugepages/page[@size = 2048 and @unit = 'KiB']");
	expect("backing = locked", "memoryBacking/locked and memtune/hard_limit[@unit = 'MiB'] = 384 + 1024");
	expect("backing = nosharepages", "memoryBacking/nosharepages");
	expect("node = 0", "numatune/memory[@mode = 'strict' and @nodeset = '0']");
	expect("hotplug = 50 %", "maxMemory = 512 and memory = 512 and currentMemory = 384 and "
	       "devices/memory[@model = 'virtio-mem']/target[size = 128 and requested = 0]");
}

static void devices_are_what_the_file_says(void **state)
{
	(void)state;
	expect("", "vcpu = 1 and not(iothreads) and devices/memballoon/@model = 'none'");
	expect("balloon = 40 %", "devices/memballoon/@model = 'virtio'");
	expect("cpus = 3", "vcpu = 3");
	expect("iothreads = 2", "iothreads = 2 and count(devices/disk[driver/@iothread = 1]) = 2");
	expect("", "devices/channel[source/@mode = 'connect' and source/@path = '/tmp/channel']"
	       "/target[@type = 'virtio' and @name = 'sptest.channel']");
	expect("", "devices/serial[@type = 'file']/source/@path = '/runs/guest.log'");
	expect("", "devices/disk[source/@file = '/cache/image.iso' and readonly]/target/@dev = 'vda'");
	expect("", "os/kernel = '/cache/a & b/vmlinuz'");
}

static void a_plug_is_the_same_device_with_another_request(void **state)
{
	const struct plan plan = { .guest_mib = 384, .hotplug_mib = 128 };
	char *xml = domain_plug_xml(&plan, 64);

	(void)state;
	assert_xpath(xml, "count(/memory[@model = 'virtio-mem']/target[size = 128 and requested = 64 and node = 0])", 1);
	assert_xpath(xml, "count(/memory[alias/@name = 'ua-plug']/address[@slot = '0x1e'])", 1);
	free(xml);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_workload_with_every_backing_is_valid),
		cmocka_unit_test(what_libvirt_does_not_know_is_invalid),
		cmocka_unit_test(memory_is_what_the_file_says),
		cmocka_unit_test(devices_are_what_the_file_says),
		cmocka_unit_test(a_plug_is_the_same_device_with_another_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

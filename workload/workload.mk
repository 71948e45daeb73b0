# SPDX-License-Identifier: GPL-2.0-only
# The director of workloads, a program of the host machine.

workload_obj := $(patsubst $(srcdir)/%.c,$(out)/obj/%.o,$(wildcard $(srcdir)/workload/*.c))
# Where the kernel keeps what a probe looks at.
workload_btf := $(out)/obj/selftests/lib.a
# What it has in common with the runner: leaves.
workload_shared_obj := $(patsubst %,$(out)/obj/host/%.o,args channel clock die klog path proc qmp)

build: $(out)/libexec/workload

$(out)/libexec/workload: $(workload_obj) $(workload_shared_obj) $(workload_btf)
	$(say) LD $(@:$(out)/%=%)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(shell pkg-config --libs jansson) -lbpf

$(workload_obj): cflags += -I$(srcdir)/selftests
$(workload_obj): $(out)/obj/%.o: $(srcdir)/%.c $(srcdir)/workload/workload.mk
	$(say) CC $*.o
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(cflags) $(shell pkg-config --cflags jansson) -c -o $@ $<

-include $(workload_obj:.o=.d)

# The one of --here: another carrier of guests, which needs libvirt. Without it everything else is built.
here_obj := $(patsubst $(srcdir)/%.c,$(out)/obj/%.o,$(wildcard $(srcdir)/workload/libvirt/*.c))
here_shared_obj := $(filter-out %-qemu.o %/qemu-x86.o,$(workload_obj)) $(workload_shared_obj) \
	$(patsubst %,$(out)/obj/results/%.o,text xml-text)
here_libs := jansson libxml-2.0 libvirt
domain_xml_obj := $(out)/obj/workload/libvirt/domain-xml.o

ifeq ($(shell pkg-config --exists libvirt && echo yes),yes)
build: $(out)/libexec/workload-here
else
build: no-libvirt
endif

.PHONY: no-libvirt
no-libvirt:
	@echo "  sptest workload --here is left out: it needs libvirt-dev (ci/setup libvirt installs it)"

$(out)/libexec/workload-here: $(here_obj) $(here_shared_obj) $(workload_btf)
	$(say) LD $(@:$(out)/%=%)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(shell pkg-config --libs $(here_libs)) -lbpf

$(here_obj): $(out)/obj/%.o: $(srcdir)/%.c $(srcdir)/workload/workload.mk
	$(say) CC $*.o
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(cflags) $(shell pkg-config --cflags jansson libxml-2.0) -c -o $@ $<

-include $(here_obj:.o=.d)

# Unit tests of its pure parts (test.mk has the rule).
workload_unit := $(patsubst %,$(out)/tests/unit/test_%,acts detector domain_xml ending job_figures standstill)
$(workload_unit): $(filter-out %/main.o %-qemu.o %/qemu-x86.o %/guest.o %/resize.o %/watched.o %/churn.o,$(workload_obj))
$(out)/tests/unit/test_domain_xml: $(domain_xml_obj)
$(workload_unit): $(workload_btf)
$(workload_unit): runner_ldlibs += $(workload_btf) -lbpf

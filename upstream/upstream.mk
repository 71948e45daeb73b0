# SPDX-License-Identifier: GPL-2.0-only
# What runs a kselftest of the kernel as a test of sptest, and what builds those from a kernel's source.

upstream_obj := $(patsubst $(srcdir)/%.c,$(out)/obj/%.o,$(wildcard $(srcdir)/upstream/*.c))
upstream_cflags := -I$(srcdir)/selftests
upstream_ldlibs = $(out)/obj/selftests/lib.a -lbpf -pthread

build: $(out)/libexec/upstream/upstream-test $(out)/libexec/build-upstream

$(out)/libexec/upstream/upstream-test: $(upstream_obj) $(out)/obj/selftests/lib.a
	$(say) LD $(@:$(out)/%=%)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -o $@ $(upstream_obj) $(upstream_ldlibs)

$(upstream_obj): $(out)/obj/%.o: $(srcdir)/%.c $(srcdir)/upstream/upstream.mk
	$(say) CC $*.o
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(cflags) $(upstream_cflags) -c -o $@ $<

$(out)/libexec/build-upstream:
	$(Q)mkdir -p $(@D)
	$(Q)ln -sfn $(srcdir)/upstream/build $@

-include $(upstream_obj:.o=.d)

# Its unit test links against what it tests (test.mk has the rule).
$(out)/tests/unit/test_upstream_words: $(out)/obj/upstream/words.o

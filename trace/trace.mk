# SPDX-License-Identifier: GPL-2.0-only
# The tool that `sptest trace` starts: the selftests' event record, for any program.

trace_obj := $(patsubst $(srcdir)/%.c,$(out)/obj/%.o,$(wildcard $(srcdir)/trace/*.c))
trace_cflags := -I$(srcdir)/selftests
selftest_lib := $(out)/obj/selftests/lib.a
trace_ldlibs = $(selftest_lib) -lbpf

build: $(out)/libexec/tools/sptest-trace

$(out)/libexec/tools/sptest-trace: $(trace_obj) $(selftest_lib)
	$(say) LD $(@:$(out)/%=%)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -o $@ $(trace_obj) $(trace_ldlibs)

$(selftest_lib): selftests ;

$(trace_obj): $(out)/obj/%.o: $(srcdir)/%.c $(srcdir)/trace/trace.mk
	$(say) CC $*.o
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(cflags) $(trace_cflags) -c -o $@ $<

# Unit tests of the event record link against the selftests' library as well (test.mk has the rule).
trace_unit := $(patsubst $(srcdir)/%.c,$(out)/%,$(wildcard $(srcdir)/tests/unit/test_trace*.c))
trace_unit_obj := $(out)/obj/trace/follow.o

$(trace_unit): $(selftest_lib) $(trace_unit_obj)
$(trace_unit:$(out)/%=$(out)/obj/%.o): runner_cflags += $(trace_cflags)
$(trace_unit): runner_ldlibs += $(trace_ldlibs)

-include $(trace_obj:.o=.d)

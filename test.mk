# SPDX-License-Identifier: GPL-2.0-only
# The harness's own tests, and the linters.

unit_src := $(wildcard $(srcdir)/tests/unit/*.c)
unit_bin := $(unit_src:$(srcdir)/%.c=$(out)/%)
# Everything of the runner but its main().
unit_obj := $(filter-out $(out)/obj/host/sptest.o,$(runner_obj))
unit_test_obj := $(unit_src:$(srcdir)/%.c=$(out)/obj/%.o)

$(unit_test_obj): $(out)/obj/%.o: $(srcdir)/%.c $(srcdir)/test.mk
	$(say) CC $*.o
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(cflags) $(runner_cflags) $(shell pkg-config --cflags cmocka) \
		-DSOURCE_DIR='"$(srcdir)"' -c -o $@ $<

$(unit_bin): $(out)/%: $(out)/obj/%.o $(unit_obj)
	$(say) LD $(@:$(out)/%=%)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(runner_ldlibs) $(shell pkg-config --libs cmocka)

-include $(unit_test_obj:.o=.d)

.PHONY: unit-programs
unit-programs: $(unit_bin)

run_tests = TESTS=$(call quote,$(TESTS)) V=$(call quote,$(V)) \
	$(srcdir)/tests/run $(call quote,$(out))

#h target test|the harness's own tests: unit, shell and meta|make test
.PHONY: test
test:
	$(Q)$(srcdir)/ci/setup build run test kernel docs
	$(Q)$(MAKE) build unit-programs
	$(Q)$(run_tests) unit shell meta

#h target unit|tests of the runner's parts (cmocka)|make unit TESTS=test_ktap
.PHONY: unit
unit:
	$(Q)$(srcdir)/ci/setup build test
	$(Q)$(MAKE) unit-programs
	$(Q)$(run_tests) unit

#h target shell-test|tests of commands and scripts (bats, shellcheck)|make shell-test
.PHONY: shell-test
shell-test:
	$(Q)$(srcdir)/ci/setup build run test kernel docs
	$(Q)$(MAKE) build
	$(Q)$(run_tests) shell

#h target meta|kernels that panic, hang and splat on real machines|make meta TESTS=panic
.PHONY: meta
meta:
	$(Q)$(srcdir)/ci/setup build run test
	$(Q)$(MAKE) build
	$(Q)$(run_tests) meta

#h target lint|shellcheck, cppcheck and gcc -fanalyzer|make lint
.PHONY: lint
lint:
	$(Q)$(srcdir)/ci/setup build lint
	$(Q)$(srcdir)/ci/lint

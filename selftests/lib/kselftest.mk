# SPDX-License-Identifier: GPL-2.0-only
# The conventions of the kernel's tools/testing/selftests, for a CI that knows those and not sptest:
#
#	make -C selftests [TARGETS="zap cow"] [SKIP_TARGETS="oom"] [O=FOLDER]
#	make -C selftests run_tests [summary=1]
#	make -C selftests install [INSTALL_PATH=FOLDER]
#	make -C selftests gen_tar [FORMAT=.xz]
#	make -C selftests source_tar [FORMAT=.xz]

KSFT_INSTALL_PATH ?= $(out)/../../kselftest_install
INSTALL_PATH ?= $(KSFT_INSTALL_PATH)
install_path := $(abspath $(INSTALL_PATH))
FORMAT ?= .gz
tarball := $(install_path)/kselftest-packages/kselftest.tar$(FORMAT)
source_tarball := $(install_path)/kselftest-packages/selftests-source.tar$(FORMAT)

# A collection's time limit is that of its slowest test, as the tests say it of themselves, but not below
# the default of kselftest.
settings_of = { echo 45; sed -n 's/^[[:space:]]*\.timeout_s = \([0-9]*\),.*/\1/p' $(wildcard $(src)/$(1)/*.c); } | \
	sort -n | tail -n 1 | sed 's/^/timeout=/'

# What all collections need of a kernel's configuration, and what this one needs beyond it.
config_of = cat $(src)/config $(wildcard $(src)/$(1)/config) | grep -v '^\#' | LC_ALL=C sort -u

define install_group
	$(Q)install -m 755 -D -t $(install_path)/$(1) $(filter $(out)/$(1)/%,$(tests:%=$(out)/%))
	$(Q)$(call settings_of,$(1)) >$(install_path)/$(1)/settings
	$(Q)$(call config_of,$(1)) >$(install_path)/$(1)/config
	$(Q)printf '%s\n' $(patsubst $(1)/%,$(1):%,$(sort $(filter $(1)/%,$(tests)))) >>$(install_path)/kselftest-list.txt

endef

.PHONY: install
install: all
	$(say) INSTALL $(install_path)
	$(Q)mkdir -p $(install_path)
	$(Q)install -m 755 $(src)/run_kselftest.sh $(install_path)/
	$(Q)rm -f $(install_path)/kselftest-list.txt
	$(foreach g,$(groups),$(call install_group,$(g)))

.PHONY: run_tests
run_tests: install
	$(Q)$(install_path)/run_kselftest.sh $(if $(summary),--per-test-log)

.PHONY: gen_tar
gen_tar: install
	$(Q)mkdir -p $(dir $(tarball))
	$(Q)tar -c -a -f $(tarball) --exclude=kselftest-packages -C $(install_path) .
	@echo "Created $(tarball)"

# What it takes to build the tests elsewhere: this folder and the spte reader, side by side.
.PHONY: source_tar
source_tar:
	$(Q)mkdir -p $(dir $(source_tarball))
	$(Q)tar -c -a -f $(source_tarball) --transform 's:^:sptest-selftests/:' -C $(src)/.. COPYING selftests spte
	@echo "Created $(source_tarball)"

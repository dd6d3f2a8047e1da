# onetrail: make demo, make check. Everything that is built goes under $(B).
VERSION = 0.1.0
B ?= build
PREFIX ?= /usr/local
CC ?= cc
PACKAGES = libzstd sqlite3 libpcre2-8 jansson libcrypto libxxhash zlib libpcap ncursesw libedit

CFLAGS ?= -O2 -g
WARNINGS = -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes
SAN_FLAGS = $(if $(SAN),-fsanitize=address$(comma)undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
comma := ,
ifdef SAN
override B := $(B)-san
endif
ALL_CFLAGS = -std=c11 -D_GNU_SOURCE -DONETRAIL_VERSION='"$(VERSION)"' -Iinclude $(WARNINGS) $(CFLAGS) $(SAN_FLAGS) -pthread
LDLIBS = -Wl,--as-needed $(shell pkg-config --libs $(PACKAGES)) -lm -pthread

# One static library a folder, in the order in which they may use each other (tests/layers.sh holds them to it).
base_src := $(wildcard lib/base/*.c)
store_src := $(wildcard lib/store/*.c)
correlate_src := $(wildcard lib/correlate/*.c)
collector_src := $(filter-out collector/main.c,$(wildcard collector/*.c))
query_src := $(filter-out query/main.c,$(wildcard query/*/*.c query/*.c))
tui_src := $(filter-out tui/main.c,$(wildcard tui/*.c))
LIBS_collector = $(B)/collector.a $(B)/correlate.a $(B)/store.a $(B)/base.a
LIBS_query = $(B)/query.a $(B)/correlate.a $(B)/store.a $(B)/base.a
LIBS_tui = $(B)/tui.a $(LIBS_query)
PROGRAMS = $(B)/onetrail $(B)/onetrail-collect $(B)/onetrail-tui

all: $(PROGRAMS)

# What the build needs, and what the tests need beside it: looked for, and installed by package name where missing.
define need # test, packages
@mkdir -p $(@D); if ! { $(1); } >/dev/null 2>&1; then \
	[ "$$(id -u)" = 0 ] && run= || run="sudo "; line="apt-get install -y --no-install-recommends $(2)"; \
	if [ -n "$$run" ] && ! command -v sudo >/dev/null; then echo "needed first, as root: $$line" >&2; exit 1; fi; \
	echo "$$run$$line"; { $${run}apt-get update && $${run}$$line; } >$@.log 2>&1 || { tail -n 5 $@.log >&2; exit 1; }; \
fi; touch $@
endef
$(B)/.needs-build: ; $(call need,pkg-config --exists $(PACKAGES) && test -d /usr/share/zoneinfo,\
	pkg-config libzstd-dev libsqlite3-dev libpcre2-dev libjansson-dev libssl-dev libxxhash-dev zlib1g-dev libpcap-dev libncurses-dev libedit-dev tzdata)
$(B)/.needs-check: ; $(call need,command -v zstd && command -v gzip && command -v python3,zstd gzip python3)

define library
$(B)/$(1).a: $$($(1)_src:%.c=$(B)/%.o)
	@rm -f $$@
	@ar rcs $$@ $$^
endef
$(foreach l,base store correlate collector query tui,$(eval $(call library,$(l))))

# Descriptions of formats are data, embedded.
formats := $(sort $(wildcard collector/formats/*.json))
$(B)/formats.c: collector/embed.sh $(formats) ; @mkdir -p $(@D) && sh collector/embed.sh $(formats) >$@
$(B)/formats.o: $(B)/formats.c ; @$(CC) $(ALL_CFLAGS) -I. -c -o $@ $<
$(B)/collector.a: $(B)/formats.o

$(B)/%.o: %.c | $(B)/.needs-build
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/onetrail: $(B)/query/main.o $(LIBS_query)
	@$(CC) $(ALL_CFLAGS) -o $@ $^ $(LDLIBS)
$(B)/onetrail-collect: $(B)/collector/main.o $(LIBS_collector)
	@$(CC) $(ALL_CFLAGS) -o $@ $^ $(LDLIBS)
$(B)/onetrail-tui: $(B)/tui/main.o $(LIBS_tui)
	@$(CC) $(ALL_CFLAGS) -o $@ $^ $(LDLIBS)

# Unit tests: tests/unit/LAYER/NAME.c, each a program that links its layer and those below.
unit_tests := $(patsubst tests/unit/%.c,$(B)/unit/%,$(wildcard tests/unit/*/*.c))
$(B)/unit/base/%: $(B)/tests/unit/base/%.o $(B)/base.a ; @mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) -o $@ $^ $(LDLIBS)
$(B)/unit/store/%: $(B)/tests/unit/store/%.o $(B)/store.a $(B)/base.a ; @mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) -o $@ $^ $(LDLIBS)
$(B)/unit/correlate/%: $(B)/tests/unit/correlate/%.o $(B)/correlate.a $(B)/store.a $(B)/base.a ; @mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) -o $@ $^ $(LDLIBS)
$(B)/unit/collector/%: $(B)/tests/unit/collector/%.o $(LIBS_collector) ; @mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) -o $@ $^ $(LDLIBS)
$(B)/unit/query/%: $(B)/tests/unit/query/%.o $(LIBS_query) ; @mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) -o $@ $^ $(LDLIBS)
$(B)/unit/tui/%: $(B)/tests/unit/tui/%.o $(LIBS_tui) ; @mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) -o $@ $^ $(LDLIBS)
$(B)/tests/%.o: ALL_CFLAGS += -I.

# Property tests and fault injection: programs that link everything; fuzz targets, replayed over fixtures/fuzz.
prop_tests := $(patsubst tests/%.c,$(B)/%,$(wildcard tests/prop/*.c tests/crash/*.c))
fuzz_targets := $(patsubst tests/fuzz/%.c,$(B)/fuzz/%,$(filter-out tests/fuzz/replay.c,$(wildcard tests/fuzz/*.c)))
LIBS_all = $(B)/query.a $(LIBS_collector)
$(B)/prop/%: $(B)/tests/prop/%.o $(LIBS_all) ; @mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) -o $@ $^ $(LDLIBS)
$(B)/crash/%: $(B)/tests/crash/%.o $(LIBS_all) ; @mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) -o $@ $^ $(LDLIBS)
$(B)/fuzz/%: $(B)/tests/fuzz/%.o $(B)/tests/fuzz/replay.o $(LIBS_all) ; @mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) -o $@ $^ $(LDLIBS)

check: $(B)/.needs-check $(PROGRAMS) $(unit_tests) $(prop_tests) $(fuzz_targets) $(B)/oracle/plain
	@sh tests/run.sh $(B)

# Answers held against a plain program over the raw lines (N records), and what collecting and asking cost (QUICK=1, PEERS=1).
$(B)/oracle/plain: $(patsubst %.c,$(B)/%.o,$(wildcard tests/oracle/*.c)) ; @mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) -o $@ $^ $(LDLIBS)
oracle: $(PROGRAMS) $(B)/oracle/plain ; @BIN=$(abspath $(B)) N=$(or $(N),1000000) sh tests/cli/oracle.sh
$(B)/bench/engine: $(B)/tests/bench/engine.o $(LIBS_query) ; @mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) -o $@ $^ $(LDLIBS)
bench: $(PROGRAMS) $(B)/bench/engine
	@python3 tests/bench/bench.py $(if $(PEERS),--peers) $(B) build/bench ../shared/bench $(or $(N),1000000 $(if $(QUICK),,10000000))

# Fuzzing with libFuzzer, address and undefined sanitizers: make fuzz TARGET=line SECONDS=600 (new inputs go to build-fuzz/corpus).
FUZZ_FLAGS = -std=c11 -D_GNU_SOURCE -DONETRAIL_VERSION='"$(VERSION)"' -Iinclude -I. -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined -pthread
fuzz: $(B)/formats.c
	@mkdir -p build-fuzz/corpus/$(TARGET)
	clang $(FUZZ_FLAGS) -o build-fuzz/$(TARGET) tests/fuzz/$(TARGET).c $(base_src) $(store_src) $(correlate_src) $(collector_src) $(B)/formats.c $(query_src) $(LDLIBS)
	build-fuzz/$(TARGET) -max_total_time=$(or $(SECONDS),600) -timeout=20 -rss_limit_mb=2048 build-fuzz/corpus/$(TARGET) fixtures/fuzz/$(TARGET)

demo: $(PROGRAMS)
	@rm -rf build/demo/cat* build/demo/seg* build/demo/qua* && sh fixtures/demo.sh $(abspath $(B)) build/demo

# What is installed, below $(PREFIX): programs, manual pages, completion of shells (the program writes it, from its tables).
BASH_AT = share/bash-completion/completions/onetrail
ZSH_AT = share/zsh/site-functions/_onetrail
FISH_AT = share/fish/vendor_completions.d/onetrail.fish
man_at = $(foreach n,1 5,$(patsubst docs/man/%,share/man/man$(n)/%,$(wildcard docs/man/*.$(n))))
ROOT = $(DESTDIR)$(PREFIX)
install: $(PROGRAMS)
	install -d $(sort $(dir $(addprefix $(ROOT)/,bin/ $(man_at) $(BASH_AT) $(ZSH_AT) $(FISH_AT))))
	install $(PROGRAMS) $(ROOT)/bin
	for page in $(man_at); do install -m 644 docs/man/$${page##*/} $(ROOT)/$$page || exit 1; done
	$(B)/onetrail --completion bash >$(ROOT)/$(BASH_AT)
	$(B)/onetrail --completion zsh >$(ROOT)/$(ZSH_AT)
	$(B)/onetrail --completion fish >$(ROOT)/$(FISH_AT)
	chmod 644 $(addprefix $(ROOT)/,$(BASH_AT) $(ZSH_AT) $(FISH_AT))

uninstall:
	rm -f $(PROGRAMS:$(B)/%=$(ROOT)/bin/%) $(addprefix $(ROOT)/,$(man_at) $(BASH_AT) $(ZSH_AT) $(FISH_AT))

format:
	clang-format -i $$(git ls-files '*.[ch]')

clean:
	rm -rf build build-san build-fuzz

.PHONY: all check fuzz oracle bench demo install uninstall format clean
.SECONDARY:
-include $(shell find $(B) -name '*.d' 2>/dev/null)

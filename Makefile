# Reverse Proxy Manager. One file, no recursion; `make help` lists the targets.
#
# Knobs, on the command line or in local.mk (never tracked):
#   V=1            show each command in full
#   DEVELOPER=1    warnings are errors, the standard library checks itself (on in a git checkout)
#   OUT=build      where everything that is made goes; nothing is written elsewhere
#   SANITIZE=address,undefined    build with these sanitizers (give it an OUT of its own)
#   FUZZ_SECONDS=20  how long `make fuzz` tries each target; ONLY=name for one
#   OPTIMIZE=-O2   the optimisation level
#   DESTDIR=       staged installation
#   JOBS=          compilers at a time in check, demo and bench (all cores)
all:

-include config.mk
-include local.mk

# ---- Defaults, where configure did not decide -------------------------------------------------
OUT           ?= build
ifeq ($(origin CXX),default)
CXX           := $(if $(shell command -v ccache),ccache )g++
endif
INSTALL       ?= install
PKG_CONFIG    ?= pkg-config
prefix        ?= /usr/local
bindir        ?= $(prefix)/bin
libexecdir    ?= $(prefix)/libexec/rpmgr
sysconfdir    ?= /etc/rpmgr
datadir       ?= $(prefix)/share/rpmgr
docdir        ?= $(prefix)/share/doc/rpmgr
mandir        ?= $(prefix)/share/man
OPTIMIZE      ?= -O2
DEVELOPER     ?= $(if $(wildcard .git),1)
JOBS          ?= $(shell nproc)
PARALLEL       = $(if $(filter -j%,$(MAKEFLAGS)),,-j$(JOBS))
FCGI_LIBS     ?= -lfcgi
CGICC_LIBS    ?= -lcgicc
CTEMPLATE_LIBS ?= -lctemplate -lpthread
DB_LIBS       ?= -lmysqlcppconn
SSH2_LIBS     ?= -lssh2
CRYPTO_LIBS   ?= -lssl -lcrypto
SODIUM_LIBS   ?= -lsodium
OATH_LIBS     ?= -loath
RE2_LIBS      ?= -lre2
IDN_LIBS      ?= -lidn2
FIDO2_LIBS    ?= -lfido2 -lcbor
CURL_LIBS     ?= -lcurl
QRENCODE_LIBS ?= -lqrencode
MEMCACHED_LIBS ?= -lmemcached
CRYPT_LIBS    ?= -lcrypt
RESOLV_LIBS   ?= -lresolv
YAML_LIBS     ?= -lyaml-cpp
OPTIONS_LIBS  ?= -lboost_program_options
VERSION       := $(shell sed -n 's/^AC_INIT(\[rpmgr\], \[\(.*\)\])/\1/p' configure.ac)

# ---- Flags ------------------------------------------------------------------------------------
WARNINGS  = -Wall -Wextra -Wshadow -Wconversion -Wnon-virtual-dtor -Wold-style-cast
HARDENING = $(if $(SANITIZE),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2) -fstack-protector-strong -fPIE
# With sanitizers GCC sees variables without value where there are none (its manual says so).
UNSURE    = $(if $(findstring clang,$(CXX)),,-Wno-maybe-uninitialized)
CXXFLAGS_ALL = -std=c++20 $(OPTIMIZE) -g1 -I. -DRPMGR_VERSION='"$(VERSION)"' -DRPMGR_DATADIR='"$(datadir)"' \
               -DRPMGR_SYSCONFDIR='"$(sysconfdir)"' $(WARNINGS) $(HARDENING) \
               $(if $(DEVELOPER),-Werror -D_GLIBCXX_ASSERTIONS) \
               $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-omit-frame-pointer $(UNSURE)) $(CPPFLAGS) $(CXXFLAGS)
# Sanitizers stand in for functions of libraries, which must be there all the same.
LDFLAGS_ALL  = -pie -Wl,-z,relro,-z,now $(if $(SANITIZE),,-Wl,--as-needed) $(if $(SANITIZE),-fsanitize=$(SANITIZE)) $(LDFLAGS)
SHARED_LIBS  = $(RE2_LIBS) $(IDN_LIBS) $(CTEMPLATE_LIBS) $(DB_LIBS) $(MEMCACHED_LIBS) $(SODIUM_LIBS) $(OATH_LIBS) $(FIDO2_LIBS) $(CURL_LIBS) \
               $(CRYPT_LIBS) $(CRYPTO_LIBS) $(OPTIONS_LIBS)
WEB_LIBS     = $(FCGI_LIBS) $(CGICC_LIBS) $(QRENCODE_LIBS)
WORKER_LIBS  = $(SSH2_LIBS) $(YAML_LIBS) $(RESOLV_LIBS)

ifndef V
Q_CXX  = @echo '    CXX    ' $<;
Q_AR   = @echo '    AR     ' $@;
Q_LINK = @echo '    LINK   ' $@;
Q      = @
endif

# ---- Sources: one sorted wildcard per folder, mains by name -----------------------------------
sources = $(sort $(wildcard $(1)/*.cc))
# The layers of shared/, each a library of its own, those above first: a layer that reaches up does not link.
LAYERS       := ops render plan store db cache model net crypto base
$(foreach l,$(LAYERS),$(eval $l_SRCS := $(call sources,shared/$l)))
shared_SRCS  := $(foreach l,$(LAYERS),$($l_SRCS))
web_SRCS     := $(foreach d,http auth view panel admin client account api,$(call sources,web/$d))
workers_SRCS := $(foreach d,ssh deploy discover domains notify housekeep ctl,$(call sources,workers/$d)) $(wildcard workers/runner.cc)
support_SRCS := $(call sources,tests/support)
bench_SRCS   := $(call sources,tests/bench)

PROGRAMS :=
define declare_program
ifneq ($(wildcard $(2)),)
PROGRAMS += $(1)
$(1)_MAIN := $(2)
$(1)_ARCHIVES := $(3)
$(1)_LIBS := $(4)
endif
endef
$(eval $(call declare_program,rpmgr-admin,web/admin.cc,web $(LAYERS),$(WEB_LIBS)))
$(eval $(call declare_program,rpmgr-client,web/client.cc,web $(LAYERS),$(WEB_LIBS)))
$(eval $(call declare_program,rpmgr-api,web/api.cc,web $(LAYERS),$(WEB_LIBS)))
$(eval $(call declare_program,rpmgr-deploy,workers/deploy.cc,workers $(LAYERS),$(WORKER_LIBS)))
$(eval $(call declare_program,rpmgr-discover,workers/discover.cc,workers $(LAYERS),$(WORKER_LIBS)))
$(eval $(call declare_program,rpmgr-domains,workers/domains.cc,workers $(LAYERS),$(WORKER_LIBS)))
$(eval $(call declare_program,rpmgr-notify,workers/notify.cc,workers $(LAYERS),$(WORKER_LIBS)))
$(eval $(call declare_program,rpmgr-housekeep,workers/housekeep.cc,workers $(LAYERS),$(WORKER_LIBS)))
$(eval $(call declare_program,rpmgr,workers/rpmgr.cc,workers $(LAYERS),$(WORKER_LIBS)))

# One test program per folder of tests/ that holds C++; each links what its layer may see.
TEST_FOLDERS := $(filter-out support bench browser fuzz conformance,$(notdir $(patsubst %/,%,$(sort $(dir $(wildcard tests/*/*.cc))))))
test_archives = $(filter web workers,$(1)) $(or $($(1)_LAYERS),$(LAYERS))
model_LAYERS  := model net crypto base
render_LAYERS := render plan model net crypto base
plan_LAYERS   := $(render_LAYERS)
test_libs     = $(if $(filter web,$(1)),$(WEB_LIBS),$(if $(filter workers,$(1)),$(WORKER_LIBS)))

objects  = $(patsubst %.cc,$(OUT)/%.o,$(1))
layers   = $(foreach l,$(or $(1),$(LAYERS)),$(OUT)/lib$l.a)
ALL_SRCS := $(shared_SRCS) $(web_SRCS) $(workers_SRCS) $(support_SRCS) $(bench_SRCS) \
            $(foreach p,$(PROGRAMS),$($(p)_MAIN)) $(foreach t,$(TEST_FOLDERS) fuzz conformance,$(call sources,tests/$t))

# ---- Rules ------------------------------------------------------------------------------------
.DELETE_ON_ERROR:
.SUFFIXES:
.PHONY: all tools check check-unit demo bench install uninstall clean distclean dist format lint asan tsan fuzz \
        coverage deps help check-headers manuals programs tests FORCE

all: programs  ## build the programs
programs: $(addprefix $(OUT)/,$(PROGRAMS))
tests: $(foreach t,$(TEST_FOLDERS) fuzz,$(OUT)/tests/$t/run) $(OUT)/tests/conformance/render $(if $(bench_SRCS),$(OUT)/bench)

# Recompile everything when the compiler or its flags change, and only then.
$(OUT)/flags: FORCE
	@mkdir -p $(@D); echo '$(subst ','\'',$(CXX) $(CXXFLAGS_ALL))' | cmp -s - $@ || \
	  echo '$(subst ','\'',$(CXX) $(CXXFLAGS_ALL))' >$@

$(OUT)/%.o: %.cc $(OUT)/flags
	@mkdir -p $(@D)
	$(Q_CXX)$(CXX) $(CXXFLAGS_ALL) -MMD -MP -c -o $@ $<
# Compiled in, which the compiler does not tell.
$(OUT)/shared/crypto/common_passwords.o: shared/crypto/common_passwords.bin
-include $(patsubst %.cc,$(OUT)/%.d,$(ALL_SRCS))

define archive
$(OUT)/lib$(1).a: $(call objects,$($(1)_SRCS))
	$$(Q_AR)rm -f $$@ && ar rcs $$@ $$^
endef
$(foreach a,$(LAYERS) web workers support,$(eval $(call archive,$a)))

define program
$(OUT)/$(1): $(call objects,$($(1)_MAIN)) $(foreach a,$($(1)_ARCHIVES),$(OUT)/lib$a.a)
	$$(Q_LINK)$(CXX) $(LDFLAGS_ALL) -o $$@ $$^ $($(1)_LIBS) $(SHARED_LIBS)
endef
$(foreach p,$(PROGRAMS),$(eval $(call program,$p)))

define test_program
$(OUT)/tests/$(1)/run: $(call objects,$(call sources,tests/$(1))) $(OUT)/libsupport.a \
    $(foreach a,$(call test_archives,$(1)),$(OUT)/lib$a.a)
	$$(Q_LINK)$(CXX) $(LDFLAGS_ALL) -o $$@ $$^ $(call test_libs,$(1)) $(SHARED_LIBS) -lboost_unit_test_framework
endef
$(foreach t,$(TEST_FOLDERS),$(eval $(call test_program,$t)))

$(OUT)/bench: $(call objects,$(bench_SRCS)) $(OUT)/libsupport.a $(OUT)/libweb.a $(OUT)/libworkers.a $(layers)
	$(Q_LINK)$(CXX) $(LDFLAGS_ALL) -o $@ $^ $(WEB_LIBS) $(WORKER_LIBS) $(SHARED_LIBS) -lboost_unit_test_framework

# No archives: only what parses, so that the second compiler has little to build.
fuzz_SRCS = $(filter-out %/driver.cc %/replay.cc,$(call sources,tests/fuzz)) \
            $(foreach d,shared/base shared/crypto shared/net shared/model shared/db shared/plan shared/render web/http,$(call sources,$d)) \
            shared/store/csp_reports.cc shared/ops/csp_reports.cc shared/ops/oidc_provider.cc web/panel/member_form.cc web/panel/site_form.cc workers/deploy/report.cc workers/discover/settings_entry.cc workers/discover/nodes_file.cc \
            $(addprefix workers/domains/,dns.cc fetch.cc look.cc) \
            $(addprefix workers/ssh/,algorithms.cc command.cc host_key.cc outcome.cc output.cc private_key.cc)
fuzz_LIBS = $(WEB_LIBS) $(WORKER_LIBS) $(SHARED_LIBS)
$(OUT)/tests/fuzz/run: $(call objects,tests/fuzz/replay.cc tests/support/main.cc $(fuzz_SRCS))
	$(Q_LINK)$(CXX) $(LDFLAGS_ALL) -o $@ $^ $(fuzz_LIBS) -lboost_unit_test_framework
$(OUT)/fuzz: $(call objects,tests/fuzz/driver.cc $(fuzz_SRCS))
	$(Q_LINK)$(CXX) $(LDFLAGS_ALL) -fsanitize=fuzzer -o $@ $^ $(fuzz_LIBS)

$(OUT)/tests/conformance/render: $(call objects,tests/conformance/render.cc) $(call layers,$(render_LAYERS))
	$(Q_LINK)$(CXX) $(LDFLAGS_ALL) -o $@ $^ $(SHARED_LIBS)

# ---- What people type -------------------------------------------------------------------------
tools:  ## build the engines that the tests want and Debian has not (skipped where there is no Go)
	$(Q)tests/tools/build || [ $$? = 77 ]

deps:  ## install the Debian packages that the build, the demo and the tests need
	$(Q).ci/install-deps

check: deps  ## install what is missing, then build and run every test
	$(Q)$(MAKE) $(PARALLEL) --no-print-directory tools programs tests
	$(Q)tests/run-all $(OUT)

check-unit: tests  ## run the tests that need no database and no node
	$(Q)tests/run-all $(OUT) base model render plan

demo:  ## a private fleet on this machine: deploys a site, proves it, stays up (ONCE=1: ends by itself)
	$(Q).ci/install-deps build run
	$(Q)$(MAKE) $(PARALLEL) --no-print-directory programs
	$(Q)OUT=$(abspath $(OUT)) ONCE=$(ONCE) tests/lab/demo

bench:  ## measure against a peer or a floor in the same run (ONLY=name for one)
	$(Q).ci/install-deps build run test bench
	$(Q)$(MAKE) $(PARALLEL) --no-print-directory programs $(OUT)/bench
	$(Q)OUT=$(abspath $(OUT)) ONLY=$(ONLY) tests/bench/run

asan:  ## run the tests under the address and undefined-behaviour sanitizers
	$(Q)LSAN_OPTIONS=suppressions=$(CURDIR)/tests/support/known-leaks:print_suppressions=0 \
	    UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 SUITE_TIMEOUT=3600 \
	    $(MAKE) --no-print-directory check OUT=$(OUT)-asan SANITIZE=address,undefined OPTIMIZE=-O1

tsan:  ## run the tests under the thread sanitizer
	$(Q)SUITE_TIMEOUT=3600 $(MAKE) --no-print-directory check OUT=$(OUT)-tsan SANITIZE=thread OPTIMIZE=-O1

fuzz:  ## look for input that breaks a parser (FUZZ_SECONDS=, ONLY=name)
	$(Q).ci/install-deps build test fuzz
	$(Q)$(MAKE) $(PARALLEL) --no-print-directory $(OUT)-fuzz/fuzz OUT=$(OUT)-fuzz CXX='ccache clang++' \
	    SANITIZE=fuzzer-no-link,address,undefined OPTIMIZE=-O1 DEVELOPER=
	$(Q)ONLY='$(ONLY)' FUZZ_SECONDS='$(FUZZ_SECONDS)' tests/fuzz/run $(OUT)-fuzz

coverage:  ## line coverage of the tests, per folder
	$(Q)$(MAKE) --no-print-directory check OUT=$(OUT)-coverage OPTIMIZE=-O0 CXXFLAGS=--coverage LDFLAGS=--coverage
	$(Q)tests/support/coverage $(OUT)-coverage

manuals: programs $(OUT)/tests/conformance/render  ## write the tables of docs/ from the program, and from a run on every engine
	$(Q)$(OUT)/rpmgr settings manual >docs/settings.md
	$(Q)$(OUT)/rpmgr site manual >docs/site-definition.md
	$(Q)$(OUT)/rpmgr node manual >docs/node-settings.md
	$(Q)tests/docs/into docs/engines.md capabilities $(OUT)/rpmgr engines manual
	$(Q)node tests/conformance/run.mjs $(OUT)/tests/conformance/render --table docs/engines.md

format:  ## bring every source into the one format
	$(Q)git ls-files '*.cc' '*.h' | xargs clang-format -i

lint: check-headers  ## format, layering, templates, shell scripts
	$(Q)tests/lint $(OUT)

check-headers: $(patsubst %,$(OUT)/headers/%.ok,$(wildcard shared/*/*.h web/*/*.h workers/*/*.h tests/*/*.h))  ## every header compiles alone
$(OUT)/headers/%.ok: % $(OUT)/flags
	@mkdir -p $(@D)
	$(Q)$(CXX) $(CXXFLAGS_ALL) -O0 -fsyntax-only -x c++ -include $< /dev/null && touch $@

help:  ## this list
	@awk -F':.*## ' '/^[a-z][a-z-]*:.*## /{printf "  %-14s %s\n",$$1,$$2}' $(MAKEFILE_LIST)

clean:  ## remove everything that was made
	rm -rf $(OUT) $(OUT)-asan $(OUT)-tsan $(OUT)-coverage $(OUT)-fuzz

distclean: clean
	rm -rf config.mk config.log config.status configure aclocal.m4 autom4te.cache local.mk

dist:  ## a source archive of what is committed
	$(Q)mkdir -p $(OUT) && git archive --prefix=rpmgr-$(VERSION)/ -o $(OUT)/rpmgr-$(VERSION).tar.gz HEAD

-include web/static/assets.mk
-include etc/install.mk
FORCE:

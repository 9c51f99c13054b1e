# The front door. Each command installs what it needs, builds, and does its job.
.DEFAULT_GOAL := help
PREFIX ?= /usr/local
# Debian's own sees Debian's matplotlib, whatever comes first in PATH.
BENCH_PYTHON = $(firstword $(wildcard /usr/bin/python3) python3)
BENCH_OPTIONS = $(if $(STORE),--store $(STORE)) $(if $(EVENTS),--events $(EVENTS))
.PHONY: help demo install test test-kill test-races test-defects test-tsan test-bare test-postgres-all soak bench bench-quick format lint clean

help: ## Say what there is
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 26

demo: ## Store a week of flights in a SQLite file and look at it; STORE=postgresql for a server
	@tools/demo.sh $(STORE)

install: ## Install program, library, headers and SQL to PREFIX (/usr/local)
	@tools/setup.sh build
	@cmake --preset release >/dev/null && cmake --build --preset release
	@cmake --install build/release --prefix $(PREFIX) >/dev/null
	@if [ "$$(id -u)" -eq 0 ] && [ "$(PREFIX)" = /usr/local ]; then ldconfig; fi
	@echo "installed to $(PREFIX)"
	@if [ "$(PREFIX)" != /usr/local ]; then printf '%s\n' 'to use it from there:' \
	  'export PATH="$(abspath $(PREFIX))/bin:$$PATH"' \
	  'export PKG_CONFIG_PATH="$(abspath $(PREFIX))/lib/pkgconfig"' \
	  'export CMAKE_PREFIX_PATH="$(abspath $(PREFIX))"' \
	  'export LD_LIBRARY_PATH="$(abspath $(PREFIX))/lib"'; fi

test: ## Build and run every test; the last line is the sum
	@tools/test.sh

test-defects: ## Plant each seeded defect and see that a vector or a test notices
	@tools/setup.sh build test
	@cmake --preset dev >/dev/null && cmake --build --preset dev
	@ctest --test-dir build/dev --output-on-failure -R '^defects$$'

test-tsan: ## The tests that use threads, with ThreadSanitizer
	@tools/setup.sh build test
	@cmake --preset tsan >/dev/null && cmake --build --preset tsan --target core_tests cpp_tests started_tests \
	  postgres_tests postgres_error_tests capi_start_test capi_queue_test capi_log_test conformance_cpp
	@ctest --test-dir build/tsan --output-on-failure --timeout 900 -R '^(core_tests|cpp_tests|started_tests|postgres_tests|postgres_error_tests|capi_start_test|capi_queue_test|capi_log_test|conformance_cpp)$$'

test-postgres-all: ## The tests that use PostgreSQL, on versions 13 to 18; VERSIONS="13 18" for some
	@tools/test_postgres_all.sh $(VERSIONS)

test-kill: ## FILE=…: its import killed at 20 moments and run again; STORE=postgresql kills the server too
	@test -f "$(FILE)" || { echo 'make test-kill wants FILE=…, a file of events' >&2; exit 2; }
	@tools/setup.sh build test
	@cmake --preset release >/dev/null && cmake --build --preset release --target eventsource_cli
	@EVENTSOURCE_PROGRAM=$(CURDIR)/build/release/bin/eventsource EVENTSOURCE_KILL_FILE=$(abspath $(FILE)) \
	  EVENTSOURCE_KILL_MOMENTS=20 python3 $(if $(filter postgresql,$(STORE)),tests/cli/test_kill_postgres.py -v,\
	  tests/cli/test_kill.py WhileItWrites)

test-races: ## The races and kills on PostgreSQL, ROUNDS (20) times as long as in make test
	@tools/setup.sh build test
	@cmake --preset dev >/dev/null && cmake --build --preset dev --target postgres_tests
	@EVENTSOURCE_RACES=$(or $(ROUNDS),20) python3 tests/support/postgres.py run --conf fsync=off -- \
	  build/dev/bin/postgres_tests --gtest_filter='Race.*:HotStreams.*:Outcome.*:Kill.*'

soak: ## The tests that try to break it, for hours; goes on where it stopped; VERSION=16, ROUNDS=n, TIME=seconds
	@tools/setup.sh build test $(if $(VERSION),postgres)
	@$(if $(VERSION),tools/postgres_binaries.py $(VERSION))
	@cmake --preset dev >/dev/null && cmake --build --preset dev --target started_tests postgres_tests fork_tests \
	  eventsource_cli
	@tools/soak.py $(if $(VERSION),--version $(VERSION)) $(if $(ROUNDS),--rounds $(ROUNDS)) \
	  $(if $(TIME),--seconds $(TIME))

test-bare: ## make demo and make test of HEAD in a bare Debian 12 tree (root)
	@tools/bare_debian.sh

bench: ## Measure the engine against plain libpq and sqlite3 calls; STORE=sqlite|postgresql, EVENTS=FILE, BIG=0
	@tools/setup.sh build bench
	@cmake --preset bench >/dev/null && cmake --build --preset bench --target bench_engine bench_raw eventsource_cli
	@$(BENCH_PYTHON) bench/run.py $(if $(filter 0,$(BIG)),,--big) $(BENCH_OPTIONS)

bench-quick: ## The same in less than three minutes: smaller, less exact, without the ten million rows
	@tools/setup.sh build bench
	@cmake --preset bench >/dev/null && cmake --build --preset bench --target bench_engine bench_raw eventsource_cli
	@$(BENCH_PYTHON) bench/run.py --quick $(BENCH_OPTIONS)

format: ## Format the C and C++ sources
	@tools/setup.sh format
	@tools/format.sh

lint: ## Check format, layers, clang's warnings and clang-tidy
	@tools/lint.sh

clean: ## Remove what was built
	rm -rf build

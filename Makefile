# Each target sets up what it needs: a virtual environment from the hashed lock, and Debian packages when run by root.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin
STAMP := $(VENV)/.installed-$(shell cat requirements-dev.lock pyproject.toml 2>/dev/null | sha256sum | cut -c1-16)
BENCH ?= all
SBOM ?= dist/sbom.json
# The tools of audit and bill of materials need many packages that nothing else does: they have an environment outside.
AUDIT_TOOLS := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/freehold/audit-tools/$(shell cat requirements-audit.lock 2>/dev/null | sha256sum | cut -c1-16)
# Two cores share the tests by default; set TEST_WORKERS to change it.
TEST_WORKERS ?= 2

# What tests of containers and of hosts need beside; where no engine can run, those tests say why and are skipped.
ENGINE := curl dockerd=docker.io debootstrap iptables ip=iproute2 nft=nftables nsenter=util-linux

.DEFAULT_GOAL := help
.PHONY: help install system demo test test-long test-stack check sbom format bench lock clean

help: ## Say what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

install: $(STAMP) ## Make the virtual environment
$(STAMP):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; set PYTHON=python3.11"; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	$(RUN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(RUN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

system: ## Install PostgreSQL, Redis and Chromium for the tests (Debian, as root)
	@scripts/install-system-packages

demo: install ## Do the main job: connect two clients, collect 90 days, write their reports
	$(RUN)/freehold demo $(DEMO_ARGS)

test: install system ## Run all tests
	$(RUN)/python -m pytest -n $(TEST_WORKERS) -m "not long and not stack" $(TEST_ARGS)

test-long: install system ## Run the tests that take minutes
	$(RUN)/python -m pytest -m "long and not stack" $(TEST_ARGS)

test-stack: install ## Run the tests on the real products, containers and hosts (installs what they need into a cache first)
	@scripts/install-system-packages npm $(ENGINE)
	$(RUN)/python -m pytest -m stack tests/stack $(TEST_ARGS)

check: install $(AUDIT_TOOLS) ## Format, lint, types, layers, names, sizes, and the audit of dependencies
	$(RUN)/ruff format --check .
	$(RUN)/ruff check .
	$(RUN)/mypy
	$(RUN)/lint-imports
	$(RUN)/python -m pytest -q -p no:cacheprovider tests/architecture
	$(AUDIT_TOOLS)/bin/python scripts/dependencies.py audit

sbom: install $(AUDIT_TOOLS) ## Write the bill of materials of the run-time dependencies (CycloneDX) to dist/sbom.json
	$(AUDIT_TOOLS)/bin/python scripts/dependencies.py sbom $(RUN)/python $(SBOM)

$(AUDIT_TOOLS):
	@mkdir -p $(@D) && making=$$(mktemp -d $@.XXXXXX) && $(PYTHON) -m venv $$making \
	&& $$making/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-audit.lock \
	&& { mv -T $$making $@ 2>/dev/null || rm -rf $$making; }

format: install ## Format the code
	$(RUN)/ruff format .
	$(RUN)/ruff check --fix .

bench: install system ## Run the benchmarks, or one: make bench BENCH=broker_flows
	$(RUN)/python -m benchmarks $(BENCH)

lock: ## Renew the hashed locks (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-header --no-emit-index-url --no-annotate pyproject.toml -o requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-header --no-emit-index-url --no-annotate pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-annotate --group build -o requirements-build.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-annotate --group audit -o requirements-audit.lock

clean: ## Remove the virtual environment and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

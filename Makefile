# ASSURA-CRM. `make help` tells what there is.
.DEFAULT_GOAL := help
.PHONY: help run test check fix openapi migration bench

export PORT ?= 8000
export CRM_DATA_DIR ?= $(CURDIR)/.crm

# glibc keeps one heap, and gives back what is free at its end: some MiB less for each process.
export MALLOC_ARENA_MAX ?= 1
export MALLOC_TRIM_THRESHOLD_ ?= 131072
export MALLOC_MMAP_THRESHOLD_ ?= 131072

BIN := .venv/bin
INSTALLED := .venv/.installed
INSTALLED_DEV := .venv/.installed-dev
tests ?=

help: ## This list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(INSTALLED) ## Install, start PostgreSQL, migrate, seed the demo company, serve (PORT, CRM_DATA_DIR)
	@exec $(BIN)/crm run

test: $(INSTALLED_DEV) ## The tests, on an embedded PostgreSQL or CRM_TEST_DATABASE_URL (tests=tests/leads)
	@exec $(BIN)/python -m pytest -n 2 $(tests)

check: $(INSTALLED_DEV) ## Format, lint, strict types, import contracts, dead code, dependencies
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	.ci/dead-code
	$(BIN)/deptry .

fix: $(INSTALLED_DEV) ## Format, and mend what the linter can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

openapi: $(INSTALLED_DEV) ## Write the OpenAPI documents anew
	$(BIN)/crm openapi

migration: $(INSTALLED_DEV) ## Draft a revision from the models (m="add the colour of a lead")
	@$(BIN)/python migrations/new.py "$(m)"
	@$(BIN)/ruff check --quiet --fix migrations/versions && $(BIN)/ruff format --quiet migrations/versions

bench: $(INSTALLED_DEV) ## Measure against a bare handler; the table, and build/bench.json (SIZE=1m)
	@exec $(BIN)/python -m benchmarks $(SIZE)

# Each environment is made once, and again when its lock changes.
$(INSTALLED): requirements.txt requirements-build.txt pyproject.toml .ci/venv
	@.ci/venv run
	@touch $@

$(INSTALLED_DEV): requirements-dev.txt requirements-build.txt pyproject.toml .ci/venv
	@.ci/venv dev
	@touch $@ $(INSTALLED)

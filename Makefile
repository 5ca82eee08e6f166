# Two commands do everything: `make run` serves the tracker with its real data, `make test` runs all checks.
# They need Python 3.11 and the package registry; everything else is set up here.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
MANAGE := $(BIN)/python manage.py

.PHONY: run test check format lock serve migrations

run: $(VENV)/.runtime
	@$(MANAGE) start --port $(PORT)

# The suite, lint, types, layers, migrations; again on PostgreSQL where TEST_DATABASE_URL names one.
test: $(VENV)/.development
	@PATH="$(abspath $(BIN)):$$PATH" $(BIN)/python -m tests.everything

check: $(VENV)/.development
	@PATH="$(abspath $(BIN)):$$PATH" $(BIN)/python -m tests.everything --without-tests

format: $(VENV)/.development
	$(BIN)/ruff check --fix tracker tests manage.py
	$(BIN)/ruff format tracker tests manage.py

migrations: $(VENV)/.development
	$(MANAGE) makemigrations tracker

# requirements.txt (what runs) and tests/requirements.txt (what checks) are compiled from pyproject.toml.
lock: $(VENV)/.development
	$(BIN)/uv pip compile pyproject.toml --generate-hashes --python-version 3.11 --no-emit-index-url \
	  --custom-compile-command "make lock" -o requirements.txt -q
	$(BIN)/uv pip compile pyproject.toml --group dev --generate-hashes --python-version 3.11 --no-emit-index-url \
	  --custom-compile-command "make lock" -c requirements.txt -o tests/requirements.txt -q

$(VENV)/bin/python:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is needed: install it, or say PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.txt | $(VENV)/bin/python
	@echo "Installing what the tracker runs on ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.development: requirements.txt tests/requirements.txt | $(VENV)/bin/python
	@echo "Installing what the checks need ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tests/requirements.txt
	@touch $(VENV)/.runtime $@

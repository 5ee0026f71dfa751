# Needs only python3 (3.11 or newer) with pip. Everything goes into .venv; servers for tests go into .venv-servers.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test coverage check format install servers clean

demo: install  ## the whole way on a made-up service, no network, no settings
	$(BIN)/smallprint demo

test: install  ## all tests
	$(BIN)/python -m pytest -n auto --dist loadfile

coverage: install  ## the same, with a list of the lines that no test runs; it takes a third longer
	$(BIN)/python -m pytest -n auto --dist loadfile --cov --cov-report=term

check: install  ## style, types, formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: install  ## mend what can be mended
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

install: .venv/installed

.venv/installed: requirements.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Smallprint needs Python 3.11 or newer, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet -r requirements.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

servers: .venv-servers/installed  ## real servers for the tests of notifications; without them those tests are left out

.venv-servers/installed: requirements-servers.txt tests/channels/install
	$(PYTHON) -m venv .venv-servers
	.venv-servers/bin/python -m pip install --quiet --upgrade pip
	.venv-servers/bin/python -m pip install --quiet --no-deps --no-compile -r requirements-servers.txt
	tests/channels/install .venv-servers/debian
	touch $@

clean:
	rm -rf .venv .venv-servers smallprint-demo

# Needs only python3 (3.11 or newer) with pip. Everything goes into .venv.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test check format install clean

demo: install  ## the whole way on a made-up service, no network, no settings
	$(BIN)/smallprint demo

test: install  ## all tests, with coverage
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

clean:
	rm -rf .venv smallprint-demo

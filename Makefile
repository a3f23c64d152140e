# Every target does its own set-up: a fresh clone needs Python 3.13 (pyenv and uv find it
# through .python-version), and nothing else.
SHELL := /bin/bash
PY := .venv/bin/python
export PYTHONDONTWRITEBYTECODE := 1

.PHONY: pictures setup demo test lint types unit system test-clients bench docs matrix help-texts lock clean

setup: .venv/.ready

.venv/.ready: pyproject.toml requirements.lock
	@.ci/setup

demo: setup
	@.venv/bin/llr demo

test: setup lint types unit system

lint: setup
	@.venv/bin/ruff check . && .venv/bin/ruff format --check .

types: setup
	@.venv/bin/mypy

unit: setup
	@.ci/redis
	@$(PY) -m pytest tests -q -n 2 --ignore=tests/system

system: setup
	@.ci/redis
	@$(PY) -m pytest tests/system -q -m "not clients"

test-clients: setup
	@tests/clients/install && $(PY) -m pytest tests/system -q -n 2 -m clients

bench: setup
	@$(PY) bench/overhead.py
	@$(PY) -m bench.translate
	@$(PY) -m bench.routing

# docs/translation.md is made from the tables in addons/core/fidelity
docs: setup
	@$(PY) -m addons.core.fidelity > docs/translation.md

# docs/capabilities.md and its summary in README.md are made from tests/matrix/table.py
matrix: setup
	@cd tests && PYTHONPATH=..:. ../$(PY) -m matrix.document

# tests/cli/help is what every command says to --help
help-texts: setup
	@cd tests && PYTHONPATH=..:. ../$(PY) -m cli.help_texts

# the terminals in README, of real commands
pictures: setup
	@cd tests && PYTHONPATH=..:. ../$(PY) -m pictures.make

lock:
	@.ci/lock

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis dist

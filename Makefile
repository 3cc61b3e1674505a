# make run · make test. Both work from a bare clone with Python 3.11 or newer and make.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
PORT ?= 8000
# Tests run in so many processes; what is shared is in tests/workers.py.
JOBS ?= 2
UV_VERSION := 0.13.9
BIN := .venv/bin
# The pages are compiled once, not at every start; no tool may fetch another Python.
unexport PYTHONDONTWRITEBYTECODE
export UV_PYTHON_DOWNLOADS := never
# The machine's own certificates, so that it works behind a company's proxy too.
export UV_SYSTEM_CERTS := true

.PHONY: install run test check fuzz load lock schema screenshots icons clean

install: .venv/.installed

.venv/.uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "animerec needs Python 3.11 or newer; this is $$($(PYTHON) --version). Name another: make $(MAKECMDGOALS) PYTHON=..."; exit 1; }
	@echo "Making the environment in .venv ..."
	@$(PYTHON) -m venv --clear .venv || { echo "Python's venv module is missing (on Debian: apt install python3-venv)"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@

.venv/.installed: requirements.txt .venv/.uv
	@echo "Installing what the site needs ..."
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.txt
	@touch $@

.venv/.installed-dev: requirements-dev.txt .venv/.installed
	@echo "Installing what the tests need ..."
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.txt
	@touch $@

run: install
	@$(BIN)/python manage.py serve --port $(PORT)

test: .venv/.installed-dev check
	@OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -p tests.workers -n $(JOBS) --dist worksteal

# Style, types, the one-way dependencies, forgotten migrations.
check: .venv/.installed-dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports --no-logo 2>/dev/null || $(BIN)/lint-imports
	@$(BIN)/mypy
	@$(BIN)/python manage.py makemigrations --check --dry-run

# Ask the API everything that its schema allows, and what it does not: on a site of its own.
EXAMPLES ?= 100
PHASES ?= examples,coverage,fuzzing
fuzz: .venv/.installed-dev .venv-fuzz/.installed
	@$(BIN)/python -m tests.fuzz_api --examples $(EXAMPLES) --phases $(PHASES) --schemathesis .venv-fuzz/bin/schemathesis

.venv-fuzz/.installed: requirements-fuzz.txt .venv/.uv
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv-fuzz
	@$(BIN)/uv pip install --quiet --python .venv-fuzz/bin/python --require-hashes -r requirements-fuzz.txt
	@touch $@

# Two hundred members for ten minutes: DATABASE_URL, REDIS_URL and DATA_DIR name a site with titles and models.
load: .venv/.installed .venv-load/.installed
	@$(BIN)/python benchmarks/load.py --locust .venv-load/bin/locust

.venv-load/.installed: requirements-load.txt .venv/.uv
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv-load
	@$(BIN)/uv pip install --quiet --python .venv-load/bin/python --require-hashes -r requirements-load.txt
	@touch $@

# Pin all requirements-*.in anew.
lock: .venv/.uv
	@$(BIN)/uv pip compile --quiet --python $(BIN)/python --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" $(UPGRADE) requirements.in -o requirements.txt
	@$(BIN)/uv pip compile --quiet --python $(BIN)/python --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" $(UPGRADE) requirements-dev.in -o requirements-dev.txt
	@$(BIN)/uv pip compile --quiet --python $(BIN)/python --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" $(UPGRADE) requirements-bench.in -o requirements-bench.txt
	@$(BIN)/uv pip compile --quiet --python $(BIN)/python --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" $(UPGRADE) requirements-fuzz.in -o requirements-fuzz.txt
	@$(BIN)/uv pip compile --quiet --python $(BIN)/python --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" $(UPGRADE) requirements-load.in -o requirements-load.txt

# The API's schema as it stands; a test compares, so that each change of it is seen.
schema: .venv/.installed-dev
	@$(BIN)/python manage.py spectacular --validate --fail-on-warn --file docs/openapi.yaml

# Every page as pictures in var/screenshots/; with DOCS=1 also those that the documents show.
screenshots: .venv/.installed-dev
	@$(BIN)/python tests/browser/screenshots.py $(if $(DOCS),--docs)

# The icons and the card in static/img/, from static/favicon.svg.
icons: .venv/.installed-dev
	@$(BIN)/python tests/browser/icons.py

clean:
	rm -rf .venv .venv-fuzz .venv-load var staticfiles .mypy_cache .ruff_cache .pytest_cache .hypothesis

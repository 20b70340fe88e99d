# Everything that a clone needs, in environments of its own below this folder; nothing outside it is changed
# (uv keeps its cache where it always does; UV_CACHE_DIR moves it).
#
# PYTHON=python3.12 uses that interpreter, in an environment of its own. TESTS="tests/task tests/plan" runs only those.

.DEFAULT_GOAL := help
.PHONY: help demo test slow lint lock clean

suffix := $(if $(PYTHON),-$(notdir $(PYTHON)))
dev := .venv$(suffix)
demo := .venv-demo$(suffix)
uv := .venv-uv/bin/uv
lints := src tests tools benchmarks hatch_build.py $(wildcard examples)

# Sets $python to the first interpreter that really runs and is new enough: a shim may be there and not run.
find_python = for python in $(or $(PYTHON),python3 python3.12 python3.11 python3.13); do \
	  "$$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && break; \
	  python=; \
	done; \
	if [ -z "$$python" ]; then \
	  echo "daicho needs Python 3.11, 3.12 or 3.13, and $(or $(PYTHON),this machine's PATH) has none: install one, or name it: make PYTHON=/path/to/python3.12" >&2; \
	  exit 1; \
	fi

# $(call fill,ENVIRONMENT,LOCK): what the lock names, by hash and as wheels, and then daicho itself, editable.
define fill
	@$(find_python); [ -x $(1)/bin/python ] || "$$python" -m venv --clear --without-pip $(1)
	@echo "filling $(1) from $(2)"
	@$(uv) pip sync --quiet --require-hashes --no-build --python $(1)/bin/python $(2)
	@$(uv) pip install --quiet --no-deps --no-build-isolation --offline --python $(1)/bin/python -e .
	@touch $@
endef

help: ## say what can be made
	@grep -E '^[a-z]+:.*## ' Makefile | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 16

demo: $(demo)/.ready ## run the Titanic pipeline of examples/titanic
	@cd examples/titanic && $(CURDIR)/$(demo)/bin/daicho run
	@echo "the page: $(demo)/bin/daicho ui -C examples/titanic"

test: $(dev)/.ready ## run the tests, but for the slow ones
	$(dev)/bin/python -m pytest -n auto -m "not slow" -rfEs $(TESTS)

slow: $(dev)/.ready ## run the slow tests
	$(dev)/bin/python -m pytest -n auto -m slow -rfEs || [ $$? = 5 ] # 5: there is none

lint: $(dev)/.ready ## style, types and layers
	$(dev)/bin/ruff check $(lints)
	$(dev)/bin/ruff format --check $(lints)
	$(dev)/bin/mypy
	$(if $(wildcard tests/typing/*.py),$(dev)/bin/pyright --pythonpath $(dev)/bin/python)
	$(dev)/bin/lint-imports --no-logo

lock: .venv-uv/.ready ## write the locks anew from pyproject.toml; what is pinned and still fits stays
	@$(compile) pyproject.toml --extra all --group dev -o requirements/dev.txt
	@$(compile) pyproject.toml --extra all --group build -c requirements/dev.txt -o requirements/demo.txt
	@$(compile) requirements/uv.in -o requirements/uv.txt

compile = $(uv) pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
	--no-annotate --custom-compile-command 'make lock'

clean: ## remove the environments and what tools and the demo left
	rm -rf .venv* .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache dist
	rm -rf examples/*/.daicho examples/*/mlflow.db* examples/*/mlartifacts examples/*/mlruns
	find src tests examples -name __pycache__ -type d -prune -exec rm -rf {} +

.venv-uv/.ready: requirements/uv.txt
	@$(find_python); "$$python" -m venv --clear .venv-uv
	@.venv-uv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --only-binary :all: \
	  --require-hashes -r requirements/uv.txt
	@touch $@

$(dev)/.ready: requirements/dev.txt pyproject.toml .venv-uv/.ready
	$(call fill,$(dev),requirements/dev.txt)

$(demo)/.ready: requirements/demo.txt pyproject.toml .venv-uv/.ready
	$(call fill,$(demo),requirements/demo.txt)

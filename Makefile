# Everything a newcomer, a server or a check needs. `make` alone lists the targets; each does its own set-up.

VENV := .venv
BIN := $(VENV)/bin
DONE := $(VENV)/done
# Hashes are demanded, and builds use the locked build tools: nothing is installed that is not named in a lock file.
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --use-pep517
WHEELS := $(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-build-isolation --use-pep517
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes

.DEFAULT_GOAL := help
.PHONY: help install run wechat-demo test coverage check format docs lock bench soak bundle clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(DONE)/project ## make the environment .venv with everything the service needs
	@echo "Installed: $(BIN)/zhengwen"

run: $(DONE)/project ## start both sites with the demonstration data, in ./var; Ctrl-C stops them
	@exec $(BIN)/zhengwen serve --demo

wechat-demo: $(DONE)/project ## try the WeChat bot without an account: a page like a phone, on this machine only
	@exec $(BIN)/zhengwen wechat demo

test: check ## run the checks, then every test
	$(BIN)/python -m tests.browser_setup
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal

coverage: check ## the same, and which lines no test reached; takes two thirds longer
	$(BIN)/python -m tests.browser_setup
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal --cov --cov-report=term

check: $(DONE)/dev ## format, lint, types, import order, size caps; changes nothing
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest --quiet tests/test_structure.py

format: $(DONE)/dev ## put every Python file into the one format, and mend what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(DONE)/dev ## write docs/settings.md, docs/commands.md and docs/routes.md from the code
	$(BIN)/python -m admin.reference

lock: $(DONE)/dev ## write the lock files anew from pyproject.toml, keeping versions that still fit
	$(COMPILE) pyproject.toml -o requirements.lock
	$(COMPILE) --group build -c requirements.lock -o requirements-build.lock
	$(COMPILE) pyproject.toml --extra dev -c requirements.lock -c requirements-build.lock -o requirements-dev.lock

bench: $(DONE)/dev ## measure speed; prints figures, decides nothing
	@test -f tests/benchmarks/__main__.py || { echo "There are no benchmarks yet (tests/benchmarks)." >&2; exit 1; }
	$(BIN)/python -m tests.benchmarks

soak: $(DONE)/dev ## run the service under load for a long time, watch its memory, then fuzz the parsers
	@test -f tests/benchmarks/soak.py || { echo "There is no soak test yet (tests/benchmarks/soak.py)." >&2; exit 1; }
	$(BIN)/python -m tests.benchmarks.soak

bundle: $(DONE)/dev ## make an archive that installs without a network, for this kind of machine and this Python
	@rm -rf build/bundle && mkdir -p build/bundle/wheels dist
	$(WHEELS) --require-hashes -r requirements.lock -w build/bundle/wheels
	$(WHEELS) --no-deps -w build/bundle/wheels .
	@$(BIN)/python -c 'import sys; print("%d.%d" % sys.version_info[:2])' > build/bundle/python-version
	@cp docs/install/install.sh docs/install/zhengwen.service LICENSE README.md README.zh-CN.md build/bundle/
	@name=$$($(BIN)/python -c 'import sysconfig; from importlib.metadata import version; print("zhengwen-" + version("zhengwen") + "-" + sysconfig.get_platform())'); \
	rm -rf "build/$$name" && mv build/bundle "build/$$name" && tar -C build -czf "dist/$$name.tar.gz" "$$name" && \
	echo "Made: dist/$$name.tar.gz. On the other machine: tar xzf it, then sh install.sh"

clean: ## remove the environment and every cache; ./var (your data) stays
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage .coverage.* htmlcov
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The steps of the set-up. Each leaves a file in .venv/done; a step is repeated only when what it reads has changed.

$(DONE)/python:
	@for name in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	  if $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$$name; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
	  echo "Python 3.11 or newer is needed and was not found. Install it (Debian, Ubuntu: apt install python3 python3-venv) and repeat." >&2; exit 1; \
	fi; \
	if ! $$python -c 'import venv, ensurepip' 2>/dev/null; then \
	  echo "$$python has no venv module. Install it (Debian, Ubuntu: apt install python3-venv) and repeat." >&2; exit 1; \
	fi; \
	echo "Making $(VENV) with $$($$python --version) ..."; \
	$$python -m venv $(VENV)
	@mkdir -p $(DONE) && touch $@

$(DONE)/build: requirements-build.lock | $(DONE)/python
	@$(PIP) --no-compile --require-hashes -r requirements-build.lock
	@touch $@

# Without byte code: most of what is installed is never imported. The call of `zhengwen` below makes it for what is.
$(DONE)/run: requirements.lock $(DONE)/build
	@echo "Installing what the service needs ..."
	@$(PIP) --no-compile --require-hashes -r requirements.lock
	@touch $@

$(DONE)/project: pyproject.toml $(DONE)/run
	@$(PIP) --no-deps --editable .
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -c "import admin.commands.base, admin.commands.run, admin.commands.yearly"
	@touch $@

$(DONE)/dev: requirements-dev.lock $(DONE)/project
	@echo "Installing what the checks and tests need ..."
	@$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@

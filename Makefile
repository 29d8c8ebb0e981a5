# make chat   set everything up and open the page over the seed documents
# make test   set everything up and pass the tests
# make slow   pass the tests that take long: before a release, and when you change what they cover

PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin

.PHONY: chat test slow check clean

chat: $(VENV)/.installed
	$(BIN)/quoth chat

test: $(VENV)/.installed-dev check
	$(BIN)/pytest -n 3 --dist loadscope --no-loadscope-reorder -m "not slow"

slow: $(VENV)/.installed-dev
	$(BIN)/pytest -n 3 -m slow

check: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .

$(VENV)/.installed: pyproject.toml install.py
	$(PYTHON) install.py $(VENV)
	touch $@

$(VENV)/.installed-dev: pyproject.toml install.py
	$(PYTHON) install.py $(VENV) dev
	touch $@ $(VENV)/.installed

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis

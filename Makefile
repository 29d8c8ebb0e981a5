# make chat   set everything up and open the page over the seed documents
# make test   set everything up and pass the tests

PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin

.PHONY: chat test check clean

chat: $(VENV)/.installed
	$(BIN)/quoth chat

test: $(VENV)/.installed-dev check
	$(BIN)/pytest -n 2 --dist loadscope

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

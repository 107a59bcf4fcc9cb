# Two commands do everything: `make run` starts the station, `make test` passes the tests.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test bench check
.DEFAULT_GOAL := run

define install_debian_packages
	@missing=$$(awk '$$1 ~ /^($(1))$$/ {print $$2}' debian-packages.txt | while read -r name; do \
		dpkg-query -W -f='$${Status}' "$$name" 2>/dev/null | grep -q 'ok installed' || echo "$$name"; done); \
	if [ -n "$$missing" ] && command -v apt-get >/dev/null; then \
		if [ "$$(id -u)" = 0 ]; then \
			apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing; \
		else echo "Cần cài các gói Debian sau (chạy bằng root): apt-get install $$missing"; fi; fi
endef

$(VENV)/run.stamp: pyproject.toml debian-packages.txt
	$(call install_debian_packages,run)
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/test.stamp: $(VENV)/run.stamp
	$(call install_debian_packages,run|test)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@

run: $(VENV)/run.stamp
	$(BIN)/broadcaster --data data run

check: $(VENV)/test.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test: check
	$(BIN)/pytest tests --ignore=tests/benchmarks -n 3 --dist loadfile --no-loadscope-reorder

bench: $(VENV)/test.stamp
	$(BIN)/pytest tests/benchmarks -m benchmark -s -p no:randomly

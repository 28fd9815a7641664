# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# The stages of the tests, for scripts/test; tests/README.md says what they are. Each line is a step: a name and a command.
# After a failed step the stage goes on with the next one, after a failed preparation it ends.

prepare = @scripts/step --prepare $@
step = @scripts/step $@
docker = scripts/docker-engine
python = .build/controller/bin/python
lint = .build/lint/bin
this_python := $(shell $(python) -c 'import sys; print("%d.%d" % sys.version_info[:2])')
pythons = $(filter-out $(this_python),3.8 3.9 3.10 3.11 3.12 3.13 3.14)
targets = $(filter-out setup_%,$(notdir $(wildcard tests/integration/targets/*)))
engine = tests/unit/plugins/module_utils
modules = tests/unit/plugins/modules
define newline


endef

.PHONY: lint unit modules pythons sanity parity demo integration e2e awx documents

# antsibull-docs writes a log into the home folder.
lint:
	$(prepare) 'set-up' scripts/venv lint
	$(step) 'ruff check' $(lint)/ruff check .
	$(step) 'ruff format' $(lint)/ruff format --check .
	$(step) 'mypy' $(lint)/mypy
	$(step) 'ansible-lint' $(lint)/ansible-lint
	$(step) 'antsibull-docs' env 'HOME=$(CURDIR)/.build/results' $(lint)/antsibull-docs lint-collection-docs --plugin-docs .
	$(step) 'antsibull-changelog' $(lint)/antsibull-changelog lint
	$(step) 'documents as a site' scripts/docs

unit:
	$(prepare) 'set-up of Tutor 22' scripts/venv tutor-22
	$(step) 'unit' $(python) -m pytest tests/unit --ignore=$(engine) --ignore=$(modules) $(ARGUMENTS)
	$(step) 'unit beside Tutor 22' .build/tutor-22/bin/python -m pytest $(engine) $(ARGUMENTS)

modules:
	$(prepare) 'set-up of Tutor 22' scripts/venv tutor-22
	$(step) 'modules' $(python) -m pytest $(modules) $(ARGUMENTS)

pythons:
	$(foreach version,$(pythons),$(step) 'unit on Python $(version)' scripts/unit-on-python $(version) $(ARGUMENTS)$(newline))

sanity:
	$(prepare) 'shellcheck' scripts/apt-install shellcheck
	$(step) 'ansible-test sanity' scripts/ansible-test sanity --python $(this_python) --junit -v --color no $(ARGUMENTS)

parity:
	$(step) 'parity' $(python) -m pytest tests/parity $(ARGUMENTS)

demo:
	$(prepare) 'Docker engine' $(docker)
	$(step) 'demo' $(docker) $(python) -m pytest tests/demo $(ARGUMENTS)

# ansible-test's own files count tasks here, and take a failure that a test expects for one: each target is a step.
integration:
	$(prepare) 'Docker engine' $(docker)
	$(prepare) 'set-up of Tutor 22' scripts/venv tutor-22
	$(foreach target,$(or $(ARGUMENTS),$(targets)),$(step) 'integration of $(target)' $(docker) scripts/ansible-test integration $(target) --color no$(newline))

e2e:
	$(prepare) 'Docker engine' $(docker)
	$(step) 'e2e' $(docker) $(python) -m pytest tests/e2e $(ARGUMENTS)

awx:
	$(step) 'awx' $(python) -m pytest tests/awx $(ARGUMENTS)

documents:
	$(prepare) 'set-up of Tutor 22' scripts/venv tutor-22
	$(step) 'documents' $(python) -m pytest tests/documents $(ARGUMENTS)

# SPDX-FileCopyrightText: 2026 The Lectern contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Everything is set up below .build/ on first use; nothing but Debian or Ubuntu, Python 3.11 or newer, and root or sudo is assumed.

.PHONY: demo clean test lint sanity unit modules pythons parity browser oldest bench bench-fleet bench-site matrix integration e2e awx documents docs

demo: ## deploy the small example platform on this machine
	@scripts/demo

clean: ## remove what the demo and the tests made
	@scripts/clean

test: ## every test
	@scripts/test

lint sanity unit modules pythons documents integration e2e: ## one stage of the tests
	@scripts/test $@

awx: ## extensions/controller against a stand-in of AWX; not part of make test
	@scripts/test $@

docs: ## the documents as a site, below .build/site/html
	@scripts/docs

parity: ## every release of Tutor against upstream, with a table (docs/parity.md)
	@scripts/parity

browser: ## look at the page about a fleet in a browser (tests/README.md)
	@scripts/browser

bench: ## how long it takes, as a share of upstream's time (docs/performance.md)
	@scripts/bench

bench-fleet: ## how long 50 sites take from one controller (docs/performance.md)
	@scripts/bench-fleet

bench-site: ## the same for a whole site on servers of the end-to-end test: nothing changed, a plugin enabled (docs/performance.md)
	@scripts/bench-site

matrix: ## the site on three servers at once, and on old and new engines: takes most of an hour (tests/README.md)
	@scripts/matrix

oldest: ## every playbook under the oldest ansible-core that the collection is for (tests/README.md)
	@scripts/oldest-controller

# Each command installs what it needs into .venv; a fresh machine has git, make and Python 3.10.
.DEFAULT_GOAL := help
export RASA_TELEMETRY_ENABLED := false
PYTHON := .venv/bin/python
INSTALL := @sh deploy/install.sh

help: ## list the commands
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 10

run: ## the bot in this terminal: sandbox SGP, action server and rasa shell as a demo customer
	$(INSTALL) requirements-sandbox.txt
	@$(PYTHON) -m deploy.run

serve: ## what production runs: Rasa with the WhatsApp channel, and the action server
	$(INSTALL) requirements.txt
	@$(PYTHON) -m deploy.serve

train: ## validate the data, train if anything changed, measure the model, refuse a bad one
	$(INSTALL) requirements.txt
	@$(PYTHON) -m deploy.model

test: ## everything that must pass
	$(INSTALL) requirements-dev.txt
	@$(PYTHON) -m deploy.check

soak: ## the same checks with the long ones too
	$(INSTALL) requirements-dev.txt
	@$(PYTHON) -m deploy.check -m "soak or not soak"

supply: ## check licences and known vulnerabilities of the locked libraries (asks the Internet)
	$(INSTALL) requirements-dev.txt
	$(INSTALL) requirements-audit.txt .audit
	@$(PYTHON) -m deploy.supply licences
	@$(PYTHON) -m deploy.supply audit

lock: ## compile the hash-pinned requirements from pyproject.toml
	$(INSTALL) --lock

clean: ## remove the environment, models and everything made at run time
	rm -rf .venv .audit .uv .rasa models var reports results

.PHONY: help run serve train test soak supply lock clean

# Browser files of the panels. web/static/dist is kept in git: only `assets` needs npm.
ASSETS_DIR := web/static
# Served under /static/$(ASSETS_HASH)/ and kept by browsers for ever: a changed file changes the address.
ASSETS_HASH = $(shell sha256sum $(ASSETS_DIR)/dist.sha256 | cut -c1-8)

.PHONY: assets assets-check

assets:  ## refresh the vendored browser files (needs npm)
	cd $(ASSETS_DIR) && npm ci --no-fund --no-audit
	$(ASSETS_DIR)/mk-assets
	$(ASSETS_DIR)/assets-size

assets-check:  ## are the browser files what their list of digests says, and small enough?
	cd $(ASSETS_DIR) && sha256sum --quiet -c dist.sha256
	$(ASSETS_DIR)/assets-size

# Where things go. Included by the Makefile; everything below $(DESTDIR). Nothing in $(sysconfdir) is ever overwritten.
WEB_USER      ?= rpmgr-web
WORKER_USER   ?= rpmgr-worker
unitdir       ?= $(prefix)/lib/systemd/system
completiondir ?= $(prefix)/share/bash-completion/completions

panels     := $(filter rpmgr-admin rpmgr-client rpmgr-api,$(PROGRAMS))
background := $(filter rpmgr-deploy rpmgr-discover rpmgr-domains rpmgr-notify rpmgr-housekeep,$(PROGRAMS))

# The examples and units name the places of a default installation.
places = sed -e 's|/usr/local/libexec/rpmgr|$(libexecdir)|g' -e 's|/usr/local/share/rpmgr|$(datadir)|g' \
             -e 's|/usr/local/bin|$(bindir)|g' -e 's|/etc/rpmgr|$(sysconfdir)|g' \
             -e 's|rpmgr-web|$(WEB_USER)|g' -e 's|rpmgr-worker|$(WORKER_USER)|g'

# $(1) files of git below $(2), as they are, to $(3)
copy_tree = git ls-files $(2) 2>/dev/null | grep . >$(OUT)/install.list || find $(2) -type f >$(OUT)/install.list; \
            while read -r f; do $(INSTALL) -D -m $(1) "$$f" "$(DESTDIR)$(3)/$${f\#$(2)/}"; done <$(OUT)/install.list

install: programs  ## install below $(DESTDIR)$(prefix); keeps what is in $(sysconfdir)
	$(Q)$(INSTALL) -d $(DESTDIR)$(bindir) $(DESTDIR)$(libexecdir) $(DESTDIR)$(datadir) $(DESTDIR)$(docdir) \
	  $(DESTDIR)$(mandir)/man1 $(DESTDIR)$(unitdir) $(DESTDIR)$(completiondir) $(DESTDIR)$(sysconfdir)
	$(Q)$(INSTALL) -m 755 $(OUT)/rpmgr $(DESTDIR)$(bindir)
	$(Q)$(INSTALL) -m 755 $(addprefix $(OUT)/,$(panels) $(background)) $(DESTDIR)$(libexecdir)
	$(Q)$(call copy_tree,644,sql,$(datadir)/sql); chmod 755 $(DESTDIR)$(datadir)/sql/create-accounts
	$(Q)$(call copy_tree,644,templates,$(datadir)/templates)
	$(Q)$(call copy_tree,644,proxy_templates,$(datadir)/proxy_templates)
	$(Q)$(call copy_tree,644,web/static/dist,$(datadir)/static/$(ASSETS_HASH))
	$(Q)$(INSTALL) -D -m 644 web/static/dist.sha256 $(DESTDIR)$(datadir)/static/dist.sha256
	$(Q)$(INSTALL) -m 644 docs/openapi.json $(DESTDIR)$(datadir)
	$(Q)$(INSTALL) -m 644 README.md $(wildcard docs/*.md) $(DESTDIR)$(docdir)
	$(Q)$(INSTALL) -D -m 755 workers/node/rpmgr-node $(DESTDIR)$(datadir)/node/rpmgr-node
	$(Q)for f in etc/*.example cron/rpmgr; do $(places) $$f >$(OUT)/install.file && \
	  $(INSTALL) -m 644 $(OUT)/install.file $(DESTDIR)$(docdir)/$${f##*/}; done
	$(Q)for f in etc/systemd/*; do $(places) $$f >$(OUT)/install.file && \
	  $(INSTALL) -m 644 $(OUT)/install.file $(DESTDIR)$(unitdir)/$${f##*/}; done
	$(Q)$(INSTALL) -m 644 docs/rpmgr.1 $(DESTDIR)$(mandir)/man1
	$(Q)$(INSTALL) -m 644 etc/rpmgr.bash-completion $(DESTDIR)$(completiondir)/rpmgr
	$(Q)echo "installed below $(DESTDIR)$(prefix); what to do next: $(docdir)/rpmgr.conf.example"

uninstall:  ## remove what install put there; $(sysconfdir) and the database stay
	$(Q)rm -f $(DESTDIR)$(bindir)/rpmgr $(DESTDIR)$(mandir)/man1/rpmgr.1 $(DESTDIR)$(completiondir)/rpmgr
	$(Q)for f in etc/systemd/*; do rm -f $(DESTDIR)$(unitdir)/$${f##*/}; done
	$(Q)rm -rf $(DESTDIR)$(libexecdir) $(DESTDIR)$(datadir) $(DESTDIR)$(docdir)

// SPDX-License-Identifier: MIT
// Every member of a node's settings, as site_members.h has those of a site. Included by its visitors only.
#pragma once

#include "shared/model/node_settings.h"
#include "shared/model/site_members.h"

namespace rpm::members {

template <class V>
void describe(V& v, Is<DefaultSite> auto& s) {
    v.member({"answer", "Answer",
              "For names that no site has. Over TLS a name without a certificate ends the handshake."},
             s.answer);
    v.member({"redirect", "Redirect", "To a URL, when the answer is a redirect."}, s.redirect);
    v.member({"html", "Page", "HTML, when the answer is an own page."}, s.html, block(why_not_page));
}

template <class V>
void describe(V& v, Is<TrustedLists> auto& s) {
    v.member({"presets", "Known lists", "cloudflare"}, s.presets, up_to(10));
    v.member({"urls", "Lists", "URLs of texts with a network per line; # begins a comment."}, s.urls,
             up_to(10, why_not_list_url));
}

template <class V>
void describe(V& v, Is<NodeSettings> auto& s) {
    v.member({"default_site", "Default site", ""}, s.default_site);
    v.member({"trusted_lists", "Proxies that are believed",
              "Networks of CDNs in front of the node, read every six hours: what they say of the visitor's "
              "address is taken for true."},
             s.trusted_lists);
}

}  // namespace rpm::members

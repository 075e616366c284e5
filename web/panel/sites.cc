// SPDX-License-Identifier: MIT
// The list of sites: the page that everybody opens. It asks the database once, for what it does not know yet.
#include "shared/store/sites.h"
#include "shared/ops/limits.h"

#include <algorithm>
#include <array>

#include "shared/base/text.h"
#include "web/http/form.h"
#include "web/panel/pages.h"
#include "web/view/format.h"
#include "web/view/page.h"
#include "web/view/pager.h"
#include "web/view/states.h"

namespace rpm::web {
namespace {

constexpr unsigned kPage = 50;

struct StateChoice {
    std::string_view value;
    const char* name;
};
constexpr std::array kStates = std::to_array<StateChoice>({
    {"live", "Live"},
    {"undeployed", "Not deployed"},
    {"deploying", "Deploying"},
    {"failed", "Failed"},
});

// What the address asks for; unknown words are no filter, wrong keys the first page.
struct Query {
    store::SiteFilter filter;
    std::uint64_t first = 1;  // the number of the first row, for people only
    bool filtered = false;
};

// "shop.example,17"
void read_key(store::SiteFilter& filter, std::string_view key) {
    const auto comma = key.rfind(',');
    if (comma == std::string_view::npos) return;
    const auto id = SiteId::parse(key.substr(comma + 1));
    if (!id) return;
    filter.after_domain = key.substr(0, comma);
    filter.after_id = *id;
}

Query read_query(const http::Values& values) {
    Query query;
    query.filter.text = text::ellipsis(text::trim(values.text("q")), 100);
    for (const StateChoice& state : kStates)
        if (state.value == values.text("state")) query.filter.deploy_state = state.value;
    query.filter.tag = text::ellipsis(text::lower(text::trim(values.text("tag"))), 32);
    query.filtered =
        !query.filter.text.empty() || !query.filter.deploy_state.empty() || !query.filter.tag.empty();
    query.filter.backwards = values.has("before");
    read_key(query.filter, values.text(query.filter.backwards ? "before" : "after"));
    if (!query.filter.after_id) query.filter.backwards = false;
    query.filter.limit = kPage + 1;  // one more tells that there is a next page
    if (query.filter.after_id) query.first = text::number<std::uint64_t>(values.text("n")).value_or(1);
    return query;
}

struct Part {
    std::vector<store::KnownSite> sites;
    bool more_before = false;
    bool more_after = false;
};

Part read_part(Visit& visit, const Query& query) {
    Part part;
    part.sites =
        store::list_site_summaries(visit.db(), visit.scope(), query.filter, visit.context.known_sites);
    const bool more = part.sites.size() > kPage;
    const bool backwards = query.filter.backwards;
    if (more) part.sites.erase(backwards ? part.sites.begin() : part.sites.end() - 1);
    part.more_before = backwards ? more : static_cast<bool>(query.filter.after_id);
    part.more_after = backwards || more;
    return part;
}

std::string page_address(const Query& query, const char* name, const store::SiteSummary& site,
                         std::uint64_t first) {
    return Address("/sites")
        .with("q", query.filter.text)
        .with("state", query.filter.deploy_state)
        .with("tag", query.filter.tag)
        .with(name, site.domain + ',' + site.id.text())
        .with("n", std::to_string(first))
        .text();
}

void add_pager(Fields& list, const Query& query, const Part& part, std::uint64_t total) {
    const std::uint64_t count = part.sites.size();
    Pager pager;
    pager.range = count == total ? count_words(total, "site", "sites")
                                 : number_words(query.first) + " to " +
                                       number_words(query.first + count - 1) + " of " + number_words(total);
    if (part.more_before)
        pager.previous =
            page_address(query, "before", *part.sites.front(), query.first > kPage ? query.first - kPage : 1);
    if (part.more_after) pager.next = page_address(query, "after", *part.sites.back(), query.first + count);
    set_pager(list, pager);
}

void add_row(Fields& table, const store::SiteSummary& site, bool admin, bool chooses, Time now) {
    Fields& row = table.row("ROW");
    row.set("ID", site.id.text()).set("DOMAIN", site.domain);
    if (chooses) row.row("TICK");
    if (admin) row.set("OWNER", site.owner_name);
    for (const std::string& tag : site.tags) row.row("TAG").set("TEXT", tag);
    row.set("UPSTREAMS", site.upstream_summary);
    row.set("TLS", site.tls_mode == "none" ? "None" : "Self-signed");
    set_sign(row, site_sign(site));
    row.set("NODES", std::to_string(site.node_count));
    row.set("UPDATED", time_words(site.updated_at, now));
}

Fields table_of(const std::vector<store::KnownSite>& sites, bool admin, bool chooses, Time now) {
    Fields table;
    table.show("ADMIN", admin).show("CHOOSES", chooses);
    for (const store::KnownSite& site : sites) add_row(table, *site, admin, chooses, now);
    return table;
}

// Most of what the page costs, and mostly the same as the last time: it changes with the rows, and with the
// day, since times are said as seen from today.
Html kept_table(const Visit& visit, const std::vector<store::KnownSite>& sites) {
    const bool admin = visit.context.panel == PanelKind::admin;
    const Time now = visit.now();
    const auto day = std::chrono::floor<std::chrono::days>(now).time_since_epoch().count();
    const bool chooses = visit.viewer.may(Permission::sites_edit);
    std::string made_of = std::to_string(day) + (admin ? " admin" : " client") + (chooses ? " chooses" : "");
    for (const store::KnownSite& site : sites) made_of += ' ' + site->id.text() + ' ' + site->list_key;
    return visit.context.pages.expand_kept("sites_table.html", made_of,
                                           [&] { return table_of(sites, admin, chooses, now); });
}

void add_filter(Fields& fields, Visit& visit, const Query& query) {
    fields.set("Q", query.filter.text);
    const auto tags = store::list_tags(visit.db(), visit.scope());
    if (!tags.empty() || !query.filter.tag.empty()) {
        Fields& choice = fields.row("TAGS");
        for (const auto& [tag, sites] : tags)
            choice.row("TAG_CHOICE")
                .set("VALUE", tag)
                .set("NAME", tag + " (" + std::to_string(sites) + ")")
                .show("SELECTED", tag == query.filter.tag);
    }
    fields.show("FILTERED", query.filtered);
    for (const StateChoice& state : kStates)
        fields.row("STATE")
            .set("VALUE", std::string(state.value))
            .set("NAME", state.name)
            .show("SELECTED", state.value == query.filter.deploy_state);
}

// What a client may have stands where it is looked for: on the list of what it has.
std::string summary_of(const Visit& visit, std::uint64_t sites) {
    const auto usage =
        visit.viewer.is_staff() ? std::nullopt : rpm::ops::usage_of(visit.db(), visit.viewer.owner());
    if (!usage) return count_words(sites, "site", "sites");
    return number_words(usage->sites) + " of " + count_words(usage->most_sites, "site", "sites") + ", " +
           number_words(usage->names) + " of " + count_words(usage->most_names, "name", "names");
}

}  // namespace

http::Response sites_page(Visit& visit) {
    const Query query = read_query(visit.request.query);
    const Part part = read_part(visit, query);
    Page page(visit, "Sites", At::sites);
    Fields& fields = page.content("sites.html");
    const auto& counts = page.counts().sites;
    fields.set("SUMMARY", summary_of(visit, counts.all));
    if (counts.undeployed)
        fields.row("REVIEW").set("TEXT", "Review " + count_words(counts.undeployed, "change", "changes"));
    add_filter(fields, visit, query);
    if (part.sites.empty()) {
        fields.show(query.filtered || query.filter.after_id ? FieldName("NO_MATCH") : FieldName("EMPTY"));
        return page.response();
    }
    const std::uint64_t total =
        query.filtered ? store::count_sites(visit.db(), visit.scope(), query.filter) : counts.all;
    Fields& list = fields.row("LIST");
    list.set("TABLE_HTML", kept_table(visit, part.sites));
    add_pager(list, query, part, std::max<std::uint64_t>(total, part.sites.size()));
    return page.response();
}

}  // namespace rpm::web

// SPDX-License-Identifier: MIT
// Definitions of sites, what is in them, and what becomes of them in an engine's syntax.
#include "shared/model/site.h"

#include "shared/base/text.h"
#include "shared/model/nginx_directives.h"
#include "shared/render/nginx.h"
#include "shared/render/quoting.h"
#include "shared/render/release_files.h"
#include "shared/render/renderer.h"
#include "shared/render/yaml.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/sites.h"
#include "workers/ssh/command.h"

namespace rpm::fuzz {
namespace {

const TemplateSet& templates() {
    static const auto set = render::load_templates("proxy_templates");
    return *set;
}

// A definition that was accepted can be said in the engine's syntax, or the refusal names the site.
void render_site(const SiteDefinition& definition) {
    DeployableSite site;
    site.id = SiteId(7);
    site.owner = "alice";
    site = test::with_certificate(std::move(site));
    site.definition = std::make_shared<const SiteDefinition>(definition);
    std::string text;
    try {
        text = render::is_stream(site) ? render::nginx_stream(templates(), {}, site)
                                       : render::nginx_site(templates(), test::a_node(), site);
    } catch (const render::InvalidSite& error) {
        demand(error.site == site.id, "the refusal names another site");
        return;
    }
    // The file is one or more whole blocks: our own reader of the syntax must find its end outside of quotes,
    // comments and braces. "server" and the like are refused by name, which comes after the syntax.
    const std::string problem = problem_in_nginx_directives(text);
    for (const char* sign : {"not closed", "unexpected", "not terminated", "closes a block", "control"})
        demand(problem.find(sign) == std::string::npos, "the rendered site breaks the syntax: " + problem);
}

template <class Value>
void canonical(std::string_view input, std::string_view forbidden) {
    const auto value = Value::parse(input);
    if (!value) return;
    const std::string text = value->text();
    demand_clean(text, "a value");
    demand(text.find_first_of(forbidden) == std::string::npos, "a value holds a sign of a syntax: " + text);
    const auto again = Value::parse(text);
    demand(again && *again == *value && again->text() == text,
           "the canonical text reads as another: " + text);
}

std::string unquoted(std::string_view token) {
    demand(token.size() >= 2 && token.front() == '"' && token.back() == '"', "not in quotes");
    std::string out;
    for (std::size_t i = 1; i + 1 < token.size(); ++i) {
        demand(token[i] != '"' && token[i] != '$', "a sign of nginx stands bare in the quotes");
        if (token[i] == '\\') {
            ++i;
            demand(i + 1 < token.size(), "the last quote is escaped");
        }
        out += token[i];
    }
    return out;
}

// What a POSIX shell makes of one word in single quotes (XCU 2.2.2), or of plain letters.
std::string shell_word(std::string_view quoted) {
    std::string out;
    bool inside = false;
    for (std::size_t i = 0; i < quoted.size(); ++i) {
        const char c = quoted[i];
        if (c == '\'') {
            inside = !inside;
        } else if (!inside && c == '\\') {
            demand(++i < quoted.size(), "a backslash at the end");
            out += quoted[i];
        } else {
            demand(inside || std::string_view(" \t\n;&|<>()$`\"*?[#~=!{}").find(c) == std::string_view::npos,
                   "a sign of the shell stands bare");
            out += c;
        }
    }
    demand(!inside, "a quote is not closed");
    return out;
}

}  // namespace

void site_definition(std::string_view input) {
    Json json;
    SiteDefinition definition{};
    if (refused([&] { json = Json::parse(input); })) return;
    if (refused([&] { definition = SiteDefinition::parse(json); })) return;
    const Json printed = definition.to_json();
    demand(SiteDefinition::parse(printed) == definition, "its JSON reads as another definition");
    demand(SiteDefinition::parse(Json::parse(printed.dump())) == definition,
           "its text reads as another definition");
    demand(describe_changes(definition, definition).empty(), "it differs from itself");
    render_site(definition);
}

void nginx_directives(std::string_view input) {
    const std::string problem = problem_in_nginx_directives(input);
    if (!problem.empty()) {
        demand_clean(problem, "the problem");
        return;
    }
    // Nothing that follows is swallowed by an open quote, comment or block, and nothing closes what it stands
    // in.
    const std::string text(input);
    const std::string after = problem_in_nginx_directives(text + "\ninclude /etc/passwd;");
    demand(after.ends_with("'include' is not allowed here"), "what follows is swallowed: " + after);
    demand(problem_in_nginx_directives(text + "\n}").find("closes a block") != std::string::npos,
           "it leaves a block open");
    demand(problem_in_nginx_directives("location / {\n" + text + "\n}").empty(),
           "inside of a block it is refused");
}

void quoting(std::string_view input) {
    std::string out;
    if (!refused([&] { render::quote_nginx(input, out); })) {
        demand(unquoted(out) == input, "nginx reads another value");
        demand(problem_in_nginx_directives("set " + out + ";").find("line") != 0 ||
                   input.find("unix:") != std::string::npos ||
                   text::lower(input).find("unix:") != std::string::npos,
               "not one word for nginx: " + out);
    }
    out.clear();
    if (!refused([&] { render::quote_word(input, out); }))
        demand(out == input && out.find_first_of(" \t\r\n;{}\"'$\\#()") == std::string::npos,
               "not one plain word");
    out.clear();
    if (!refused([&] { render::quote_uint(input, out); }))
        demand(out.find_first_not_of("0123456789") == std::string::npos, "not a number");
    out.clear();
    if (!refused([&] { render::quote_comment(input, out); }))
        demand(out.find_first_of("\r\n") == std::string::npos, "the comment has a second line");
    out.clear();
    if (!refused([&] { render::quote_yaml(input, out); })) {
        demand(out.find("{{") == std::string::npos, "Traefik takes it for a template");
        demand(!text::has_control(out), "not one line of YAML: " + out);
        demand(Json::parse("[" + out + "]").items().at(0).text() == input, "another value: " + out);
    }
    std::string word;
    if (!refused([&] { word = ssh::shell_quote(input); }))
        demand(shell_word(word) == input, "the shell reads another word");
}

void values(std::string_view input) {
    constexpr std::string_view kSigns = " \t\r\n;{}\"'$\\#()<>&|/";
    canonical<DomainName>(input, kSigns);
    canonical<IpAddress>(input, kSigns);
    canonical<HostAddress>(input, kSigns);
    canonical<Name>(input, kSigns);
    canonical<Port>(input, kSigns);
    const std::string why = DomainName::why_not(input);
    demand(why.empty() == DomainName::parse(input).has_value(),
           "refused without a reason, or the other way round");
    demand_clean(why, "the reason");
}

void engine_messages(std::string_view input) {
    if (const auto other = render::renderer(Engine::traefik).culprit(input)) {
        demand(other->file.find('\n') == std::string::npos, "the file has two lines");
        demand(other->message.size() <= input.size(), "the message is longer than the output");
    }
    const auto culprit = render::renderer(Engine::nginx).culprit(input);
    if (!culprit) return;
    demand(std::string(input).find("[emerg]") != std::string::npos, "blames somebody without an emergency");
    demand(culprit->file.find('\n') == std::string::npos, "the file has two lines");
    demand(culprit->message.size() <= input.size(), "the message is longer than the output");
}

}  // namespace rpm::fuzz

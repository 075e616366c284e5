// SPDX-License-Identifier: MIT
#include "workers/ctl/commands.h"

#include <algorithm>

#include "shared/base/error.h"
#include "shared/base/text.h"

namespace rpm::ctl {
namespace {

constexpr Command kCommands[] = {
    {"migrate", "", "bring the database to this version's schema", &migrate},
    {"keys init", "", "make the keys of this installation that are missing", &init_keys},
    {"keys list", "", "keys for secrets, and how many values each still holds", &list_keys},
    {"keys rotate", "", "make a new key and seal every secret again with it; can be run again after a crash",
     &rotate_keys},
    {"keys retire", "ID", "take an old key away that holds nothing any more", &retire_key},
    {"keys rotate-audit", "", "sign seals of the audit log with a new key", &rotate_audit_key},

    {"user add",
     "NAME [--role ROLE] [--client NAME] [--email ADDRESS] [--password-stdin] [--password-hash-stdin]",
     "make an account; role: admin, operator, read_only, client (the default) or client_read_only; client: "
     "whose sites it works with",
     &add_user},
    {"user list", "", "all accounts", &list_users},
    {"user enable", "NAME", "let the account sign in again", &enable_user},
    {"user disable", "NAME", "end its sessions; it cannot sign in any more", &disable_user},
    {"user reset-factors", "NAME", "take away second factors that were lost; ends its sessions",
     &reset_user_factors},
    {"user set", "NAME [--role ROLE] [--client NAME] [--email ADDRESS] [--max-sites N] [--max-domains N]",
     "change an account; an empty value means none", &set_user},
    {"user invite", "NAME [--base URL] [--mail]",
     "a link that sets the first password (3 days); mail: sent instead of shown", &invite_user},
    {"user reset-link", "NAME [--base URL] [--mail]", "a link that sets a new password (30 minutes)",
     &make_reset_link},
    {"user sign-out", "NAME", "end all its sessions and unused links", &sign_out_user},
    {"user login-link", "NAME [--minutes N] [--base URL]", "a link that signs in once (10 minutes)",
     &make_login_link},
    {"token add", "USER NAME [--days N] [--scope WORDS] [--network NETWORKS]",
     "a token for the API; shown once (90 days, all of the user's role, from everywhere)", &add_token},
    {"token list", "USER", "the user's tokens, and where each was used last", &list_tokens},
    {"token revoke", "ID", "the token does not work any more", &revoke_token},

    {"node list", "", "all nodes and how they are", &list_nodes},
    {"node discover", "[FILE] [--dry-run]", "make nodes as nodes.yaml says", &discover_nodes},
    {"node trust", "NAME [FINGERPRINT]", "accept this host key; without one: show the offered keys",
     &trust_node},
    {"node enable", "NAME", "let the node receive deployments", &enable_node},
    {"node disable", "NAME", "leave the node as it is", &disable_node},
    {"node deploy", "NAME [--reason TEXT] [--wait SECONDS]", "bring the node up to date with its sites",
     &deploy_node},
    {"node settings", "NAME [--file FILE] [--wait SECONDS]",
     "what it answers for unknown names and whom it believes, as JSON; with a file: change and deploy",
     &node_settings},
    {"node lists", "", "lists of proxies that nodes believe, and how old they are", &list_node_lists},
    {"node schema", "", "the settings of a node as JSON Schema", &show_node_schema},
    {"node manual", "", "the settings of a node as a page of the manual", &show_node_manual},

    {"site list", "[--owner NAME] [--match TEXT] [--tag TAG]", "all sites", &list_sites},
    {"site show", "DOMAIN", "one site: definition, nodes, history", &show_site},
    {"site add", "--file FILE --owner NAME [--nodes NAMES] [--reason TEXT]",
     "save a new site from JSON (- for standard input); prints its id", &add_site},
    {"site update", "DOMAIN --file FILE [--owner NAME] [--nodes NAMES] [--reason TEXT]",
     "save the next version of a site", &update_site},
    {"site clone", "DOMAIN NEW-NAME… [--reason TEXT]", "a site like this one with other names; prints its id",
     &clone_site},
    {"site tag", "DOMAIN [--add TAGS] [--remove TAGS]", "words to find the site by; prints them", &tag_site},
    {"site bulk",
     "ACTION [DOMAIN…] [--tag TAG] [--word WORD] [--member PATH] [--value JSON] [--nodes NAMES] [--status N] "
     "[--reason TEXT] [--dry-run]",
     "one change for many sites, those with the tag or these: add_tag, remove_tag, set_member, add_snippet, "
     "remove_snippet, set_nodes, pause, resume, block",
     &change_sites},
    {"site begin", "TEMPLATE DOMAIN… --owner NAME [--upstream ADDRESS]",
     "save a new site from a template; prints its id", &begin_site},
    {"template list", "", "what new sites can be begun with", &list_templates},
    {"template save", "DOMAIN NAME [--offered] [--description TEXT]",
     "keep the site as a template; offered: to clients too", &save_template},
    {"snippet list", "[--kind KIND]", "settings that sites share: snippets, access lists and templates",
     &list_snippets},
    {"snippet show", "NAME [--kind KIND] [--owner NAME]",
     "one of them; kind: snippet (the default), access_list or template; owner: the client's", &show_snippet},
    {"snippet add",
     "NAME --file FILE [--kind KIND] [--owner NAME] [--offered] [--description TEXT] [--reason TEXT]",
     "keep settings from JSON (- for standard input); offered: clients may use them", &add_snippet},
    {"snippet update",
     "NAME [--file FILE] [--kind KIND] [--owner NAME] [--offered] [--not-offered] [--description TEXT] "
     "[--reason TEXT]",
     "save the next version, and one of every site that uses it; 'rpmgr deploy' brings them to the nodes",
     &update_snippet},
    {"snippet remove", "NAME [--kind KIND] [--owner NAME]", "refused while sites use it", &remove_snippet},
    {"site block", "DOMAIN [--status N] [--reason TEXT]", "visitors see 403, 451 or 503 (403)", &block_site},
    {"site pause", "DOMAIN", "visitors see that the site is paused", &pause_site},
    {"site resume", "DOMAIN", "end a block or a pause", &resume_site},
    {"site schema", "", "what a definition may hold, as JSON Schema", &show_site_schema},
    {"site manual", "", "the same as a page of the manual", &show_site_manual},
    {"engines manual", "", "the same as a table of the manual, with reasons", &show_engines_manual},
    {"engines", "", "what nginx, Caddy and Traefik can do of it", &show_engines},
    {"site remove", "DOMAIN", "take the site from its nodes and free its names", &remove_site},

    {"explain", "URL [--method NAME] [--from ADDRESS] [--header LINE…] [--node NAME]",
     "what happens to a request, and which settings and rendered lines decide it", &explain_request},

    {"domain list", "[--owner NAME] [--pending]",
     "names that clients have shown, or have still to show, to hold", &list_domains},
    {"domain check", "DOMAIN", "look now for the proofs that the site with this name lacks", &check_domain},
    {"domain vouch", "OWNER NAME…", "your word that the client holds the names and all below them",
     &vouch_domain},

    {"deploy", "DOMAIN… [--reason TEXT] [--wait SECONDS]", "bring the sites' latest versions to their nodes",
     &deploy_sites},
    {"deployment list", "[--waiting] [--limit N]",
     "deployments, newest first; with --waiting those to be approved", &list_deployments},
    {"deployment approve", "ID PLAN [--reason TEXT]",
     "let it go out, if its plan still is the one that 'deployment list' shows", &approve_deployment},
    {"deployment reject", "ID --reason TEXT", "it does not go out; who asked reads the reason",
     &reject_deployment},
    {"status", "[--deployment N]", "nodes, sites, queue and the last deployments", &show_status},

    {"job list", "[--state STATE] [--limit N]", "the queue, newest first", &list_jobs},
    {"job cancel", "ID", "take a waiting job out of the queue", &cancel_job},
    {"job retry", "ID", "ask again for a failed or cancelled job", &retry_job},

    {"audit list",
     "[--action PREFIX] [--user NAME] [--object NAME] [--address START] [--from TIME] [--until TIME] "
     "[--limit N]",
     "who did what, newest first", &list_audit},
    {"audit export",
     "[--format FORMAT] [--action PREFIX] [--user NAME] [--object NAME] [--address START] [--from TIME] "
     "[--until TIME]",
     "all of it, newest first, as csv or jsonl (jsonl)", &export_audit},
    {"audit verify", "[--expect DIGEST]",
     "prove that no row was changed, removed or inserted; DIGEST: noted earlier, must be in the chain",
     &verify_audit},
    {"settings list", "[--match TEXT]", "what administrators decided; * marks what is not the default",
     &list_settings},
    {"settings get", "NAME", "one of them", &get_setting},
    {"settings set", "NAME [VALUE…] [--stdin]",
     "change it; several values make a list, secrets come by --stdin", &set_setting},
    {"settings reset", "NAME", "back to its default", &reset_setting},
    {"settings manual", "", "all settings as a page of the manual", &show_settings_manual},

};

bool starts_with(const std::vector<std::string>& words, const Command& command) {
    const auto own = text::words(command.words);
    return words.size() >= own.size() && std::equal(own.begin(), own.end(), words.begin());
}

// "usre list" -> "; did you mean 'user list'?"
std::string suggestion(const std::vector<std::string>& words) {
    std::vector<std::string> known;
    for (const Command& command : kCommands) known.emplace_back(command.words);
    std::string said = words[0];
    auto near = text::nearest(said, known);
    if (words.size() > 1 && !near) near = text::nearest(said + " " + words[1], known);
    return near ? "; did you mean '" + *near + "'?" : "; see 'rpmgr --help'";
}

std::string describe(const Command& command) {
    std::string line =
        "  " + std::string(command.words) + (*command.usage == '\0' ? "" : " ") + command.usage;
    // In one line with the purpose where that fits.
    if (display_width(line) < 40)
        return line + std::string(40 - display_width(line), ' ') + command.purpose + "\n";
    return line + "\n" + std::string(40, ' ') + command.purpose + "\n";
}

}  // namespace

std::span<const Command> commands() {
    return kCommands;
}

Call find_command(const std::vector<std::string>& words) {
    if (words.empty()) throw Invalid("command", "is missing; see 'rpmgr --help'");
    for (const Command& command : kCommands) {
        if (!starts_with(words, command)) continue;
        const auto own = static_cast<std::ptrdiff_t>(text::words(command.words).size());
        return {&command, {words.begin() + own, words.end()}};
    }
    const auto groups = [&](const Command& c) { return text::words(c.words)[0] == words[0]; };
    const bool group = std::ranges::any_of(kCommands, groups);
    if (group && words.size() == 1)
        throw Invalid("command",
                      "'" + words[0] + "' needs one more word; see 'rpmgr " + words[0] + " --help'");
    throw Invalid("command", "unknown command '" + words[0] + (words.size() > 1 ? " " + words[1] : "") + "'" +
                                 suggestion(words));
}

std::string help(const std::vector<std::string>& words) {
    std::string out;
    for (const Command& command : kCommands) {
        const auto own = text::words(command.words);
        const std::size_t common = std::min(own.size(), words.size());
        if (std::equal(own.begin(), own.begin() + static_cast<std::ptrdiff_t>(common), words.begin()))
            out += describe(command);
    }
    if (out.empty()) throw Invalid("command", "unknown command '" + words[0] + "'" + suggestion(words));
    return out;
}

SplitLine split_line(int argc, const char* const* argv) {
    SplitLine out;
    for (int i = 1; i < argc; ++i) {
        const std::string part = argv[i];
        if (part == "--") {
            out.command.insert(out.command.end(), argv + i, argv + argc);
            break;
        }
        const bool option = part.starts_with("--");
        const std::string name = option ? part.substr(2, part.find('=') - 2) : "";
        if (part == "--help" || part == "-h") {
            out.help = true;
        } else if (name == "version" || name == "check-config" || name == "json") {
            out.global.push_back(part);
        } else if (name == "config" || name.find('.') != std::string::npos) {
            out.global.push_back(part);
            if (part.find('=') == std::string::npos && i + 1 < argc) out.global.emplace_back(argv[++i]);
        } else {
            out.command.push_back(part);
        }
    }
    return out;
}

}  // namespace rpm::ctl

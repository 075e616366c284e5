// SPDX-License-Identifier: MIT
// Who is let in: lists of addresses, then the sign-in.
#include <algorithm>

#include "shared/base/secret.h"
#include "shared/base/text.h"
#include "shared/crypto/password.h"
#include "shared/plan/explain_walk.h"

namespace rpm::plan {
namespace {

struct Credentials {
    std::string name, password;
};

// RFC 7617 section 2.
std::optional<Credentials> credentials_of(const Request& request) {
    const auto header = request.header("Authorization");
    if (!header || !text::iequals(std::string_view(*header).substr(0, 6), "basic ")) return std::nullopt;
    const auto plain = text::unbase64(text::trim(std::string_view(*header).substr(6)));
    const auto colon = plain ? plain->find(':') : std::string::npos;
    if (colon == std::string::npos) return std::nullopt;
    return Credentials{plain->substr(0, colon), plain->substr(colon + 1)};
}

// The entry of the list that has the address: "access.deny.3".
std::string entry(const std::string& list, const std::vector<IpNetwork>& networks, const IpNetwork* network) {
    return list + "." + std::to_string(network - networks.data());
}

}  // namespace

std::string Walk::access_field() const {
    return route_ != nullptr && route_->access ? route_field_ + ".access" : "access";
}

bool Walk::gates() {
    const Access& access = route_ != nullptr && route_->access ? *route_->access : site_.access;
    if (&access != &site_.access) step("The route has access rules of its own", access_field());
    bool needs_sign_in = access.by_sign_in();
    return addresses(access, needs_sign_in) || (needs_sign_in && sign_in(access));
}

bool Walk::addresses(const Access& access, bool& needs_sign_in) {
    if (!access.by_address()) return false;
    const std::string field = access_field();
    const IpNetwork* denied = find_network(access.deny, visitor_);
    const IpNetwork* allowed = find_network(access.allow, visitor_);
    const bool good = denied == nullptr && (allowed != nullptr || access.allow.empty());
    std::string says, member;
    if (denied != nullptr) {
        says = visitor_.text() + " is refused: " + denied->text() + " never comes in";
        member = entry(field + ".deny", access.deny, denied);
    } else if (!good) {
        says = visitor_.text() + " is refused: only the listed addresses come in";
        member = field + ".allow";
    } else {
        says = visitor_.text() + " is let in" + (allowed != nullptr ? " as one of " + allowed->text() : "");
        member = allowed != nullptr ? entry(field + ".allow", access.allow, allowed) : field + ".deny";
    }
    const bool enough = access.satisfy == Satisfy::any;
    if (!good && !enough) return answer(403, std::move(says), std::move(member));
    step(std::move(says), std::move(member));
    if (!enough) return false;
    step(good ? "An address that is let in needs no sign-in" : "A sign-in is enough", field + ".satisfy");
    if (good) needs_sign_in = false;
    return false;
}

bool Walk::sign_in(const Access& access) {
    if (const IpNetwork* network = find_network(access.no_sign_in_from, visitor_)) {
        step(network->text() + " needs no sign-in",
             entry(access_field() + ".no_sign_in_from", access.no_sign_in_from, network));
        return false;
    }
    if (!access.forward.url) return password(access);
    ask_elsewhere(access.forward);
    return false;
}

bool Walk::password(const Access& access) {
    const std::string users = access_field() + ".basic.users";
    const auto given = credentials_of(request_);
    if (!given) {
        const bool broken = request_.header("Authorization").has_value();
        if (broken) {
            Ending bad{.kind = EndKind::answered, .statuses = {400}};
            bad.why = "The Authorization header cannot be read";
            bad.field = users;
            may(std::move(bad), "the engine takes it for a bad request");
        }
        return answer(
            401, broken ? "The Authorization header cannot be read" : "A name and a password are asked for",
            users);
    }
    const auto known = std::ranges::find(access.basic.users, given->name, &BasicUser::name);
    if (known == access.basic.users.end())
        return answer(401, "'" + text::shown(given->name, 80) + "' is not among the users", users);
    const std::string user = users + "." + std::to_string(known - access.basic.users.begin());
    if (!crypto::is_password_hash(known->hash) ||
        !crypto::verify_password(known->hash, Secret(given->password)))
        return answer(401, "The password of " + known->name + " is wrong", user);
    step("The password of " + known->name + " is right", user);
    return false;
}

void Walk::ask_elsewhere(const ForwardAuth& forward) {
    const std::string field = access_field() + ".forward.";
    step(forward.url->text() + " is asked, and lets in with 2xx", field + "url");
    const auto refused = [&](std::vector<unsigned> statuses, std::string when, std::string location = "") {
        Ending ending{.kind = EndKind::answered, .statuses = std::move(statuses)};
        ending.location = std::move(location);
        ending.why = forward.url->text() + " decides";
        ending.field = field + "url";
        may(std::move(ending), std::move(when));
    };
    if (forward.mode == ForwardMode::api) {
        refused({401, 403}, "it lets nobody in");
    } else if (!forward.sign_in.empty()) {
        const char* more = forward.sign_in.find('?') == std::string::npos ? "?" : "&";
        refused({302}, "it answers 401",
                forward.sign_in + more + "rd=" + (request_.encrypted ? "https://" : "http://") +
                    request_.name() + request_.target);
        refused({403}, "it answers 403");
    } else {
        refused({301, 302, 303, 307, 308, 401, 403}, "it lets nobody in; its own answer is passed on");
    }
    refused({500, 502, 503, 504}, "it cannot be asked");
    if (!forward.copy_headers.empty())
        step("The server sees " + text::join(forward.copy_headers, ", ") + " of its answer",
             field + "copy_headers");
}

}  // namespace rpm::plan

// SPDX-License-Identifier: MIT
#include "shared/ops/passwords.h"

#include "shared/base/error.h"
#include "shared/base/text.h"
#include "shared/crypto/common_passwords.h"

namespace rpm::ops {
namespace {

constexpr std::size_t kLeast = 12;
constexpr std::size_t kMost = 1024;
constexpr std::size_t kTelling = 3;  // a name of two letters is in half of all sentences

bool holds(const Secret& password, std::string_view part) {
    return part.size() >= kTelling && password.reveal().find(text::lower(part)) != std::string_view::npos;
}

}  // namespace

void check_password(const Secret& password, const PasswordOwner& owner) {
    if (password.size() < kLeast) throw Invalid("password", "must have at least 12 characters");
    if (password.size() > kMost) throw Invalid("password", "must have at most 1024 characters");
    if (crypto::is_common_password(password))
        throw Invalid("password",
                      "is too easy to guess: it is, or is made of, one of the most used passwords");
    const Secret lower(text::lower(password.reveal()));
    if (holds(lower, owner.username)) throw Invalid("password", "must not contain the user name");
    if (holds(lower, owner.email) ||
        holds(lower, std::string_view(owner.email).substr(0, owner.email.find('@'))))
        throw Invalid("password", "must not contain the mail address");
    for (const char* ours : {"rpmgr", "proxymanager", "proxy manager", "proxy-manager"})
        if (holds(lower, ours)) throw Invalid("password", "must not contain the name of this product");
}

}  // namespace rpm::ops

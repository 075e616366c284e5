// SPDX-License-Identifier: MIT
#include "web/auth/passkey.h"

#include "shared/base/text.h"

namespace rpm::web {

Json ceremony_json(const rpm::ops::Ceremony& ceremony) {
    return Json::object({{"token", std::string(ceremony.token.reveal())}, {"publicKey", ceremony.options}});
}

rpm::ops::PasskeyAnswer read_passkey(http::Form& form, const std::string& prefix) {
    const auto bytes = [&](const char* name) {
        return text::unbase64url(form.text(prefix + name, {.max = 30000})).value_or("");
    };
    return {.token = form.text(prefix + "token"),
            .credential_id = bytes("credential_id"),
            .assertion = {.client_data = bytes("client_data"),
                          .authenticator_data = bytes("authenticator_data"),
                          .signature = bytes("signature")}};
}

}  // namespace rpm::web

// SPDX-License-Identifier: MIT
// One target for each parser that reads what others wrote. A target runs the parser on any bytes and demands
// what must hold whatever they are: what was read prints and reads back as itself, what was refused names a
// field in clean words, what was quoted stays one word.
//
//     make fuzz ONLY=json FUZZ_SECONDS=300     // libFuzzer looks for input that breaks a demand
//     build/tests/fuzz/run                     // the tracked seeds and former findings again, in seconds
//
// A new parser gets a function here, its line in targets.cc, a file of its name and seeds in corpus/NAME/.
// Input that once broke a demand stays there as regression-….
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/error.h"

namespace rpm::fuzz {

struct Target {
    std::string_view name;
    void (*run)(std::string_view input);
    std::size_t longest = 4096;  ///< bytes that libFuzzer tries at most
};
std::span<const Target> targets();
/// Or nullptr.
const Target* find_target(std::string_view name);

/// A demand that does not hold: the finding.
struct Violated : std::logic_error {
    using std::logic_error::logic_error;
};
void demand(bool holds, const std::string& what);
/// UTF-8 without control characters, as pages, logs and columns take it.
void demand_clean(std::string_view text, const std::string& what);
/// Runs it; true when it refuses the input as the program expects: Invalid or HttpError of the 4xx kind, with
/// every field named and every message clean and short. Any other exception passes through and is a finding.
bool refused(const std::function<void()>& parse);

/// Cuts input into pieces, so that one target can have several arguments.
class Pieces {
  public:
    explicit Pieces(std::string_view input) : rest_(input) {}
    std::uint8_t byte();
    /// Up to the next line end, without it.
    std::string_view line();
    std::string_view rest() const { return rest_; }
    bool empty() const { return rest_.empty(); }

  private:
    std::string_view rest_;
};

void config(std::string_view);
void caddy_directives(std::string_view);
void cookies(std::string_view);
void csp_reports(std::string_view);
void csv_value(std::string_view);
void diff(std::string_view);
void dns_answer(std::string_view);
void domain_proof(std::string_view);
void encodings(std::string_view);
void engine_messages(std::string_view);
void fastcgi(std::string_view);
void form(std::string_view);
void host_key(std::string_view);
void id_token(std::string_view);
void json(std::string_view);
void manifest(std::string_view);
void multipart(std::string_view);
void networks(std::string_view);
void nginx_directives(std::string_view);
void node_answers(std::string_view);
void node_output(std::string_view);
void nodes_file(std::string_view);
void oidc_configuration(std::string_view);
void params(std::string_view);
void passkey_assertion(std::string_view);
void passkey_registration(std::string_view);
void permission_words(std::string_view);
void private_key(std::string_view);
void quoting(std::string_view);
void settings(std::string_view);
void site_definition(std::string_view);
void site_form(std::string_view);
void sql_script(std::string_view);
void traefik_directives(std::string_view);
void urlencoded(std::string_view);
void values(std::string_view);
void x509(std::string_view);

}  // namespace rpm::fuzz

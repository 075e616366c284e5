// SPDX-License-Identifier: MIT
// Reports of browsers about the content security policy (CSP Level 3 section 5, Reporting API).
//
// Anybody can send one, so nothing in it is believed or kept that could be long, secret or misleading: of the
// page only the fixed words of its path, of what was blocked only its origin or its kind.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "shared/ops/context.h"
#include "shared/store/csp_reports.h"

namespace rpm::ops {

/// Reads a body of type application/csp-report or application/reports+json. Other reports and malformed ones
/// are left out; throws Invalid for what is no JSON at all. At most ten.
std::vector<store::CspReport> parse_csp_reports(std::string_view body, std::string_view panel);
/// Adds them to what was seen before; the audit log is for people's deeds and gets none.
void note_csp_reports(Context& context, const std::vector<store::CspReport>& reports);

/// "https://a.example/login/link/AbC-9?x=1" -> "/login/link/…": words of small letters are kept, all else may
/// be a number or a secret.
std::string plain_document(std::string_view url);
/// "https://other.example:8443/x" -> "https://other.example:8443"; "inline" stays.
std::string plain_blocked(std::string_view blocked);

}  // namespace rpm::ops

// SPDX-License-Identifier: MIT
// The few kinds of failure that interrupt the normal flow, named after what the caller can do about them.
//
// Each maps to one answer, in exactly two places: web/http/server.cc (HTTP status) and workers/runner.cc
// (retry or fail). Everywhere else they pass through; catch only to add context and throw again.
// What a caller must handle in the normal flow is a return value instead: std::optional for absence,
// Problems for form validation, Outcome for a run on a node.
//
// Texts are lower case, without full stop, fault first, context after a colon: "port out of range: 99999".
#pragma once

#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

namespace rpm {

/// What is wrong with given input: field name -> message. Empty means valid.
/// Fields are named like form fields and JSON paths: "domains", "upstream.servers.2.port".
class Problems {
  public:
    /// Adds a message for a field; the first message of a field is kept.
    void add(std::string field, std::string message) {
        entries_.try_emplace(std::move(field), std::move(message));
    }
    bool empty() const { return entries_.empty(); }
    bool has(const std::string& field) const { return entries_.contains(field); }
    const std::map<std::string, std::string>& entries() const { return entries_; }
    /// "domains: …; upstream.servers.0.port: …", for logs, the command line and plain-text answers.
    std::string text() const;

  private:
    std::map<std::string, std::string> entries_;
};

/// Base of all below; thrown itself for a defect or a condition nobody can act upon (answered 500 with an
/// id).
struct Error : std::runtime_error {
    using std::runtime_error::runtime_error;
};
/// The object does not exist, or the viewer may not know that it does (404).
struct NotFound : Error {
    using Error::Error;
};
/// The viewer is known and may not do this (403).
struct Forbidden : Error {
    using Error::Error;
};
/// Somebody else changed or holds the thing: a stale version, a duplicate name (409).
struct Conflict : Error {
    using Error::Error;
};
/// The input is wrong and nothing was changed (422); says which fields.
struct Invalid : Error {
    explicit Invalid(Problems found) : Error(found.text()), problems(std::move(found)) {}
    Invalid(std::string field, std::string message);
    Problems problems;
};
/// Something this process depends on does not answer now; worth trying again later (503).
struct Unavailable : Error {
    using Error::Error;
};

}  // namespace rpm

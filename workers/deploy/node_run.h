// SPDX-License-Identifier: MIT
// One job on one node, from what the database says to what is recorded: prepare, run, judge, perhaps again.
//
//   prepare()  reads the node's sites, renders, seals, compares, packs       -> a request for the transport
//   (of a node whose name servers nobody knows yet, the first round asks; each deployment tells them again)
//   (the transport runs it; lines arrive, an outcome arrives)
//   conclude() records a proven release, puts a refused site into quarantine and asks for another round, puts
//   the job
//              back, or fails it                                              -> done, or run again
//
// Both use the database and take milliseconds; neither waits for the node. What conclude() writes is one
// transaction together with the end of the job, guarded by the claim's token: a worker that lost its lease
// records nothing.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>

#include "shared/base/clock.h"
#include "shared/crypto/sealing.h"
#include "shared/db/connection.h"
#include "shared/plan/release.h"
#include "shared/render/renderer.h"
#include "shared/store/deployments.h"
#include "shared/store/jobs.h"
#include "shared/store/node_sites.h"
#include "shared/store/nodes.h"
#include "workers/deploy/report.h"
#include "workers/ssh/outcome.h"
#include "workers/ssh/request.h"

namespace rpm::deploy {

/// What all runs of a worker share. One thread.
struct Tools {
    db::Connection& db;
    const Clock& clock;
    const crypto::UnsealingKeys& keys;
    const TemplateSet& templates;
    render::Cache* cache = nullptr;
    store::RevisionCache* revisions = nullptr;
    /// Parsed keys by credential: parsing and unsealing once per worker run, not once per node.
    std::map<CredentialId, ssh::PrivateKey>& credentials;
};

class NodeRun {
  public:
    NodeRun(Tools& tools, store::Job job, std::string token);

    /// The request to run, or nothing when it ended here already (then conclude() is not called). Throws
    /// Unavailable when the database is gone.
    std::optional<ssh::Request> prepare();
    /// A line of the script; cheap, no database.
    void on_line(std::string_view line);
    /// True: call prepare() and run again. Throws Unavailable when the database is gone; may then be called
    /// again.
    bool conclude(const ssh::Outcome& outcome);

    /// Ends the run after an error that none of the above expects: the job is tried again later, and fails in
    /// the end.
    void give_back(const std::string& error);

    JobId job() const { return job_.id; }
    NodeId node() const { return NodeId(job_.subject_id); }
    const std::string& token() const { return token_; }
    /// Steps changed since the last take_dirty().
    bool take_dirty() { return std::exchange(dirty_, false); }
    void write_progress(db::Transaction& tx) const;

  private:
    ssh::Request request(const store::Node& node);
    ssh::Request question(const store::Node& node);
    ssh::Request call(const store::Node& node, const std::vector<std::string>& words,
                      std::vector<ssh::Chunk> input);
    ssh::PrivateKey credential(const store::Node& node);
    void load_sites();
    Bundle render_leaving_out(const NodeProfile& profile);
    ssh::Chunk pack_leaving_out(const NodeProfile& profile);
    ssh::Chunk pack(const NodeProfile& profile);
    bool quarantine(std::string_view engine_output);
    bool quarantine_site(SiteId site, const std::string& message, unsigned line);
    void learn_engine();
    bool learn_resolvers();
    bool conclude_live(bool changed);
    void record_proven(db::Transaction& tx);
    void record_live(bool changed);
    void put_back(const std::string& error, const std::string& node_state, bool contacted);
    void fail(const std::string& error, const std::string& node_state, bool contacted);
    [[noreturn]] void lost_lease() const;
    void remember_host_key(db::Transaction& tx, const ssh::Outcome& outcome);
    void end(db::Transaction& tx, std::string_view state, const store::NodeRun& run);
    std::vector<std::pair<std::string, std::string_view>> new_contents(db::Transaction& tx) const;

    Tools& tools_;
    store::Job job_;
    std::string token_;
    std::string node_name_;
    std::vector<DeployableSite> sites_;
    Bundle bundle_;
    plan::Release release_;
    std::string base_id_;
    plan::Manifest base_;
    std::unique_ptr<Report> report_;
    std::string engine_file_;
    std::optional<std::string> resolvers_;  // what was known of them at the start of this round
    bool resolvers_given_ = false;
    bool asking_ = false;    // this round only asks the node for facts
    bool switched_ = false;  // an earlier round did
    bool full_ = false;      // the node asked for everything
    bool dirty_ = false;
    std::set<SiteId> left_out_;  // not even their last good revision is taken
    std::string refused_steps_;
    std::string refused_output_;
    unsigned rounds_ = 0;
};

}  // namespace rpm::deploy

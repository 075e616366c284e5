// SPDX-License-Identifier: MIT
#include "workers/deploy/node_run.h"

#include <algorithm>
#include <utility>

#include "shared/base/log.h"
#include "shared/base/text.h"
#include "shared/crypto/digest.h"
#include "shared/store/certificates.h"
#include "shared/store/contents.h"
#include "shared/store/sites.h"
#include "workers/deploy/package.h"
#include "workers/deploy/pairs.h"
#include "workers/deploy/verdict.h"
#include "workers/ssh/command.h"

namespace rpm::deploy {
namespace {

// Each round takes one bad site out; a node on which more are bad at once needs a person.
constexpr unsigned kMaxRounds = 20;

// An upload may take its time as long as it moves; the node's script is silent while the engine tests, and
// while it waits for a large configuration to come up.
constexpr std::chrono::minutes kWork{6};
constexpr std::chrono::hours kTotal{1};

double jitter() {
    return static_cast<unsigned char>(crypto::random_bytes(1)[0]) / 255.0;
}

std::map<SiteId, RevisionId> served_by(const std::vector<DeployableSite>& sites) {
    std::map<SiteId, RevisionId> serves;
    for (const DeployableSite& site : sites) serves[site.id] = site.revision;
    return serves;
}

// The engine names a certificate file, not its site: "certs/3fa9….crt".
SiteId site_of_certificate(const std::vector<DeployableSite>& sites, const Bundle& bundle,
                           std::string_view file) {
    const auto slash = file.rfind('/');
    const std::string path =
        "certs/" + std::string(slash == std::string_view::npos ? file : file.substr(slash + 1));
    const auto found = bundle.files.find(path);
    if (found == bundle.files.end()) return {};
    const std::string stem = path.substr(6, path.rfind('.') - 6);
    for (const DeployableSite& site : sites)
        for (const CertificateFiles* each : certificates_of(site))
            if (each->fingerprint.starts_with(stem)) return site.id;
    return {};
}

}  // namespace

NodeRun::NodeRun(Tools& tools, store::Job job, std::string token)
    : tools_(tools), job_(std::move(job)), token_(std::move(token)) {}

ssh::PrivateKey NodeRun::credential(const store::Node& node) {
    const auto known = tools_.credentials.find(node.credential);
    if (known != tools_.credentials.end()) return known->second;
    const auto stored = store::get_credential(tools_.db, node.credential);
    auto key = ssh::PrivateKey::parse(tools_.keys.open(stored.sealed, "credential:" + stored.fingerprint));
    return tools_.credentials.emplace(node.credential, std::move(key)).first->second;
}

void NodeRun::load_sites() {
    sites_ = store::load_node_sites(tools_.db, node(), {}, tools_.revisions);
    std::erase_if(sites_, [&](const DeployableSite& site) { return left_out_.contains(site.id); });
}

// A site that the engine's renderer cannot say is quarantined like one that the engine refuses.
Bundle NodeRun::render_leaving_out(const NodeProfile& profile) {
    for (;;) {
        try {
            return render::renderer(profile.engine).render(tools_.templates, profile, sites_, tools_.cache);
        } catch (const render::InvalidSite& error) {
            if (!quarantine_site(error.site, error.problems.text(), 0)) throw;
            load_sites();
        }
    }
}

// A certificate that the engine would not look at before it is needed is refused as the engine would do.
ssh::Chunk NodeRun::pack_leaving_out(const NodeProfile& profile) {
    for (;;) {
        bundle_ = render_leaving_out(profile);
        release_ = plan::seal(bundle_);
        try {
            return pack(profile);
        } catch (const render::InvalidSite& error) {
            if (!quarantine_site(error.site, error.problems.text(), 0)) throw;
            load_sites();
        }
    }
}

ssh::Chunk NodeRun::pack(const NodeProfile& profile) {
    Pairs pairs(sites_, bundle_, [this](CertificateId id) {
        const auto stored = store::get_sealed_key(tools_.db, id);
        return tools_.keys.open(stored.sealed_key, "certificate:" + stored.fingerprint);
    });
    pairs.check(plan::compare(release_.manifest, base_).changes);
    const auto [marker_path, marker] =
        render::renderer(profile.engine).marker(tools_.templates, profile, release_.id);
    return std::make_shared<const std::string>(
        package({.bundle = bundle_,
                 .release = release_,
                 .base = base_,
                 .sites = sites_,
                 .marker_path = marker_path,
                 .marker = marker,
                 .private_key = [&pairs](CertificateId id) { return pairs.take(id); }}));
}

std::optional<ssh::Request> NodeRun::prepare() {
    if (rounds_ == 0)
        db::transact(tools_.db, [&](db::Transaction& tx) {
            store::start_node_run(tx, node(), job_.id, tools_.clock.now());
        });
    const store::Node node = store::get_node(tools_.db, this->node());
    node_name_ = node.name;
    report_ = std::make_unique<Report>(text::hex(crypto::random_bytes(16)));
    if (!node.active) {
        fail("the node is disabled", node.state, false);
        return std::nullopt;
    }
    try {
        const bool known = node.engine_version && (node.resolvers || node.resolvers_given);
        auto made = known ? request(node) : question(node);
        ++rounds_;  // not before: a database that went away in between costs no round
        return made;
    } catch (const Unavailable&) {
        throw;
    } catch (const Error& error) {
        fail(error.what(), node.state, false);
        return std::nullopt;
    }
}

ssh::Request NodeRun::question(const store::Node& node) {
    asking_ = true;
    return call(node, {"facts", report_->nonce()}, {});
}

ssh::Request NodeRun::request(const store::Node& node) {
    const NodeProfile profile = node.profile();
    resolvers_ = node.resolvers;
    engine_file_ = node.engine_file;
    resolvers_given_ = node.resolvers_given.has_value();
    load_sites();
    base_.clear();
    base_id_ = "none";
    if (const auto current = full_ ? std::nullopt : store::find_current_release(tools_.db, node.id)) {
        base_id_ = current->id;
        base_ = plan::parse_manifest(current->manifest);
    }
    auto archive = pack_leaving_out(profile);
    return call(node, {"deploy", report_->nonce(), release_.id, base_id_}, {std::move(archive)});
}

ssh::Request NodeRun::call(const store::Node& node, const std::vector<std::string>& words,
                           std::vector<ssh::Chunk> input) {
    std::optional<ssh::HostKey> pinned;
    if (const auto trusted = store::find_trusted_host_key(tools_.db, node.id))
        pinned = ssh::HostKey{trusted->type, trusted->blob};
    report_->add_step({.name = "connect", .state = "running", .started = {}, .took = {}, .text = {}});
    dirty_ = true;
    return ssh::Request{.target = {.host = node.ip_address,
                                   .port = static_cast<std::uint16_t>(node.ssh_port),
                                   .user = node.ssh_user,
                                   .key = credential(node),
                                   .pinned = pinned},
                        .command = ssh::command_line(words),
                        .input = std::move(input),
                        .limits = {.work = kWork, .total = kTotal},
                        .keep = true};
}

void NodeRun::on_line(std::string_view line) {
    if (report_->read(line)) dirty_ = true;
}

void NodeRun::write_progress(db::Transaction& tx) const {
    store::update_node_progress(tx, node(), report_->current_step(), report_->steps_json().dump(),
                                release_.id);
}

bool NodeRun::conclude(const ssh::Outcome& outcome) {
    report_->finish_connect(outcome);
    const Verdict verdict = judge(outcome, *report_);
    switch (verdict.next) {
        case Next::live:
            return conclude_live(verdict.changed);
        case Next::again_full:
            if (!full_ && rounds_ < kMaxRounds) {
                full_ = true;
                return true;
            }
            break;
        case Next::refused:
            if (rounds_ < kMaxRounds && quarantine(report_->log())) return true;
            break;
        case Next::retry:
            put_back(verdict.message, verdict.node_state, verdict.contacted);
            return false;
        case Next::wait_for_key:
            db::transact(tools_.db, [&](db::Transaction& tx) { remember_host_key(tx, outcome); });
            break;
        case Next::failed:
            break;
    }
    report_->fail_running_step(verdict.message);
    fail(verdict.message, verdict.node_state, verdict.contacted);
    return false;
}

// True when what was rendered is of other name servers than the node has.
bool NodeRun::learn_resolvers() {
    const auto& told = report_->resolvers();
    if (!told || told == resolvers_) return false;
    db::transact(tools_.db, [&](db::Transaction& tx) { store::update_node_resolvers(tx, node(), *told); });
    return !resolvers_given_;
}

// Another program, or other modules, than the version was learned of: the node is asked before the next
// release.
void NodeRun::learn_engine() {
    const Report::EngineWords& told = report_->engine();
    if (asking_)
        db::transact(tools_.db, [&](db::Transaction& tx) {
            store::update_node_engine(tx, node(), told.version, told.modules, told.file);
        });
    else if (!told.file.empty() && told.file != engine_file_)
        db::transact(tools_.db, [&](db::Transaction& tx) { store::forget_node_engine(tx, node()); });
}

bool NodeRun::conclude_live(bool changed) {
    learn_engine();
    const bool other = learn_resolvers();
    if (asking_) {
        if (!report_->resolvers())  // an older script; not to be asked again
            db::transact(tools_.db,
                         [&](db::Transaction& tx) { store::update_node_resolvers(tx, node(), ""); });
        asking_ = false;
        return true;
    }
    if (other && rounds_ < kMaxRounds) {
        db::transact(tools_.db, [&](db::Transaction& tx) { record_proven(tx); });
        switched_ = switched_ || changed;
        return true;
    }
    record_live(changed || switched_);
    return false;
}

bool NodeRun::quarantine(std::string_view engine_output) {
    const auto node = store::get_node(tools_.db, this->node());
    const auto culprit = render::renderer(node.engine).culprit(engine_output);
    if (!culprit) return false;
    const SiteId site = culprit->site ? culprit->site : site_of_certificate(sites_, bundle_, culprit->file);
    return quarantine_site(site, culprit->message, culprit->line);
}

bool NodeRun::quarantine_site(SiteId site, const std::string& message, unsigned line) {
    const auto found = std::ranges::find(sites_, site, &DeployableSite::id);
    if (found == sites_.end()) return false;
    // The revision that stood in for a refused one: there is nothing more to fall back on.
    if (!db::transact(tools_.db, [&](db::Transaction& tx) {
            return store::upsert_quarantine(tx, node(), site, found->revision, message, line,
                                            tools_.clock.now());
        }))
        left_out_.insert(site);
    if (refused_steps_.empty()) {
        refused_steps_ = report_->steps_json().dump();
        refused_output_ = report_->log();
    }
    log::warning("site put into quarantine",
                 {{"node", node_name_}, {"site", site.text()}, {"reason", message}});
    return true;
}

std::vector<std::pair<std::string, std::string_view>> NodeRun::new_contents(db::Transaction& tx) const {
    std::set<std::string> digests;
    std::map<std::string, std::string_view> contents;
    for (const plan::Change& change : plan::compare(release_.manifest, base_).changes) {
        if (change.kind == plan::ChangeKind::removed) continue;
        const BundleFile& file = bundle_.files.at(change.path);
        if (!file.content) continue;  // a private key
        digests.insert(release_.manifest.at(change.path));
        contents[release_.manifest.at(change.path)] = *file.content;
    }
    std::vector<std::pair<std::string, std::string_view>> missing;
    for (const std::string& digest : store::claim_contents(tx, digests, tools_.clock.now()))
        missing.emplace_back(digest, contents.at(digest));
    return missing;
}

void NodeRun::lost_lease() const {
    throw Conflict("the lease of job " + job_.id.text() + " ended; another worker has it");
}

void NodeRun::end(db::Transaction& tx, std::string_view state, const store::NodeRun& run) {
    const Time now = tools_.clock.now();
    const JobId id = job_.id;
    if (store::finish_jobs(tx, {&id, 1}, token_, state, run.release, run.error, now) != 1) lost_lease();
    store::finish_node_run(tx, node(), run, now);
}

void NodeRun::record_proven(db::Transaction& tx) {
    const Time now = tools_.clock.now();
    store::insert_contents(tx, new_contents(tx), now);
    store::record_release(tx, node(), {release_.id, plan::to_text(release_.manifest)}, served_by(sites_),
                          now);
    store::update_node_state(tx, node(), "ok", "", true, now);
}

void NodeRun::record_live(bool changed) {
    db::transact(tools_.db, [&](db::Transaction& tx) {
        record_proven(tx);
        end(tx, "succeeded",
            {.state = changed ? "succeeded" : "unchanged",
             .steps_json = report_->steps_json().dump(),
             .release = release_.id,
             .engine_output = report_->log(),
             .error = {},
             .refused_steps_json = refused_steps_,
             .refused_output = refused_output_});
    });
    log::info(changed ? "release is live" : "nothing to do",
              {{"node", node_name_}, {"release", release_.id}});
}

void NodeRun::put_back(const std::string& error, const std::string& node_state, bool contacted) {
    report_->fail_running_step(error);
    const auto requeued = db::transact(tools_.db, [&](db::Transaction& tx) {
        const Time now = tools_.clock.now();
        write_progress(tx);
        store::update_node_state(tx, node(), node_state, error, contacted, now);
        const auto delay = store::back_off(job_.attempts, jitter());
        const auto how = store::requeue_job(tx, job_.id, token_, error, now + delay, now);
        if (how == store::Requeued::lost) lost_lease();
        if (how == store::Requeued::exhausted)
            store::finish_node_run(
                tx, node(),
                {.state = "failed",
                 .steps_json = report_->steps_json().dump(),
                 .release = {},
                 .engine_output = report_->log(),
                 .error = error + " (gave up after " + std::to_string(job_.attempts) + " tries)",
                 .refused_steps_json = {},
                 .refused_output = {}},
                now);
        else
            store::pause_node_run(tx, node(), error);
        return how;
    });
    log::warning(requeued == store::Requeued::exhausted ? "gave up" : "will try again",
                 {{"node", node_name_}, {"reason", error}, {"attempt", job_.attempts}});
}

void NodeRun::give_back(const std::string& error) {
    if (!report_) report_ = std::make_unique<Report>("-");
    put_back(error, "failed", false);
}

void NodeRun::fail(const std::string& error, const std::string& node_state, bool contacted) {
    db::transact(tools_.db, [&](db::Transaction& tx) {
        store::update_node_state(tx, node(), node_state, node_state == "ok" ? "" : error, contacted,
                                 tools_.clock.now());
        end(tx, "failed",
            {.state = "failed",
             .steps_json = report_->steps_json().dump(),
             .release = release_.id,
             .engine_output = report_->log(),
             .error = error,
             .refused_steps_json = {},
             .refused_output = {}});
    });
    log::error("deployment failed", {{"node", node_name_}, {"reason", error}});
}

void NodeRun::remember_host_key(db::Transaction& tx, const ssh::Outcome& outcome) {
    if (!outcome.offered) return;
    store::insert_offered_host_key(tx, node(), outcome.offered->type, outcome.offered->blob,
                                   outcome.offered->fingerprint(), tools_.clock.now());
}

}  // namespace rpm::deploy

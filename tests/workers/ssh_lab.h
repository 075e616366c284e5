// SPDX-License-Identifier: MIT
// A node with an sshd of its own, a key that may log in to it, and short ways to run something there.
#pragma once

#define BOOST_TEST_DYN_LINK
#include <boost/test/tools/assertion_result.hpp>
#include <boost/test/tree/test_unit.hpp>
#include <string>

#include "tests/support/sshd.h"
#include "workers/ssh/executor.h"

namespace rpm::tests {

class Lab {
  public:
    explicit Lab(Sshd::Settings settings = {}, const ssh::PrivateKey& key = ssh::PrivateKey::generate());
    const Sshd& node() const { return node_; }
    Sshd& node() { return node_; }
    ssh::HostKey pinned() const { return ssh::HostKey::from_line(node_.host_key_line()); }
    /// With a total limit of ten seconds.
    ssh::Request request(const std::string& command) const;
    ssh::Outcome run(const std::string& command) const;

  private:
    ssh::PrivateKey key_;
    Sshd node_;
};

ssh::Outcome run(ssh::Executor& executor, ssh::Request request, ssh::Executor::OnLine on_line = {});
ssh::Outcome run(ssh::Request request, ssh::Executor::OnLine on_line = {});
/// For suites, `*boost::unit_test::precondition(sshd_is_here)`: left out on machines without sshd.
boost::test_tools::assertion_result sshd_is_here(boost::unit_test::test_unit_id);

}  // namespace rpm::tests

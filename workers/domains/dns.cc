// SPDX-License-Identifier: MIT
#include "workers/domains/dns.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "shared/base/error.h"

namespace rpm::domains {
namespace {

constexpr std::size_t kMostAnswer = 65535;  // of DNS over TCP
constexpr std::size_t kMostValues = 100;

std::string text_of(const ns_rr& record) {
    std::string out;
    const unsigned char* at = ns_rr_rdata(record);
    const unsigned char* const end = at + ns_rr_rdlen(record);
    while (at < end) {
        const std::size_t length = *at++;
        if (length > static_cast<std::size_t>(end - at)) break;  // a broken record
        out.append(at, at + length);
        at += length;
    }
    return out;
}

std::string address_of(const ns_rr& record, int type) {
    const bool v6 = type == ns_t_aaaa;
    if (ns_rr_rdlen(record) != (v6 ? 16 : 4)) return {};
    std::array<char, INET6_ADDRSTRLEN> text{};
    inet_ntop(v6 ? AF_INET6 : AF_INET, ns_rr_rdata(record), text.data(), text.size());
    return text.data();
}

DnsResult failure_of(int error) {
    if (error == HOST_NOT_FOUND) return DnsResult::no_name;
    return error == NO_DATA ? DnsResult::no_record : DnsResult::unavailable;
}

}  // namespace

struct Dns::State {
    State() {
        if (res_ninit(&resolver) != 0) throw Unavailable("cannot set up the DNS resolver");
    }
    ~State() { res_nclose(&resolver); }
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    void use(const IpAddress& server, unsigned port) {
        if (server.is_v6()) {
            // As res_ninit itself does: the list for IPv4 says nothing, the one beside it holds the address,
            // in memory that res_nclose gives back.
            auto*& six = resolver._u._ext.nsaddrs[0];
            if (six == nullptr) six = static_cast<sockaddr_in6*>(std::malloc(sizeof(sockaddr_in6)));
            if (six == nullptr) throw Unavailable("no memory for the DNS resolver");
            *six = {};
            six->sin6_family = AF_INET6;
            six->sin6_port = htons(static_cast<std::uint16_t>(port));
            inet_pton(AF_INET6, server.text().c_str(), &six->sin6_addr);
            resolver._u._ext.nssocks[0] = -1;
            resolver._u._ext.nscount = 1;
            resolver.nscount = 1;
            resolver.nsaddr_list[0] = {};
            return;
        }
        sockaddr_in& four = resolver.nsaddr_list[0];
        four = {};
        four.sin_family = AF_INET;
        four.sin_port = htons(static_cast<std::uint16_t>(port));
        inet_pton(AF_INET, server.text().c_str(), &four.sin_addr);
        resolver.nscount = 1;
    }

    struct __res_state resolver = {};
};

Dns::Dns(const DnsSettings& settings) : state_(std::make_unique<State>()) {
    if (settings.server) state_->use(*settings.server, settings.port);
    state_->resolver.retrans = static_cast<int>(settings.timeout.count());
    state_->resolver.retry = 2;
    state_->resolver.options &= ~static_cast<unsigned long>(RES_DNSRCH | RES_DEFNAMES);
}

Dns::~Dns() = default;

DnsAnswer Dns::ask(const std::string& name, int type) {
    std::vector<unsigned char> buffer(kMostAnswer);
    const int length = res_nquery(&state_->resolver, name.c_str(), ns_c_in, type, buffer.data(),
                                  static_cast<int>(buffer.size()));
    if (length < 0) return {failure_of(state_->resolver.res_h_errno), {}};
    // An answer that did not fit is as long as it would have been.
    return read_dns_answer(std::span(buffer).first(std::min(static_cast<std::size_t>(length), kMostAnswer)),
                           type);
}

DnsAnswer read_dns_answer(std::span<const unsigned char> bytes, int type) {
    ns_msg message;
    if (ns_initparse(bytes.data(), static_cast<int>(bytes.size()), &message) != 0) return {};
    DnsAnswer answer{DnsResult::no_record, {}};
    for (int i = 0; i < ns_msg_count(message, ns_s_an) && answer.values.size() < kMostValues; ++i) {
        ns_rr record;
        if (ns_parserr(&message, ns_s_an, i, &record) != 0) return {};
        if (ns_rr_type(record) != type) continue;  // the CNAMEs on the way
        std::string value = type == ns_t_txt ? text_of(record) : address_of(record, type);
        if (value.empty() && type != ns_t_txt) return {};
        answer.values.push_back(std::move(value));
        answer.result = DnsResult::found;
    }
    return answer;
}

DnsAnswer Dns::txt(const std::string& name) {
    return ask(name, ns_t_txt);
}

DnsAnswer Dns::addresses(const std::string& name) {
    DnsAnswer all = ask(name, ns_t_a);
    if (all.result == DnsResult::no_name) return all;
    DnsAnswer six = ask(name, ns_t_aaaa);
    all.values.insert(all.values.end(), six.values.begin(), six.values.end());
    if (six.result == DnsResult::found || all.result == DnsResult::unavailable) all.result = six.result;
    return all;
}

}  // namespace rpm::domains

// SPDX-License-Identifier: MIT
#include "shared/model/address_list.h"

#include <set>

#include "shared/base/error.h"
#include "shared/base/text.h"

namespace rpm {
namespace {

constexpr unsigned kWidestV4 = 8;
constexpr unsigned kWidestV6 = 16;
constexpr std::size_t kShown = 60;

bool is_too_wide(const IpNetwork& network) {
    const std::string& text = network.text();
    const auto prefix = text::number<unsigned>(std::string_view(text).substr(text.find('/') + 1));
    return prefix.value_or(0) < (text.find(':') == std::string::npos ? kWidestV4 : kWidestV6);
}

}  // namespace

AddressList AddressList::parse(std::string_view text) {
    if (text.size() > kMostListBytes)
        throw Invalid("list", "is longer than " + std::to_string(kMostListBytes / 1024) + " KiB");
    AddressList out;
    std::set<std::string, std::less<>> seen;
    unsigned number = 0;
    for (const std::string_view line : text::lines(text)) {
        ++number;
        const std::string_view word = text::trim(line.substr(0, line.find('#')));
        if (word.empty()) continue;
        const auto network = IpNetwork::parse(word);
        const std::string where = "line " + std::to_string(number) + ": '" + text::shown(word, kShown) + "' ";
        if (!network) throw Invalid("list", where + "is no address or network");
        if (is_too_wide(*network)) throw Invalid("list", where + "is too wide for a list of proxies");
        if (seen.insert(network->text()).second) out.networks.push_back(*network);
        if (out.networks.size() > kMostListEntries)
            throw Invalid("list", "has more than " + std::to_string(kMostListEntries) + " networks");
    }
    return out;
}

std::string AddressList::text() const {
    return words_of(networks);
}

std::string why_not_replace(const AddressList& before, const AddressList& fresh) {
    if (fresh.networks.empty()) return "is empty";
    if (fresh.networks.size() * 2 < before.networks.size())
        return "has shrunk from " + std::to_string(before.networks.size()) + " networks to " +
               std::to_string(fresh.networks.size());
    return "";
}

// https://www.cloudflare.com/ips/ names both.
std::vector<std::string> urls_of(ListPreset preset) {
    switch (preset) {
        case ListPreset::cloudflare:
            return {"https://www.cloudflare.com/ips-v4", "https://www.cloudflare.com/ips-v6"};
    }
    return {};
}

}  // namespace rpm

// SPDX-License-Identifier: MIT
// Networks without some of their parts.
#include <arpa/inet.h>

#include <array>

#include "shared/base/text.h"
#include "shared/render/traefik_rules.h"

namespace rpm::render::traefik {
namespace {

struct Block {
    bool v6 = false;
    std::array<unsigned char, 16> bytes{};  // of IPv4: the first four
    unsigned prefix = 0;

    static Block of(std::string_view network) {
        const auto slash = network.find('/');
        const std::string address(network.substr(0, slash));
        Block out;
        out.v6 = address.find(':') != std::string::npos;
        inet_pton(out.v6 ? AF_INET6 : AF_INET, address.c_str(), out.bytes.data());
        out.prefix = text::number<unsigned>(network.substr(slash + 1)).value_or(0);
        return out;
    }
    std::string text() const {
        std::array<char, INET6_ADDRSTRLEN> buffer{};
        inet_ntop(v6 ? AF_INET6 : AF_INET, bytes.data(), buffer.data(), buffer.size());
        return std::string(buffer.data()) + "/" + std::to_string(prefix);
    }
    bool contains(const Block& other) const {
        if (v6 != other.v6 || other.prefix < prefix) return false;
        const unsigned whole = prefix / 8;
        const unsigned mask = 0xff00U >> (prefix % 8) & 0xffU;
        for (unsigned i = 0; i < whole; ++i)
            if (bytes[i] != other.bytes[i]) return false;
        return prefix % 8 == 0 || ((bytes[whole] ^ other.bytes[whole]) & mask) == 0;
    }
    // The other half of the block of one bit less in which this one lies, when that has `size` bits.
    Block sibling(unsigned size) const {
        Block out = *this;
        out.prefix = size;
        out.bytes[(size - 1) / 8] ^= static_cast<unsigned char>(0x80U >> ((size - 1) % 8));
        for (unsigned bit = size; bit < (v6 ? 128U : 32U); ++bit)
            out.bytes[bit / 8] &= static_cast<unsigned char>(~(0x80U >> (bit % 8)));
        return out;
    }
};

std::vector<Block> without(const std::vector<Block>& blocks, const Block& taken) {
    std::vector<Block> out;
    for (const Block& block : blocks) {
        if (taken.contains(block)) continue;
        if (!block.contains(taken)) {
            out.push_back(block);
            continue;
        }
        for (unsigned size = block.prefix + 1; size <= taken.prefix; ++size)
            out.push_back(taken.sibling(size));
    }
    return out;
}

}  // namespace

std::vector<std::string> allowed_networks(const std::vector<IpNetwork>& allow,
                                          const std::vector<IpNetwork>& deny) {
    std::vector<Block> blocks;
    for (const IpNetwork& network : allow) blocks.push_back(Block::of(network.text()));
    if (allow.empty()) blocks = {Block::of("0.0.0.0/0"), Block::of("::/0")};
    for (const IpNetwork& network : deny) blocks = without(blocks, Block::of(network.text()));
    std::vector<std::string> out;
    for (const Block& block : blocks) out.push_back(block.text());
    if (out.empty()) out.emplace_back(kNobody);
    return out;
}

}  // namespace rpm::render::traefik

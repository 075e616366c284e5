// SPDX-License-Identifier: MIT
// Text that must never be shown: passwords, private keys, tokens.
//
// A Secret has no operator<<, no conversion to std::string and no comparison, so it cannot reach a log, an
// error or a page by accident. reveal() is the only way out; every use of it is worth a look in review. The
// bytes are overwritten when the object dies. Moved-from secrets are empty.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace rpm {

class Secret {
  public:
    Secret() = default;
    explicit Secret(std::string text) : text_(std::move(text)) {}
    Secret(const Secret&) = default;
    Secret& operator=(const Secret&) = default;
    Secret(Secret&& other) noexcept : text_(std::move(other.text_)) { other.wipe(); }
    Secret& operator=(Secret&& other) noexcept {
        wipe();
        text_ = std::move(other.text_);
        other.wipe();
        return *this;
    }
    ~Secret() { wipe(); }

    bool empty() const { return text_.empty(); }
    std::size_t size() const { return text_.size(); }
    std::string_view reveal() const { return text_; }

  private:
    // volatile: the compiler must not drop the writes to memory that is freed next.
    void wipe() {
        for (volatile char& c : text_) c = 0;
        text_.clear();
    }
    std::string text_;
};

}  // namespace rpm

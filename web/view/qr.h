// SPDX-License-Identifier: MIT
// QR codes as the path of an inline SVG: no picture to fetch, no style, nothing for a content security policy
// to refuse.
//
//     const Qr qr = qr_of(uri.reveal());
//     <svg viewBox="0 0 {{SIZE}} {{SIZE}}"><path d="{{PATH}}"/></svg>
#pragma once

#include <string>
#include <string_view>

namespace rpm::web {

struct Qr {
    unsigned size = 0;  ///< modules per side, with the four empty ones around (ISO/IEC 18004 section 9.1)
    std::string path;   ///< one stroke per run of dark modules
};
/// Error correction M. Throws Error for text that fits no code (about 2300 bytes).
Qr qr_of(std::string_view text);

}  // namespace rpm::web

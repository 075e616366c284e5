// SPDX-License-Identifier: MIT
#include "web/view/qr.h"

#include <qrencode.h>

#include "shared/base/error.h"
#include "shared/base/handle.h"

namespace rpm::web {
namespace {

using Code = Handle<QRcode, &QRcode_free>;

constexpr unsigned kQuiet = 4;

std::string run(unsigned x, unsigned y, unsigned length) {
    const std::string right = "h" + std::to_string(length);
    return "M" + std::to_string(x + kQuiet) + " " + std::to_string(y + kQuiet) + right + "v1h-" +
           std::to_string(length) + "z";
}

}  // namespace

Qr qr_of(std::string_view text) {
    const Code code(QRcode_encodeData(static_cast<int>(text.size()),
                                      reinterpret_cast<const unsigned char*>(text.data()), 0, QR_ECLEVEL_M));
    if (!code) throw Error("text fits no QR code");
    const auto width = static_cast<unsigned>(code->width);
    Qr out{.size = width + 2 * kQuiet, .path = {}};
    const auto dark = [&](unsigned x, unsigned y) { return (code->data[y * width + x] & 1U) != 0; };
    for (unsigned y = 0; y < width; ++y)
        for (unsigned x = 0; x < width;) {
            unsigned length = 0;
            while (x + length < width && dark(x + length, y)) ++length;
            if (length > 0) out.path += run(x, y, length);
            x += length + 1;
        }
    return out;
}

}  // namespace rpm::web

// SPDX-License-Identifier: MIT
// A tar archive in memory, in the ustar form (POSIX.1-1988, pax(1)): what every tar reads.
//
// Paths up to 100 bytes, or up to 255 when they can be split at a '/' as the form demands; others throw
// Invalid. Owner and times are zero, so equal content gives equal bytes.
#pragma once

#include <string>
#include <string_view>

namespace rpm::deploy {

class Archive {
  public:
    void add(std::string_view path, std::string_view content, unsigned mode = 0644);
    /// Ends the archive and gives its bytes; the object is spent.
    std::string finish();

  private:
    std::string bytes_;
};

}  // namespace rpm::deploy

// SPDX-License-Identifier: MIT
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <string>

#include "shared/base/config.h"
#include "shared/base/handle.h"
#include "tests/support/folder.h"

namespace rpm::test {

/// What f writes to the error output, where the log goes.
template <class F>
std::string written(F f) {
    const Folder folder;
    const auto file = folder.write("log", "");
    const Fd kept(::dup(STDERR_FILENO));
    const Fd target(::open(file.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
    ::dup2(target.get(), STDERR_FILENO);
    {
        const Finally restore([&] { ::dup2(kept.get(), STDERR_FILENO); });
        f();
    }
    return read_file(file);
}

}  // namespace rpm::test

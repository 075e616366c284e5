// SPDX-License-Identifier: MIT
#include "tests/support/process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "shared/base/error.h"

namespace rpm::test {

Process::Process(const std::vector<std::string>& argv, const std::filesystem::path& output)
    : name_(argv.at(0)) {
    std::vector<char*> words;
    for (const std::string& word : argv) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    const std::string file = output.empty() ? "/dev/null" : output.string();
    pid_ = fork();
    if (pid_ < 0) throw Error("cannot fork");
    if (pid_ > 0) return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int fd = open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    dup2(fd, STDOUT_FILENO);
    dup2(fd, STDERR_FILENO);
    execvp(words[0], words.data());
    _exit(127);
}

Process::~Process() {
    stop();
}

void Process::await(const std::function<bool()>& ready) {
    using namespace std::chrono_literals;
    for (int i = 0; i < 500; ++i) {
        if (ready()) return;
        int status = 0;
        if (waitpid(pid_, &status, WNOHANG) == pid_) {
            pid_ = 0;
            throw Error(name_ + " ended at once: is it installed?");
        }
        std::this_thread::sleep_for(20ms);
    }
    throw Error(name_ + " does not start");
}

void Process::stop() {
    if (pid_ <= 0) return;
    kill(pid_, SIGTERM);
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = 0;
}

}  // namespace rpm::test

// SPDX-License-Identifier: MIT
// The only source that knows libssh2.
#include <libssh2.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <utility>

#include "shared/base/error.h"
#include "workers/ssh/algorithms.h"
#include "workers/ssh/transport.h"

namespace rpm::ssh {
namespace {

// Bounds what a node can make us hold in memory, because the library reads a whole window ahead.
constexpr unsigned kReceiveWindow = 256 * 1024;
constexpr std::size_t kLongestGreeting = 8 * 1024;

class Libssh2Transport final : public Transport {
  public:
    explicit Libssh2Transport(Fd socket) : socket_(std::move(socket)) {
        static std::once_flag once;
        std::call_once(once, [] { libssh2_init(0); });
        session_ = libssh2_session_init_ex(nullptr, nullptr, nullptr, this);
        if (session_ == nullptr) throw Error("out of memory for an SSH session");
        libssh2_session_set_blocking(session_, 0);
        set_receive(&receive);
    }
    ~Libssh2Transport() override;
    Libssh2Transport(const Libssh2Transport&) = delete;
    Libssh2Transport& operator=(const Libssh2Transport&) = delete;

    Progress handshake(std::string_view host_key_type) override;
    HostKey host_key() const override;
    Progress authenticate(const std::string& user, const PrivateKey& key) override;
    Progress open_channel() override;
    Progress execute(const std::string& command) override;
    Progress read(Stream stream, char* buffer, std::size_t size, std::size_t& got) override;
    Progress write(std::string_view bytes, std::size_t& taken) override;
    Progress send_eof() override;
    bool output_waits() const override;
    bool input_fits() const override { return libssh2_channel_window_write(channel_) > 0; }
    Progress wait_closed() override;
    Exit exit() const override;
    Progress close_channel() override;

    // The library sets the bit when a send came short, and clears it when the rest went out.
    bool mid_packet() const override {
        return (libssh2_session_block_directions(session_) & LIBSSH2_SESSION_BLOCK_OUTBOUND) != 0;
    }
    Wants wants() const override {
        const int directions = libssh2_session_block_directions(session_);
        return {(directions & LIBSSH2_SESSION_BLOCK_INBOUND) != 0,
                (directions & LIBSSH2_SESSION_BLOCK_OUTBOUND) != 0};
    }
    const Failure& failure() const override { return failure_; }
    int socket() const override { return socket_.get(); }

  private:
    static ssize_t receive(libssh2_socket_t socket, void* buffer, std::size_t size, int flags, void** self);
    static int sign(LIBSSH2_SESSION*, unsigned char** signature, std::size_t* size, const unsigned char* data,
                    std::size_t data_size, void** key);
    void set_receive(decltype(&receive) function);
    void prefer(const Algorithms& ours);
    Algorithms offered() const;
    std::string last_error() const;
    Progress fail(Kind kind, std::string detail);
    Progress fail_by(int code, Kind unless_lost, const std::string& unless_lost_detail);
    Progress handshake_failed(int code);
    Progress result(int code, const char* what);

    Fd socket_;
    LIBSSH2_SESSION* session_ = nullptr;
    LIBSSH2_CHANNEL* channel_ = nullptr;
    Failure failure_;
    std::string pinned_type_;
    std::string greeting_;  // the node's first bytes, kept until the handshake is over
    bool started_ = false;
    bool greeted_ = false;
    bool logged_in_ = false;
    bool failed_ = false;
};

bool lost(int code) {
    return code == LIBSSH2_ERROR_SOCKET_DISCONNECT || code == LIBSSH2_ERROR_SOCKET_SEND ||
           code == LIBSSH2_ERROR_SOCKET_RECV || code == LIBSSH2_ERROR_SOCKET_NONE;
}

// Even the library's free functions may want to wait, and leak when they cannot. After the shutdown every
// send and receive fails at once, so nothing is left to wait for; the short time limit is for the unforeseen.
Libssh2Transport::~Libssh2Transport() {
    if (logged_in_ && !failed_ && !mid_packet()) libssh2_session_disconnect(session_, "done");
    ::shutdown(socket_.get(), SHUT_RDWR);
    libssh2_session_set_blocking(session_, 1);
    libssh2_session_set_timeout(session_, 50 /* ms */);
    libssh2_session_free(session_);  // frees its channels as well
}

void Libssh2Transport::set_receive(decltype(&receive) function) {
#if LIBSSH2_VERSION_NUM >= 0x010b01
    libssh2_session_callback_set2(session_, LIBSSH2_CALLBACK_RECV,
                                  reinterpret_cast<libssh2_cb_generic*>(function));
#else
    libssh2_session_callback_set(session_, LIBSSH2_CALLBACK_RECV, reinterpret_cast<void*>(function));
#endif
}

ssize_t Libssh2Transport::receive(libssh2_socket_t socket, void* buffer, std::size_t size, int flags,
                                  void** self) {
    const ssize_t got = ::recv(socket, buffer, size, flags);
    if (got < 0) return -errno;
    auto& transport = *static_cast<Libssh2Transport*>(*self);
    if (!transport.greeted_ && transport.greeting_.size() < kLongestGreeting)
        transport.greeting_.append(static_cast<const char*>(buffer), static_cast<std::size_t>(got));
    return got;
}

int Libssh2Transport::sign(LIBSSH2_SESSION*, unsigned char** signature, std::size_t* size,
                           const unsigned char* data, std::size_t data_size, void** key) {
    try {
        const std::string made =
            static_cast<const PrivateKey*>(*key)->sign({reinterpret_cast<const char*>(data), data_size});
        *signature = static_cast<unsigned char*>(std::malloc(made.size()));  // the library frees it
        if (*signature == nullptr) return -1;
        std::memcpy(*signature, made.data(), made.size());
        *size = made.size();
        return 0;
    } catch (const Error&) {  // must not pass through C
        return -1;
    }
}

std::string Libssh2Transport::last_error() const {
    char* text = nullptr;
    const int code = libssh2_session_last_error(session_, &text, nullptr, 0);
    return std::string(text == nullptr ? "" : text) + " (libssh2 error " + std::to_string(code) + ")";
}

Progress Libssh2Transport::fail(Kind kind, std::string detail) {
    failed_ = true;
    failure_ = {kind, std::move(detail)};
    return Progress::failed;
}

Progress Libssh2Transport::fail_by(int code, Kind unless_lost, const std::string& unless_lost_detail) {
    if (lost(code)) return fail(Kind::lost, "the connection broke: " + last_error());
    return fail(unless_lost, unless_lost_detail);
}

Progress Libssh2Transport::result(int code, const char* what) {
    if (code == LIBSSH2_ERROR_EAGAIN) return Progress::again;
    if (code >= 0) return Progress::done;
    return fail_by(code, Kind::protocol, std::string("cannot ") + what + ": " + last_error());
}

// ---- Handshake ----------------------------------------------------------------------------------

std::string names_of(LIBSSH2_SESSION* session, int method) {
    const char** names = nullptr;
    const int count = libssh2_session_supported_algs(session, method, &names);
    std::string list;
    for (int i = 0; i < count; ++i) list += (i > 0 ? "," : "") + std::string(names[i]);
    if (count > 0) libssh2_free(session, names);
    return list;
}

// What we want and the library has. It must not be given other names: it drops them by a memcpy onto itself.
Algorithms Libssh2Transport::offered() const {
    static const Algorithms has{
        names_of(session_, LIBSSH2_METHOD_KEX), names_of(session_, LIBSSH2_METHOD_HOSTKEY),
        names_of(session_, LIBSSH2_METHOD_CRYPT_CS), names_of(session_, LIBSSH2_METHOD_MAC_CS)};
    const Algorithms wanted = preferred(pinned_type_);
    return {common(wanted.key_exchange, has.key_exchange), common(wanted.host_key, has.host_key),
            common(wanted.cipher, has.cipher), common(wanted.mac, has.mac)};
}

void Libssh2Transport::prefer(const Algorithms& ours) {
    libssh2_session_method_pref(session_, LIBSSH2_METHOD_KEX, ours.key_exchange.c_str());
    libssh2_session_method_pref(session_, LIBSSH2_METHOD_HOSTKEY, ours.host_key.c_str());
    for (const int method : {LIBSSH2_METHOD_CRYPT_CS, LIBSSH2_METHOD_CRYPT_SC})
        libssh2_session_method_pref(session_, method, ours.cipher.c_str());
    for (const int method : {LIBSSH2_METHOD_MAC_CS, LIBSSH2_METHOD_MAC_SC})
        libssh2_session_method_pref(session_, method, ours.mac.c_str());
}

Progress Libssh2Transport::handshake(std::string_view host_key_type) {
    if (!started_) {
        pinned_type_ = host_key_type;
        const Algorithms ours = offered();
        if (ours.host_key.empty())
            return fail(Kind::algorithms,
                        "the pinned host key has the type " + pinned_type_ +
                            ", which this program cannot check: pin the node's Ed25519 or ECDSA key");
        prefer(ours);
        started_ = true;
    }
    const int code = libssh2_session_handshake(session_, socket_.get());
    if (code == LIBSSH2_ERROR_EAGAIN) return Progress::again;
    if (code != 0) return handshake_failed(code);
    greeted_ = true;
    std::string().swap(greeting_);
    return Progress::done;
}

Progress Libssh2Transport::handshake_failed(int code) {
    if (greeting_.empty())
        return fail(
            Kind::lost,
            "the node closed the connection before it said anything: sshd may be limiting connections "
            "(MaxStartups, PerSourcePenalties, fail2ban) or this address is not allowed to connect");
    if (!greeting_.starts_with("SSH-") && greeting_.find("\nSSH-") == std::string::npos)
        return fail(Kind::protocol, "what answers there is not an SSH server: check the port");
    if (const auto nodes = read_offer(greeting_)) {
        std::string mismatch = explain_mismatch(offered(), *nodes, pinned_type_);
        if (!mismatch.empty()) return fail(Kind::algorithms, std::move(mismatch));
    }
    return fail_by(code, Kind::protocol, "the key exchange failed: " + last_error());
}

HostKey Libssh2Transport::host_key() const {
    std::size_t size = 0;
    int type = 0;
    const char* blob = libssh2_session_hostkey(session_, &size, &type);
    if (blob == nullptr) throw Error("no host key although the handshake is over");
    return HostKey::from_blob({blob, size});
}

// ---- Login and command --------------------------------------------------------------------------

Progress Libssh2Transport::authenticate(const std::string& user, const PrivateKey& key) {
    void* abstract = const_cast<PrivateKey*>(&key);
    const std::string& blob = key.public_blob();
    const int code = libssh2_userauth_publickey(session_, user.c_str(),
                                                reinterpret_cast<const unsigned char*>(blob.data()),
                                                blob.size(), &sign, &abstract);
    if (code == LIBSSH2_ERROR_EAGAIN) return Progress::again;
    if (code == 0) {
        logged_in_ = true;
        return Progress::done;
    }
    return fail_by(code, Kind::auth_failed,
                   "the node refuses user " + user + " with this key: add the manager's public key to its " +
                       "authorized_keys, and see that sshd allows this user, key type (" + key.type() +
                       ") and address");
}

Progress Libssh2Transport::open_channel() {
    channel_ = libssh2_channel_open_ex(session_, "session", 7, kReceiveWindow, LIBSSH2_CHANNEL_PACKET_DEFAULT,
                                       nullptr, 0);
    if (channel_ != nullptr) return Progress::done;
    const int code = libssh2_session_last_errno(session_);
    if (code == LIBSSH2_ERROR_EAGAIN) return Progress::again;
    return fail_by(code, Kind::denied,
                   "the node opens no session for this user (MaxSessions 0?): " + last_error());
}

Progress Libssh2Transport::execute(const std::string& command) {
    const int code = libssh2_channel_process_startup(channel_, "exec", 4, command.data(),
                                                     static_cast<unsigned>(command.size()));
    if (code == LIBSSH2_ERROR_EAGAIN) return Progress::again;
    if (code == 0) return Progress::done;
    return fail_by(code, Kind::denied, "the node refuses to run commands for this user: " + last_error());
}

Progress Libssh2Transport::read(Stream stream, char* buffer, std::size_t size, std::size_t& got) {
    got = 0;
    const ssize_t code =
        libssh2_channel_read_ex(channel_, stream == Stream::err ? SSH_EXTENDED_DATA_STDERR : 0, buffer, size);
    if (code > 0) got = static_cast<std::size_t>(code);
    return result(static_cast<int>(code), "read the output");
}

Progress Libssh2Transport::write(std::string_view bytes, std::size_t& taken) {
    taken = 0;
    const ssize_t code = libssh2_channel_write_ex(channel_, 0, bytes.data(), bytes.size());
    if (code == 0) return Progress::again;  // the node's window is full
    if (code > 0) taken = static_cast<std::size_t>(code);
    return result(static_cast<int>(code), "send the input");
}

Progress Libssh2Transport::send_eof() {
    return result(libssh2_channel_send_eof(channel_), "end the input");
}

bool Libssh2Transport::output_waits() const {
    unsigned long waiting = 0;
    libssh2_channel_window_read_ex(channel_, &waiting, nullptr);
    return waiting > 0;
}

Progress Libssh2Transport::wait_closed() {
    if (libssh2_channel_eof(channel_) != 1) return Progress::again;
    return result(libssh2_channel_wait_closed(channel_), "wait for the end");
}

Exit Libssh2Transport::exit() const {
    Exit out;
    out.status = libssh2_channel_get_exit_status(channel_);
    char* signal = nullptr;
    std::size_t length = 0;
    libssh2_channel_get_exit_signal(channel_, &signal, &length, nullptr, nullptr, nullptr, nullptr);
    if (signal != nullptr) {
        out.signal.assign(signal, length);
        libssh2_free(session_, signal);
    }
    return out;
}

Progress Libssh2Transport::close_channel() {
    const Progress closed = result(libssh2_channel_close(channel_), "close the channel");
    if (closed != Progress::done) return closed;
    const Progress freed = result(libssh2_channel_free(channel_), "free the channel");
    if (freed == Progress::done) channel_ = nullptr;
    return freed;
}

}  // namespace

std::unique_ptr<Transport> make_libssh2_transport(Fd socket) {
    return std::make_unique<Libssh2Transport>(std::move(socket));
}

}  // namespace rpm::ssh

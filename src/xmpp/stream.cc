#include "xmpp/stream.h"

#include <fcntl.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <system_error>

#include "base/log.h"
#include "base/text.h"
#include "net/socket_options.h"

namespace missive::xmpp {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

// libstrophe has deadlines of its own, which it looks at when it runs.
constexpr auto housekeeping_interval = 250ms;
constexpr auto management_patience = 10s;
constexpr auto connecting_patience = 60s;
// It reads 4 KiB a turn, and a TLS record of 16 KiB stays unread where epoll does not see it.
constexpr int turns_a_record = 5;

// The stream whose libstrophe is running on this thread: its certificate callback knows no other.
thread_local Stream* running = nullptr;

std::string_view name_of(xmpp_error_type_t type) {
  constexpr std::array<std::string_view, 24> names{"bad-format",
                                                   "bad-namespace-prefix",
                                                   "conflict",
                                                   "connection-timeout",
                                                   "host-gone",
                                                   "host-unknown",
                                                   "improper-addressing",
                                                   "internal-server-error",
                                                   "invalid-from",
                                                   "invalid-id",
                                                   "invalid-namespace",
                                                   "invalid-xml",
                                                   "not-authorized",
                                                   "policy-violation",
                                                   "remote-connection-failed",
                                                   "resource-constraint",
                                                   "restricted-xml",
                                                   "see-other-host",
                                                   "system-shutdown",
                                                   "undefined-condition",
                                                   "unsupported-encoding",
                                                   "unsupported-stanza-type",
                                                   "unsupported-version",
                                                   "xml-not-well-formed"};
  const auto place = static_cast<std::size_t>(type);
  return place < names.size() ? names[place] : "undefined-condition";
}

long flags_of(const Account& account) {
  // XEP-0114 has no TLS, and libstrophe takes no flags there that contradict that.
  if (account.type == Account::Type::component) return XMPP_CONN_FLAG_DISABLE_TLS;
  const bool tls = account.use_tls || account.force_old_ssl;
  long flags = 0;
  if (account.force_old_ssl) flags |= XMPP_CONN_FLAG_LEGACY_SSL;
  if (!tls) flags |= XMPP_CONN_FLAG_DISABLE_TLS;
  if (account.use_tls && !account.force_old_ssl) flags |= XMPP_CONN_FLAG_MANDATORY_TLS;
  if (tls && !account.verify_server) flags |= XMPP_CONN_FLAG_TRUST_TLS;
  if (!account.use_sasl) flags |= XMPP_CONN_FLAG_LEGACY_AUTH;
  return flags;
}

// What a log may show: not what a login is made of.
bool is_secret(std::string_view line) {
  constexpr std::array<std::string_view, 7> secrets{
      "<auth ", "<response ", "<handshake", "<challenge", "<password", "<digest", "Digest: "};
  return std::any_of(secrets.begin(), secrets.end(), [line](std::string_view one) {
    return line.find(one) != std::string_view::npos;
  });
}

// What libstrophe answers with hashes and random numbers, which are hashes too.
bool asks_for_hashes(std::string_view line) {
  constexpr std::array<std::string_view, 4> asking{"RECV: <stream:stream", "RECV: <features",
                                                   "RECV: <stream:features", "RECV: <challenge"};
  return std::any_of(asking.begin(), asking.end(),
                     [line](std::string_view one) { return line.starts_with(one); });
}

std::mutex hash_mutex;

// Another number of the same socket: above those that select() can use, if the process may have one
// there (its limit is 1024 as a rule), so that libstrophe keeps the others.
int second_of(int descriptor) {
  const int high = ::fcntl(descriptor, F_DUPFD_CLOEXEC, FD_SETSIZE);
  return high >= 0 ? high : ::fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
}

}  // namespace

Stream::Stream(net::Shard& shard, const Account& account, StreamUser& user, bool debug)
    : shard_(shard),
      account_(account),
      user_(user),
      debug_(debug),
      hashing_(hash_mutex),
      log_{on_log, this},
      context_(xmpp_ctx_new(nullptr, &log_)),
      housekeeping_([this] { pump(); }),
      patience_([this] { become_ready(); }) {
  take_turn(false);
  make_connection();
  reserve_descriptor();
}

Stream::~Stream() {
  user_gone_ = true;
  connection_.reset();
  context_.reset();
  if (reserved_ >= 0) ::close(reserved_);
  hold_socket(-1);
  shard_.forget(*this);
  shard_.poller().forget(*this);
}

void Stream::make_connection() {
  fresh_ = counted_ = false;
  connection_.reset(xmpp_conn_new(context_.get()));
  auto* connection = connection_.get();
  xmpp_conn_set_jid(connection, account_.jid.full().c_str());
  xmpp_conn_set_pass(connection, account_.secret.c_str());
  if (xmpp_conn_set_flags(connection, flags_of(account_)) != XMPP_EOK) {
    log::error("XMPP account '{}': libstrophe refuses its TLS options", account_.name);
  }
  if (!account_.ca_list_file.empty()) {
    xmpp_conn_set_cafile(connection, account_.ca_list_file.c_str());
  }
  if (!account_.ca_list_path.empty()) {
    xmpp_conn_set_capath(connection, account_.ca_list_path.c_str());
  }
  xmpp_conn_set_certfail_handler(connection, on_bad_certificate);
  if (account_.type == Account::Type::component) give_component_state();
  xmpp_conn_set_sockopt_callback(connection, on_socket);
  xmpp_handler_add(connection, on_any_stanza, nullptr, nullptr, nullptr, this);
}

// A client that never gets a socket makes the state that a component's connection lacks.
void Stream::give_component_state() {
  const StropheConnection client(xmpp_conn_new(context_.get()));
  xmpp_conn_set_jid(client.get(), "nobody@localhost");
  xmpp_conn_set_pass(client.get(), "none");
  xmpp_conn_set_sockopt_callback(client.get(), [](xmpp_conn_t*, void*) { return -1; });
  xmpp_connect_client(client.get(), "127.0.0.1", 1, on_connection, nullptr);
  if (auto* state = xmpp_conn_get_sm_state(client.get())) {
    xmpp_conn_set_sm_state(connection_.get(), state);
  }
}

// Kept until the next connect(), when the socket takes its place: the lowest that is free.
void Stream::reserve_descriptor() {
  if (reserved_ < 0) reserved_ = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}

void Stream::connect() {
  if (fresh_) make_connection();
  state_ = State::connecting;
  leaving_ = offers_management_ = resumed_ = settled_ = refused_to_resume_ = false;
  overdue_ = false;
  deadline_ = shard_.clock().now() + connecting_patience;
  abandoned_.clear();
  login_refused_.clear();
  bad_certificate_.clear();
  unreachable_.clear();
  if (reserved_ >= 0) ::close(std::exchange(reserved_, -1));
  running = this;
  const bool component = account_.type == Account::Type::component;
  const char* host = account_.server_host.empty() ? nullptr : account_.server_host.c_str();
  const auto port = host != nullptr || account_.port != 5222 ? account_.port : std::uint16_t{0};
  const int result =
      component ? xmpp_connect_component(connection_.get(), host, port, on_connection, this)
                : xmpp_connect_client(connection_.get(), host, port, on_connection, this);
  if (result != XMPP_EOK) return closed(0, nullptr);
  shard_.arm(housekeeping_, housekeeping_interval);
  watch();
}

void Stream::disconnect() {
  if (state_ == State::closed) return;
  leaving_ = true;
  resumable_ = false;
  xmpp_disconnect(connection_.get());
  shard_.at_turn_end(*this);
}

void Stream::abandon(std::string why) {
  abandoned_ = std::move(why);
  interrupt();
}

void Stream::interrupt() {
  const std::lock_guard lock(interruptible_mutex_);
  if (interruptible_ >= 0) ::shutdown(interruptible_, SHUT_RDWR);
}

void Stream::interrupt_if_overdue() {
  if (shard_.clock().now() < deadline_.load()) return;
  overdue_ = true;
  interrupt();
}

void Stream::hold_socket(int descriptor) {
  const std::lock_guard lock(interruptible_mutex_);
  if (interruptible_ >= 0) ::close(interruptible_);
  interruptible_ = descriptor < 0 ? -1 : second_of(descriptor);
}

std::string Stream::bound_jid() const {
  const auto bound = view(xmpp_conn_get_bound_jid(connection_.get()));
  return bound.empty() ? account_.jid.full() : std::string(bound);
}

// --- out

void Stream::send(const Stanza& stanza, std::string id) {
  unacknowledged_.handed_over(std::move(id));
  xmpp_send(connection_.get(), stanza.get());
  shard_.at_turn_end(*this);
}

void Stream::acknowledge(std::uint32_t h) { tell_arrived(unacknowledged_.acknowledge(h)); }

void Stream::tell_arrived(const Unacknowledged::Ids& ids) {
  for (const auto& id : ids) {
    if (!id.empty()) user_.on_arrived(id);
  }
}

void Stream::tell_not_sent(const Unacknowledged::Ids& ids, bool perhaps) {
  for (const auto& id : ids) {
    if (!id.empty()) user_.on_not_sent(id, perhaps);
  }
}

// --- the loop

void Stream::on_ready(std::uint32_t) { pump(); }

void Stream::on_turn_end() { pump(); }

void Stream::go_on() {
  if (--held_ == 0) shard_.at_turn_end(*this);
}

void Stream::pump() {
  running = this;
  for (int i = 0; i < turns_a_record && held_ == 0; ++i) {
    xmpp_run_once(context_.get(), 0);
    take_turn(false);
  }
  // Not while libstrophe is telling of it: it counts what is sent only after.
  if (std::exchange(settled_, false)) become_ready();
  if (state_ == State::closed) return;
  shard_.arm(housekeeping_, housekeeping_interval);
  watch();
}

void Stream::watch() {
  if (socket_ < 0) return;
  const bool writes = state_ == State::connecting || unacknowledged_.has_unwritten();
  const std::uint32_t wanted = writes ? EPOLLIN | EPOLLOUT : EPOLLIN;
  const std::uint32_t events = held_ == 0 ? wanted : 0;
  shard_.poller().watch(*this, socket_, events);
}

int Stream::on_socket(xmpp_conn_t*, void* socket) {
  auto& self = *running;
  const int descriptor = *static_cast<int*>(socket);
  // The number of one that was closed may come again.
  self.shard_.poller().forget_closed(self);
  self.socket_ = -1;
  if (descriptor >= FD_SETSIZE) {
    self.unreachable_ = "too many descriptors are open: libstrophe cannot use those above 1023";
    return -1;
  }
  // A stanza and the <r/> behind it are two writes: the second would wait for the first one's ACK.
  net::set_no_delay(descriptor);
  self.socket_ = descriptor;
  self.hold_socket(descriptor);
  return 0;
}

// --- in

int Stream::on_any_stanza(xmpp_conn_t*, xmpp_stanza_t* stanza, void* self) {
  auto& stream = *static_cast<Stream*>(self);
  if (stream.state_ != State::closed) stream.user_.on_stanza(stanza);
  return 1;
}

int Stream::on_bad_certificate(const xmpp_tlscert_t*, const char* why) {
  if (running->account_.verify_server) running->bad_certificate_ = view(why);
  return running->account_.verify_server ? 0 : 1;
}

void Stream::on_log(void* self, xmpp_log_level_t level, const char* area, const char* text) {
  auto& stream = *static_cast<Stream*>(self);
  const auto line = view(text);
  if (const auto event = read_stream_log(line)) stream.hear(*event);
  if (line.starts_with("RECV: ")) stream.take_turn(asks_for_hashes(line));
  if (stream.debug_ && level <= XMPP_LEVEL_ERROR && !is_secret(line)) {
    log::info("xmpp {}: {}: {}", stream.account_.name, view(area), base::printable(line, 4096));
  }
}

// At hashing; never across a wait for the network.
void Stream::take_turn(bool hashes) {
  if (hashes == hashing_.owns_lock()) return;
  hashes ? hashing_.lock() : hashing_.unlock();
}

void Stream::hear(const StreamEvent& event) {
  switch (event.kind) {
    case StreamEvent::Kind::features:
      offers_management_ = event.h == 1;
      return;
    case StreamEvent::Kind::written:
      if (state_ == State::ready) unacknowledged_.written();
      return;
    case StreamEvent::Kind::acknowledged:
      if (managed_ && event.h) acknowledge(*event.h);
      return;
    case StreamEvent::Kind::enabled:
      if (refused_to_resume_) return;  // this stream is left at once
      managed_ = true;
      resumable_ = event.h == 1;
      settled_ = true;
      return;
    case StreamEvent::Kind::resumed:
      resumed_ = true;
      if (event.h) acknowledge(*event.h);
      return;
    case StreamEvent::Kind::not_resumed:
      if (state_ == State::negotiating) {
        settled_ = true;  // there will be none
        return;
      }
      if (event.h) acknowledge(*event.h);
      refused_to_resume_ = true;
      return;
    case StreamEvent::Kind::ended:
      resumable_ = false;
      return;
    case StreamEvent::Kind::gave_up:
      // In a stream that is resumed libstrophe would say so again.
      resumable_ = false;
      return abandon("the server sent what is no XML, or no XMPP");
    case StreamEvent::Kind::login_refused:
      login_refused_ = event.text;
      return;
    case StreamEvent::Kind::unreachable:
      unreachable_ = event.text;
      return;
  }
}

// --- from state to state

void Stream::on_connection(xmpp_conn_t*, xmpp_conn_event_t event, int error,
                           xmpp_stream_error_t* stream_error, void* self) {
  if (self == nullptr) return;  // of give_component_state()
  auto& stream = *static_cast<Stream*>(self);
  stream.take_turn(false);
  if (event == XMPP_CONN_CONNECT) return stream.negotiated();
  if (event != XMPP_CONN_RAW_CONNECT) stream.closed(error, stream_error);
}

void Stream::negotiated() {
  deadline_ = base::TimePoint::max();
  login_refused_.clear();
  if (counted_ && !resumed_) refused_to_resume_ = true;
  if (refused_to_resume_) {
    state_ = State::negotiating;
    xmpp_disconnect(connection_.get());
    return;
  }
  if (resumed_) {
    const auto queued = xmpp_conn_send_queue_len(connection_.get());
    const auto lost = unacknowledged_.resume(static_cast<std::size_t>(std::max(queued, 0)));
    managed_ = true;
    become_ready();
    return tell_not_sent(lost, false);
  }
  state_ = State::negotiating;
  // What is sent before the server has said <enabled/> is counted by the server alone.
  if (offers_management_ && account_.type == Account::Type::client) {
    return shard_.arm(patience_, management_patience);
  }
  become_ready();
}

void Stream::become_ready() {
  if (state_ == State::ready || state_ == State::closed) return;
  patience_.cancel();
  state_ = State::ready;
  counted_ = managed_;
  if (!resumed_) {
    // Of the stream before this one nothing more will be heard.
    tell_not_sent(unacknowledged_.take_all(), true);
    unacknowledged_.begin();
  }
  user_.on_ready(resumed_);
}

void Stream::closed(int error, const xmpp_stream_error_t* stream_error) {
  if (user_gone_) return;
  const auto loss = loss_of(error, stream_error);
  state_ = State::closed;
  shard_.poller().forget_closed(*this);  // libstrophe has closed the descriptor
  socket_ = -1;
  hold_socket(-1);
  deadline_ = base::TimePoint::max();
  housekeeping_.cancel();
  patience_.cancel();
  reserve_descriptor();
  tell_not_sent(unacknowledged_.take_unwritten(), false);
  const bool conflict = loss.kind == Loss::Kind::conflict;
  fresh_ = refused_to_resume_ || !resumable_ || !managed_ || conflict || leaving_;
  if (fresh_) tell_not_sent(unacknowledged_.take_all(), true);
  managed_ = false;
  user_.on_lost(loss);
}

Loss Stream::loss_of(int error, const xmpp_stream_error_t* stream_error) const {
  if (leaving_) return {Loss::Kind::network, "it was closed"};
  if (!abandoned_.empty()) return {Loss::Kind::network, abandoned_};
  if (overdue_) {
    return {Loss::Kind::network,
            fmt::format("the server did not let us in within {} s", connecting_patience.count())};
  }
  if (!bad_certificate_.empty()) {
    return {Loss::Kind::identity, fmt::format("the server's certificate is not trusted: {}; name "
                                              "its authority in ca_list_file",
                                              bad_certificate_)};
  }
  if (login_refused_.starts_with("temporary-auth-failure")) {  // RFC 6120 section 6.5.11
    return {Loss::Kind::network, "the server cannot check logins now: " + login_refused_};
  }
  if (!login_refused_.empty()) {
    return {Loss::Kind::login, "the server refused the login: " + login_refused_};
  }
  if (stream_error != nullptr) {
    auto text = std::string(name_of(stream_error->type));
    if (stream_error->text != nullptr) {
      text += ": " + base::printable(stream_error->text, 160);
    }
    if (stream_error->type == XMPP_SE_CONFLICT) return {Loss::Kind::conflict, text};
    if (stream_error->type == XMPP_SE_NOT_AUTHORIZED) {
      return {Loss::Kind::login, "the server refused the login: " + text};
    }
    return {Loss::Kind::network, "the server ended the stream: " + text};
  }
  if (refused_to_resume_) return {Loss::Kind::network, "the stream could not be resumed"};
  if (state_ == State::connecting && !unreachable_.empty()) {
    return {Loss::Kind::network, unreachable_};
  }
  if (error != 0) return {Loss::Kind::network, std::generic_category().message(error)};
  return {Loss::Kind::network, state_ == State::connecting
                                   ? "no connection to the server, or it does not speak XMPP there"
                                   : "the server closed the connection"};
}

}  // namespace missive::xmpp

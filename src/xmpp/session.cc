#include "xmpp/session.h"

#include <atomic>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "xmpp/condition.h"
#include "xmpp/fingerprint.h"
#include "xmpp/queries.h"
#include "xmpp/reconnect.h"

namespace missive::xmpp {
namespace {

using std::chrono_literals::operator""s;
using MessageState = message::Status::State;

std::atomic<std::uint64_t> next_number{1};

constexpr std::size_t max_notices = 1000;
constexpr std::size_t max_unconfirmed = 1000;
// A stream that has stood for so long was no failure.
constexpr base::Duration well_connected = 60s;

std::string key_of(const MessageStanza& message) { return fingerprint({message.from, message.id}); }

std::string bare_of(const std::string& address) {
  const auto jid = Jid::parse(address);
  return jid ? jid->bare() : address;
}

}  // namespace

Session::Session(net::Shard& shard, Account account, Configuration::General general, Board& board,
                 SessionUser& user)
    : shard_(shard),
      number_(next_number.fetch_add(1, std::memory_order_relaxed)),
      account_(std::move(account)),
      general_(general),
      board_(board),
      user_(user),
      stream_(shard, account_, *this, general.debug),
      rooms_(
          account_, board, [this](const Stanza& stanza) { send_now(stanza); },
          [this](const std::string& room) { user_.on_entered(account_, room); }),
      roster_(account_, general_, board, [this](const Stanza& stanza) { send_now(stanza); }),
      stack_(shard, account_.timeout),
      reconnect_timer_([this] { connect(); }),
      ping_timer_([this] { ping(); }) {
  AccountStatus status;
  status.name = account_.name;
  status.jid = account_.jid.full();
  status.since = shard.clock().wall();
  board_.set(status);
}

Session::~Session() = default;

void Session::start() { connect(); }

void Session::stop() {
  stopping_ = true;
  reconnect_timer_.cancel();
  ping_timer_.cancel();
  stream_.disconnect();
}

void Session::stop_receiving() {
  if (account_.type == Account::Type::client) roster_.stop_receiving(live_context());
}

void Session::reconnect() {
  if (!stopping_ && stream_.is_closed()) connect();
}

void Session::connect() {
  if (stopping_ || !stream_.is_closed()) return;
  reconnect_timer_.cancel();
  const auto before = board_.account(account_.name);
  set_state(State::connecting, before ? before->reason : std::string());
  stream_.connect();
}

void Session::set_state(State state, std::string reason, bool failed_login) {
  state_ = state;
  AccountStatus status;
  status.name = account_.name;
  status.jid = stream_.bound_jid();
  status.state = state;
  status.reason = std::move(reason);
  status.since = shard_.clock().wall();
  board_.set(status);
  user_.on_status(status, failed_login);
}

std::string Session::own_address(const std::string& own) const {
  if (account_.type == Account::Type::client) return {};
  return own.empty() ? account_.jid.full() : own;
}

// --- the stream

void Session::on_ready(bool resumed) {
  ready_since_ = shard_.clock().now();
  last_loss_.clear();
  awaited_pong_.clear();
  log::info("XMPP account '{}' is connected as {}{}", account_.name, stream_.bound_jid(),
            resumed ? " again, its stream resumed" : "");
  if (!resumed) {
    board_.clear_presence(account_.name);
    if (account_.type == Account::Type::client) roster_.begin(stream_.context());
    rooms_.enter_all(stream_.context());
  }
  for (auto& notice : std::exchange(notices_, {})) send_now(notice(stream_.context()));
  arm_ping();
  set_state(State::connected, {});
}

void Session::on_lost(const Loss& loss) {
  ping_timer_.cancel();
  if (stopping_) return set_state(State::disconnected, "stopped");
  const auto since = std::exchange(ready_since_, std::nullopt);
  if (since && shard_.clock().now() - *since >= well_connected) failures_ = 0;
  ++failures_;
  const auto gap = reconnect_gap(loss.kind, failures_, shard_.random());
  log_loss(loss, gap);
  const bool failed_login = loss.kind == Loss::Kind::login;
  set_state(State::disconnected, loss.reason, failed_login);
  shard_.arm(reconnect_timer_, gap);
}

// Once for each reason: a server that is away for a day does not fill the log.
void Session::log_loss(const Loss& loss, base::Duration gap) {
  if (loss.reason == last_loss_) return;
  last_loss_ = loss.reason;
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(gap).count();
  const auto where = account_.server_host.empty() ? account_.jid.domain : account_.server_host;
  if (loss.kind == Loss::Kind::conflict) {
    log::warning(
        "XMPP account '{}' ({}) lost its resource to another client: {}; give each a resource of "
        "its own (username); next attempt in {} s",
        account_.name, account_.jid.full(), loss.reason, seconds);
    return;
  }
  log::warning("XMPP account '{}' is not connected to {}:{}: {}; next attempt in {} s",
               account_.name, where, account_.port, loss.reason, seconds);
}

void Session::on_stanza(xmpp_stanza_t* stanza) {
  const auto name = view(xmpp_stanza_get_name(stanza));
  if (name == "message") return on_message(stanza);
  if (!stream_.is_ready()) return;
  if (name == "iq") return on_iq(stanza);
  if (name == "presence") return on_presence(stanza);
}

void Session::on_iq(xmpp_stanza_t* stanza) {
  if (roster_.on_iq(stanza)) return;
  if (const auto answer = answer_query(stanza)) return send_now(answer);
  on_pong(view(xmpp_stanza_get_id(stanza)), attribute(stanza, "from"));
}

void Session::on_presence(xmpp_stanza_t* stanza) {
  if (!rooms_.on_presence(stanza)) roster_.on_presence(stanza);
}

// --- messages out

void Session::send(Order order) {
  if (!stream_.is_ready()) {
    return Deliveries::refuse(std::move(order), board_.not_connected(account_.name));
  }
  auto& text = order.text;
  if (text.from.empty()) text.from = own_address();
  const auto stanza = message_stanza(stream_.context(), text);
  auto id = text.id;
  deliveries_.begin(std::move(order));
  stream_.send(stanza, std::move(id));
  confirm_soon();
}

void Session::on_arrived(const std::string& id) { deliveries_.succeed(id, MessageState::sent); }

void Session::on_not_sent(const std::string& id, bool perhaps) {
  deliveries_.fail(id, 503,
                   perhaps ? "the connection was lost before the server confirmed the message"
                           : "the connection was lost before the message left",
                   true);
}

void Session::send_receipt(const std::string& own, const std::string& to, const std::string& id,
                           bool displayed) {
  tell([from = own_address(own), to, id, displayed](xmpp_ctx_t* context) {
    return receipt_stanza(context, from, to, id, displayed);
  });
}

void Session::send_error(const std::string& own, const std::string& to, const std::string& id,
                         const ErrorText& error) {
  tell([from = own_address(own), to, id, error](xmpp_ctx_t* context) {
    return error_stanza(context, from, to, id, error);
  });
}

// Now, or when the account is connected again.
void Session::tell(Notice notice) {
  if (auto* context = live_context()) return send_now(notice(context));
  if (notices_.size() >= max_notices) notices_.pop_front();
  notices_.push_back(std::move(notice));
}

void Session::send_now(const Stanza& stanza) {
  if (!stream_.is_ready()) return;
  stream_.send(stanza);
  if (stream_.unacknowledged() > max_unconfirmed) confirm_soon();
}

// --- messages in

void Session::on_message(xmpp_stanza_t* stanza) {
  auto message = read_message(stanza, account_.jid.bare());
  if (message.is_carbon) return;  // of another device: it is that one's
  if (message.type == MessageType::error) return on_failed(message);
  if (!message.received.empty()) return on_receipt(message, message.received, false);
  if (!message.displayed.empty()) return on_receipt(message, message.displayed, true);
  if (message.type == MessageType::groupchat) return on_room_message(std::move(message));
  if (message.body && !message.body->empty()) take_text(std::move(message));
}

void Session::on_failed(const MessageStanza& message) {
  if (message.id.empty()) return;
  auto text = message.condition.empty() ? std::string("undefined-condition") : message.condition;
  if (!message.error_text.empty()) text += ": " + base::printable(message.error_text, 200);
  const int code = sip_status_of(message.condition);
  const bool passing = message.error_type == "wait";
  if (deliveries_.has(message.id)) {
    if (may_refuse(message)) deliveries_.fail(message.id, code, text, passing);
    return;
  }
  news({.id = message.id,
        .from = bare_of(message.from),
        .state = MessageState::failed,
        .code = code,
        .text = std::move(text)});
}

// Its recipient, or a server on the way to him.
bool Session::may_refuse(const MessageStanza& error) const {
  const auto from = Jid::parse(error.from);
  if (!from) return error.from.empty();
  if (from->local.empty() && from->domain == account_.jid.domain) return true;
  return deliveries_.is_to(error.id, from->bare()) ||
         (from->local.empty() && deliveries_.is_in(error.id, from->domain));
}

void Session::on_receipt(const MessageStanza& message, const std::string& id, bool displayed) {
  const auto state = displayed ? MessageState::displayed : MessageState::delivered;
  tell_success(id, message.from, state);
}

// Of a message that is under way, its recipient alone may say so; of others the outbox knows.
void Session::tell_success(const std::string& id, const std::string& from, MessageState state) {
  auto bare = bare_of(from);
  if (deliveries_.has(id)) {
    if (deliveries_.is_to(id, bare)) deliveries_.succeed(id, state, from);
    return;
  }
  LateNews late;
  late.id = id;
  late.from = std::move(bare);
  late.contact = from;
  late.state = state;
  news(std::move(late));
}

// What a room sends to everybody comes to its sender too, who so knows that it was taken.
void Session::on_room_message(MessageStanza message) {
  const auto from = Jid::parse(message.from);
  if (!from || from->is_bare()) return;  // of the room itself: its subject
  if (rooms_.is_own(*from)) {
    if (!message.id.empty()) tell_success(message.id, from->bare(), MessageState::delivered);
    return;
  }
  if (message.is_history) return;  // of the time before we came
  if (message.body && !message.body->empty()) take_text(std::move(message));
}

void Session::take_text(MessageStanza message) {
  const auto from = Jid::parse(message.from.empty() ? account_.jid.bare() : message.from);
  if (!from) return;
  if (from->full() == stream_.bound_jid()) return;  // our own
  if (came_before(message)) {
    log::info("XMPP account '{}': message {} of {} came twice", account_.name,
              base::printable(message.id, 80), base::printable(message.from, 160));
    return;
  }
  stack_.push(*from, *message.body);
  stream_.hold();
  user_.on_text(*this, std::move(message));
}

bool Session::came_before(const MessageStanza& message) {
  if (!is_unique(message.id)) return false;
  return !seen_.put(key_of(message), {});
}

void Session::taken(const MessageStanza& text, const std::optional<ErrorText>& refused) {
  if (refused) {
    seen_.erase(key_of(text));  // it may come again
    if (text.type != MessageType::groupchat) send_error(text.to, text.from, text.id, *refused);
  }
  stream_.go_on();
}

}  // namespace missive::xmpp

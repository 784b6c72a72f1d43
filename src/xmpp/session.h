// One account at work: it connects and connects again, sends messages and takes them in.
//
// Its shard is its own (stream.h says why); start(), send() and the rest are called on that shard's
// thread. The SessionUser hears of what came in and of receipts; it answers each text with
// taken(). An account that is not connected refuses orders as unreachable, so that they wait in the
// outbox; when it is, the SessionUser is told by on_status() and wakes them.
//
// Source: RFC 6120, RFC 6121, XEP-0184, 0198, 0199, 0333.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <variant>

#include "base/recent.h"
#include "xmpp/account.h"
#include "xmpp/board.h"
#include "xmpp/configuration.h"
#include "xmpp/deliveries.h"
#include "xmpp/message_stack.h"
#include "xmpp/rooms.h"
#include "xmpp/roster.h"
#include "xmpp/stream.h"

namespace missive::xmpp {

class Session;

// What is known late of a message that was sent.
struct LateNews {
  std::string id;
  std::string from;     // bare: who says so
  std::string contact;  // the same, with the device
  message::Status::State state = message::Status::State::delivered;
  int code = 0;
  std::string text;
};

class SessionUser {
 public:
  virtual ~SessionUser() = default;
  // A text for us; the stream is read no further until taken() is called for it.
  virtual void on_text(Session& session, MessageStanza text) = 0;
  virtual void on_news(const Account& account, LateNews news) = 0;
  virtual void on_status(const AccountStatus& status, bool failed_login) = 0;
  // The account is in a room now.
  virtual void on_entered(const Account& account, const std::string& room) = 0;
};

class Session final : private StreamUser {
 public:
  Session(net::Shard& shard, Account account, Configuration::General general, Board& board,
          SessionUser& user);
  ~Session() override;

  void start();
  // Sends what it can, says goodbye and connects no more.
  void stop();
  bool is_stopped() const { return stopping_ && stream_.is_closed(); }
  // Any thread: ends a wait inside the stream.
  void interrupt() { stream_.interrupt(); }
  // Now, if it waits for its next attempt.
  void reconnect();
  // The process is about to end: texts had better wait at the server.
  void stop_receiving();
  // Any thread: ends an attempt to connect that takes too long.
  void interrupt_if_overdue() { stream_.interrupt_if_overdue(); }

  void send(Order order);
  // What became of a text that came in: it is in safe hands, or its sender is told why not.
  void taken(const MessageStanza& text, const std::optional<ErrorText>& refused);
  // To somebody who sent a message to us, or to `own` of a component: it arrived, was displayed, or
  // was not delivered.
  void send_receipt(const std::string& own, const std::string& to, const std::string& id,
                    bool displayed);
  void send_error(const std::string& own, const std::string& to, const std::string& id,
                  const ErrorText& error);

  void join(const Jid& room, std::string nickname) {
    rooms_.join(live_context(), room, std::move(nickname));
  }
  void leave(const Jid& room) { rooms_.leave(live_context(), room); }
  void receive(const Jid& from, std::chrono::milliseconds time, net::Shard& asker,
               Operations::Received answer) {
    stack_.receive(from, time, asker, std::move(answer));
  }

  const Account& account() const { return account_; }
  // Of all sessions there have been in this process, this one.
  std::uint64_t number() const { return number_; }
  net::Shard& shard() { return shard_; }

 private:
  using State = AccountStatus::State;

  void on_ready(bool resumed) override;
  void on_lost(const Loss& loss) override;
  void on_stanza(xmpp_stanza_t* stanza) override;
  void on_arrived(const std::string& id) override;
  void on_not_sent(const std::string& id, bool perhaps) override;

  void on_message(xmpp_stanza_t* stanza);
  void on_failed(const MessageStanza& message);
  void on_receipt(const MessageStanza& message, const std::string& id, bool displayed);
  void on_room_message(MessageStanza message);
  void tell_success(const std::string& id, const std::string& from, message::Status::State state);
  void take_text(MessageStanza message);
  bool came_before(const MessageStanza& message);
  void on_iq(xmpp_stanza_t* stanza);
  void on_presence(xmpp_stanza_t* stanza);

  void connect();
  void set_state(State state, std::string reason, bool failed_login = false);
  void log_loss(const Loss& loss, base::Duration gap);
  void send_now(const Stanza& stanza);
  // What a stanza is made by once there is a stream.
  using Notice = std::function<Stanza(xmpp_ctx_t*)>;
  void tell(Notice notice);
  bool may_refuse(const MessageStanza& error) const;
  void news(LateNews news) { user_.on_news(account_, std::move(news)); }
  xmpp_ctx_t* live_context() const { return stream_.is_ready() ? stream_.context() : nullptr; }
  // For `from`: a component's only; `own` goes before its domain.
  std::string own_address(const std::string& own = {}) const;
  // session_ping.cc
  void ping();
  void on_pong(std::string_view id, std::string_view from);
  void arm_ping();
  void confirm_soon();

  net::Shard& shard_;
  const std::uint64_t number_;
  const Account account_;
  const Configuration::General general_;
  Board& board_;
  SessionUser& user_;
  Stream stream_;
  Deliveries deliveries_;
  Rooms rooms_;
  Roster roster_;
  MessageStack stack_;
  State state_ = State::disconnected;
  unsigned failures_ = 0;  // in a row
  std::optional<base::TimePoint> ready_since_;
  bool stopping_ = false;
  std::string last_loss_;  // that the log was told of
  net::CallbackTimer reconnect_timer_;
  // Pings: to know that the server is there, and what has arrived where it does not say so itself.
  net::CallbackTimer ping_timer_;
  unsigned pings_ = 0;
  std::string awaited_pong_;        // the id; empty: none
  std::string pinged_;              // whom
  std::uint32_t pinged_after_ = 0;  // what had been handed over
  // Texts that came, to know again what a server sends twice.
  base::Recent<std::monostate> seen_{4096};
  std::deque<Notice> notices_;  // that were to be sent while there was no stream
};

}  // namespace missive::xmpp

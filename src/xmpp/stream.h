// The connection of one account to its server: libstrophe, driven by a shard's loop.
//
// connect() and the stream's user is told on_ready() or on_lost(), and on_lost() again when a
// connection ends; then connect() may be called anew. Where the server has stream management, a
// lost stream is resumed by the next connect(): what it had sent and the server had not received
// is sent again. send() is for a stream that is ready. A stanza sent with an id is answered for
// once: on_arrived() when the server has it, or on_not_sent(), `perhaps` when it may have it all
// the same; never within send().
//
// hold() stops reading, and with it what would acknowledge to the server what was read, until
// go_on(): so nothing is acknowledged that is not in safe hands.
//
// Everything is on the shard's thread, and nothing else should be on that shard: names are looked
// up and TLS begins by waiting. interrupt() may be called from any thread and ends such a wait.
//
// Six things of libstrophe 0.12.2 are worked around here: it counts on with what an earlier stream
// had; what it hears of stream management it
// tells its log only (stream_log.h); a component of it needs the state of stream management too,
// and dies without; it waits with select(), so the descriptor is kept below 1024; an empty stream
// error kills it (strophe_guard.cc); its SHA-1 has one buffer for all threads, so the accounts take
// turns at it.
#pragma once

#include <atomic>
#include <mutex>
#include <string>

#include "net/shard.h"
#include "xmpp/account.h"
#include "xmpp/stream_log.h"
#include "xmpp/strophe.h"
#include "xmpp/unacknowledged.h"

namespace missive::xmpp {

struct Loss {
  enum class Kind {
    network,   // no connection, or none any more
    login,     // the server does not let the account in
    identity,  // the server's certificate is not what it should be
    conflict,  // somebody else has taken the resource
  };
  Kind kind = Kind::network;
  std::string reason;  // one clause, for a person
};

class StreamUser {
 public:
  virtual ~StreamUser() = default;
  // `resumed`: presence and rooms are still as they were.
  virtual void on_ready(bool resumed) = 0;
  virtual void on_lost(const Loss& loss) = 0;
  virtual void on_stanza(xmpp_stanza_t* stanza) = 0;
  virtual void on_arrived(const std::string& id) = 0;
  virtual void on_not_sent(const std::string& id, bool perhaps) = 0;
};

class Stream final : private net::Watched, private net::TurnEnd {
 public:
  // `debug`: the stanzas go to the log.
  Stream(net::Shard& shard, const Account& account, StreamUser& user, bool debug);
  ~Stream() override;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  void connect();
  // Says goodbye; on_lost() follows. What has not arrived by then is not resumed.
  void disconnect();
  bool is_ready() const { return state_ == State::ready; }
  bool is_closed() const { return state_ == State::closed; }

  xmpp_ctx_t* context() const { return context_.get(); }
  void send(const Stanza& stanza, std::string id = {});
  // Our address as the server bound it.
  std::string bound_jid() const;
  // Whether the server says by itself what has arrived. Without, acknowledge() is to be called
  // with what handed_over() was when a ping was sent that has been answered.
  bool is_managed() const { return managed_; }
  std::uint32_t handed_over() const { return unacknowledged_.handed_over(); }
  std::size_t unacknowledged() const { return unacknowledged_.size(); }
  void acknowledge(std::uint32_t h);

  void hold() { ++held_; }
  void go_on();
  void interrupt();
  // Any thread, now and then: ends an attempt to connect that takes too long, wherever it waits.
  void interrupt_if_overdue();
  // Cuts the connection, for that reason; the stream may be resumed.
  void abandon(std::string why);

 private:
  enum class State { closed, connecting, negotiating, ready };

  static void on_log(void* self, xmpp_log_level_t level, const char* area, const char* text);
  static void on_connection(xmpp_conn_t* connection, xmpp_conn_event_t event, int error,
                            xmpp_stream_error_t* stream_error, void* self);
  static int on_any_stanza(xmpp_conn_t* connection, xmpp_stanza_t* stanza, void* self);
  static int on_socket(xmpp_conn_t* connection, void* socket);
  static int on_bad_certificate(const xmpp_tlscert_t* certificate, const char* why);

  void make_connection();
  void give_component_state();
  void on_ready(std::uint32_t events) override;
  void on_turn_end() override;
  void pump();
  void watch();
  void take_turn(bool hashes);
  void hear(const StreamEvent& event);
  void negotiated();
  void become_ready();
  void closed(int error, const xmpp_stream_error_t* stream_error);
  Loss loss_of(int error, const xmpp_stream_error_t* stream_error) const;
  void tell_not_sent(const Unacknowledged::Ids& ids, bool perhaps);
  void tell_arrived(const Unacknowledged::Ids& ids);
  void reserve_descriptor();
  void hold_socket(int descriptor);

  net::Shard& shard_;
  const Account account_;
  StreamUser& user_;
  const bool debug_;
  std::unique_lock<std::mutex> hashing_;  // while libstrophe may be at its SHA-1
  xmpp_log_t log_;
  Context context_;
  StropheConnection connection_;
  // Libstrophe's counts are those of one stream: no other but that one resumed may come after it.
  bool counted_ = false;  // there has been one
  bool fresh_ = false;    // the next stream needs a connection of its own
  State state_ = State::closed;
  int socket_ = -1;
  // The same socket by a number of our own, which is not another's when libstrophe has closed its.
  std::mutex interruptible_mutex_;
  int interruptible_ = -1;
  std::atomic<base::TimePoint> deadline_{base::TimePoint::max()};  // of an attempt to connect
  std::atomic<bool> overdue_{false};
  int reserved_ = -1;  // a low descriptor for the socket to come
  unsigned held_ = 0;
  bool leaving_ = false;    // disconnect() was called
  bool user_gone_ = false;  // this is being destroyed
  // Of the stream that is being opened:
  bool offers_management_ = false;
  bool resumed_ = false;
  bool refused_to_resume_ = false;
  bool settled_ = false;  // the server has said whether there is stream management
  std::string login_refused_, bad_certificate_, unreachable_, abandoned_;
  // Of stream management:
  bool managed_ = false;
  bool resumable_ = false;
  Unacknowledged unacknowledged_;
  net::CallbackTimer housekeeping_;
  net::CallbackTimer patience_;  // with a server that says no more of stream management
};

}  // namespace missive::xmpp

// One established TCP connection, in and out, with back-pressure; with TLS in it, or without.
//
// Input: the handler is shown all octets not yet consumed and says how many it took;
// the rest is shown again, with what came since. Output: send() appends; everything
// appended in a turn leaves with one write at its end, the remainder when the peer reads
// on. While more than `high_water` octets wait to leave, nothing is read, so a client
// that sends and does not read holds only itself up.
//
// Shared ownership: held by its owner, and by the shard while close_after_flush() is under
// way; when the last owner lets go it closes. After close_now() no handler call follows;
// after close_after_flush() only on_closed("closed"), when the last octet is written or
// the time is up. A peer that closes its half of the connection is told what is
// said in the same turn before on_closed() (so `nc` gets its replies). All on the shard's
// thread.
//
// With a TlsSession all of this holds for the plain octets. What is sent before the handshake is
// done waits for it; on_established() is called then, before any on_data(), and never on a plain
// stream. A handshake that fails, or is not done in time, ends in on_closed("TLS handshake with
// 192.0.2.1:5061 failed: ..."). unsent() counts what waits to be encrypted and what is encrypted.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "net/address.h"
#include "net/shard.h"
#include "net/tls_session.h"

namespace missive::net {

class Stream;

class StreamHandler {
 public:
  virtual ~StreamHandler() = default;
  // `data` is everything received and not yet consumed. Returns how much of it is done with.
  virtual std::size_t on_data(std::string_view data) = 0;
  // The TLS handshake is done.
  virtual void on_established() {}
  // The peer closed ("closed by peer"), close_after_flush() is done ("closed"), or the
  // connection broke. The last call.
  virtual void on_closed(std::string_view reason) = 0;
};

class Stream final : public std::enable_shared_from_this<Stream>, public TurnEnd, private Watched {
 public:
  // Takes over a connected descriptor. start() begins to read.
  static std::shared_ptr<Stream> adopt(Shard& shard, int fd, const Address& peer);
  // With TLS; the handshake has `within`, from start().
  static std::shared_ptr<Stream> adopt(Shard& shard, int fd, const Address& peer,
                                       std::unique_ptr<TlsSession> session,
                                       base::Duration within = std::chrono::seconds{10});
  ~Stream() override;

  void start(StreamHandler& handler);
  void send(std::string_view octets);
  // Append here directly, then call flush_later().
  std::string& output() { return out_; }
  void flush_later();

  std::size_t unsent() const { return out_.size() - sent_ + (tls_ ? tls_->unsent() : 0); }
  void set_high_water(std::size_t octets) { high_water_ = octets; }
  // Stops and resumes reading by the owner's wish; what was not consumed is shown again.
  void pause_reading(bool pause);

  // Writes what waits, then closes; at most `within` for that.
  void close_after_flush(base::Duration within = std::chrono::seconds{5});
  void close_now();
  bool is_open() const { return fd_ >= 0; }
  // nullptr without TLS. Lives as long as the stream.
  const TlsSession* tls() const { return tls_ ? tls_->session.get() : nullptr; }

  const Address& local() const { return local_; }
  const Address& peer() const { return peer_; }
  Shard& shard() { return shard_; }

  void on_turn_end() override;

 private:
  // What a stream with TLS has besides.
  struct Tls {
    std::size_t unsent() const { return session->wire().size() - wire_sent; }
    bool handshaking() const { return session->state() == TlsSession::State::handshake; }

    std::unique_ptr<TlsSession> session;
    std::size_t wire_sent = 0;
    base::Duration within;
    CallbackTimer timer;
  };

  Stream(Shard& shard, int fd, const Address& peer);
  void on_ready(std::uint32_t events) override;
  void read_some();
  bool deliver();
  void write_some();
  bool put(const std::string& octets, std::size_t& sent);
  void drop_sent();
  void discard_some();
  // stream_tls.cc
  void read_tls();
  bool take_tls(std::string_view octets);
  bool established();
  void write_tls();
  void encrypt_some();
  void handshake_failed(std::string_view why);
  void say_goodbye();
  void show_again();
  void update_interest();
  void end_of_input();
  void linger();
  void finish(std::string_view reason);
  bool may_read() const;

  Shard& shard_;
  int fd_;
  Address local_;
  Address peer_;
  StreamHandler* handler_ = nullptr;
  std::string in_;  // its size is the room there is; in_used_ octets are there
  std::size_t in_used_ = 0;
  std::string out_;
  std::size_t sent_ = 0;
  std::size_t high_water_ = 1 << 20;
  bool paused_ = false;
  bool held_back_ = false;   // not reading because the peer does not
  bool show_again_ = false;  // at the end of the turn
  bool write_blocked_ = false;
  bool end_of_input_ = false;  // the peer closed its half
  bool closing_ = false;
  bool lingering_ = false;  // all is written; waiting for the peer to close
  CallbackTimer close_timer_;
  std::unique_ptr<Tls> tls_;
};

}  // namespace missive::net

// A network in memory, for tests: nothing leaves the process and time is the test's.
//
// What is sent reaches `peer` after `delay`, unless it is dropped or fails; deliver() is
// the way back. Every packet is also kept in `sent`, dropped or not. Knobs may be turned at
// any time and hold from the next packet on. On the shard's thread.
#pragma once

#include <functional>
#include <list>
#include <string>
#include <vector>

#include "net/shard.h"
#include "sip/transport.h"

namespace missive::sip {

class LoopTransport final : public Transport, private net::TurnEnd {
 public:
  struct Sent {
    std::string text;
    net::Address to;
  };
  using Peer = std::function<void(const Sent&)>;

  LoopTransport(net::Shard& shard, const net::Address& local, bool reliable,
                MessageReceiver& receiver, TransportOptions options = {})
      : Transport(std::move(options)),
        shard_(shard),
        local_(local),
        reliable_(reliable),
        receiver_(receiver) {}
  ~LoopTransport() override { shard_.forget(*this); }

  Peer peer;                           // who hears what is sent
  unsigned drop_next = 0;              // this many packets are lost
  base::Duration delay{};              // of the way there
  std::optional<base::Error> failure;  // every send fails with it
  std::vector<Sent> sent;

  // A packet from `from` arrives.
  void deliver(std::string text, const net::Address& from);
  void lose_connection(const net::Address& to, const base::Error& error) {
    receiver_.on_connection_lost(*this, to, error);
  }

  std::string_view protocol() const override { return reliable_ ? "TCP" : "UDP"; }
  bool reliable() const override { return reliable_; }
  net::Address local() const override { return local_; }
  void send(std::string_view message, const net::Address& to, net::SendObserver* observer) override;
  void forget(net::SendObserver& observer) override;

 private:
  struct Queued {
    Sent packet;
    net::SendObserver* observer;
  };
  void on_turn_end() override;
  void carry(Sent packet);

  net::Shard& shard_;
  net::Address local_;
  bool reliable_;
  MessageReceiver& receiver_;
  std::vector<Queued> queue_;
  std::list<net::CallbackTimer> under_way_;
};

}  // namespace missive::sip

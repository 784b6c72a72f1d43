// What is remembered of requests that were answered, so that a retransmission is answered
// the same and never handled twice.
//
// The response is rebuilt from the retransmitted request: a record is a key and a status, 32
// octets, unless the response has headers of its own. Records live for Timer J (64*T1); beyond
// `limit` is_full() says so, and it is the caller's to take no more requests that must not be
// handled twice. Source: RFC 3261 sections 17.2.2, 17.2.3.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <unordered_map>

#include "net/shard.h"
#include "sip/answered_requests.h"
#include "sip/non_invite_server.h"
#include "sip/request_user.h"

namespace missive::sip {

class ServerTransactions {
 public:
  using Key = AnsweredRequests::Key;

  ServerTransactions(net::Shard& shard, const Timers& timers, std::size_t limit);

  // Of the transaction a request belongs to (17.2.3), hashed with a secret of this process.
  Key key_of(const Packet& request) const;
  // To-tag for responses to the requests of this transaction.
  using Tag = std::array<char, 16>;
  Tag tag_of(Key key) const;

  // What this transaction was answered with, until the next call; nullptr for a new one.
  const Response* find(Key key);
  // A new one has begun; the machine says what is done.
  NonInviteServer begin(bool reliable) const { return NonInviteServer(timers_, reliable); }
  // It was answered; forgotten at `until`. Without room it is forgotten at once.
  void remember(Key key, Response response, base::TimePoint until);

  // `more` will be remembered as soon as they are answered.
  bool is_full(std::size_t more = 0) const { return size() + more >= limit_; }
  std::size_t size() const { return plain_.size() + others_.size(); }

 private:
  struct Due {
    base::TimePoint when;
    Key key;
  };
  void sweep();

  net::Shard& shard_;
  const Timers& timers_;
  const std::size_t limit_;
  const std::uint64_t secret_;
  AnsweredRequests plain_;                    // nothing but a status
  std::unordered_map<Key, Response> others_;  // with headers or a reason of their own
  Response found_;
  std::deque<Due> due_;  // sorted: all lifetimes are alike
  net::CallbackTimer sweep_timer_;
};

}  // namespace missive::sip

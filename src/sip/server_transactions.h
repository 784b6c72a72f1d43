// What is remembered of requests that were answered, so that a retransmission is answered
// the same and never handled twice.
//
// A record is a key and a status: the response is rebuilt from the retransmitted request.
// Records live for Timer J (64*T1) and there are at most `limit`; beyond that requests
// are answered without a record. Source: RFC 3261 sections 17.2.2, 17.2.3.
#pragma once

#include <cstdint>
#include <deque>
#include <unordered_map>

#include "net/shard.h"
#include "sip/non_invite_server.h"
#include "sip/request_user.h"

namespace missive::sip {

class ServerTransactions {
 public:
  struct Record {
    NonInviteServer machine;
    Response response;
  };
  using Key = std::uint64_t;

  ServerTransactions(net::Shard& shard, const Timers& timers, std::size_t limit);

  // Of the transaction a request belongs to (17.2.3), hashed with a secret of this process.
  Key key_of(const Packet& request) const;
  // To-tag for responses to this request: the same for a retransmission.
  std::string tag_of(const Packet& request) const;

  // The record of this transaction, new or known; nullptr when there is room for no more.
  Record* find_or_add(Key key, bool reliable);
  void schedule(Key key, base::TimePoint when);
  void erase(Key key) { records_.erase(key); }
  std::size_t size() const { return records_.size(); }

 private:
  struct Due {
    base::TimePoint when;
    Key key;
  };
  void sweep();

  net::Shard& shard_;
  const Timers& timers_;
  std::size_t limit_;
  std::uint64_t secret_;
  std::unordered_map<Key, Record> records_;
  std::deque<Due> due_;  // nearly sorted: all lifetimes are alike
  net::CallbackTimer sweep_timer_;
};

}  // namespace missive::sip

// Requests that were taken and whose answer comes later, with what it takes to write it then.
//
// A record is claimed when a request is postponed and released when it has been answered. Its
// buffer stays with its slot for the next one, within limits. A handle names the slot and its
// generation, so that one that is used too late finds nothing. A pure container, not
// thread-safe. Source: RFC 3261 section 17.2.2, state Trying.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_set>
#include <vector>

#include "net/address.h"
#include "sip/answered_requests.h"
#include "sip/non_invite_server.h"
#include "sip/request_user.h"

namespace missive::sip {

class PostponedRequests {
 public:
  using Key = AnsweredRequests::Key;

  struct Record {
    Key key = 0;
    Transport* transport = nullptr;  // nullptr: its connection is gone, nobody hears the answer
    net::Address to;                 // where the answer goes
    bool to_source = false;          // as in Response
    NonInviteServer machine;
    std::string repeated;  // the headers that every response repeats (response_writer.h)
  };

  explicit PostponedRequests(std::size_t limit) : limit_(limit) {}

  // The key is not there yet, and there is room. `repeated` is empty, the rest is to be set; the
  // reference holds until the next claim().
  Record& claim(Key key, PostponedRequest& handle);
  // nullptr when it was released.
  Record* find(PostponedRequest handle);
  void release(PostponedRequest handle);

  bool contains(Key key) const { return !keys_.empty() && keys_.count(key) != 0; }
  void on_connection_lost(const Transport& transport, const net::Address& peer);

  bool is_full() const { return keys_.size() >= limit_; }
  std::size_t size() const { return keys_.size(); }

 private:
  struct Slot {
    Record record;
    std::uint32_t generation = 0;
    bool used = false;
  };
  static constexpr std::size_t kept_buffers = 1024;
  static constexpr std::size_t kept_octets = 2048;  // of each

  const std::size_t limit_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;
  std::unordered_set<Key> keys_;
};

}  // namespace missive::sip

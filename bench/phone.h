// The phones of the load: UDP ports that answer each MESSAGE with a 200 OK.
//
// A MESSAGE is known by the number its body begins with; the answer echoes Via, From,
// To (with a tag), Call-ID and CSeq and goes back to where the request came from (RFC
// 3261 section 8.2.6, RFC 3581). Requests of other methods get a 200 too and are
// counted apart. The ports are bound by the constructor; whoever owns the phones
// polls their sockets and calls drain(). Not thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "datagram_batch.h"
#include "ledger.h"
#include "socket.h"

namespace missive::bench {

struct PhoneCounts {
  std::uint64_t distinct = 0;    // MESSAGEs, each number once
  std::uint64_t duplicates = 0;  // the same number again: retransmissions
  std::uint64_t others = 0;      // requests of other methods
  std::uint64_t strange = 0;     // no SIP request, or a number that was never sent
  std::uint64_t answered = 0;    // 200s the kernel took
  std::int64_t last = 0;         // when the last new MESSAGE came
  std::string first_strange;
};

class Phones {
 public:
  // `first_port` 0: any free ports; otherwise first_port, first_port + 1, ...
  Phones(std::uint32_t count, std::uint16_t first_port, std::size_t body_size, Ledger& ledger);

  std::vector<std::uint16_t> ports() const;
  const std::vector<Fd>& sockets() const { return sockets_; }
  // Called for each MESSAGE when it comes for the first time.
  using Arrival = std::function<void(std::uint32_t number, std::string_view request)>;
  void on_arrival(Arrival call) { arrival_ = std::move(call); }
  // Answers all that waits at this socket.
  void drain(int fd);
  const PhoneCounts& counts() const { return counts_; }

 private:
  bool answer(std::size_t slot, std::size_t out_slot, std::int64_t now);
  void count_strange(std::string_view datagram);

  Ledger& ledger_;
  std::vector<Fd> sockets_;
  DatagramBatch in_;
  DatagramBatch out_;
  PhoneCounts counts_;
  Arrival arrival_;
};

// The 200 OK to `request`, written to `out` of at least request.size() + 64 octets; its
// length, 0 where `request` is no SIP request with the headers an answer echoes.
std::size_t write_ok(std::string_view request, char* out);

}  // namespace missive::bench

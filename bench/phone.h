// The phones of the load: sockets at which each MESSAGE is answered with a 200 OK.
//
// A MESSAGE is known by the number its body begins with; the answer echoes Via, From,
// To (with a tag), Call-ID and CSeq (RFC 3261 section 8.2.6). Requests of other methods
// get a 200 too and are counted apart. UdpPhones has ports, StreamPhones connections; XmppServer is
// what stands in their place for messages by XMPP. Whoever owns the phones polls their sockets and
// calls serve(). Not thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "ledger.h"

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
  Phones(const Phones&) = delete;
  Phones& operator=(const Phones&) = delete;
  virtual ~Phones() = default;

  virtual std::size_t size() const = 0;  // sockets
  virtual int fd(std::size_t socket) const = 0;
  // Answers all that waits at this socket; what to poll it for from now on.
  virtual short serve(std::size_t socket) = 0;

  // Called for each MESSAGE when it comes for the first time.
  using Arrival = std::function<void(std::uint32_t number, std::string_view request)>;
  void on_arrival(Arrival call) { arrival_ = std::move(call); }
  const PhoneCounts& counts() const { return counts_; }

 protected:
  explicit Phones(Ledger& ledger) : ledger_(ledger) {}

  // `body` is where the number is looked for, `text` the whole of the message.
  void count_message(std::string_view body, std::string_view text, std::int64_t now);
  // Counts `request` and writes its answer to `out`, as write_ok() does.
  std::size_t answer(std::string_view request, std::int64_t now, char* out);
  void count_strange(std::string_view text);
  void count_answered(std::size_t answers) { counts_.answered += answers; }

 private:
  Ledger& ledger_;
  PhoneCounts counts_;
  Arrival arrival_;
};

// The 200 OK to `request`, written to `out` of at least request.size() + answer_extra octets; its
// length, 0 where `request` is no SIP request with the headers an answer echoes.
constexpr std::size_t answer_extra = 64;
std::size_t write_ok(std::string_view request, char* out);

}  // namespace missive::bench

// Registers users, sends MESSAGEs between pairs of them, and takes the answers.
//
// Pair i is the sender sender_name(i) and the recipient recipient_name(i), registered at one
// of the phones' ports. Message n is from pair n mod pairs; each pair keeps at most `window`
// messages under way. A message is under way until its final answer has come and, where that
// was a 2xx, it has been seen at the phone. What is not answered is sent again after half a
// second, then one, two, four (RFC 3261 timer E). run() returns when all is done, or when
// nothing has moved for `stall_limit`.
//
// One thread for senders and phones, and it spins while there is work, as in ami_driver.h. Not
// thread-safe.
#pragma once

#include <poll.h>

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "ami_driver.h"
#include "datagram_batch.h"
#include "ledger.h"
#include "udp_phones.h"

namespace missive::bench {

struct RelayLoad {
  std::uint32_t messages = 200000;
  std::uint32_t pairs = 64;
  std::uint32_t window = 1;   // messages under way, a pair
  std::uint32_t sockets = 8;  // ports of the senders, and as many of the phones
  std::uint32_t body_size = 100;
};

class RelayDriver {
 public:
  RelayDriver(const RelayLoad& load, sockaddr_in server, Ledger& ledger, UdpPhones& phones);

  // Waits until the server listens, and registers all recipients; throws std::runtime_error when
  // one is refused. `still_alive` is asked while waiting; it throws when waiting has no sense.
  void register_recipients(const std::function<void()>& still_alive);
  void run();
  // Goes on answering at the phones: what is asked again comes now.
  void settle(std::chrono::milliseconds time);

  const ReplyCounts& counts() const { return counts_; }
  std::uint64_t retransmissions() const { return retransmissions_; }
  bool stalled() const { return stalled_; }
  std::uint64_t sent() const { return sent_; }
  std::int64_t first_sent() const { return first_sent_; }
  std::int64_t last_reply() const { return last_reply_; }

 private:
  struct Waiting {  // for an answer, for its arrival, or for both
    std::uint32_t number = 0;
    bool answered = false;
    bool arrived = false;
    std::int64_t again = 0;  // when to send it once more
    std::int64_t interval = 0;
  };
  struct Pair {
    std::string text;                  // its MESSAGE, with digits to be written over
    std::vector<std::size_t> numbers;  // where
    std::uint32_t next = 0;
    std::vector<Waiting> waiting;
  };
  struct Sender {
    Sender(Fd the_socket, std::size_t octets);
    Fd socket;
    DatagramBatch out;
    std::size_t used = 0;
  };

  void make_pair(std::uint32_t index);
  void fill(std::uint32_t pair);
  void put(std::uint32_t pair, std::uint32_t number);
  void flush(Sender& sender);
  bool turn(int milliseconds);
  void take_answers(Sender& sender);
  void take_answer(std::string_view answer, std::int64_t now);
  void note(std::uint32_t number, bool Waiting::*what);
  void send_again();
  bool finished() const { return done_ == load_.messages; }

  const RelayLoad load_;
  const sockaddr_in server_;
  Ledger& ledger_;
  UdpPhones& phones_;
  DatagramBatch in_;
  std::deque<Sender> senders_;
  std::vector<Pair> pairs_;
  std::vector<pollfd> polled_;  // the senders', then the phones'
  ReplyCounts counts_;
  std::uint64_t retransmissions_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t done_ = 0;
  std::int64_t first_sent_ = 0;
  std::int64_t last_reply_ = 0;
  bool stalled_ = false;
};

}  // namespace missive::bench

// Drives pipelined MessageSend actions over several AMI connections.
//
// Message n goes to endpoint `recipient`(n mod phones) over whichever connection has room;
// each connection keeps at most `in_flight` actions without a reply. run() returns
// when every action has its reply and the phones have seen every message that was
// accepted (unless nobody is there to see them), or when nothing has moved for `stall_limit`:
// then stalled() says so and the counts show what is missing.
//
// One thread for actions and phones, and it spins while there is work: a sleeping
// reader would make the server pay for waking it, with every datagram, which a
// phone on a network never does. Not thread-safe.
#pragma once

#include <poll.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "ami_connection.h"
#include "config_files.h"
#include "ledger.h"
#include "phone.h"

namespace missive::bench {

struct Load {
  std::uint32_t messages = 200000;
  std::uint32_t connections = 1;
  std::uint32_t in_flight = 64;
  std::uint32_t body_size = 100;
  std::uint32_t phones = 1;   // endpoints
  std::uint32_t senders = 1;  // From, by turns
  std::uint32_t sockets = 1;  // ports of the phones, by turns
  std::string (*recipient)(std::uint32_t) = phone_name;
  bool xmpp = false;    // the endpoints are users of xmpp_domain, and From is the account
  bool arrives = true;  // false: they are away, an action is done with its reply
};

constexpr std::chrono::seconds stall_limit{10};

struct ReplyCounts {
  std::uint64_t success = 0;
  std::uint64_t error = 0;
  std::uint64_t strange = 0;       // no ActionID of ours, or one answered before
  std::uint64_t out_of_order = 0;  // an answer before that of an earlier action
  std::uint64_t events = 0;        // Events: off was asked for
  std::string first_error;
  std::string first_strange;

  std::uint64_t all() const { return success + error; }
};

class AmiDriver {
 public:
  AmiDriver(const Load& load, sockaddr_in server, const Credentials& credentials, Ledger& ledger,
            Phones& phones, const std::function<void()>& still_alive);

  void run();
  // Goes on answering at the phones: what is asked again comes now.
  void settle(std::chrono::milliseconds time);

  const ReplyCounts& counts() const { return counts_; }
  bool stalled() const { return stalled_; }
  std::uint64_t sent() const { return next_; }
  std::int64_t first_sent() const { return first_sent_; }
  std::int64_t last_reply() const { return last_reply_; }

 private:
  struct Line {
    std::unique_ptr<AmiConnection> connection;
    std::uint32_t in_flight = 0;
    std::uint32_t next_reply = 0;  // replies of a connection come with rising numbers
  };

  void build_templates();
  // Waits at most that long for something to do, and does it; false if nothing came.
  bool turn(int milliseconds);
  void fill(Line& line, pollfd& wanted);
  void take_replies(Line& line);
  void count(Line& line, const Reply& reply, std::int64_t now);
  bool finished() const;

  const Load load_;
  Ledger& ledger_;
  Phones& phones_;
  std::vector<std::string> templates_;  // by phone and sender
  std::size_t id_offset_ = 0;           // where the numbers stand, from the action's start
  std::vector<Line> lines_;
  std::vector<pollfd> polled_;  // the lines', then the phones'
  ReplyCounts counts_;
  std::uint32_t next_ = 0;
  std::int64_t first_sent_ = 0;
  std::int64_t last_reply_ = 0;
  bool stalled_ = false;
};

}  // namespace missive::bench

// Messages that came and wait for JABBER_RECEIVE(), a while; and who waits for them.
//
// One for an account, on its thread. At most `limit` messages are kept, each for the account's
// `timeout`. Answers are posted to their asker's shard. Source: Asterisk documentation, function
// JABBER_RECEIVE, option timeout of xmpp.conf.
#pragma once

#include <chrono>
#include <deque>
#include <list>
#include <string>

#include "net/shard.h"
#include "xmpp/jid.h"
#include "xmpp/operations.h"

namespace missive::xmpp {

class MessageStack {
 public:
  MessageStack(net::Shard& shard, std::chrono::seconds keep) : shard_(shard), keep_(keep) {}
  ~MessageStack();

  void push(const Jid& from, const std::string& body);
  void receive(const Jid& from, std::chrono::milliseconds time, net::Shard& asker,
               Operations::Received answer);

 private:
  static constexpr std::size_t limit = 100;

  struct Entry {
    Jid from;
    std::string body;
    base::TimePoint until;
  };
  struct Waiter final : net::Timer {
    explicit Waiter(MessageStack& of) : stack(of) {}
    void on_timer() override { stack.give_up(*this); }
    MessageStack& stack;
    Jid from;
    net::Shard* asker = nullptr;
    Operations::Received answer;
  };

  static bool is_from(const Jid& wanted, const Jid& from) {
    return wanted.is_bare() ? wanted.same_account(from) : wanted == from;
  }
  static void tell(Waiter& waiter, std::optional<std::string> body);
  void give_up(Waiter& waiter);
  void forget_old();

  net::Shard& shard_;
  const std::chrono::seconds keep_;
  std::deque<Entry> entries_;
  std::list<Waiter> waiters_;
};

}  // namespace missive::xmpp

// xmpp/stream: a server that takes the connection and says nothing.
//
//  1. The attempt is cut when its time is up, not before, and says so; the next one begins anew.
//  2. The same where the process may have no more than 1024 descriptors.
#include "xmpp/stream.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "unit/net/loop_helper.h"

namespace missive::xmpp {
namespace {

using namespace std::chrono_literals;

struct User final : StreamUser {
  void on_ready(bool) override {}
  void on_lost(const Loss& loss) override { losses.push_back(loss); }
  void on_stanza(xmpp_stanza_t*) override {}
  void on_arrived(const std::string&) override {}
  void on_not_sent(const std::string&, bool) override {}
  std::vector<Loss> losses;
};

void expect_to_be_cut() {
  xmpp_initialize();
  base::ManualClock clock;
  net::Shard shard(0, clock);
  const auto server = net::tcp_listener();
  Account account;
  account.name = "gateway";
  account.jid = *Jid::parse("texts@xmpp.test/missive");
  account.server_host = "127.0.0.1";
  account.port = net::address_of(server.fd()).port();
  User user;
  Stream stream(shard, account, user, false);
  for (std::size_t attempt = 1; attempt <= 2; ++attempt) {
    stream.connect();
    const net::PlainSocket peer(::accept(server.fd(), nullptr, nullptr));
    ASSERT_TRUE(net::run_until(shard, [&peer] { return !peer.read_now().empty(); }));
    clock.advance(59s);
    stream.interrupt_if_overdue();
    net::run_idle(shard);
    ASSERT_EQ(user.losses.size(), attempt - 1);
    clock.advance(2s);
    stream.interrupt_if_overdue();
    ASSERT_TRUE(net::run_until(shard, [&user, attempt] { return user.losses.size() == attempt; }));
    EXPECT_EQ(user.losses.back().kind, Loss::Kind::network);
    EXPECT_EQ(user.losses.back().reason, "the server did not let us in within 60 s");
    EXPECT_TRUE(stream.is_closed());
  }
}

TEST(Stream, DoesNotWaitForASilentServer) { expect_to_be_cut(); }  // 1

TEST(Stream, NorWithFewDescriptors) {  // 2
  rlimit usual{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &usual), 0);
  const rlimit few{.rlim_cur = 1024, .rlim_max = usual.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
  expect_to_be_cut();
  ::setrlimit(RLIMIT_NOFILE, &usual);
}

}  // namespace
}  // namespace missive::xmpp

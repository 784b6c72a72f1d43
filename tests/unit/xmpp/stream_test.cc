// xmpp/stream: a server that takes the connection and says nothing; the socket to it.
//
//  1. The attempt is cut when its time is up, not before, and says so; the next one begins anew.
//  2. The same where the process may have no more than 1024 descriptors.
//  3. A small write does not wait for the one before to be acknowledged (TCP_NODELAY).
#include "xmpp/stream.h"

#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>

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

Account account_at(const net::PlainSocket& server) {
  Account account;
  account.name = "gateway";
  account.jid = *Jid::parse("texts@xmpp.test/missive");
  account.server_host = "127.0.0.1";
  account.port = net::address_of(server.fd()).port();
  return account;
}

void expect_to_be_cut() {
  xmpp_initialize();
  base::ManualClock clock;
  net::Shard shard(0, clock);
  const auto server = net::tcp_listener();
  const auto account = account_at(server);
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

// The end of `connection` that is in this process, too.
int other_end_of(const net::PlainSocket& connection) {
  net::Address wanted;
  socklen_t size = net::Address::capacity();
  ::getpeername(connection.fd(), wanted.data(), &size);
  for (int fd = 0; fd < 1024; ++fd) {
    net::Address own;
    size = net::Address::capacity();
    if (::getsockname(fd, own.data(), &size) == 0 && own == wanted) return fd;
  }
  return -1;
}

TEST(Stream, WritesAtOnce) {  // 3
  xmpp_initialize();
  base::ManualClock clock;
  net::Shard shard(0, clock);
  const auto server = net::tcp_listener();
  const auto account = account_at(server);
  User user;
  Stream stream(shard, account, user, false);
  stream.connect();
  const net::PlainSocket peer(::accept(server.fd(), nullptr, nullptr));
  const int socket = other_end_of(peer);
  ASSERT_GE(socket, 0);
  int on = 0;
  socklen_t size = sizeof on;
  ASSERT_EQ(::getsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, &size), 0);
  EXPECT_NE(on, 0);
}

}  // namespace
}  // namespace missive::xmpp

// The TCP stream.
//
//  1. What comes is shown, what goes leaves with the end of the turn; IPv4 and IPv6.
//  2. What the handler does not consume is shown again with what came since.
//  3. A message far larger than the first buffer is gathered; the room is given back.
//  4. Everything appended in a turn leaves in one piece, through send() and output().
//  5. A peer that does not read: the remainder of a partial write follows, in order.
//  6. Back-pressure: over the high water nothing is read; reading resumes with the peer's.
//  7. Paused reading: nothing is shown, and then all of it, also what was left unconsumed.
//  8. A peer that closes its half: its octets first, then the replies, then on_closed().
//  9. ... and replies that do not fit are still delivered after on_closed().
// 10. A reset connection: on_closed() once with the reason; writing to it does not kill us.
// 11. close_now() from on_data(): nothing follows, not even on_closed().
// 12. close_after_flush() from on_data(): all is written, then on_closed("closed").
// 13. close_after_flush() at a peer that reads nothing ends in time.
// 14. close_after_flush() does not throw away what the peer has not read when it sent more.
// 15. The owner may let go: after close_after_flush() the rest still leaves, else it closes.
// 16. The handler may destroy the stream's last owner in on_closed().
// 17. A shard that goes takes lingering streams with it.
// 18. Pipelined input under back-pressure is all answered, nothing lost.
#include "net/stream.h"

#include <gtest/gtest.h>

#include "unit/net/loop_helper.h"

namespace missive::net {
namespace {

using namespace std::chrono_literals;

struct Handler final : StreamHandler {
  std::size_t on_data(std::string_view data) override {
    shown.emplace_back(data);
    return on_input ? on_input(data) : data.size();
  }
  void on_closed(std::string_view reason) override {
    closed.emplace_back(reason);
    if (on_end) on_end();
  }
  std::string all() const {
    std::string out;
    for (const auto& part : shown) out += part;
    return out;
  }
  std::vector<std::string> shown;
  std::vector<std::string> closed;
  std::function<std::size_t(std::string_view)> on_input;
  std::function<void()> on_end;
};

class StreamTest : public testing::Test {
 protected:
  void connect(const char* ip = "127.0.0.1", int send_buffer = 0) {
    const auto listener = tcp_listener(ip);
    peer.emplace(::socket(address_of(listener.fd()).family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int small = 65536;
    if (send_buffer > 0) {
      ::setsockopt(peer->fd(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    }
    const auto to = address_of(listener.fd());
    ASSERT_EQ(::connect(peer->fd(), to.data(), to.size()), 0);
    const int fd = ::accept4(listener.fd(), nullptr, nullptr, SOCK_CLOEXEC);
    ASSERT_GE(fd, 0);
    if (send_buffer > 0) {
      ::setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof send_buffer);
    }
    stream = Stream::adopt(shard, fd, address_of(peer->fd()));
    stream->start(handler);
  }
  // Reads what the peer has until `size` octets are there.
  std::string peer_reads(std::size_t size) {
    std::string out;
    EXPECT_TRUE(run_until(shard, [&] {
      out += peer->read_now();
      return out.size() >= size;
    }));
    return out;
  }
  bool input_shown() {
    return run_until(shard, [this] { return !handler.shown.empty(); });
  }
  bool closed() {
    return run_until(shard, [this] { return !handler.closed.empty(); });
  }

  base::ManualClock clock;
  Shard shard{0, clock};
  Handler handler;
  std::optional<PlainSocket> peer;
  std::shared_ptr<Stream> stream;
};

using Strings = std::vector<std::string>;

// No two octets that are near are alike, so that what is lost or doubled shows.
std::string pattern(std::size_t size) {
  std::string out;
  for (unsigned i = 0; out.size() < size; ++i) out += std::to_string(i) + ",";
  out.resize(size);
  return out;
}

TEST_F(StreamTest, InAndOut) {  // 1
  for (const auto* ip : {"127.0.0.1", "::1"}) {
    handler.shown.clear();
    connect(ip);
    EXPECT_TRUE(stream->is_open());
    EXPECT_EQ(stream->peer(), address_of(peer->fd()));
    EXPECT_EQ(stream->local().ip(), ip);
    EXPECT_EQ(&stream->shard(), &shard);
    peer->send("hello");
    ASSERT_TRUE(input_shown());
    EXPECT_EQ(handler.shown, Strings{"hello"});
    stream->send("world");
    EXPECT_EQ(stream->unsent(), 5u);
    EXPECT_EQ(peer->read_now(), "");
    EXPECT_TRUE(shard.run_once());
    EXPECT_EQ(stream->unsent(), 0u);
    EXPECT_EQ(peer->read_now(), "world");
    EXPECT_FALSE(shard.run_once());
    stream->close_now();
    EXPECT_FALSE(stream->is_open());
    EXPECT_TRUE(peer->at_end());
  }
  EXPECT_TRUE(handler.closed.empty());
}

TEST_F(StreamTest, UnconsumedIsShownAgain) {  // 2
  connect();
  // Takes whole lines only.
  handler.on_input = [](std::string_view data) { return data.rfind('\n') + 1; };
  peer->send("one\ntw");
  ASSERT_TRUE(run_until(shard, [&] { return handler.shown.size() == 1; }));
  peer->send("o");
  ASSERT_TRUE(run_until(shard, [&] { return handler.shown.size() == 2; }));
  peer->send("\nthree\n");
  ASSERT_TRUE(run_until(shard, [&] { return handler.shown.size() == 3; }));
  peer->send("four");
  ASSERT_TRUE(run_until(shard, [&] { return handler.shown.size() == 4; }));
  EXPECT_EQ(handler.shown, (Strings{"one\ntw", "two", "two\nthree\n", "four"}));
}

TEST_F(StreamTest, LargeMessage) {  // 3
  connect();
  const auto large = pattern(1 << 20);
  std::string got;
  handler.on_input = [&](std::string_view data) -> std::size_t {
    handler.shown.clear();
    if (data.size() < large.size()) return 0;
    got = data;
    return data.size();
  };
  std::size_t sent = 0;
  ASSERT_TRUE(run_until(shard, [&] {
    const auto part = std::string_view(large).substr(sent);
    const auto put = ::send(peer->fd(), part.data(), part.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    sent += put > 0 ? static_cast<std::size_t>(put) : 0;
    return !got.empty();
  }));
  EXPECT_EQ(got, large);
  handler.on_input = {};
  peer->send("small");
  ASSERT_TRUE(run_until(shard, [&] { return handler.shown == Strings{"small"}; }));
}

TEST_F(StreamTest, OneWriteATurn) {  // 4
  connect();
  shard.post([this] {
    stream->send("a");
    stream->output() += "b";
    stream->flush_later();
    stream->send("c");
    EXPECT_EQ(peer->read_now(), "");
  });
  shard.run_once();
  EXPECT_EQ(peer->read_now(), "abc");
}

TEST_F(StreamTest, RemainderOfAPartialWrite) {  // 5
  connect("127.0.0.1", 65536);
  const auto large = pattern(3 << 20);
  stream->send(std::string_view(large).substr(0, 1 << 20));
  shard.run_once();
  EXPECT_GT(stream->unsent(), 0u);
  EXPECT_LT(stream->unsent(), std::size_t{1} << 20);
  stream->send(std::string_view(large).substr(1 << 20));
  EXPECT_EQ(peer_reads(large.size()), large);
  EXPECT_EQ(stream->unsent(), 0u);
  EXPECT_FALSE(shard.run_once());
}

TEST_F(StreamTest, BackPressure) {  // 6
  connect("127.0.0.1", 65536);
  stream->set_high_water(100000);
  const auto large = pattern(1 << 20);
  stream->send(large);
  shard.run_once();
  EXPECT_GT(stream->unsent(), 100000u);
  peer->send("are you there");
  run_idle(shard);
  EXPECT_TRUE(handler.shown.empty());
  const auto got = peer_reads(large.size());
  EXPECT_EQ(got, large);
  ASSERT_TRUE(input_shown());
  EXPECT_EQ(handler.shown, Strings{"are you there"});
}

TEST_F(StreamTest, PausedReading) {  // 7
  connect();
  stream->pause_reading(true);
  peer->send("early");
  run_idle(shard);
  EXPECT_TRUE(handler.shown.empty());
  stream->pause_reading(false);
  ASSERT_TRUE(input_shown());
  EXPECT_EQ(handler.shown, Strings{"early"});

  // One word at a time, and no more until the pause is over: no new octet comes then.
  handler.shown.clear();
  handler.on_input = [&](std::string_view data) {
    stream->pause_reading(true);
    return data.find(' ') + 1;
  };
  peer->send("one two ");
  ASSERT_TRUE(input_shown());
  run_idle(shard);
  EXPECT_EQ(handler.shown, Strings{"one two "});
  stream->pause_reading(false);
  run_idle(shard);
  EXPECT_EQ(handler.shown, (Strings{"one two ", "two "}));
  stream->pause_reading(false);
  run_idle(shard);
  EXPECT_EQ(handler.shown.size(), 2u);
  // A peer that goes while reading is paused is noticed after it.
  stream->pause_reading(true);
  peer->close();
  run_idle(shard);
  EXPECT_TRUE(handler.closed.empty());
  stream->pause_reading(false);
  ASSERT_TRUE(closed());
}

TEST_F(StreamTest, HalfClose) {  // 8
  connect();
  Strings order;
  handler.on_input = [&](std::string_view data) {
    order.push_back("data");
    stream->send("reply to " + std::string(data));
    return data.size();
  };
  handler.on_end = [&] { order.push_back("closed"); };
  peer->send("question");
  ::shutdown(peer->fd(), SHUT_WR);
  ASSERT_TRUE(closed());
  EXPECT_EQ(order, (Strings{"data", "closed"}));
  EXPECT_EQ(handler.closed, Strings{"closed by peer"});
  EXPECT_FALSE(stream->is_open());
  EXPECT_EQ(peer->read_now(), "reply to question");
  EXPECT_TRUE(peer->at_end());
  run_idle(shard);
  EXPECT_EQ(handler.closed.size(), 1u);
}

TEST_F(StreamTest, HalfCloseWithALongReply) {  // 9
  connect("127.0.0.1", 65536);
  const auto large = pattern(1 << 20);
  handler.on_input = [&](std::string_view data) {
    stream->send(large);
    return data.size();
  };
  peer->send("question");
  ::shutdown(peer->fd(), SHUT_WR);
  ASSERT_TRUE(closed());
  EXPECT_EQ(handler.closed, Strings{"closed by peer"});
  stream.reset();
  EXPECT_EQ(peer_reads(large.size()), large);
  EXPECT_TRUE(run_until(shard, [&] { return peer->at_end(); }));
  EXPECT_EQ(handler.closed.size(), 1u);
}

TEST_F(StreamTest, Reset) {  // 10
  connect();
  const linger hard{1, 0};
  ::setsockopt(peer->fd(), SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  peer->close();
  ASSERT_TRUE(closed());
  EXPECT_EQ(handler.closed, Strings{"Connection reset by peer"});
  EXPECT_FALSE(stream->is_open());
  stream->send("into the void");
  stream->close_after_flush();
  stream->close_now();
  run_idle(shard);
  EXPECT_EQ(handler.closed.size(), 1u);

  // Found out by writing, reading being paused.
  handler.closed.clear();
  connect();
  stream->pause_reading(true);
  ::setsockopt(peer->fd(), SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  peer->close();
  for (int i = 0; i < 3 && handler.closed.empty(); ++i) {
    stream->send("into the void");
    shard.run_once();
  }
  EXPECT_EQ(handler.closed.size(), 1u);
}

TEST_F(StreamTest, CloseNowInsideOnData) {  // 11
  connect();
  handler.on_input = [&](std::string_view data) {
    stream->send("never");
    stream->close_now();
    return data.size();
  };
  peer->send("x");
  ASSERT_TRUE(input_shown());
  peer->read_now();
  run_idle(shard);
  EXPECT_TRUE(handler.closed.empty());
  EXPECT_TRUE(peer->at_end());
  EXPECT_EQ(handler.shown.size(), 1u);
}

TEST_F(StreamTest, CloseAfterFlushInsideOnData) {  // 12
  connect();
  handler.on_input = [&](std::string_view data) {
    stream->send("Goodbye");
    stream->close_after_flush();
    stream->send("never");
    return data.size() - 1;
  };
  peer->send("Logoff");
  ASSERT_TRUE(closed());
  EXPECT_EQ(handler.closed, Strings{"closed"});
  EXPECT_EQ(peer->read_now(), "Goodbye");
  EXPECT_TRUE(peer->at_end());
  peer->send("more");
  run_idle(shard);
  EXPECT_EQ(handler.shown.size(), 1u);
  EXPECT_TRUE(stream->is_open());  // until the peer closes too
  peer->close();
  EXPECT_TRUE(run_until(shard, [&] { return !stream->is_open(); }));
  EXPECT_EQ(handler.closed.size(), 1u);
}

TEST_F(StreamTest, CloseAfterFlushEndsInTime) {  // 13
  connect("127.0.0.1", 65536);
  stream->send(pattern(1 << 20));
  stream->close_after_flush(2s);
  run_idle(shard);
  clock.advance(1999ms);
  run_idle(shard);
  EXPECT_TRUE(handler.closed.empty());
  clock.advance(10ms);
  shard.run_once();
  EXPECT_EQ(handler.closed, Strings{"closed"});
  EXPECT_FALSE(stream->is_open());

  // All written, but the peer does not close its half.
  handler.closed.clear();
  connect();
  stream->send("bye");
  stream->close_after_flush(2s);
  ASSERT_TRUE(closed());
  EXPECT_TRUE(stream->is_open());
  clock.advance(2010ms);
  shard.run_once();
  EXPECT_FALSE(stream->is_open());
  EXPECT_EQ(handler.closed.size(), 1u);
}

TEST_F(StreamTest, CloseAfterFlushKeepsWhatThePeerHasNotRead) {  // 14
  connect();
  handler.on_input = [&](std::string_view data) {
    stream->send("line too long");
    stream->close_after_flush();
    return data.size();
  };
  peer->send("x");
  ASSERT_TRUE(closed());
  peer->send(std::string(50000, 'y'));  // would be answered by a reset
  run_idle(shard);
  EXPECT_EQ(peer->read_now(), "line too long");
  EXPECT_TRUE(peer->at_end());
}

TEST_F(StreamTest, OwnerLetsGo) {  // 15
  connect("127.0.0.1", 65536);
  const auto large = pattern(1 << 20);
  std::weak_ptr<Stream> watched = stream;
  stream->send(large);
  stream->close_after_flush();
  stream.reset();
  EXPECT_FALSE(watched.expired());
  EXPECT_EQ(peer_reads(large.size()), large);
  EXPECT_EQ(handler.closed, Strings{"closed"});
  peer->close();
  EXPECT_TRUE(run_until(shard, [&] { return watched.expired(); }));

  handler.closed.clear();
  connect();
  watched = stream;
  stream->send("never");
  stream.reset();
  EXPECT_TRUE(watched.expired());
  EXPECT_TRUE(peer->at_end());
  run_idle(shard);
  EXPECT_TRUE(handler.closed.empty());
}

TEST_F(StreamTest, LastOwnerGoesInOnClosed) {  // 16
  connect();
  const std::weak_ptr<Stream> watched = stream;
  handler.on_end = [&] { stream.reset(); };
  peer->close();
  ASSERT_TRUE(closed());
  EXPECT_TRUE(watched.expired());

  connect();
  handler.closed.clear();
  stream->close_after_flush();
  ASSERT_TRUE(closed());
  EXPECT_EQ(stream, nullptr);
  peer->close();
  run_idle(shard);
}

TEST(StreamAndShard, LingeringStreamGoesWithTheShard) {  // 17
  const base::ManualClock clock;
  const auto listener = tcp_listener();
  const auto peer = tcp_connect(address_of(listener.fd()));
  std::weak_ptr<Stream> watched;
  Handler handler;
  {
    Shard shard(0, clock);
    auto stream = Stream::adopt(shard, ::accept(listener.fd(), nullptr, nullptr), Address());
    watched = stream;
    stream->start(handler);
    stream->send("never");
    stream->close_after_flush();
    // And one that waits in a task, as a connection on its way to another shard.
    shard.post([held = stream] {});
  }
  EXPECT_TRUE(watched.expired());
  EXPECT_TRUE(peer.at_end());
  EXPECT_TRUE(handler.closed.empty());
}

TEST_F(StreamTest, PipelineUnderBackPressure) {  // 18
  connect("127.0.0.1", 65536);
  stream->set_high_water(20000);
  // Answers each line with 1,000 octets, and takes no line while too much is waiting.
  handler.on_input = [&](std::string_view data) {
    handler.shown.clear();
    std::size_t used = 0;
    for (auto end = data.find('\n'); end != data.npos; end = data.find('\n', used)) {
      if (stream->unsent() > 20000) break;
      stream->send(std::string(data.substr(used, end - used)) + std::string(1000, '.'));
      used = end + 1;
    }
    return used;
  };
  std::string questions;
  std::string expected;
  for (int i = 0; i < 2000; ++i) {
    questions += std::to_string(i) + "\n";
    expected += std::to_string(i) + std::string(1000, '.');
  }
  peer->send(questions);
  EXPECT_EQ(peer_reads(expected.size()), expected);
}

}  // namespace
}  // namespace missive::net

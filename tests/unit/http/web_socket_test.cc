// WebSockets over real loopback sockets; the client makes its frames by hand.
//
//  1. The handshake: 101 with the accept key of RFC 6455 section 1.3 and the sub-protocol; the
//     owner gets the socket with its addresses and the request.
//  2. Refused: no upgrade and other versions (426), no or a bad key, no sub-protocol or a strange
//     one, HTTP/1.0, no Host, POST (400), what the route refuses, too many (503), frames before
//     the answer (400).
//  3. Messages come in whole: text, binary, fragments with a ping between them, many at once.
//  4. What is UTF-8 leaves as text, anything else as binary; long messages in one frame.
//  5. A ping is answered. A quiet peer is pinged after ping_interval; its pong keeps the
//     connection, silence ends it after pong_timeout. Zero: no pings.
//  6. A message over max_message closes with 1009, also when only its length says so, in one frame
//     or in fragments; a length beyond 2^63 and reserved bits do no harm.
//  7. Refused with their close codes: an unmasked frame (1002), text that is no UTF-8 (1007), a
//     control frame too long or in fragments, a continuation of nothing.
//  8. The peer closes with a code: answered with the same, told with its reason; a peer that just
//     goes is told too.
//  9. close() sends what waits and then the close frame; nothing is told after it; a peer that
//     does not answer is cut off. Destroying the socket does the same.
// 10. A peer that does not read is cut off at max_unsent, never from within send().
// 11. close_all() says "going away" and tells the owner.
// 12. The owner may close or destroy the socket from inside on_message.
// 13. A refused WebSocket counts as nothing; one that ended gives its place free.
// 14. The server and its shard may go with WebSockets open.
#include "unit/http/frames.h"
#include "unit/http/lab.h"

namespace missive::http {
namespace {

using test::close_code;
using test::Frame;
using test::masked;
using test::take_frame;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

const std::string handshake =
    "GET /ws HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\n"
    "Connection: keep-alive, Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Origin: http://example.com\r\nSec-WebSocket-Protocol: chat, sip\r\n"
    "Sec-WebSocket-Version: 13\r\n\r\n";

std::string with(std::string text, std::string_view from, std::string_view to) {
  return text.replace(text.find(from), from.size(), to);
}

struct Owner final : net::MessageSocketHandler {
  void on_message(std::span<char> message) override {
    messages.emplace_back(message.data(), message.size());
    std::fill(message.begin(), message.end(), '?');  // it is ours to write to
    if (then) then();
  }
  void on_closed(std::string_view reason) override { closed.emplace_back(reason); }

  std::unique_ptr<net::MessageSocket> socket;
  Request request;
  std::vector<std::string> messages;
  std::vector<std::string> closed;
  std::function<void()> then;
};

class WebSocketTest : public ServerLab {
 protected:
  WebSocketTest() {
    route.path = "/ws";
    route.sub_protocols = {"sip"};
    route.accepted = [this](net::Shard&, std::unique_ptr<net::MessageSocket> socket,
                            const Request& request) {
      owner.socket = std::move(socket);
      owner.request = request;
      owner.socket->start(owner);
    };
  }
  void open_with_route() {
    routes.add(route);
    open(plain());
  }
  // A client whose handshake is done.
  PlainSocket upgraded() {
    if (!server) open_with_route();
    auto client = connect();
    EXPECT_THAT(ask(client, handshake), StartsWith("HTTP/1.1 101 "));
    EXPECT_TRUE(until([&] { return owner.socket != nullptr; }));
    return client;
  }
  // The next frame; an empty one with opcode 0 when the connection ends before.
  Frame frame(const PlainSocket& from) {
    std::optional<Frame> out;
    until([&] {
      received += from.read_now();
      out = take_frame(received);
      return out || from.at_end();
    });
    return out.value_or(Frame{0, true, {}});
  }
  bool got(std::size_t messages) {
    return until([&] { return owner.messages.size() >= messages; });
  }
  bool told_closed() {
    return until([&] { return !owner.closed.empty(); });
  }
  // What a client is refused that sends `octets`.
  unsigned code_for(std::string_view octets) {
    owner.closed.clear();
    auto client = upgraded();
    client.send(octets);
    const auto code = close_code(frame(client));
    client.close();
    EXPECT_TRUE(told_closed());
    owner.socket.reset();
    received.clear();
    return code;
  }

  WebSocketRoute route;
  Owner owner;
  std::string received;
};

TEST_F(WebSocketTest, Handshake) {  // 1
  open_with_route();
  const auto client = connect();
  const auto got = ask(client, handshake);
  EXPECT_THAT(got, StartsWith("HTTP/1.1 101 "));
  EXPECT_EQ(field_of(got, "Sec-WebSocket-Accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  EXPECT_EQ(field_of(got, "Sec-WebSocket-Protocol"), "sip");
  EXPECT_EQ(field_of(got, "Server"), "lab");
  EXPECT_EQ(field_of(got, "Sec-WebSocket-Extensions"), "");
  ASSERT_TRUE(until([&] { return owner.socket != nullptr; }));
  EXPECT_EQ(owner.socket->peer(), net::address_of(client.fd()));
  EXPECT_EQ(owner.socket->local(), server->local());
  EXPECT_FALSE(owner.socket->secure());
  EXPECT_EQ(owner.request.path, "/ws");
  EXPECT_EQ(owner.request.field("Origin"), "http://example.com");
  EXPECT_EQ(server->sessions(), 0u);
  EXPECT_EQ(server->web_sockets(), 1u);
}

TEST_F(WebSocketTest, RefusedHandshakes) {  // 2
  open_with_route();
  const auto refusal = [this](const std::string& request) {
    const auto client = connect();
    return ask(client, request);
  };
  const auto plain_get = refusal("GET /ws HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(plain_get, StartsWith("HTTP/1.1 426 "));
  EXPECT_EQ(field_of(plain_get, "Upgrade"), "websocket");
  const auto old = refusal(with(handshake, "Version: 13", "Version: 8"));
  EXPECT_THAT(old, StartsWith("HTTP/1.1 426 "));
  EXPECT_EQ(field_of(old, "Sec-WebSocket-Version"), "13");
  EXPECT_THAT(refusal(with(handshake, "Sec-WebSocket-Protocol: chat, sip\r\n", "")),
              HasSubstr("a sub-protocol that is spoken here: sip"));
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"Sec-WebSocket-Protocol: chat, sip\r\n", ""},
           {"chat, sip", "chat, sipx"},
           {"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", ""},
           {"dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZQ=="},
           {"Host: server.example.com\r\n", ""},
           {"GET /ws HTTP/1.1", "GET /ws HTTP/1.0"},
           {"GET /ws", "POST /ws"}}) {
    EXPECT_THAT(refusal(with(handshake, from, to)), StartsWith("HTTP/1.")) << to;
    EXPECT_THAT(refusal(with(handshake, from, to)), HasSubstr(" 400 ")) << from << " " << to;
  }
  EXPECT_THAT(refusal(handshake + masked(test::text, "early")), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(refusal(with(handshake, "GET /ws", "GET /ws/deeper")), StartsWith("HTTP/1.1 404 "));
  EXPECT_EQ(owner.socket, nullptr);
  EXPECT_EQ(server->web_sockets(), 0u);
}

TEST_F(WebSocketTest, RefusedByTheRoute) {  // 2
  route.refuse = [](net::Shard&, const Request& request) -> std::optional<Response> {
    if (request.query == "key=1") return std::nullopt;
    return Response::error(401, "who are you");
  };
  open_with_route();
  EXPECT_THAT(ask(connect(), handshake), StartsWith("HTTP/1.1 401 "));
  EXPECT_THAT(ask(connect(), with(handshake, "/ws", "/ws?key=1")), StartsWith("HTTP/1.1 101 "));
}

TEST_F(WebSocketTest, Messages) {  // 3
  const auto client = upgraded();
  client.send(masked(test::text, "one"));
  client.send(masked(test::binary, std::string("tw\0", 3)) + masked(test::text, ""));
  client.send(masked(test::text, "fir", false) + masked(test::ping, "!") +
              masked(test::more, "st ", false));
  client.send(masked(test::more, "fragments"));
  ASSERT_TRUE(got(4));
  EXPECT_THAT(owner.messages, ElementsAre("one", std::string("tw\0", 3), "", "first fragments"));
  const auto pong = frame(client);
  EXPECT_EQ(pong.opcode, test::pong);
  EXPECT_EQ(pong.payload, "!");
  const std::string large(options.max_message, 'x');
  const auto octets = masked(test::text, large);
  for (std::size_t at = 0; at < octets.size(); at += 50'000) {
    client.send(std::string_view(octets).substr(at, 50'000));
    net::run_idle(shard);
  }
  ASSERT_TRUE(got(5));
  EXPECT_EQ(owner.messages.back(), large);
}

TEST_F(WebSocketTest, Sending) {  // 4
  const auto client = upgraded();
  const std::string long_text(100'000, 'y');
  owner.socket->send("MESSAGE gr\xC3\xBC\xC3\x9F");
  owner.socket->send("caf\xE9");
  owner.socket->send(long_text);
  EXPECT_EQ(owner.socket->unsent(), 14u + 4u + long_text.size());
  const auto first = frame(client);
  EXPECT_EQ(first.opcode, test::text);
  EXPECT_EQ(first.payload, "MESSAGE gr\xC3\xBC\xC3\x9F");
  const auto second = frame(client);
  EXPECT_EQ(second.opcode, test::binary);
  EXPECT_EQ(second.payload, "caf\xE9");
  const auto third = frame(client);
  EXPECT_TRUE(third.last);
  EXPECT_EQ(third.payload, long_text);
  EXPECT_TRUE(until([&] { return owner.socket->unsent() == 0; }));
}

TEST_F(WebSocketTest, Pings) {  // 5
  options.ping_interval = 30s;
  options.pong_timeout = 20s;
  const auto client = upgraded();
  client.send(masked(test::ping, "are you there"));
  EXPECT_EQ(frame(client).payload, "are you there");
  advance(29s);
  EXPECT_EQ(client.read_now(), "");
  advance(2s);
  EXPECT_EQ(frame(client).opcode, test::ping);
  client.send(masked(test::pong, ""));
  client.send(masked(test::text, "here"));
  ASSERT_TRUE(got(1));
  advance(29s);
  EXPECT_THAT(owner.closed, IsEmpty());
  advance(2s);
  EXPECT_EQ(frame(client).opcode, test::ping);
  advance(17s);
  EXPECT_THAT(owner.closed, IsEmpty());
  advance(3s);
  EXPECT_THAT(owner.closed, ElementsAre("answers no pings"));
  EXPECT_TRUE(closed(client));
}

TEST_F(WebSocketTest, NoPings) {  // 5
  options.ping_interval = 0s;
  const auto client = upgraded();
  for (int i = 0; i < 10; ++i) advance(1h);
  client.send(masked(test::text, "still here"));
  ASSERT_TRUE(got(1));
  EXPECT_EQ(client.read_now(), "");
}

TEST_F(WebSocketTest, TooLarge) {  // 6
  options.max_message = 1000;
  EXPECT_EQ(code_for(masked(test::text, std::string(1001, 'x'))), 1009u);
  EXPECT_EQ(owner.closed.front(), "a message is larger than 1000 octets");
  EXPECT_EQ(code_for(masked(test::text, std::string(600, 'x'), false) +
                     masked(test::more, std::string(600, 'x'))),
            1009u);
  // Only the head of the frame: the length alone is enough.
  const auto head_of = [](std::uint64_t length) {
    return "\x81" + test::length_field(length, 0x80) + "abcd";
  };
  EXPECT_EQ(code_for(head_of(1u << 30)), 1009u);
  EXPECT_EQ(code_for(head_of((std::uint64_t{1} << 63) - 1)), 1009u);
  EXPECT_GE(code_for(head_of(~std::uint64_t{0})), 1002u);
  // A second fragment whose length and the first's make zero together.
  EXPECT_GE(code_for(masked(test::text, "x", false) + "\x80" +
                     test::length_field(~std::uint64_t{0}, 0x80) + "abcd"),
            1002u);
  EXPECT_THAT(owner.messages, IsEmpty());
}

TEST_F(WebSocketTest, RefusedFrames) {  // 7
  EXPECT_EQ(code_for("\x81\x03one"), 1002u);
  EXPECT_EQ(code_for(masked(test::text, "caf\xE9")), 1007u);
  EXPECT_EQ(code_for(masked(test::ping, std::string(126, 'x'))), 1002u);
  EXPECT_EQ(code_for(masked(test::ping, "x", false)), 1002u);
  EXPECT_EQ(code_for(masked(test::more, "of nothing")), 1002u);
  EXPECT_EQ(code_for(masked(test::text, "x", false) + masked(test::text, "y")), 1002u);
  EXPECT_EQ(code_for(masked(3, "x")), 1002u);
  EXPECT_EQ(code_for(masked(test::text | 0x40, "x")), 1002u);  // compressed, which nobody agreed
  EXPECT_EQ(code_for(masked(test::close, "x")), 1002u);
  EXPECT_THAT(owner.messages, IsEmpty());
}

TEST_F(WebSocketTest, RefusedAndStaying) {  // 7
  const auto client = upgraded();
  client.send("\x81\x03one");
  EXPECT_EQ(close_code(frame(client)), 1002u);
  advance(options.ping_interval + 1s);
  EXPECT_THAT(owner.closed, SizeIs(1)) << "it does not wait for ever for the peer to go";
  EXPECT_TRUE(until([&] { return server->web_sockets() == 1; }));
}

TEST_F(WebSocketTest, PeerCloses) {  // 8
  auto client = upgraded();
  client.send(masked(test::close, "\x03\xE9tab closed\n"));
  const auto answer = frame(client);
  EXPECT_EQ(close_code(answer), 1001u);
  EXPECT_TRUE(closed(client));
  client.close();
  ASSERT_TRUE(told_closed());
  EXPECT_THAT(owner.closed, ElementsAre("closed by peer (1001 tab closed\\x0a)"));
  owner.socket->send("too late");
  owner.socket.reset();
  EXPECT_TRUE(until([&] { return server->web_sockets() == 0; }));
  owner.closed.clear();
  upgraded().close();
  ASSERT_TRUE(told_closed());
  EXPECT_THAT(owner.closed, SizeIs(1));
}

TEST_F(WebSocketTest, Close) {  // 9
  const auto client = upgraded();
  const std::string large(3 << 20, 'x');  // more than the kernel takes at once
  owner.socket->send(large);
  owner.socket->close("that was all");
  owner.socket->send("nothing more");
  client.send(masked(test::text, "not heard"));
  EXPECT_EQ(frame(client).payload, large);
  const auto last = frame(client);
  EXPECT_EQ(close_code(last), 1000u);
  EXPECT_EQ(last.payload.substr(2), "that was all");
  client.send(masked(test::close, "\x03\xE8"));
  EXPECT_TRUE(closed(client));
  EXPECT_THAT(owner.closed, IsEmpty());
  EXPECT_THAT(owner.messages, IsEmpty());
}

TEST_F(WebSocketTest, CloseWithoutAnAnswer) {  // 9
  auto client = upgraded();
  owner.socket->close("bye");
  EXPECT_EQ(close_code(frame(client)), 1000u);
  advance(options.close_timeout + 10ms);
  EXPECT_TRUE(closed(client));
  owner.socket.reset();
  EXPECT_TRUE(until([&] { return server->web_sockets() == 0; }));
  const auto other = upgraded();
  owner.socket.reset();
  EXPECT_EQ(close_code(frame(other)), 1001u);
}

TEST_F(WebSocketTest, SlowReader) {  // 10
  options.max_unsent = 8 << 20;
  auto client = upgraded();
  const std::string piece(1 << 20, 'x');
  for (int i = 0; i < 20; ++i) {
    owner.socket->send(piece);
    EXPECT_THAT(owner.closed, IsEmpty());
  }
  EXPECT_LE(owner.socket->unsent(), options.max_unsent);
  ASSERT_TRUE(told_closed());
  EXPECT_THAT(owner.closed.front(), StartsWith("reads too slowly: "));
}

TEST_F(WebSocketTest, CloseAll) {  // 11
  const auto client = upgraded();
  server->close_all();
  EXPECT_EQ(close_code(frame(client)), 1001u);
  EXPECT_THAT(owner.closed, ElementsAre("the server stops"));
  client.send(masked(test::close, "\x03\xE9"));
  EXPECT_TRUE(closed(client));
}

TEST_F(WebSocketTest, OwnerActsInside) {  // 12
  owner.then = [this] { owner.socket->close("enough"); };
  auto client = upgraded();
  client.send(masked(test::text, "one") + masked(test::text, "two"));
  EXPECT_EQ(close_code(frame(client)), 1000u);
  EXPECT_THAT(owner.messages, ElementsAre("one"));
  client.close();
  owner.then = [this] { owner.socket.reset(); };
  owner.socket.reset();
  received.clear();
  const auto other = upgraded();
  other.send(masked(test::text, "three"));
  EXPECT_EQ(close_code(frame(other)), 1001u);
  EXPECT_THAT(owner.messages, ElementsAre("one", "three"));
}

TEST_F(WebSocketTest, Limit) {  // 2, 13
  options.max_web_sockets = 1;
  auto client = upgraded();
  const auto second = connect();
  EXPECT_THAT(ask(second, handshake), StartsWith("HTTP/1.1 503 "));
  EXPECT_EQ(server->web_sockets(), 1u);
  EXPECT_TRUE(closed(second));
  client.close();
  ASSERT_TRUE(told_closed());
  owner.socket.reset();
  ASSERT_TRUE(until([&] { return server->web_sockets() == 0; }));
  EXPECT_THAT(ask(connect(), handshake), StartsWith("HTTP/1.1 101 "));
}

TEST_F(WebSocketTest, Destruction) {  // 14
  const auto client = upgraded();
  owner.socket->send(std::string(6 << 20, 'x'));
  client.send(masked(test::text, "half", false));
  net::run_idle(shard);
  server.reset();
  owner.socket.reset();
}

TEST_F(WebSocketTest, OutlivesTheServer) {  // 14
  auto client = upgraded();
  server.reset();
  client.send(masked(test::text, "after"));
  ASSERT_TRUE(got(1));
  owner.socket->send("reply");
  EXPECT_EQ(frame(client).payload, "reply");
  client.close();
  ASSERT_TRUE(told_closed());
}

}  // namespace
}  // namespace missive::http

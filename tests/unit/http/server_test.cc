// HTTP requests over real loopback sockets; the client is a plain socket of the test's own.
//
//  1. A request gets its answer, with Server, Date, length and type; the handler sees it all.
//  2. A connection is kept for the next request; HTTP/1.0 and "Connection: close" end it.
//  3. Requests sent ahead are answered in their order, also when the first answer comes late.
//  4. 404 for an unknown path, 405 with Allow for a method, 400 for nonsense; HEAD has no body.
//  5. A header too large is 431, a body too large 413; the connection closes, the answer arrives.
//  6. A request that trickles in is 408 after session_inactivity; a silent connection just ends.
//  7. After session_keep_alive without a request the connection ends; 0 means one request each.
//  8. Chunked bodies and "Expect: 100-continue"; both lengths at once are refused.
//  9. sessionlimit and the limit per address refuse connections, and give room again.
// 10. A Responder that is dropped says 500; an answer after the connection has gone is lost.
// 11. Prefix, redirects, status page, no Server field without a name.
// 12. close_all() ends idle connections, and others after their answer.
// 13. Two shards get the connections in turn.
// 14. A reload changes limits and pages for connections that stand.
// 15. The server may be destroyed with connections in every state.
#include "http/server.h"

#include "unit/http/lab.h"

namespace missive::http {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

constexpr std::string_view get_x = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";

class ServerTest : public ServerLab {
 protected:
  void add_echo() {
    add("/x", [this](const Request& request, Responder responder) {
      seen.push_back(request);
      Response out;
      out.body = "this is x" + request.query;
      responder.answer(std::move(out));
    });
  }
  void add_late() {
    add("/late",
        [this](const Request&, Responder responder) { waiting.push_back(std::move(responder)); });
  }
  // Octets that were sent have arrived at the server: those on another connection have, too.
  void run_a_while() {
    auto other = connect();
    EXPECT_THAT(ask(other, "GET /nothing HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
                StartsWith("HTTP/1.1 404 "));
    other.close();
    EXPECT_TRUE(until([&] { return server->sessions() == 1; }));
  }
  std::vector<Request> seen;
  std::vector<Responder> waiting;
};

TEST_F(ServerTest, Answer) {  // 1
  add(
      "/ari",
      [this](const Request& request, Responder responder) {
        seen.push_back(request);
        Response out;
        out.status = 201;
        out.body = "{}";
        out.content_type = "application/json";
        out.fields.push_back({"Location", "/ari/1"});
        out.fields.push_back({"X-Forged", "a\r\nSet-Cookie: b"});
        responder.answer(std::move(out));
      },
      {"GET", "PUT"}, true);
  open(plain());
  const auto client = connect();
  const auto got = ask(client,
                       "PUT /ari/things?api_key=a:b&c=%20 HTTP/1.1\r\nHost: a\r\nX-One: 1\r\n"
                       "x-one: 2\r\nContent-Length: 5\r\n\r\nhello");
  EXPECT_THAT(got, StartsWith("HTTP/1.1 201 Created\r\n"));
  EXPECT_EQ(field_of(got, "Server"), "lab");
  EXPECT_EQ(field_of(got, "Date"), "Fri, 02 Jan 2026 00:00:00 GMT");
  EXPECT_EQ(field_of(got, "Content-Type"), "application/json");
  EXPECT_EQ(field_of(got, "Location"), "/ari/1");
  EXPECT_THAT(got, Not(HasSubstr("Set-Cookie")));
  EXPECT_EQ(body_of(got), "{}");
  ASSERT_EQ(seen.size(), 1u);
  const auto& request = seen.front();
  EXPECT_EQ(request.method, "PUT");
  EXPECT_EQ(request.path, "/ari/things");
  EXPECT_EQ(request.query, "api_key=a:b&c=%20");
  EXPECT_EQ(request.field("X-ONE"), "1");
  EXPECT_EQ(request.field("absent"), "");
  EXPECT_EQ(request.body, "hello");
  EXPECT_EQ(request.peer, net::address_of(client.fd()));
  EXPECT_EQ(request.local, server->local());
  EXPECT_FALSE(request.secure);
}

TEST_F(ServerTest, KeepAlive) {  // 2
  add_echo();
  open(plain());
  const auto client = connect();
  for (int i = 0; i < 3; ++i) {
    const auto got = ask(client, get_x);
    EXPECT_EQ(body_of(got), "this is x");
    EXPECT_EQ(field_of(got, "Connection"), "keep-alive");
  }
  EXPECT_EQ(server->sessions(), 1u);
  const auto last =
      ask(client, "GET http://a:80/x?y HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(body_of(last), "this is xy");
  EXPECT_EQ(field_of(last, "Connection"), "close");
  EXPECT_TRUE(closed(client));
  const auto old = connect();
  EXPECT_THAT(ask(old, "GET /x HTTP/1.0\r\n\r\n"), StartsWith("HTTP/1.0 200 OK\r\n"));
  EXPECT_TRUE(closed(old));
}

TEST_F(ServerTest, Pipelining) {  // 3
  add_echo();
  add_late();
  open(plain());
  const auto client = connect();
  client.send(
      "GET /late HTTP/1.1\r\nHost: a\r\n\r\nGET /x?1 HTTP/1.1\r\nHost: a\r\n\r\n"
      "GET /x?2 HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_TRUE(until([&] { return !waiting.empty(); }));
  net::run_idle(shard);
  EXPECT_THAT(seen, IsEmpty()) << "the second one waits for the answer to the first";
  EXPECT_EQ(client.read_now(), "");
  Response late;
  late.body = "late";
  waiting.front().answer(std::move(late));
  EXPECT_EQ(body_of(answer(client)), "late");
  EXPECT_EQ(body_of(answer(client)), "this is x1");
  EXPECT_EQ(body_of(answer(client)), "this is x2");
}

TEST_F(ServerTest, Refusals) {  // 4
  add_echo();
  open(plain());
  const auto client = connect();
  EXPECT_EQ(ask(client, "GET /xy HTTP/1.1\r\nHost: a\r\n\r\n").substr(0, 22),
            "HTTP/1.1 404 Not Found");
  const auto refused = ask(client, "DELETE /x HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(refused, StartsWith("HTTP/1.1 405 "));
  EXPECT_EQ(field_of(refused, "Allow"), "GET");
  client.send("HEAD /x HTTP/1.1\r\nHost: a\r\n\r\n");
  std::string head;
  ASSERT_TRUE(until([&] {
    head += client.read_now();
    return head.ends_with("\r\n\r\n");
  }));
  EXPECT_EQ(field_of(head, "Content-Length"), "9");
  EXPECT_EQ(body_of(ask(client, get_x)), "this is x");
  EXPECT_THAT(ask(client, "GET * HTTP/1.1\r\nHost: a\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  for (const std::string_view nonsense :
       {"\x16\x03\x01\x02", "GET\r\n\r\n", "GET /x HTTP/9.9\r\n\r\n",
        "GET /x HTTP/1.1\r\nbad\r\n\r\n", "GET /x HTTP/1.1\r\nA: \x01\r\n\r\n"}) {
    const auto other = connect();
    EXPECT_THAT(ask(other, nonsense), StartsWith("HTTP/1.1 400 ")) << nonsense;
    EXPECT_TRUE(closed(other));
  }
}

TEST_F(ServerTest, TooLarge) {  // 5
  add("/x", [](const Request&, Responder) {}, {"POST"});
  options.max_body = 1000;
  open(plain());
  const auto head = connect();
  const std::string filler(options.max_header, 'a');
  EXPECT_THAT(ask(head, "GET /x HTTP/1.1\r\nHost: a\r\nX: " + filler + "\r\n\r\n"),
              StartsWith("HTTP/1.1 431 "));
  EXPECT_TRUE(closed(head));
  const auto target = connect();
  EXPECT_THAT(ask(target, "GET /" + filler + " HTTP/1.1\r\n"), StartsWith("HTTP/1.1 431 "));
  const auto body = connect();
  EXPECT_THAT(ask(body, "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n" +
                            std::string(1001, 'b')),
              StartsWith("HTTP/1.1 413 "));
  EXPECT_TRUE(closed(body));
  const auto chunked = connect();
  EXPECT_THAT(
      ask(chunked, "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" +
                       std::string(1001, 'b') + "\r\n0\r\n\r\n"),
      StartsWith("HTTP/1.1 413 "));
}

TEST_F(ServerTest, SlowRequest) {  // 6
  add_echo();
  open(plain());
  for (const std::string_view part :
       {"GET /x HT", "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe"}) {
    const auto slow = connect();
    slow.send(part);
    ASSERT_TRUE(until([&] { return server->sessions() == 1; }));
    run_a_while();
    advance(29s);
    slow.send("l");
    EXPECT_EQ(slow.read_now(), "");
    advance(2s);
    EXPECT_THAT(answer(slow), StartsWith("HTTP/1.1 408 ")) << part;
    advance(3s);
    EXPECT_TRUE(closed(slow));
    EXPECT_TRUE(until([&] { return server->sessions() == 0; }));
  }
  const auto silent = connect();
  ASSERT_TRUE(until([&] { return server->sessions() == 1; }));
  advance(31s);
  EXPECT_EQ(answer(silent), "");
  EXPECT_EQ(server->sessions(), 0u);
}

TEST_F(ServerTest, KeepAliveEnds) {  // 7
  add_echo();
  open(plain());
  const auto client = connect();
  ask(client, get_x);
  advance(14s);
  EXPECT_EQ(body_of(ask(client, get_x)), "this is x");
  advance(16s);
  EXPECT_TRUE(closed(client));
  auto once = plain();
  once.session_keep_alive = 0ms;
  ASSERT_TRUE(server->reload(std::make_shared<const Configuration>(once)));
  const auto other = connect();
  EXPECT_EQ(field_of(ask(other, get_x), "Connection"), "close");
  EXPECT_TRUE(closed(other));
}

TEST_F(ServerTest, Bodies) {  // 8
  add("/post",
      [](const Request& request, Responder responder) {
        Response out;
        out.body = request.body;
        responder.answer(std::move(out));
      },
      {"POST"});
  open(plain());
  const auto client = connect();
  EXPECT_EQ(body_of(ask(client,
                        "POST /post HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                        "2\r\nab\r\n1\r\nc\r\n0\r\n\r\n")),
            "abc");
  EXPECT_EQ(ask(client,
                "POST /post HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
                "Content-Length: 2\r\n\r\n"),
            "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(body_of(ask(client, "de")), "de");
  const auto smuggler = connect();
  EXPECT_THAT(ask(smuggler,
                  "POST /post HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n"
                  "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
              StartsWith("HTTP/1.1 400 "));
}

TEST_F(ServerTest, Limits) {  // 9
  add_echo();
  auto configuration = plain();
  configuration.session_limit = 2;
  open(configuration);
  {
    const auto one = connect();
    const auto two = connect();
    ask(one, get_x);
    ask(two, get_x);
    const auto three = connect();
    EXPECT_TRUE(closed(three));
    EXPECT_EQ(server->sessions(), 2u);
  }
  ASSERT_TRUE(until([&] { return server->sessions() == 0; }));
  EXPECT_EQ(body_of(ask(connect(), get_x)), "this is x");
}

TEST_F(ServerTest, LimitPerAddress) {  // 9
  add_echo();
  options.max_per_address = 1;
  open(plain());
  {
    const auto one = connect();
    ask(one, get_x);
    EXPECT_TRUE(closed(connect()));
  }
  ASSERT_TRUE(until([&] { return server->sessions() == 0; }));
  EXPECT_EQ(body_of(ask(connect(), get_x)), "this is x");
}

TEST_F(ServerTest, Responders) {  // 10
  add("/dropped", [](const Request&, Responder) {});
  add_late();
  open(plain());
  const auto client = connect();
  EXPECT_THAT(ask(client, "GET /dropped HTTP/1.1\r\nHost: a\r\n\r\n"), StartsWith("HTTP/1.1 500 "));
  client.send("GET /late HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_TRUE(until([&] { return waiting.size() == 1; }));
  server.reset();
  waiting.front().answer({});
  waiting.clear();
  EXPECT_TRUE(closed(client));
}

TEST_F(ServerTest, Pages) {  // 11
  add_echo();
  auto configuration = plain();
  configuration.prefix = "/pbx";
  configuration.server_name.clear();
  configuration.status_page = true;
  configuration.redirects.push_back({"/", "/pbx/httpstatus"});
  open(configuration);
  const auto client = connect();
  const auto moved = ask(client, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(moved, StartsWith("HTTP/1.1 302 Found\r\n"));
  EXPECT_EQ(field_of(moved, "Location"), "/pbx/httpstatus");
  EXPECT_THAT(moved, Not(HasSubstr("Server:")));
  const auto status = ask(client, "GET /pbx/httpstatus HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(status, AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), HasSubstr(server->local().str()),
                            HasSubstr("<td>1 of 100</td>"), HasSubstr("not served")));
  EXPECT_EQ(field_of(status, "Content-Type"), "text/html; charset=utf-8");
  EXPECT_THAT(ask(client, "POST /pbx/httpstatus HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"),
              StartsWith("HTTP/1.1 405 "));
  EXPECT_EQ(body_of(ask(client, "GET /pbx/x HTTP/1.1\r\nHost: a\r\n\r\n")), "this is x");
  EXPECT_EQ(seen.front().path, "/x");
  EXPECT_THAT(ask(client, get_x), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(ask(client, "GET /pbxx HTTP/1.1\r\nHost: a\r\n\r\n"), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(ask(client, "GET /pbx HTTP/1.1\r\nHost: a\r\n\r\n"), StartsWith("HTTP/1.1 404 "));
}

TEST_F(ServerTest, CloseAll) {  // 12
  add_echo();
  add_late();
  open(plain());
  const auto where = server->local();
  const auto idle = connect();
  ask(idle, get_x);
  auto busy = connect();
  busy.send("GET /late HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_TRUE(until([&] { return waiting.size() == 1; }));
  server->close_all();
  EXPECT_TRUE(closed(idle));
  EXPECT_TRUE(until([&] { return server->sessions() == 1; }));
  waiting.front().answer({});
  EXPECT_EQ(field_of(answer(busy), "Connection"), "close");
  EXPECT_TRUE(closed(busy));
  busy.close();
  EXPECT_TRUE(until([&] { return server->sessions() == 0; }));
  const PlainSocket late(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  EXPECT_NE(::connect(late.fd(), where.data(), where.size()), 0) << "nobody listens any more";
}

TEST_F(ServerTest, Shards) {  // 13
  net::Shard second{1, clock};
  std::vector<unsigned> served;
  Route route;
  route.path = "/x";
  route.methods = {"GET"};
  route.handle = [&](net::Shard& on, const Request&, Responder responder) {
    served.push_back(on.index());
    responder.answer({});
  };
  routes.add(std::move(route));
  server = std::make_unique<Server>(std::vector<net::Shard*>{&shard, &second}, std::move(routes),
                                    options);
  ASSERT_TRUE(server->open(std::make_shared<const Configuration>(plain())));
  std::vector<PlainSocket> clients;
  for (int i = 0; i < 4; ++i) {
    clients.push_back(connect());
    clients.back().send(get_x);
    ASSERT_TRUE(until([&] {
      second.run_once();
      return served.size() == clients.size();
    }));
  }
  EXPECT_THAT(served, ElementsAre(0, 1, 0, 1));
  EXPECT_EQ(server->sessions(), 4u);
  server.reset();
}

TEST_F(ServerTest, Reload) {  // 14
  add_echo();
  open(plain());
  const auto client = connect();
  EXPECT_THAT(ask(client, "GET /httpstatus HTTP/1.1\r\nHost: a\r\n\r\n"),
              StartsWith("HTTP/1.1 404 "));
  auto changed = plain();
  changed.status_page = true;
  changed.session_limit = 1;
  ASSERT_TRUE(server->reload(std::make_shared<const Configuration>(changed)));
  net::run_idle(shard);
  EXPECT_THAT(ask(client, "GET /httpstatus HTTP/1.1\r\nHost: a\r\n\r\n"), HasSubstr("1 of 1<"));
  EXPECT_TRUE(closed(connect()));
}

TEST_F(ServerTest, Destruction) {  // 15
  add_echo();
  add_late();
  open(plain());
  const auto fresh = connect();
  const auto idle = connect();
  ask(idle, get_x);
  const auto reading = connect();
  reading.send("GET /");
  const auto busy = connect();
  busy.send("GET /late HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto closing = connect();
  closing.send("nonsense\r\n\r\n");
  ASSERT_TRUE(until([&] { return waiting.size() == 1 && server->sessions() == 5; }));
  net::run_idle(shard);
  server.reset();
  net::run_idle(shard);
}

TEST_F(ServerTest, NotEnabled) {
  auto off = plain();
  off.enabled = false;
  open(off);
  EXPECT_FALSE(server->local().is_set());
  const auto taken = net::tcp_listener();
  auto on = plain();
  on.bind = net::address_of(taken.fd());
  Server other({&shard}, {}, options);
  const auto opened = other.open(std::make_shared<const Configuration>(on));
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().text, EndsWith("Address already in use"));
}

}  // namespace
}  // namespace missive::http

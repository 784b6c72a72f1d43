// The server on real loopback sockets, its shards turned by hand, with a manual clock.
//
// 1. Banner, login and actions on every shard; a client that closes its half gets its replies.
// 2. The reply to a wrong secret and the end of a silent client come by the shard's timer.
// 3. max_sessions and authlimit: one clear line, then the end; places become free again.
// 4. Events reach the sessions of every shard; disabledevents nobody; MessageStatus as its
//    fields say; nothing is wanted when nobody listens.
// 5. A client that does not read is cut off at max_unsent, one that stands still at its
//    writetimeout; one that reads slowly is not.
// 6. reload(): new users, another port, enabled=no, a port that cannot be had.
// 7. The orderly stop: Shutdown is told, the pending reply comes, connections end.
// 8. With each shard on its own thread: every client gets the events of all, across a reload
//    and to the end (what ThreadSanitizer looks at).
// 9. A port in use is an error of one line; enabled=no listens to nothing.
#include "ami/server.h"

#include <gmock/gmock.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "unit/ami/harness.h"

namespace missive::ami {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

std::string server_conf(std::string_view general = "") {
  return fmt::format(
      "[general]\nenabled=yes\nbindaddr=127.0.0.1\nport=0\ndisplayconnects=no\n{}\n"
      "[a]\nsecret=a\nread=all\nwrite=all\n"
      "[slow]\nsecret=slow\nread=user\nwrite=all\nwritetimeout=1000\n",
      general);
}

class Socket {
 public:
  explicit Socket(const net::Address& to, int receive_buffer = 0)
      : fd_(::socket(to.family(), SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (receive_buffer > 0) {
      ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    }
    connected_ = ::connect(fd_, to.data(), to.size()) == 0;
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() { ::close(fd_); }

  bool connected() const { return connected_; }
  void send(std::string_view octets) {
    EXPECT_EQ(::send(fd_, octets.data(), octets.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(octets.size()));
  }
  void half_close() { ::shutdown(fd_, SHUT_WR); }
  // Adds what is there to text(), as far as the room goes.
  void receive() {
    char room[32 * 1024];
    const auto got = ::recv(fd_, room, sizeof room, MSG_DONTWAIT);
    if (got == 0 || (got < 0 && errno != EAGAIN)) ended_ = true;
    if (got > 0) text_.append(room, static_cast<std::size_t>(got));
  }
  // These two wait, for tests with threads; they fail after ten seconds of silence.
  bool wait_for(std::string_view text, int times) {
    do {
      int found = 0;
      for (auto at = text_.find(text); at != std::string::npos; at = text_.find(text, at + 1))
        ++found;
      if (found >= times) return true;
    } while (receive_waiting());
    return false;
  }
  bool wait_for_end() {
    while (receive_waiting()) {
    }
    return ended_;
  }
  const std::string& text() const { return text_; }
  bool ended() const { return ended_; }

 private:
  bool receive_waiting() {
    const timeval patience{10, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    char room[4096];
    const auto got = ::recv(fd_, room, sizeof room, 0);
    ended_ = ended_ || got == 0;
    if (got > 0) text_.append(room, static_cast<std::size_t>(got));
    return got > 0;
  }

  int fd_;
  bool connected_ = false;
  bool ended_ = false;
  std::string text_;
};

class ServerTest : public testing::Test {
 protected:
  void start(std::string_view conf, conf::MissiveConf::Ami limits = {}) {
    for (auto& sender : senders_) sender.add(technology_);
    server_ = std::make_unique<Server>(
        ServerContext{{&shards_[0], &shards_[1]}, {&senders_[0], &senders_[1]}, limits},
        configuration_from(conf));
    const auto listening = server_->listen();
    ASSERT_TRUE(listening) << listening.error().text;
  }

  void turn() {
    for (auto& shard : shards_) shard.run_once();
  }
  // Turns until the condition holds; false when it never does.
  template <class Condition>
  bool until(Condition condition) {
    for (int i = 0; i < 3000; ++i) {
      if (condition()) return true;
      turn();
    }
    return condition();
  }
  bool says(Socket& socket, std::string_view text) {
    return until([&] {
      socket.receive();
      return socket.text().find(text) != std::string::npos;
    });
  }
  bool ends(Socket& socket) {
    return until([&] {
      socket.receive();
      return socket.ended();
    });
  }
  std::unique_ptr<Socket> log_in(std::string_view user = "a", std::string_view events = "off",
                                 int receive_buffer = 0) {
    auto socket = std::make_unique<Socket>(server_->local(), receive_buffer);
    socket->send(fmt::format("Action: Login\r\nUsername: {}\r\nSecret: {}\r\nEvents: {}\r\n\r\n",
                             user, user, events));
    EXPECT_TRUE(says(*socket, "Authentication accepted\r\n\r\n"));
    return socket;
  }
  void publish(std::size_t octets) {
    Event event;
    auto& talker = *talker_;
    talker.send("Action: UserEvent\r\nUserEvent: E\r\nFill: " + std::string(octets, 'f') +
                "\r\n\r\n");
    const auto before = talker.text().size();
    EXPECT_TRUE(until([&] {
      talker.receive();
      return talker.text().size() > before;
    }));
    turn();
    turn();
  }

  base::ManualClock clock_;
  net::Shard shards_[2]{{0, clock_}, {1, clock_}};
  FakeTechnology technology_;
  message::MessageEvents message_events_;
  message::Sender senders_[2]{message::Sender{message_events_}, message::Sender{message_events_}};
  std::unique_ptr<Server> server_;
  std::unique_ptr<Socket> talker_;
};

TEST_F(ServerTest, ServesEveryShard) {
  start(server_conf());
  for (int i = 0; i < 4; ++i) {
    const auto socket = log_in();
    EXPECT_THAT(socket->text(), StartsWith("Asterisk Call Manager/9.0.0\r\nResponse: Success\r\n"));
    socket->send("Action: MessageSend\r\nTo: pjsip:x\r\nActionID: m\r\n\r\nAction: Ping\r\n\r\n");
    socket->half_close();
    EXPECT_TRUE(ends(*socket));
    EXPECT_THAT(socket->text(), HasSubstr("ActionID: m\r\nMessage: Message successfully sent\r\n"));
    EXPECT_THAT(socket->text(), HasSubstr("Ping: Pong\r\n"));
  }
  EXPECT_EQ(technology_.sent.size(), 4u);
  EXPECT_TRUE(until([this] { return server_->sessions() == 0; }));
}

TEST_F(ServerTest, EndsWhatFailsByTheClock) {
  start(server_conf());
  Socket wrong(server_->local()), silent(server_->local());
  wrong.send("Action: Login\r\nUsername: a\r\nSecret: x\r\n\r\n");
  EXPECT_TRUE(says(wrong, "9.0.0\r\n"));
  EXPECT_TRUE(says(silent, "9.0.0\r\n"));
  for (int i = 0; i < 20; ++i) turn();  // the login has been read
  clock_.advance(990ms);
  for (int i = 0; i < 20; ++i) turn();
  wrong.receive();
  EXPECT_EQ(wrong.text(), "Asterisk Call Manager/9.0.0\r\n");
  clock_.advance(20ms);
  EXPECT_TRUE(ends(wrong));
  EXPECT_THAT(wrong.text(), EndsWith("Message: Authentication failed\r\n\r\n"));
  clock_.advance(29s);
  EXPECT_TRUE(ends(silent));
  EXPECT_THAT(silent.text(), EndsWith("Message: Not logged in in time\r\n\r\n"));
}

TEST_F(ServerTest, LimitsSessions) {
  conf::MissiveConf::Ami limits;
  limits.max_sessions = 3;
  start(server_conf("authlimit=2"), limits);
  auto first = log_in();
  Socket second(server_->local()), third(server_->local());
  EXPECT_TRUE(says(third, "9.0.0"));
  Socket fourth(server_->local());
  EXPECT_TRUE(ends(fourth));
  EXPECT_EQ(fourth.text(), "Response: Error\r\nMessage: Too many sessions, 3 at most\r\n\r\n");
  first.reset();
  EXPECT_TRUE(until([this] { return server_->sessions() == 2; }));
  Socket fifth(server_->local());
  EXPECT_TRUE(ends(fifth));
  EXPECT_EQ(
      fifth.text(),
      "Response: Error\r\nMessage: Too many sessions that have not logged in, 2 at most\r\n\r\n");
  second.send("Action: Login\r\nUsername: a\r\nSecret: a\r\n\r\n");
  EXPECT_TRUE(says(second, "accepted"));
  Socket sixth(server_->local());
  EXPECT_TRUE(says(sixth, "9.0.0"));
}

TEST_F(ServerTest, SpreadsEventsOverShards) {
  start(server_conf("disabledevents=UserEvent"));
  EXPECT_FALSE(server_->wants_message_status());
  auto one = log_in("a", "on"), two = log_in("a", "message"), deaf = log_in("a", "off");
  EXPECT_TRUE(server_->wants_message_status());
  one->send("Action: UserEvent\r\nUserEvent: disabled\r\n\r\n");
  EXPECT_TRUE(says(*one, "Event Sent"));
  const auto message = message::Message::create({"id-1", "pjsip:bob", "", "", "x", {}, "a-1"});
  server_->on_message_status(
      *message, {message::Status::State::failed, 486, "Busy\r\nHere", "sip:bob@127.0.0.1", 3});
  const std::string event =
      "Event: MessageStatus\r\nPrivilege: message,all\r\nMessageID: id-1\r\nActionID: a-1\r\n"
      "Destination: pjsip:bob\r\nContact: sip:bob@127.0.0.1\r\nStatus: failed\r\nResponseCode: "
      "486\r\n"
      "ResponseText: Busy\\x0d\\x0aHere\r\nAttempt: 3\r\n\r\n";
  EXPECT_TRUE(says(*one, event));
  EXPECT_TRUE(says(*two, event));
  const std::vector<message::ContactResult> results{{"sip:a@127.0.0.1", 486, "Busy \"now\"\r\n"},
                                                    {"sip:b@127.0.0.1", 200, "OK"}};
  server_->on_message_status(*message, {.state = message::Status::State::delivered,
                                        .response_code = 200,
                                        .response_text = "OK",
                                        .contact = "sip:b@127.0.0.1",
                                        .results = results});
  EXPECT_TRUE(says(*one,
                   "\r\nAttempt: 1\r\n"
                   "ContactResult: <sip:a@127.0.0.1>;code=486;text=\"Busy \\\"now\\\"  \"\r\n"
                   "ContactResult: <sip:b@127.0.0.1>;code=200;text=\"OK\"\r\n\r\n"));
  deaf->receive();
  EXPECT_THAT(deaf->text(), Not(HasSubstr("MessageStatus")));
  EXPECT_THAT(one->text(), Not(HasSubstr("Event: UserEvent")));
  one.reset();
  two.reset();
  EXPECT_TRUE(until([this] { return !server_->wants_message_status(); }));
}

TEST_F(ServerTest, CutsOffWhoDoesNotRead) {
  conf::MissiveConf::Ami limits;
  limits.max_unsent = 4 << 20;
  start(server_conf(), limits);
  talker_ = log_in();
  auto listener = log_in("a", "user", 4096);
  std::size_t published = 0;
  while (server_->sessions() == 2 && published < 64 << 20) {
    publish(500'000);
    published += 500'000;
  }
  EXPECT_EQ(server_->sessions(), 1u);
  EXPECT_GE(published, limits.max_unsent);
}

TEST_F(ServerTest, CutsOffWhoStandsStill) {
  start(server_conf());
  talker_ = log_in();
  auto still = log_in("slow", "user", 4096), slow = log_in("slow", "user");
  for (int i = 0; i < 12; ++i) publish(500'000);
  // A megabyte every 300 ms, until all has come.
  for (int i = 0; i < 20 && slow->text().size() < 6'000'000; ++i) {
    const auto goal = std::min<std::size_t>(slow->text().size() + 1'000'000, 6'000'000);
    ASSERT_TRUE(until([&] {
      slow->receive();
      return slow->text().size() >= goal;
    }));
    clock_.advance(300ms);
    for (int t = 0; t < 5; ++t) turn();
  }
  for (int i = 0; i < 10; ++i) {  // time for the next check, and for one more
    clock_.advance(300ms);
    for (int t = 0; t < 5; ++t) turn();
  }
  slow->receive();
  EXPECT_FALSE(slow->ended());
  EXPECT_GE(slow->text().size(), 6'000'000u);
  EXPECT_EQ(server_->sessions(), 2u);
  EXPECT_TRUE(ends(*still));
  EXPECT_LT(still->text().size(), 6'000'000u);
}

TEST_F(ServerTest, Reloads) {
  start(server_conf());
  auto watcher = log_in("a", "system");
  server_->reload(configuration_from(server_conf() + "[new]\nsecret=new\nread=all\n"));
  server_->announce_reload("All", 0);
  EXPECT_TRUE(
      says(*watcher, "Event: Reload\r\nPrivilege: system,all\r\nModule: All\r\nStatus: 0\r\n\r\n"));
  const auto before = server_->local();
  log_in("new");

  const base::WallTime reloaded = server_->shared().reloaded;
  server_->announce_reload("All", 3);
  EXPECT_TRUE(says(*watcher, "Module: All\r\nStatus: 3\r\n\r\n"));
  EXPECT_EQ(server_->shared().reloaded.load(), reloaded);

  const Socket holder(before);  // keeps a connection of the old port
  auto other = server_conf();
  other.replace(other.find("port=0"), 6, "bindaddr=127.0.0.2\nport=0");
  server_->reload(configuration_from(other));
  EXPECT_TRUE(until([&] { return server_->local().ip() == "127.0.0.2"; }));
  EXPECT_FALSE(Socket(before).connected());
  log_in();

  const auto same_port = fmt::format("port={}", server_->local().port());
  other.replace(other.find("port=0"), 6, "bindaddr=0.0.0.0\n" + same_port);
  server_->reload(configuration_from(other));  // free once the old one is let go
  EXPECT_TRUE(until([&] { return server_->local().ip() == "0.0.0.0"; }));
  log_in();

  for (const auto& port : {same_port, std::string("port=9")}) {
    const auto elsewhere = server_conf("bindaddr=192.0.2.1\n" + port);
    server_->reload(configuration_from(elsewhere));  // not an address of this machine
    for (int i = 0; i < 20; ++i) turn();
    EXPECT_EQ(server_->local().ip(), "0.0.0.0");
    EXPECT_EQ(fmt::format("port={}", server_->local().port()), same_port);
    log_in();
  }

  server_->reload(configuration_from("[general]\nenabled=no\n"));
  EXPECT_TRUE(until([&] { return !server_->local().is_set(); }));
  watcher->send("Action: Ping\r\n\r\n");
  EXPECT_TRUE(says(*watcher, "Pong"));
}

TEST_F(ServerTest, StopsInOrder) {
  start(server_conf());
  technology_.delayed = true;
  auto busy = log_in("a", "system"), calm = log_in("a", "system");
  busy->send("Action: MessageSend\r\nTo: pjsip:x\r\nActionID: last\r\n\r\n");
  EXPECT_TRUE(until([this] { return technology_.sent.size() == 1; }));
  const auto address = server_->local();
  server_->stop_accepting();
  EXPECT_FALSE(server_->idle());
  EXPECT_TRUE(says(*calm,
                   "Event: Shutdown\r\nPrivilege: system,all\r\nShutdown: Cleanly\r\n"
                   "Restart: False\r\n\r\n"));
  EXPECT_FALSE(Socket(address).connected());
  calm->send("Action: MessageSend\r\nTo: pjsip:late\r\n\r\n");
  for (int i = 0; i < 20; ++i) turn();
  EXPECT_EQ(technology_.sent.size(), 1u);
  EXPECT_FALSE(server_->idle());
  technology_.hand_over(0);
  EXPECT_TRUE(until([this] { return server_->idle(); }));
  server_->close_all();
  EXPECT_TRUE(ends(*busy));
  EXPECT_TRUE(ends(*calm));
  EXPECT_THAT(busy->text(), HasSubstr("ActionID: last\r\nMessage: Message successfully sent"));
  EXPECT_TRUE(until([this] { return server_->sessions() == 0; }));
}

TEST(ServerThreads, CarryEventsToEverybody) {
  constexpr int clients = 4;
  constexpr int each = 25;
  const base::SystemClock clock;
  net::Shard shards[2]{{0, clock}, {1, clock}};
  FakeTechnology technologies[2];
  const message::MessageEvents events;
  message::Sender senders[2]{message::Sender{events}, message::Sender{events}};
  for (int i = 0; i < 2; ++i) senders[i].add(technologies[i]);
  Server server({{&shards[0], &shards[1]}, {&senders[0], &senders[1]}, {}},
                configuration_from(server_conf()));
  ASSERT_TRUE(server.listen());
  const auto address = server.local();
  std::vector<std::thread> threads;
  for (auto& shard : shards) threads.emplace_back([&shard] { shard.run(); });

  std::vector<std::unique_ptr<Socket>> sockets;
  for (int i = 0; i < clients; ++i) {
    sockets.push_back(std::make_unique<Socket>(address));
    sockets.back()->send("Action: Login\r\nUsername: a\r\nSecret: a\r\nEvents: user\r\n\r\n");
    EXPECT_TRUE(sockets.back()->wait_for("accepted\r\n\r\n", 1));
  }
  for (int i = 0; i < each; ++i) {
    for (auto& socket : sockets) {
      socket->send(
          "Action: UserEvent\r\nUserEvent: E\r\n\r\n"
          "Action: MessageSend\r\nTo: pjsip:x\r\n\r\n");
    }
    if (i == each / 2) server.reload(configuration_from(server_conf("timestampevents=yes")));
  }
  for (auto& socket : sockets) {
    EXPECT_TRUE(socket->wait_for("Event: UserEvent\r\n", clients * each));
    EXPECT_TRUE(socket->wait_for("Message successfully sent\r\n", each));
  }
  server.stop_accepting();
  server.close_all();
  for (auto& socket : sockets) EXPECT_TRUE(socket->wait_for_end());
  for (auto& shard : shards) shard.stop();
  for (auto& thread : threads) thread.join();
  EXPECT_TRUE(server.idle());
}

TEST_F(ServerTest, SaysWhyItCannotListen) {
  start(server_conf());
  Server second({{&shards_[0]}, {&senders_[0]}, {}},
                configuration_from(
                    fmt::format("[general]\nenabled=yes\nbindaddr={}\n", server_->local().str())));
  const auto failed = second.listen();
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().text, HasSubstr(server_->local().str()));
  EXPECT_THAT(failed.error().text, testing::ContainsRegex("in use"));
  Server off({{&shards_[0]}, {&senders_[0]}, {}}, configuration_from("[general]\n"));
  EXPECT_TRUE(off.listen());
  EXPECT_FALSE(off.local().is_set());
}

}  // namespace
}  // namespace missive::ami

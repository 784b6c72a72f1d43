// The local socket: a server on a shard, consoles as threads of their own would be.
//
// 1. the socket is its user's alone; an old one is replaced, one in use is not; it goes with the
//    server; a path longer than an address has room for
// 2. hello; commands are answered in order, also those that come at once and those that take time
// 3. completion; an unknown kind is passed over; what is no frame ends the connection
// 4. who follows sees the log at its levels, and packets; who does not sees neither
// 5. a console that does not read misses entries, and is told; the others miss none
// 6. more consoles than there may be are refused
#include "console/server.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "net/local_socket.h"
#include "unit/store/temporary_folder.h"

namespace missive::console {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

struct Seen {
  std::string kind, text;
  bool operator==(const Seen&) const = default;
};
void PrintTo(const Seen& seen, std::ostream* out) { *out << seen.kind << ": " << seen.text; }

class Console {
 public:
  explicit Console(const std::filesystem::path& path) {
    const auto fd = net::connect_local(path);
    EXPECT_TRUE(fd) << (fd ? "" : fd.error().text);
    fd_ = fd.value_or(-1);
    ::fcntl(fd_, F_SETFL, O_NONBLOCK);
  }
  ~Console() { ::close(fd_); }
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;

  void send(std::string_view octets) {
    ASSERT_EQ(::send(fd_, octets.data(), octets.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(octets.size()));
  }
  void ask(std::string_view kind, std::string_view text) {
    std::string wire;
    append_frame(wire, kind, text);
    send(wire);
  }
  // What has come; false once the server has closed.
  bool receive() {
    char octets[65536];
    for (;;) {
      const auto count = ::recv(fd_, octets, sizeof octets, 0);
      if (count == 0) return false;
      if (count < 0) return true;
      in_.append(octets, static_cast<std::size_t>(count));
    }
  }
  std::vector<Seen> frames() {
    std::vector<Seen> out;
    std::string_view rest = in_;
    for (;;) {
      const auto frame = take_frame(rest, 1 << 24);
      if (!frame || !*frame) break;
      out.push_back({std::string((*frame)->kind), std::string((*frame)->text)});
    }
    in_.erase(0, in_.size() - rest.size());
    return out;
  }

 private:
  int fd_;
  std::string in_;
};

struct ServerTest : testing::Test {
  ServerTest() {
    service.registry().add({"say", "WORD", 0, 3, "", at_once([](const Call& call) {
                              return call.arguments.empty() ? failure("what?")
                                                            : success(call.arguments[0] + "\n");
                            })});
    service.registry().add(
        {"later", "", 0, 0, "", [this](Call call) { waiting = std::move(call.answer); }});
    service.registry().add({"level", "", 2, 2, "", at_once([](const Call& call) {
                              call.terminal->show_levels(*base::log_level_named(call.arguments[0]),
                                                         call.arguments[1] == "on");
                              return success("");
                            })});
    EXPECT_TRUE(server->open(path));
  }
  void turn() {
    for (int i = 0; i < 10; ++i) shard.run_once();
  }
  std::vector<Seen> frames_of(Console& console) {
    turn();
    console.receive();
    return console.frames();
  }
  std::unique_ptr<Console> connect() {
    auto console = std::make_unique<Console>(path);
    const auto hello = frames_of(*console);
    EXPECT_EQ(hello.size(), 1u);
    if (!hello.empty()) {
      EXPECT_EQ(hello[0].kind, "hello");
    }
    return console;
  }

  store::test::TemporaryFolder folder;
  const std::filesystem::path path = folder.file("missive.ctl");
  base::ManualClock clock;
  net::Shard shard{0, clock};
  Feed feed{shard};
  Service service{shard};
  std::unique_ptr<Server> server = std::make_unique<Server>(service, feed);
  Answer waiting;
};

TEST_F(ServerTest, IsItsUsersAlone) {
  struct stat found {};
  ASSERT_EQ(::stat(path.c_str(), &found), 0);
  EXPECT_TRUE(S_ISSOCK(found.st_mode));
  EXPECT_EQ(found.st_mode & 0777, 0600u);

  Server other(service, feed);
  const auto opened = other.open(path);
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().text, HasSubstr("a server is running there"));
  EXPECT_EQ(::stat(path.c_str(), &found), 0);

  server.reset();
  EXPECT_NE(::stat(path.c_str(), &found), 0);
  const auto left = net::listen_local(path);
  ASSERT_TRUE(left);
  ::close(*left);  // as a process that was killed leaves it
  EXPECT_TRUE(other.open(path));
  EXPECT_FALSE(other.open(folder.file("no/such/folder")));
}

TEST_F(ServerTest, HasRoomForLongPaths) {
  auto deep = std::filesystem::path(folder.file(std::string(100, 'a'))) / std::string(100, 'b');
  std::filesystem::create_directories(deep);
  Server other(service, feed);
  const auto opened = other.open(deep / "missive.ctl");
  ASSERT_TRUE(opened) << opened.error().text;
  Console console(deep / "missive.ctl");
  EXPECT_EQ(frames_of(console).size(), 1u);
}

TEST_F(ServerTest, AnswersInOrder) {
  auto console = connect();
  console->ask("run", "say one");
  console->ask("run", "later");
  console->ask("run", "say");
  EXPECT_THAT(frames_of(*console), ElementsAre(Seen{"output", "one\n"}, Seen{"done", "ok"}));
  waiting(success("at last"));
  EXPECT_THAT(frames_of(*console), ElementsAre(Seen{"output", "at last\n"}, Seen{"done", "ok"},
                                               Seen{"output", "what?\n"}, Seen{"done", "error"}));
  console->ask("run", "later");
  turn();
  console.reset();
  turn();
  waiting(success("too late"));
  turn();
}

TEST_F(ServerTest, CompletesAndRefuses) {
  auto console = connect();
  console->ask("complete", "l");
  console->ask("whatever", "x");
  EXPECT_THAT(frames_of(*console), ElementsAre(Seen{"choices", "later\nlevel"}));
  console->send("a line that is far too long for a frame\r\n\r\n");
  EXPECT_THAT(frames_of(*console),
              ElementsAre(Seen{"output", "that is no console\n"}, Seen{"done", "error"}));
  EXPECT_FALSE(console->receive());
}

TEST_F(ServerTest, ShowsWhatHappens) {
  ASSERT_TRUE(base::set_up_log("error"));
  auto follower = connect();
  auto other = connect();
  follower->ask("follow", "");
  turn();
  log::info("something {}", 1);
  log::debug("nobody asked for this");
  feed.publish_packet("a packet\n");
  auto seen = frames_of(*follower);
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen[0].kind, "log");
  EXPECT_THAT(seen[0].text, StartsWith("NOTICE "));
  EXPECT_THAT(seen[0].text, testing::EndsWith("something 1\n"));
  EXPECT_EQ(seen[1], (Seen{"packet", "a packet\n"}));
  EXPECT_TRUE(frames_of(*other).empty());

  follower->ask("run", "level DEBUG on");
  follower->ask("run", "level WARNING off");
  turn();
  log::debug("now");
  log::warning("not now");
  seen = frames_of(*follower);
  ASSERT_FALSE(seen.empty());
  EXPECT_THAT(seen.back().text, StartsWith("DEBUG "));
  follower.reset();
  turn();
  EXPECT_FALSE(spdlog::should_log(spdlog::level::info)) << "nobody listens any more";
  log::set_quiet();
}

TEST_F(ServerTest, LeavesOutWhatIsNotRead) {
  auto slow = connect();
  auto quick = connect();
  slow->ask("follow", "");
  quick->ask("follow", "");
  turn();
  const std::string packet(100'000, 'x');
  std::size_t read = 0;
  for (int i = 0; i < 50; ++i) {
    feed.publish_packet(packet);
    read += frames_of(*quick).size();
  }
  EXPECT_EQ(read, 50u);
  turn();
  std::size_t got = 0;
  while (true) {  // it reads at last
    const auto seen = frames_of(*slow);
    if (seen.empty()) break;
    got += seen.size();
  }
  EXPECT_LT(got, 50u);
  feed.publish_packet("the next");
  const auto seen = frames_of(*slow);
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_THAT(seen[0].text, HasSubstr("entries were left out here"));
  EXPECT_EQ(seen[1].text, "the next");
}

TEST_F(ServerTest, HasRoomForSoMany) {
  std::vector<std::unique_ptr<Console>> consoles;
  for (std::size_t i = 0; i < Server::most_consoles; ++i) consoles.push_back(connect());
  Console more(path);
  EXPECT_THAT(frames_of(more),
              ElementsAre(Seen{"output", "there are too many consoles\n"}, Seen{"done", "error"}));
  consoles.pop_back();
  turn();
  EXPECT_TRUE(connect());
}

}  // namespace
}  // namespace missive::console

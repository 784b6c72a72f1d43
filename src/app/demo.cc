// missive demo: a server and two phones in one process, and what passes between them.
#include <fmt/format.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "app/ami_client.h"
#include "app/commands.h"
#include "app/demo_phone.h"
#include "app/instance.h"
#include "base/base64.h"
#include "base/log.h"
#include "base/text.h"

namespace missive::app {
namespace {

// Colours, where somebody looks at a terminal that has them (https://no-color.org).
class Paint {
 public:
  Paint() : on_(isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr) {}
  std::string heading(std::string_view text) const { return in("1;36", text); }
  std::string ami(std::string_view text) const { return in("33", text); }
  std::string wire(std::string_view text) const { return in("34", text); }
  std::string good(std::string_view text) const { return in("1;32", text); }
  std::string bad(std::string_view text) const { return in("1;31", text); }

 private:
  std::string in(std::string_view colour, std::string_view text) const {
    return on_ ? fmt::format("\033[{}m{}\033[0m", colour, text) : std::string(text);
  }
  bool on_;
};

// A folder with the demo's configuration, gone with the demo.
class ConfigurationFolder {
 public:
  ConfigurationFolder() {
    auto pattern = (std::filesystem::temp_directory_path() / "missive-demo-XXXXXX").string();
    if (mkdtemp(pattern.data()) != nullptr) path_ = pattern;
  }
  ~ConfigurationFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }
  void write(std::string_view file, std::string_view text) const {
    std::ofstream(path_ / file) << text;
  }

 private:
  std::filesystem::path path_;
};

void write_configuration(const ConfigurationFolder& folder, const DemoPhone& alice,
                         const DemoPhone& bob) {
  folder.write("manager.conf",
               "[general]\nenabled = yes\nbindaddr = 127.0.0.1\nport = 0\n"
               "[crm]\nsecret = demo\nread = message\nwrite = message\n");
  folder.write("pjsip.conf",
               fmt::format("[global]\ntype = global\ndefault_outbound_endpoint = anybody\n"
                           "[udp]\ntype = transport\nprotocol = udp\nbind = 127.0.0.1:0\n"
                           "[alice]\ntype = endpoint\naors = alice\n"
                           "[alice]\ntype = aor\ncontact = sip:alice@{}\n"
                           "[bob]\ntype = endpoint\naors = bob\n"
                           "[bob]\ntype = aor\ncontact = sip:bob@{}\n"
                           "[anybody]\ntype = endpoint\n",
                           alice.address().str(), bob.address().str()));
  folder.write("missive.conf", "[general]\nlog_level = warning\n");
}

// What crossed the wire since last asked; filled by the server's shards.
class Recorder final : public sip::WireTap {
 public:
  void on_wire(Direction direction, const sip::Transport& transport, const net::Address& peer,
               std::string_view message) override {
    const std::lock_guard lock(mutex_);
    const auto arrow = direction == Direction::out ? "to" : "from";
    seen_.push_back(
        fmt::format("SIP {} {} {}\n{}", transport.protocol(), arrow, peer.str(), message));
    if (direction == Direction::in) ++answers_;
    changed_.notify_all();
  }
  // What was seen, once `answers` more came in, or after a second.
  std::vector<std::string> take(unsigned answers) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds{1}, [&] { return answers_ >= answers; });
    answers_ = 0;
    return std::exchange(seen_, {});
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> seen_;
  unsigned answers_ = 0;
};

class Demo {
 public:
  int run();

 private:
  base::Result<void> set_up();
  void show(std::string_view title, const std::vector<std::string>& lines, DemoPhone* phone);
  void show_lines(std::string_view mark, std::string_view text,
                  std::string (Paint::*colour)(std::string_view) const) const;
  void show_arrival(std::string_view name, DemoPhone& phone);

  const base::SystemClock clock_{};
  const Paint paint_;
  Recorder recorder_;
  DemoPhone alice_{clock_};
  DemoPhone bob_{clock_};
  ConfigurationFolder folder_;
  std::unique_ptr<Instance> server_;
  AmiClient client_;
  unsigned number_ = 0;
  unsigned wrong_ = 0;  // of what was to arrive or to be refused
};

base::Result<void> Demo::set_up() {
  if (folder_.path().empty()) return base::fail("cannot make a temporary folder");
  for (auto* phone : {&alice_, &bob_}) {
    if (auto started = phone->start(); !started) return started;
  }
  write_configuration(folder_, alice_, bob_);
  conf::Problems problems;
  const auto settings = Settings::load(folder_.path(), problems);
  if (!settings) return tl::unexpected(settings.error());
  if (auto log = base::set_up_log("warning"); !log) return log;
  server_ = std::make_unique<Instance>(*settings, clock_, State::in_memory(), &recorder_);
  if (auto opened = server_->open(); !opened) return opened;
  const auto ami = server_->ami_address();
  server_->start();
  fmt::print("{}\n", paint_.heading(fmt::format(
                         "Server: AMI on {}, SIP on {}. Phones: alice on {}, bob on {}.", ami.str(),
                         server_->transport_address("udp").str(), alice_.address().str(),
                         bob_.address().str())));
  if (auto up = client_.connect(ami.ip(), ami.port()); !up) return up;
  return client_.log_in("crm", "demo", "off");
}

void Demo::show_lines(std::string_view mark, std::string_view text,
                      std::string (Paint::*colour)(std::string_view) const) const {
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = base::trim_right(text.substr(0, end));
    fmt::print("  {} {}\n", mark, (paint_.*colour)(base::printable(line)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

// `phone`: who is to get it; nullptr when the server is to refuse.
void Demo::show(std::string_view title, const std::vector<std::string>& lines, DemoPhone* phone) {
  fmt::print("\n{}\n", paint_.heading(fmt::format("{}. {}", ++number_, title)));
  std::string action = fmt::format("Action: MessageSend\r\nActionID: {}\r\n", number_);
  for (const auto& line : lines) action += line + "\r\n";
  show_lines("AMI >", action, &Paint::ami);
  const auto answer = client_.ask(action, std::chrono::seconds{5});
  const auto wire = recorder_.take(phone != nullptr ? 1 : 0);
  for (const auto& message : wire) show_lines("    |", message, &Paint::wire);
  if (!answer) {
    ++wrong_;
    return show_lines("AMI <", answer.error().text, &Paint::bad);
  }
  const bool accepted = answer->get("Response") == "Success";
  if (accepted != (phone != nullptr)) ++wrong_;
  for (const auto& [name, value] : answer->headers) {
    show_lines("AMI <", fmt::format("{}: {}", name, value), accepted ? &Paint::good : &Paint::bad);
  }
  if (phone != nullptr) show_arrival(phone == &alice_ ? "alice" : "bob", *phone);
}

void Demo::show_arrival(std::string_view name, DemoPhone& phone) {
  const auto texts = phone.texts();
  if (texts.empty()) {
    ++wrong_;
    return show_lines("", "nothing arrived", &Paint::bad);
  }
  const auto& text = texts.back();
  show_lines(fmt::format("{}'s phone:", name),
             fmt::format("{} writes ({}):\n{}", text.from, text.content_type, text.body),
             &Paint::good);
}

int Demo::run() {
  if (auto ready = set_up(); !ready) return complain(ready.error().text);
  show("A text to an endpoint",
       {"Destination: pjsip:alice", "From: \"CRM\" <sip:crm@example.net>",
        "Body: Your parcel is at the door."},
       &alice_);
  show(
      "Several lines, in Base64",
      {"Destination: pjsip:bob", "From: sip:crm@example.net",
       "Base64Body: " + base::base64_encode("Dear Bob,\nthe meeting is at ten.\n\nYours, the CRM")},
      &bob_);
  show("Any SIP URI, through the default endpoint, with a header and a type of its own",
       {fmt::format("Destination: pjsip:\"Bob\" <sip:bob@{}>", bob_.address().str()),
        "From: crm@example.net", "Variable: X-Ticket=4711,Content-Type=text/html",
        "Body: <b>Ticket 4711</b> is closed."},
       &bob_);
  show("A mistake, and what is said about it",
       {"Destination: pjsip:nobody/carol@example.com", "Body: Is anybody there?"}, nullptr);
  const auto arrived = alice_.texts().size() + bob_.texts().size();
  fmt::print("\n{}\n",
             wrong_ == 0 ? paint_.good(fmt::format("{} messages sent, {} arrived.", 3, arrived))
                         : paint_.bad(fmt::format("{} of {} steps went wrong.", wrong_, number_)));
  server_->stop();
  return wrong_ == 0 && arrived == 3 ? 0 : 1;
}

}  // namespace

int demo() { return Demo{}.run(); }

}  // namespace missive::app

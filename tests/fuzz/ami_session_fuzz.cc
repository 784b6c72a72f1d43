// One AMI session: any octets, cut in any way, before and after a login.
//
// The first octet is the length of the pieces, the second says whether the client logs in first
// (and as whom) and whether it is one of the web. Whatever comes in, what goes out is lines of
// printable text that end with CRLF, packets that end with an empty line; nobody gets in who does
// not know the secret; what has no class for an action has it refused.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "ami/session.h"
#include "base/log.h"
#include "fuzz_check.h"
#include "message/message_events.h"

namespace {

using namespace missive;
using fuzz::check;

class Nowhere final : public message::Technology {
 public:
  std::string_view name() const override { return "pjsip"; }
  std::optional<message::Refusal> check(const message::Message& message,
                                        message::Terms& terms) override {
    terms.recipient = message.destination();
    return std::nullopt;
  }
  void send(std::shared_ptr<const message::Message>, const message::Dispatch&,
            message::HandedOver handed_over, message::Finished) override {
    handed_over(std::nullopt);
  }
};

class Owner final : public ami::SessionOwner {
  void on_session_output() override {}
};

std::shared_ptr<const ami::Configuration> configuration() {
  conf::Problems problems;
  return ami::Configuration::from(
      conf::parse("[general]\ndisplayconnects = no\n[texts]\nsecret = known\nread = all\n"
                  "write = message,user\n[locked]\nsecret = p8Zq1xVt0\nread = all\nwrite = all\n",
                  "manager.conf", problems),
      {}, problems);
}

struct World {
  World() { sender.add(nowhere); }

  base::ManualClock clock;
  net::Shard shard{0, clock};
  Nowhere nowhere;
  message::MessageEvents message_events;
  message::Sender sender{message_events};
  std::vector<ami::EventPointer> events;
  ami::Shared shared{clock, [] {
                       conf::MissiveConf::Ami limits;
                       limits.max_line = 2048;
                       limits.max_action = 8192;
                       return limits;
                     }()};
  ami::Environment environment{shared,
                               shared.events.add_outlet([this](ami::EventPointer event) {
                                 events.push_back(std::move(event));
                               }),
                               shard,
                               sender,
                               nullptr,
                               configuration()};
};

void check_output(std::string_view out) {
  while (!out.empty()) {
    const auto end = out.find("\r\n");
    check(end != std::string_view::npos);
    for (const char c : out.substr(0, end)) {
      check(static_cast<unsigned char>(c) >= 0x20 || c == '\t');
    }
    out.remove_prefix(end + 2);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  log::set_quiet();
  World world;
  Owner owner;
  std::string out;
  const auto here = *net::Address::from_ip("127.0.0.1", 5038);
  auto admission = world.shared.gatekeeper.admit(here, {9, 9, 9, 9});
  const bool web = (data[1] & 2) != 0;
  ami::Session session(world.environment, owner, out, here, here, std::move(*admission),
                       web ? ami::Road::http : ami::Road::tcp);
  if ((data[1] & 1) != 0) {
    session.on_data("Action: Login\r\nUsername: texts\r\nSecret: known\r\n\r\n");
    check(session.authenticated());
  }
  const std::size_t step = std::size_t{data[0]} + 1;
  std::string_view input(reinterpret_cast<const char*>(data) + 2, size - 2);
  std::string pending;
  while (!input.empty()) {
    pending += input.substr(0, step);
    input.remove_prefix(std::min(step, input.size()));
    const auto used = session.on_data(pending);
    check(used <= pending.size());
    pending.erase(0, used);
    const auto published = std::exchange(world.events, {});
    for (const auto& event : published) world.environment.sessions.deliver(event);
  }
  world.clock.advance(std::chrono::seconds{2});
  session.on_time(world.clock.now());
  check(session.user() == nullptr || session.user()->name == "texts");
  check_output(out);
  return 0;
}

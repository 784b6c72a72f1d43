#include "pjsip/user_route.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/text.h"

namespace missive::pjsip {
namespace {

// Without the technology that the dialplan would want in front of it.
std::string_view plain(const message::Incoming& incoming, std::string_view address) {
  const auto technology = incoming.technology();
  if (technology == "sip") return address;  // a URI as it is
  if (address.starts_with(technology) && address.substr(technology.size()).starts_with(':')) {
    address.remove_prefix(technology.size() + 1);
  }
  return address;
}

}  // namespace

std::string destination_of_user(const Configuration& configuration, std::string_view name) {
  const auto technology = configuration.technology();
  const auto* endpoint = configuration.endpoint(name);
  if (endpoint != nullptr && !endpoint->aors.empty()) return fmt::format("{}:{}", technology, name);
  if (configuration.aor(name) == nullptr) return {};
  for (const auto& each : configuration.endpoints()) {
    if (std::find(each.aors.begin(), each.aors.end(), name) != each.aors.end()) {
      return fmt::format("{}:{}/{}", technology, each.name, name);
    }
  }
  return {};
}

bool UserRoute::has_destination(std::string_view, std::string_view exten) const {
  return !destination_of_user(*configuration_, exten).empty();
}

void UserRoute::handle(std::shared_ptr<const message::Incoming> incoming, message::Done done) {
  const auto destination = destination_of_user(*configuration_, incoming->exten());
  const auto hops = fmt::to_string(incoming->max_forwards());
  std::vector<message::Variable> variables{{"Max-Forwards", hops}};
  if (!base::iequals(incoming->content_type(), "text/plain") && !incoming->content_type().empty()) {
    variables.push_back({"Content-Type", incoming->content_type()});
  }
  const auto id = shard_.random().uuid(shard_.clock().wall());
  const auto origin = incoming->origin();
  auto message = message::Message::create({.id = id,
                                           .destination = destination,
                                           .to = plain(*incoming, incoming->to()),
                                           .from = plain(*incoming, incoming->from()),
                                           .body = incoming->body(),
                                           .variables = variables,
                                           .origin = origin});
  auto passage = std::make_shared<Passage>();
  passage->incoming = std::move(incoming);
  passage->message = std::move(message);
  passage->done = std::move(done);
  pass(std::move(passage));
}

void UserRoute::pass(std::shared_ptr<Passage> passage) {
  auto message = passage->message;
  sender_.send(std::move(message),
               [this, passage = std::move(passage)](const message::Acceptance& acceptance) mutable {
                 on_handed_over(std::move(passage), acceptance);
               });
}

void UserRoute::on_handed_over(std::shared_ptr<Passage> passage,
                               const message::Acceptance& acceptance) {
  if (const auto& refusal = acceptance.refusal) {
    if (refusal->kind == message::Refusal::Kind::full) return keep(std::move(passage), *refusal);
    const auto& incoming = *passage->incoming;
    log::warning("message {} from {} to {} was not sent: {}", incoming.id(), incoming.endpoint(),
                 base::printable(incoming.exten()), refusal->reason);
  }
  // The next one of this pair leaves behind it, whatever became of this one.
  auto done = std::move(passage->done);
  done();
}

void UserRoute::keep(std::shared_ptr<Passage> passage, const message::Refusal& refusal) {
  using namespace std::chrono_literals;
  if (!timer_.armed()) {
    shard_.arm(timer_, 1s);
    log::warning("messages from phones wait and are tried again each second: {}", refusal.reason);
  }
  kept_.push_back(std::move(passage));
}

void UserRoute::try_again() {
  for (auto& passage : std::exchange(kept_, {})) pass(std::move(passage));
}

}  // namespace missive::pjsip

#include "pjsip/offline_hook.h"

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "pjsip/dialect.h"

namespace missive::pjsip {
namespace {

constexpr std::size_t most_remembered = 100'000;

std::string_view variable(const message::Message& message, std::string_view name) {
  for (const auto& variable : message.variables()) {
    if (base::iequals(variable.name, name)) return variable.value;
  }
  return {};
}

// Those left behind this hop.
int hops_left(const Configuration& configuration, const message::Message& message) {
  const int most = static_cast<int>(configuration.global().max_forwards);
  const auto asked = base::parse_number<int>(base::trim(variable(message, "Max-Forwards")));
  return std::clamp(asked.value_or(most), 0, 255) - 1;
}

bool has_hook(const Configuration& configuration) {
  const auto& all = configuration.endpoints();
  return std::any_of(all.begin(), all.end(), [](const Endpoint& endpoint) {
    return !endpoint.message_offline_context.empty();
  });
}

}  // namespace

OfflineHook::OfflineHook(net::Shard& shard, message::Inbox& inbox, const message::Handler& dialplan,
                         const LocationService& locations,
                         std::shared_ptr<const Configuration> configuration)
    : shard_(shard), inbox_(inbox), dialplan_(dialplan), locations_(locations) {
  use(std::move(configuration));
}

void OfflineHook::use(std::shared_ptr<const Configuration> configuration) {
  wanted_ = has_hook(*configuration);
  const std::lock_guard lock(mutex_);
  configuration_.swap(configuration);
  complained_.clear();
}

void OfflineHook::on_message_status(const message::Message& message,
                                    const message::Status& status) {
  if (!wanted_) return;
  if (status.state == message::Status::State::queued && status.attempt <= 1) {
    begin(message, status);
  } else if (status.state != message::Status::State::sending) {
    forget(message.id());
  }
}

void OfflineHook::begin(const message::Message& message, const message::Status& status) {
  const std::lock_guard lock(mutex_);
  if (message.technology() != configuration_->technology()) return;
  Resolution resolution;
  // Refused or not: what matters is whom it is for.
  static_cast<void>(
      configuration_->dialect().find_recipient(*configuration_, locations_, message, resolution));
  const auto* recipient = resolution.endpoint;
  if (recipient == nullptr || recipient->message_offline_context.empty()) return;
  if (!first_time(message.id())) return;
  auto incoming = make_incoming(*configuration_, *recipient, message, status);
  if (incoming->max_forwards() < 0) {
    log::warning("message {} waits for {}, and no hops are left for its message_offline_context",
                 base::printable(message.id()), recipient->name);
    return;
  }
  shard_.post([this, incoming = std::move(incoming)]() mutable { give(std::move(incoming)); });
}

std::shared_ptr<const message::Incoming> OfflineHook::make_incoming(
    const Configuration& configuration, const Endpoint& recipient, const message::Message& message,
    const message::Status& status) {
  const auto code = status.response_code > 0 ? fmt::to_string(status.response_code) : std::string();
  const std::array<message::Variable, 3> data{{{"MESSAGE_ID", message.id()},
                                               {"OFFLINE_REASON", status.response_text},
                                               {"OFFLINE_CODE", code}}};
  const auto type = variable(message, "Content-Type");
  return message::Incoming::create(
      {.id = random_.uuid(shard_.clock().wall()),
       .technology = configuration.technology(),
       .endpoint = recipient.name,
       .context = recipient.message_offline_context,
       .exten = recipient.name,
       .from = message.from(),
       .to = message.to().empty() ? message.destination() : message.to(),
       .content_type = type.empty() ? "text/plain" : type,
       .body = message.body(),
       .max_forwards = hops_left(configuration, message),
       .data = data});
}

bool OfflineHook::first_time(std::string_view id) {
  const auto hash = std::hash<std::string_view>{}(id);
  if (!had_.insert(hash).second) return false;
  order_.push_back(hash);
  while (order_.size() > most_remembered) {
    had_.erase(order_.front());
    order_.pop_front();
  }
  return true;
}

void OfflineHook::forget(std::string_view id) {
  const std::lock_guard lock(mutex_);
  if (had_.erase(std::hash<std::string_view>{}(id)) > 0 && had_.empty()) order_.clear();
}

void OfflineHook::give(std::shared_ptr<const message::Incoming> incoming) {
  // Others than the dialplan (route = users) would send it to the very same user again.
  if (!dialplan_.has_destination(incoming->context(), incoming->exten())) {
    return complain(*incoming);
  }
  if (inbox_.accept(incoming)) return;
  log::warning(
      "message {} waits for {} without its message_offline_context: too many messages"
      " are being handled (missive.conf, [messaging] max_queue)",
      base::printable(incoming->datum("MESSAGE_ID").value_or("")), incoming->endpoint());
}

void OfflineHook::complain(const message::Incoming& incoming) {
  const auto place = fmt::format("{}@{}", incoming.exten(), incoming.context());
  const std::lock_guard lock(mutex_);
  if (!complained_.insert(place).second) return;
  log::warning(
      "messages wait for {}, and extensions.conf has nothing at {}, where"
      " message_offline_context of the endpoint leads",
      incoming.endpoint(), place);
}

}  // namespace missive::pjsip

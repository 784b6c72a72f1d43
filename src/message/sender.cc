#include "message/sender.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"

namespace missive::message {

void Sender::send(std::shared_ptr<const Message> message, HandedOver handed_over) {
  const auto prefix = message->technology();
  for (auto* technology : technologies_) {
    if (technology->name() != prefix) continue;
    technology->send(std::move(message), std::move(handed_over));
    return;
  }
  std::vector<std::string> known;
  for (const auto* technology : technologies_)
    known.push_back(fmt::format("{}:", technology->name()));
  auto reason =
      prefix.empty()
          ? fmt::format("destination '{}' names no technology; it must begin with {}",
                        base::printable(message->destination(), 80), fmt::join(known, " or "))
          : fmt::format("technology '{}:' is not known; known: {}", base::printable(prefix, 40),
                        fmt::join(known, ", "));
  handed_over(Refusal{Refusal::Kind::no_technology, std::move(reason)});
}

}  // namespace missive::message

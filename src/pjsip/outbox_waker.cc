#include "pjsip/outbox_waker.h"

#include <fmt/format.h>

#include <utility>

namespace missive::pjsip {
namespace {

bool is_there_now(ContactChange change, const KnownContact& known) {
  switch (change) {
    case ContactChange::created:
    case ContactChange::updated:
      return !known.contact->permanent;
    case ContactChange::status:
      return known.status.reachability == Reachability::reachable;
    default:
      return false;
  }
}

}  // namespace

OutboxWaker::OutboxWaker(message::Outbox& outbox, const Configuration& configuration)
    : OutboxWaker(
          [&outbox] {
            // One that is on its way may be about to wait: it must not miss its recipient.
            const auto figures = outbox.figures();
            return figures.messages > 0 || figures.waiting > 0;
          },
          [&outbox](std::string_view recipient, std::string_view contact) {
            outbox.wake(recipient, contact);
          },
          [&outbox](std::string_view recipient, std::string_view contact) {
            outbox.abandon(recipient, contact);
          },
          configuration) {}

OutboxWaker::OutboxWaker(AnythingWaits anything_waits, Tell wake, Tell abandon,
                         const Configuration& configuration)
    : anything_waits_(std::move(anything_waits)),
      wake_(std::move(wake)),
      abandon_(std::move(abandon)),
      index_(index_of(configuration)) {}

std::shared_ptr<const OutboxWaker::Index> OutboxWaker::index_of(
    const Configuration& configuration) {
  auto index = std::make_shared<Index>();
  const auto technology = configuration.technology();
  for (const auto& endpoint : configuration.endpoints()) {
    for (const auto& aor : endpoint.aors) {
      auto& recipients = (*index)[aor];
      recipients.push_back(fmt::format("{}:{}", technology, endpoint.name));
      recipients.push_back(fmt::format("{}:{}/{}", technology, endpoint.name, aor));
    }
  }
  return index;
}

void OutboxWaker::use(const Configuration& configuration) {
  auto index = index_of(configuration);
  // The old one goes after the lock.
  const std::lock_guard lock(mutex_);
  index_.swap(index);
}

std::shared_ptr<const OutboxWaker::Index> OutboxWaker::index() const {
  const std::lock_guard lock(mutex_);
  return index_;
}

void OutboxWaker::on_contact(ContactChange change, const KnownContact& known, std::size_t) {
  const bool gone = change == ContactChange::removed;
  if (!(gone || is_there_now(change, known)) || !anything_waits_()) return;
  const auto current = index();
  const auto found = current->find(std::string_view(known.contact->aor));
  if (found == current->end()) return;
  const auto& tell = gone ? abandon_ : wake_;
  for (const auto& recipient : found->second) tell(recipient, known.contact->uri);
}

}  // namespace missive::pjsip

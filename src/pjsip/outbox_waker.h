// Wakes what waits in the outbox for somebody who has just become reachable.
//
// Hears of contacts: when a phone registers or renews, or when qualifying a contact shows that it
// answers, every recipient that this contact serves is woken: the endpoints that have its AOR
// ("pjsip:alice") and the AOR behind each of them ("pjsip:alice/home"). Contacts of pjsip.conf are
// there from the start and wake nobody by that.
//
// on_contact() and use() on any thread. While the outbox is empty a contact costs one question. It
// is added to the LocationService; the outbox outlives it. Source: docs/outbox.md.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/text.h"
#include "message/outbox.h"
#include "pjsip/configuration.h"
#include "pjsip/location_service.h"

namespace missive::pjsip {

class OutboxWaker final : public LocationObserver {
 public:
  using AnythingWaits = std::function<bool()>;
  using Wake = std::function<void(std::string_view recipient, std::string_view contact)>;

  OutboxWaker(message::Outbox& outbox, const Configuration& configuration);
  // Whatever there is to wake, for tests.
  OutboxWaker(AnythingWaits anything_waits, Wake wake, const Configuration& configuration);

  // After a reload.
  void use(const Configuration& configuration);
  void on_contact(ContactChange change, const KnownContact& contact,
                  std::size_t registered) override;

 private:
  // The recipients that an AOR serves.
  using Index =
      std::unordered_map<std::string, std::vector<std::string>, base::StringHash, std::equal_to<>>;
  static std::shared_ptr<const Index> index_of(const Configuration& configuration);
  std::shared_ptr<const Index> index() const;

  const AnythingWaits anything_waits_;
  const Wake wake_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Index> index_;
};

}  // namespace missive::pjsip

// Wakes what waits in the outbox for somebody who has just become reachable, and takes back what is
// on its way to a contact that was removed.
//
// Hears of contacts: when a phone registers or renews, or when qualifying a contact shows that it
// answers, every recipient that this contact serves is woken: the endpoints that have its AOR
// ("pjsip:alice") and the AOR behind each of them ("pjsip:alice/home"). Contacts of pjsip.conf are
// there from the start and wake nobody by that. A phone that moves to another address, its old
// contact removed, is sent there what the old one does not answer; one that un-registers gets it
// when it comes back. A contact that has expired may still answer: that is waited for.
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
  using Tell = std::function<void(std::string_view recipient, std::string_view contact)>;

  OutboxWaker(message::Outbox& outbox, const Configuration& configuration);
  // Whatever there is to tell, for tests.
  OutboxWaker(AnythingWaits anything_waits, Tell wake, Tell abandon,
              const Configuration& configuration);

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
  const Tell wake_;     // it can be reached
  const Tell abandon_;  // that contact is gone
  mutable std::mutex mutex_;
  std::shared_ptr<const Index> index_;
};

}  // namespace missive::pjsip

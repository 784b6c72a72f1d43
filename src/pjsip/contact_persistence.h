// Keeps the registered contacts on disk, and brings them back at start.
//
// Hears of every change of the LocationService and hands it to the ContactStore, which writes
// behind. Expiry is kept by the wall clock. What comes back has no flow, for the connections went
// with the server; a contact that nothing but its flow led to does not come back.
//
// on_contact() on any thread; restore() before the shards start and before
// LocationService::configure(), which then drops the contacts of AORs that are gone.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "pjsip/location_service.h"
#include "store/contact_store.h"

namespace missive::pjsip {

class ContactPersistence final : public LocationObserver {
 public:
  // Both outlive it. In the store, which several technologies share, an AOR of any but pjsip: has
  // its technology in front ("sip:legacy").
  ContactPersistence(store::ContactStore& store, const base::Clock& clock,
                     std::string_view technology = "pjsip")
      : store_(store),
        clock_(clock),
        prefix_(technology == "pjsip" ? std::string() : fmt::format("{}:", technology)) {}

  // How many came back. What is not to come back is removed from the store.
  base::Result<std::size_t> restore(LocationService& locations);

  void on_contact(ContactChange change, const KnownContact& contact,
                  std::size_t registered) override;

 private:
  store::StoredContact stored(const Contact& contact) const;
  Contact restored(store::StoredContact stored) const;

  std::string stored_name(const std::string& aor) const { return prefix_ + aor; }
  bool is_ours(std::string_view stored_aor) const;

  store::ContactStore& store_;
  const base::Clock& clock_;
  const std::string prefix_;
  bool restoring_ = false;  // what was read need not be written
};

}  // namespace missive::pjsip

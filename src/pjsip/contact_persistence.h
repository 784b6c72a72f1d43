// Keeps the registered contacts on disk, and brings them back at start.
//
// Hears of every change of the LocationService and hands it to the ContactStore, which writes
// behind. Expiry is kept by the wall clock. What comes back has no flow, for the connections went
// with the server; a contact that nothing but its flow led to does not come back.
//
// on_contact() on any thread; restore() before the shards start and before
// LocationService::configure(), which then drops the contacts of AORs that are gone.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "pjsip/location_service.h"
#include "store/contact_store.h"

namespace missive::pjsip {

class ContactPersistence final : public LocationObserver {
 public:
  // Both outlive it.
  ContactPersistence(store::ContactStore& store, const base::Clock& clock)
      : store_(store), clock_(clock) {}

  // How many came back. What is not to come back is removed from the store.
  base::Result<std::size_t> restore(LocationService& locations);

  void on_contact(ContactChange change, const KnownContact& contact,
                  std::size_t registered) override;

 private:
  store::StoredContact stored(const Contact& contact) const;
  Contact restored(store::StoredContact stored) const;

  store::ContactStore& store_;
  const base::Clock& clock_;
  bool restoring_ = false;  // what was read need not be written
};

}  // namespace missive::pjsip

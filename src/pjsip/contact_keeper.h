// Looks after the contacts of one shard: removes them when their time is over, and asks those
// that are to be qualified whether they are there.
//
// A contact's home is the shard of its flow, else one chosen by its AOR. ContactKeepers hears
// of every change and hands it to the home's ContactKeeper, which keeps one timer a contact.
// A contact that moved to another home is forgotten here when its timer next fires, since
// the LocationService then no longer holds the one known here.
//
// Qualifying: at once after a registration and when a contact comes from elsewhere or was
// unreachable; then every qualify_frequency. What is there at start is spread over
// max_initial_qualify_time. On the shard's thread, but for ContactKeepers. Source: Asterisk
// documentation, res_pjsip, "aor" (qualify_...), "global" (max_initial_qualify_time).
#pragma once

#include <memory>
#include <unordered_set>
#include <vector>

#include "pjsip/contact_probe.h"
#include "pjsip/location_service.h"

namespace missive::pjsip {

class ContactKeeper {
 public:
  ContactKeeper(const RequestAttempt::Means& means, LocationService& locations,
                std::shared_ptr<const Configuration> configuration);
  ~ContactKeeper();
  ContactKeeper(const ContactKeeper&) = delete;
  ContactKeeper& operator=(const ContactKeeper&) = delete;

  // After a reload, which may have changed how contacts are qualified.
  void use(std::shared_ptr<const Configuration> configuration);
  // A contact came, was replaced, or went.
  void on_contact(ContactChange change, const KnownContact& contact);
  // Asks it now, also where it has no qualify_frequency.
  void qualify(const Contact& contact);
  net::Shard& shard() { return means_.transactions.shard(); }
  std::size_t size() const { return kept_.size(); }

 private:
  class Kept;
  struct Name {  // what a contact is known by
    std::string_view aor, uri;
    bool permanent;
  };
  static Name name_of(const Contact& contact);
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(const Name& name) const;
    std::size_t operator()(const std::unique_ptr<Kept>& kept) const;
  };
  struct Equal {
    using is_transparent = void;
    bool operator()(const std::unique_ptr<Kept>& a, const std::unique_ptr<Kept>& b) const;
    bool operator()(const Name& a, const std::unique_ptr<Kept>& b) const;
    bool operator()(const std::unique_ptr<Kept>& a, const Name& b) const;
  };

  void keep(const KnownContact& contact);
  void wake(Kept& kept);
  void forget(const Contact& contact);
  void plan(Kept& kept, base::TimePoint qualify_at);
  void probe(Kept& kept);
  void on_probed(Kept& kept, const std::optional<ContactStatus>& status);
  base::Duration frequency_of(const Contact& contact) const;
  base::Duration initial_delay(const Contact& contact);

  const RequestAttempt::Means means_;
  LocationService& locations_;
  std::shared_ptr<const Configuration> configuration_;
  const base::TimePoint started_;
  std::unordered_set<std::unique_ptr<Kept>, Hash, Equal> kept_;
};

// Those of all shards. Any thread; outlives the LocationService's use.
class ContactKeepers final : public LocationObserver {
 public:
  // By shard index, at least one.
  explicit ContactKeepers(std::vector<ContactKeeper*> keepers) : keepers_(std::move(keepers)) {}

  void use(const std::shared_ptr<const Configuration>& configuration);
  // An operator's wish.
  void qualify(std::shared_ptr<const Contact> contact);
  void on_contact(ContactChange change, const KnownContact& contact,
                  std::size_t registered) override;

 private:
  ContactKeeper& home_of(const Contact& contact) const;

  const std::vector<ContactKeeper*> keepers_;
};

}  // namespace missive::pjsip

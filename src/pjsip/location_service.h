// Where the users are: the contacts of each address-of-record.
//
// Holds the permanent contacts of pjsip.conf and those that phones registered, by AOR, in
// slots with a lock each, so that any thread may ask and change. A Contact is immutable and
// handed out by shared_ptr; a change replaces it. Times are monotonic. Whoever must know of
// changes is a LocationObserver: told on the thread that made the change, in the order of the
// changes, when they can be seen. Nothing here looks at the clock: ContactKeeper removes what has
// expired.
//
// Source: RFC 3261 section 10; RFC 3327; RFC 5626; Asterisk documentation, "contact".
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "net/address.h"
#include "pjsip/flow_index.h"

namespace missive::pjsip {

class Configuration;

struct Contact {
  std::string aor;
  std::string uri;         // what requests are sent to: rewritten where rewrite_contact says so
  std::string given;       // what the phone wrote
  bool permanent = false;  // of pjsip.conf: never expires
  unsigned q = 1000;       // thousandths
  base::TimePoint expires{};
  std::chrono::seconds expiration{0};  // as granted
  std::vector<std::string> path;       // Path values, topmost first (RFC 3327)
  std::string instance;                // +sip.instance, as written
  std::string reg_id;
  std::string endpoint;  // who registered it
  std::string call_id;
  std::uint32_t cseq = 0;
  std::string user_agent;
  std::string via_address;   // host:port of the Via it came with
  std::string transport;     // the section of pjsip.conf it came in by
  net::Address source;       // where it came from
  std::optional<Flow> flow;  // of a connection that stands
  bool flow_only = false;    // nothing but that connection leads there
  base::TimePoint updated{};
};

enum class Reachability { unknown, reachable, unreachable };  // unknown: not qualified

struct ContactStatus {
  Reachability reachability = Reachability::unknown;
  std::chrono::microseconds round_trip{0};
};

// A contact together with what qualifying it has shown.
struct KnownContact {
  std::shared_ptr<const Contact> contact;
  ContactStatus status;
};

enum class ContactChange { created, updated, removed, expired, status };

// May ask the LocationService, but not change it, from inside the call. `status` is told where
// the reachability changes, not for every round trip.
class LocationObserver {
 public:
  virtual ~LocationObserver() = default;
  // `contact` as it is now, or was; `registered` contacts of its AOR from now on. What changes
  // in one step is told one by one, additions first, and counted so.
  virtual void on_contact(ContactChange change, const KnownContact& contact,
                          std::size_t registered) = 0;
};

class LocationService {
 public:
  LocationService();

  // Observers are added before the shards start and outlive them.
  void add(LocationObserver& observer) { observers_.push_back(&observer); }

  // Makes the permanent contacts those of the configuration, at start and at a reload;
  // registered ones of AORs that are gone are removed.
  void configure(const Configuration& configuration);

  // All contacts of an AOR: permanent ones in file order, then registered ones, the oldest first.
  std::vector<KnownContact> contacts(std::string_view aor) const;
  // The one to send to: reachable ones before unknown ones before unreachable ones, then by q,
  // permanent ones first, then the one updated last. nullptr when there is none.
  std::shared_ptr<const Contact> choose(std::string_view aor) const;
  // All contacts of an AOR in that order, the one to send to first.
  std::vector<std::shared_ptr<const Contact>> ranked(std::string_view aor) const;
  // The one with that URI, as in Contact::uri; nullptr when there is none.
  std::shared_ptr<const Contact> find(std::string_view aor, std::string_view uri) const;
  // Whether that very one is still there, not removed and not replaced.
  bool holds(const Contact& contact) const;
  std::size_t registered(std::string_view aor) const;
  // Registered contacts of all AORs.
  std::size_t size() const { return size_.load(std::memory_order_relaxed); }

  // What a REGISTER changed, in one step: `change` sees the registered contacts and edits the
  // list; additions, updates and removals are found by comparing `uri`, which is there once.
  // A contact that stays keeps its status. Returns what `change` returns. Changes of one AOR
  // wait for each other, readers for none of them.
  using Contacts = std::vector<KnownContact>;
  template <class Change>
  auto change(std::string_view aor, Change&& change) {
    Edit edit(*this, aor, Edit::registered);
    auto result = std::forward<Change>(change)(edit.contacts());
    edit.commit();
    return result;
  }

  // Removes the contact when it is still this very one.
  void expire(const Contact& contact);
  void set_status(std::string_view aor, std::string_view uri, ContactStatus status);
  // A connection is gone. Contacts that only it led to are removed, others lose their flow.
  void flow_lost(const Flow& flow);

 private:
  struct Record {  // one AOR
    Contacts permanent;
    Contacts registered;
  };
  // The text with its hash, which also finds the slot: computed once.
  struct AorName {
    explicit AorName(std::string_view name)
        : text(name), hash(std::hash<std::string_view>{}(name)) {}
    std::string_view text;
    std::size_t hash;
  };
  struct Hash {
    using is_transparent = void;
    // Not noexcept: so the map keeps the hash of each record beside it.
    std::size_t operator()(std::string_view aor) const {
      return std::hash<std::string_view>{}(aor);
    }
    std::size_t operator()(const AorName& aor) const { return aor.hash; }
  };
  struct Equal {
    using is_transparent = void;
    bool operator()(std::string_view a, std::string_view b) const { return a == b; }
    bool operator()(const AorName& a, std::string_view b) const { return a.text == b; }
    bool operator()(std::string_view a, const AorName& b) const { return a == b.text; }
  };
  struct Slot {
    // Held by whoever changes and tells the observers, so that they hear in order.
    std::mutex changing;
    // Held to look, and for the moment in which a change becomes seen.
    mutable std::mutex mutex;
    std::unordered_map<std::string, Record, Hash, Equal> records;
  };
  static constexpr std::size_t slots = 1024;

  // A change of one list of one AOR: works on a copy, commit() makes it seen and tells.
  class Edit {
   public:
    using List = Contacts Record::*;
    static constexpr List registered = &Record::registered;
    static constexpr List permanent = &Record::permanent;

    Edit(LocationService& service, std::string_view aor, List list);
    Contacts& contacts() { return contacts_; }
    // `removal`: what is told of contacts that are not in the list any more.
    void commit(ContactChange removal = ContactChange::removed);

   private:
    struct Told {
      ContactChange change;
      KnownContact contact;
    };
    const Record* record() const;
    void compare(const Contacts& before, ContactChange removal);
    void index(const std::optional<Flow>& before, const std::optional<Flow>& after);
    void publish();

    LocationService& service_;
    const AorName aor_;
    Slot& slot_;
    const List list_;
    const std::unique_lock<std::mutex> changing_;
    Contacts contacts_;
    std::vector<Told> told_;
  };

  Slot& slot_of(const AorName& aor) const { return slots_[aor.hash % slots]; }
  void set_permanent(std::string_view aor, const std::vector<std::string>& uris,
                     const std::string& endpoint);
  void remove_others(const Configuration& configuration);
  void tell(ContactChange change, const KnownContact& contact, std::size_t registered) const;

  const std::unique_ptr<Slot[]> slots_;
  std::vector<LocationObserver*> observers_;
  std::atomic<std::size_t> size_{0};
  FlowIndex flows_;
};

}  // namespace missive::pjsip

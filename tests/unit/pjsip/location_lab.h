// Contacts and who hears of them, for the tests of the location service and those around it.
#pragma once

#include <fmt/format.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "pjsip/location_service.h"

namespace missive::pjsip::test {

inline std::shared_ptr<Contact> some_contact(std::string_view aor, std::string_view uri) {
  auto contact = std::make_shared<Contact>();
  contact->aor = aor;
  contact->uri = contact->given = uri;
  contact->endpoint = aor;
  contact->expiration = std::chrono::hours(1);
  return contact;
}

// Adds it, or puts it in the place of the one with its URI.
inline void put(LocationService& locations, std::shared_ptr<const Contact> contact) {
  locations.change(contact->aor, [&contact](LocationService::Contacts& contacts) {
    for (auto& known : contacts) {
      if (known.contact->uri == contact->uri) {
        known.contact = contact;
        return true;
      }
    }
    contacts.push_back({contact, {}});
    return false;
  });
}

inline bool remove(LocationService& locations, std::string_view aor, std::string_view uri) {
  return locations.change(aor, [uri](LocationService::Contacts& contacts) {
    return std::erase_if(contacts, [uri](const KnownContact& known) {
             return known.contact->uri == uri;
           }) > 0;
  });
}

inline std::vector<std::string> uris(const LocationService& locations, std::string_view aor) {
  std::vector<std::string> out;
  for (const auto& known : locations.contacts(aor)) out.push_back(known.contact->uri);
  return out;
}

// Writes down what it hears: "created alice sip:a 1".
class ContactLog final : public LocationObserver {
 public:
  void on_contact(ContactChange change, const KnownContact& known,
                  std::size_t registered) override {
    static constexpr const char* names[] = {"created", "updated", "removed", "expired", "status"};
    static constexpr const char* states[] = {" unknown", " reachable", " unreachable"};
    lines.push_back(fmt::format(
        "{}{} {} {} {}", names[static_cast<int>(change)],
        change == ContactChange::status ? states[static_cast<int>(known.status.reachability)] : "",
        known.contact->aor, known.contact->uri, registered));
  }
  std::vector<std::string> take() { return std::exchange(lines, {}); }

  std::vector<std::string> lines;
};

}  // namespace missive::pjsip::test

#include "pjsip/location_service.h"

#include <algorithm>
#include <tuple>

#include "pjsip/configuration.h"

namespace missive::pjsip {
namespace {

// Of two contacts the better one has the greater rank.
auto rank(const KnownContact& known) {
  const auto reach = [&known] {
    switch (known.status.reachability) {
      case Reachability::reachable:
        return 2;
      case Reachability::unknown:
        return 1;
      case Reachability::unreachable:
        break;
    }
    return 0;
  };
  const auto& contact = *known.contact;
  return std::tuple(reach(), contact.q, contact.permanent, contact.updated);
}

std::shared_ptr<const Contact> make_permanent(std::string_view aor, const std::string& uri,
                                              const std::string& endpoint) {
  auto contact = std::make_shared<Contact>();
  contact->aor = aor;
  contact->uri = contact->given = uri;
  contact->permanent = true;
  contact->endpoint = endpoint;
  return contact;
}

}  // namespace

LocationService::LocationService() : slots_(std::make_unique<Slot[]>(slots)) {}

LocationService::Edit::Edit(LocationService& service, std::string_view aor, List list)
    : service_(service),
      aor_(aor),
      slot_(service.slot_of(aor_)),
      list_(list),
      changing_(slot_.changing) {
  if (const auto* known = record()) contacts_ = known->*list_;
}

// Nobody else writes while `changing` is held, so it may be read without the slot's mutex.
const LocationService::Record* LocationService::Edit::record() const {
  const auto known = slot_.records.find(aor_);
  return known != slot_.records.end() ? &known->second : nullptr;
}

void LocationService::Edit::commit(ContactChange removal) {
  const auto* known = record();
  auto count = known != nullptr ? known->registered.size() : 0;
  compare(known != nullptr ? known->*list_ : Contacts{}, removal);
  publish();
  for (const auto& [change, contact] : told_) {
    if (list_ == registered) {
      if (change == ContactChange::created) ++count;
      if (change == removal) --count;
    }
    service_.tell(change, contact, count);
  }
}

void LocationService::Edit::compare(const Contacts& before, ContactChange removal) {
  std::unordered_map<std::string_view, const KnownContact*> gone;
  for (const auto& known : before) gone.emplace(known.contact->uri, &known);
  for (auto& known : contacts_) {
    const auto old = gone.find(known.contact->uri);
    if (old == gone.end()) {
      told_.push_back({ContactChange::created, known});
      index(std::nullopt, known.contact->flow);
      continue;
    }
    known.status = old->second->status;
    if (old->second->contact != known.contact) {
      told_.push_back({ContactChange::updated, known});
      index(old->second->contact->flow, known.contact->flow);
    }
    gone.erase(old);
  }
  for (const auto& known : before) {
    if (gone.find(known.contact->uri) == gone.end()) continue;
    told_.push_back({removal, known});
    index(known.contact->flow, std::nullopt);
  }
}

void LocationService::Edit::index(const std::optional<Flow>& before,
                                  const std::optional<Flow>& after) {
  if (before == after) return;
  if (before) service_.flows_.remove(*before, aor_.text);
  if (after) service_.flows_.add(*after, aor_.text);
}

void LocationService::Edit::publish() {
  const std::lock_guard lock(slot_.mutex);
  auto known = slot_.records.find(aor_);
  if (known == slot_.records.end() && contacts_.empty()) return;
  if (known == slot_.records.end()) known = slot_.records.emplace(aor_.text, Record{}).first;
  auto& list = known->second.*list_;
  if (list_ == registered) service_.size_ += contacts_.size() - list.size();
  list = std::move(contacts_);
  if (known->second.permanent.empty() && known->second.registered.empty()) {
    slot_.records.erase(known);
  }
}

void LocationService::configure(const Configuration& configuration) {
  std::unordered_map<std::string_view, std::string_view> endpoints;
  for (const auto& endpoint : configuration.endpoints()) {
    for (const auto& aor : endpoint.aors) endpoints.emplace(aor, endpoint.name);
  }
  for (const auto& aor : configuration.aors()) {
    const auto endpoint = endpoints.find(aor.name);
    set_permanent(aor.name, aor.contacts,
                  std::string(endpoint != endpoints.end() ? endpoint->second : ""));
  }
  remove_others(configuration);
}

void LocationService::set_permanent(std::string_view aor, const std::vector<std::string>& uris,
                                    const std::string& endpoint) {
  Edit edit(*this, aor, Edit::permanent);
  const auto before = std::exchange(edit.contacts(), {});
  for (const auto& uri : uris) {
    const auto is_same = [&](const KnownContact& known) { return known.contact->uri == uri; };
    auto& contacts = edit.contacts();
    if (std::any_of(contacts.begin(), contacts.end(), is_same)) continue;
    const auto old = std::find_if(before.begin(), before.end(), is_same);
    if (old != before.end() && old->contact->endpoint == endpoint) {
      contacts.push_back(*old);
    } else {
      contacts.push_back({make_permanent(aor, uri, endpoint), {}});
    }
  }
  edit.commit();
}

void LocationService::remove_others(const Configuration& configuration) {
  std::vector<std::string> others;
  for (std::size_t i = 0; i < slots; ++i) {
    const std::lock_guard lock(slots_[i].mutex);
    for (const auto& [aor, record] : slots_[i].records) {
      if (configuration.aor(aor) == nullptr) others.push_back(aor);
    }
  }
  for (const auto& aor : others) {
    for (const auto list : {Edit::permanent, Edit::registered}) {
      Edit edit(*this, aor, list);
      edit.contacts().clear();
      edit.commit();
    }
  }
}

std::vector<KnownContact> LocationService::contacts(std::string_view aor) const {
  const AorName name(aor);
  auto& slot = slot_of(name);
  const std::lock_guard lock(slot.mutex);
  const auto known = slot.records.find(name);
  if (known == slot.records.end()) return {};
  auto out = known->second.permanent;
  out.insert(out.end(), known->second.registered.begin(), known->second.registered.end());
  return out;
}

std::shared_ptr<const Contact> LocationService::choose(std::string_view aor) const {
  const AorName name(aor);
  auto& slot = slot_of(name);
  const std::lock_guard lock(slot.mutex);
  const auto known = slot.records.find(name);
  if (known == slot.records.end()) return nullptr;
  const KnownContact* best = nullptr;
  for (const auto* list : {&known->second.permanent, &known->second.registered}) {
    for (const auto& contact : *list) {
      if (best == nullptr || rank(*best) < rank(contact)) best = &contact;
    }
  }
  return best->contact;
}

std::vector<std::shared_ptr<const Contact>> LocationService::ranked(std::string_view aor) const {
  auto known = contacts(aor);
  std::stable_sort(known.begin(), known.end(),
                   [](const KnownContact& a, const KnownContact& b) { return rank(b) < rank(a); });
  std::vector<std::shared_ptr<const Contact>> out;
  for (auto& one : known) out.push_back(std::move(one.contact));
  return out;
}

std::shared_ptr<const Contact> LocationService::find(std::string_view aor,
                                                     std::string_view uri) const {
  for (auto& known : contacts(aor)) {
    if (known.contact->uri == uri) return std::move(known.contact);
  }
  return nullptr;
}

bool LocationService::holds(const Contact& contact) const {
  const AorName name(contact.aor);
  auto& slot = slot_of(name);
  const std::lock_guard lock(slot.mutex);
  const auto known = slot.records.find(name);
  if (known == slot.records.end()) return false;
  const auto& list = contact.permanent ? known->second.permanent : known->second.registered;
  return std::any_of(list.begin(), list.end(),
                     [&](const KnownContact& one) { return one.contact.get() == &contact; });
}

std::size_t LocationService::registered(std::string_view aor) const {
  const AorName name(aor);
  auto& slot = slot_of(name);
  const std::lock_guard lock(slot.mutex);
  const auto known = slot.records.find(name);
  return known != slot.records.end() ? known->second.registered.size() : 0;
}

void LocationService::expire(const Contact& contact) {
  Edit edit(*this, contact.aor, Edit::registered);
  std::erase_if(edit.contacts(),
                [&](const KnownContact& known) { return known.contact.get() == &contact; });
  edit.commit(ContactChange::expired);
}

void LocationService::set_status(std::string_view aor, std::string_view uri, ContactStatus status) {
  const AorName name(aor);
  auto& slot = slot_of(name);
  const std::lock_guard changing(slot.changing);
  const auto known = slot.records.find(name);
  if (known == slot.records.end()) return;
  for (auto* list : {&known->second.permanent, &known->second.registered}) {
    for (auto& contact : *list) {
      if (contact.contact->uri != uri) continue;
      ContactStatus before;
      {
        const std::lock_guard lock(slot.mutex);
        before = std::exchange(contact.status, status);
      }
      if (before.reachability == status.reachability) continue;
      tell(ContactChange::status, contact, known->second.registered.size());
    }
  }
}

void LocationService::flow_lost(const Flow& flow) {
  for (const auto& aor : flows_.take(flow)) {
    Edit edit(*this, aor, Edit::registered);
    auto& contacts = edit.contacts();
    std::erase_if(contacts, [&](const KnownContact& known) {
      return known.contact->flow == flow && known.contact->flow_only;
    });
    for (auto& known : contacts) {
      if (known.contact->flow != flow) continue;
      auto without = std::make_shared<Contact>(*known.contact);
      without->flow.reset();
      known.contact = std::move(without);
    }
    edit.commit();
  }
}

void LocationService::tell(ContactChange change, const KnownContact& contact,
                           std::size_t registered) const {
  for (auto* observer : observers_) observer->on_contact(change, contact, registered);
}

}  // namespace missive::pjsip

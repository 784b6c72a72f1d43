#include "xmpp/board.h"

#include <fmt/format.h>

#include <algorithm>

namespace missive::xmpp {
namespace {

bool goes_before(const Resource& a, const Resource& b) { return a.priority > b.priority; }

}  // namespace

void Board::set(const AccountStatus& status) {
  const std::lock_guard lock(mutex_);
  entries_[status.name].status = status;
}

void Board::forget(std::string_view account) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(account);
  if (found != entries_.end()) entries_.erase(found);
}

const Board::Entry* Board::find(std::string_view account) const {
  const auto found = entries_.find(account);
  return found == entries_.end() ? nullptr : &found->second;
}

AccountStatus Board::status_of(const Entry& entry) const {
  auto status = entry.status;
  if (!entry.is_connected()) return status;
  for (const auto& [room, state] : entry.rooms) {
    if (state == RoomState::joined) status.rooms.push_back(room);
  }
  return status;
}

std::vector<AccountStatus> Board::accounts() const {
  const std::lock_guard lock(mutex_);
  std::vector<AccountStatus> all;
  for (const auto& [name, entry] : entries_) all.push_back(status_of(entry));
  return all;
}

std::optional<AccountStatus> Board::account(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  const auto* entry = find(name);
  return entry == nullptr ? std::nullopt : std::optional(status_of(*entry));
}

bool Board::is_connected(std::string_view account) const {
  const std::lock_guard lock(mutex_);
  const auto* entry = find(account);
  return entry != nullptr && entry->is_connected();
}

std::string Board::not_connected(std::string_view account) const {
  const std::lock_guard lock(mutex_);
  const auto* entry = find(account);
  const bool known = entry != nullptr && !entry->status.reason.empty();
  return fmt::format("XMPP account '{}' is not connected{}{}", account, known ? ": " : "",
                     known ? entry->status.reason : "");
}

// --- buddies

void Board::set_roster(const std::string& account, std::vector<Buddy> roster) {
  const std::lock_guard lock(mutex_);
  auto& buddies = entries_[account].buddies;
  for (auto& [jid, buddy] : buddies) buddy.subscription.clear();
  for (auto& item : roster) {
    auto& buddy = buddies[item.jid];
    item.resources = std::move(buddy.resources);
    buddy = std::move(item);
  }
}

void Board::set_buddy(const std::string& account, const Buddy& item) {
  const std::lock_guard lock(mutex_);
  auto& buddy = entries_[account].buddies[item.jid];
  buddy.jid = item.jid;
  buddy.name = item.name;
  buddy.subscription = item.subscription;
}

void Board::remove_buddy(const std::string& account, const std::string& jid) {
  const std::lock_guard lock(mutex_);
  entries_[account].buddies.erase(jid);
}

void Board::set_resource(const std::string& account, const Jid& from, const Resource& resource) {
  const std::lock_guard lock(mutex_);
  auto& buddies = entries_[account].buddies;
  const auto found = buddies.find(from.bare());
  if (found == buddies.end()) return;  // a stranger's
  auto& resources = found->second.resources;
  std::erase_if(resources, [&](const Resource& one) { return one.name == resource.name; });
  resources.insert(std::upper_bound(resources.begin(), resources.end(), resource, goes_before),
                   resource);
  if (resources.size() > max_resources) resources.pop_back();
}

void Board::remove_resource(const std::string& account, const Jid& from) {
  const std::lock_guard lock(mutex_);
  auto& buddies = entries_[account].buddies;
  const auto found = buddies.find(from.bare());
  if (found == buddies.end()) return;
  std::erase_if(found->second.resources,
                [&](const Resource& one) { return from.is_bare() || one.name == from.resource; });
}

void Board::clear_presence(const std::string& account) {
  const std::lock_guard lock(mutex_);
  for (auto& [jid, buddy] : entries_[account].buddies) buddy.resources.clear();
}

std::vector<Buddy> Board::buddies(std::string_view account) const {
  const std::lock_guard lock(mutex_);
  std::vector<Buddy> all;
  const auto* entry = find(account);
  if (entry == nullptr) return all;
  for (const auto& [jid, buddy] : entry->buddies) {
    all.push_back(buddy);
    if (!entry->is_connected()) all.back().resources.clear();
  }
  return all;
}

std::optional<Resource::Show> Board::presence(std::string_view account, const Jid& jid) const {
  const std::lock_guard lock(mutex_);
  const auto* entry = find(account);
  if (entry == nullptr) return std::nullopt;
  const auto found = entry->buddies.find(jid.bare());
  if (found == entry->buddies.end()) return std::nullopt;
  if (!entry->is_connected()) return Resource::Show::offline;
  const auto& resources = found->second.resources;
  const auto one = std::find_if(resources.begin(), resources.end(), [&jid](const Resource& each) {
    return jid.is_bare() || each.name == jid.resource;
  });
  return one == resources.end() ? Resource::Show::offline : one->show;
}

// --- rooms

void Board::set_room(const std::string& account, const std::string& room, RoomState state) {
  const std::lock_guard lock(mutex_);
  auto& rooms = entries_[account].rooms;
  if (state == RoomState::unknown) {
    rooms.erase(room);
  } else {
    rooms[room] = state;
  }
}

Board::RoomState Board::room(std::string_view account, const std::string& room) const {
  const std::lock_guard lock(mutex_);
  const auto* entry = find(account);
  if (entry == nullptr) return RoomState::unknown;
  const auto found = entry->rooms.find(room);
  return found == entry->rooms.end() ? RoomState::unknown : found->second;
}

}  // namespace missive::xmpp

// What is known of the accounts, for whoever asks from another thread.
//
// Written by the accounts' threads, read by any; one lock, held for a copy. Names are those of
// xmpp.conf; addresses are bare and in lower case.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "xmpp/operations.h"

namespace missive::xmpp {

class Board {
 public:
  static constexpr std::size_t max_resources = 64;  // of one buddy; those of low priority give way

  void set(const AccountStatus& status);
  void forget(std::string_view account);

  std::vector<AccountStatus> accounts() const;
  std::optional<AccountStatus> account(std::string_view name) const;
  bool is_connected(std::string_view account) const;
  // One line for whoever wanted to send by it, with what is known of the reason.
  std::string not_connected(std::string_view account) const;

  // --- buddies
  void set_roster(const std::string& account, std::vector<Buddy> roster);
  void set_buddy(const std::string& account, const Buddy& item);  // its roster entry
  void remove_buddy(const std::string& account, const std::string& jid);
  void set_resource(const std::string& account, const Jid& from, const Resource& resource);
  void remove_resource(const std::string& account, const Jid& from);
  // Nobody is known to be online any more.
  void clear_presence(const std::string& account);
  std::vector<Buddy> buddies(std::string_view account) const;
  std::optional<Resource::Show> presence(std::string_view account, const Jid& jid) const;

  // --- rooms
  enum class RoomState { unknown, joining, joined };
  void set_room(const std::string& account, const std::string& room, RoomState state);
  RoomState room(std::string_view account, const std::string& room) const;

 private:
  struct Entry {
    // What is below is kept while the connection is lost, as its stream may be resumed; nobody is
    // told of it then.
    bool is_connected() const { return status.state == AccountStatus::State::connected; }

    AccountStatus status;
    std::map<std::string, Buddy> buddies;
    std::map<std::string, RoomState> rooms;
  };
  const Entry* find(std::string_view account) const;
  AccountStatus status_of(const Entry& entry) const;

  mutable std::mutex mutex_;
  std::map<std::string, Entry, std::less<>> entries_;
};

}  // namespace missive::xmpp

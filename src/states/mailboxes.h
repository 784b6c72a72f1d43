// How many voice messages wait in mailboxes elsewhere, as somebody told this server (external
// MWI).
//
// A mailbox is any text, usually "100@default". Counts are kept in astdb, family
// mwi_external/mailboxes, in the form of Asterisk's res_mwi_external: they survive a restart.
// Observers hear every update, in order, on the thread that made it. Any thread. Source: Asterisk
// documentation, AMI actions MWIGet, MWIUpdate, MWIDelete, MailboxCount.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/ast_db.h"

namespace missive::states {

inline constexpr std::string_view mailbox_family = "mwi_external/mailboxes";

struct MailboxCounts {
  std::uint32_t new_messages = 0;
  std::uint32_t old_messages = 0;

  bool operator==(const MailboxCounts&) const = default;
};

// May ask for counts, but change none, from inside the call.
class MailboxObserver {
 public:
  virtual ~MailboxObserver() = default;
  virtual void on_mailbox(std::string_view mailbox, const MailboxCounts& counts) = 0;
};

class Mailboxes {
 public:
  // The database outlives it.
  explicit Mailboxes(store::AstDb& database) : database_(database) {}

  // Before the shards start; it outlives this.
  void add(MailboxObserver& observer) { observers_.push_back(&observer); }

  // nullopt: nobody has told of it.
  std::optional<MailboxCounts> find(std::string_view mailbox) const;
  // Of several together: "100@default,200@default".
  MailboxCounts count(std::string_view mailboxes) const;
  std::vector<std::pair<std::string, MailboxCounts>> all() const;

  void update(std::string_view mailbox, const MailboxCounts& counts);
  // False when there is none. Observers hear that nothing waits any more where something did.
  bool remove(std::string_view mailbox);

 private:
  void tell(std::string_view mailbox, const MailboxCounts& counts);

  store::AstDb& database_;
  std::vector<MailboxObserver*> observers_;
  std::mutex changing_;
};

}  // namespace missive::states

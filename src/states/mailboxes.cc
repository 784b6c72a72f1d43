#include "states/mailboxes.h"

#include <fmt/format.h>

#include <charconv>

#include "base/text.h"

namespace missive::states {
namespace {

std::string text_of(const MailboxCounts& counts) {
  return fmt::format(R"({{"msgs_new":"{}","msgs_old":"{}"}})", counts.new_messages,
                     counts.old_messages);
}

// The number of a member, as a JSON string or number; 0 where it is not there.
std::uint32_t number_of(std::string_view text, std::string_view member) {
  const auto at = text.find(member);
  if (at == std::string_view::npos) return 0;
  text.remove_prefix(at + member.size());
  text.remove_prefix(std::min(text.find_first_of("0123456789"), text.size()));
  std::uint32_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

MailboxCounts read(std::string_view text) {
  return {number_of(text, "\"msgs_new\""), number_of(text, "\"msgs_old\"")};
}

}  // namespace

std::optional<MailboxCounts> Mailboxes::find(std::string_view mailbox) const {
  const auto kept = database_.get(mailbox_family, mailbox);
  if (!kept) return std::nullopt;
  return read(*kept);
}

MailboxCounts Mailboxes::count(std::string_view mailboxes) const {
  MailboxCounts sum;
  for (const auto mailbox : base::split_list(mailboxes)) {
    const auto counts = find(mailbox).value_or(MailboxCounts{});
    sum.new_messages += counts.new_messages;
    sum.old_messages += counts.old_messages;
  }
  return sum;
}

std::vector<std::pair<std::string, MailboxCounts>> Mailboxes::all() const {
  std::vector<std::pair<std::string, MailboxCounts>> found;
  for (const auto& [key, value] : database_.entries(mailbox_family)) {
    found.emplace_back(key.substr(mailbox_family.size() + 1), read(value));
  }
  return found;
}

void Mailboxes::update(std::string_view mailbox, const MailboxCounts& counts) {
  const std::lock_guard lock(changing_);
  database_.put(mailbox_family, mailbox, text_of(counts));
  tell(mailbox, counts);
}

bool Mailboxes::remove(std::string_view mailbox) {
  const std::lock_guard lock(changing_);
  const auto before = find(mailbox);
  if (!before) return false;
  database_.remove(mailbox_family, mailbox);
  if (before->new_messages > 0) tell(mailbox, {});
  return true;
}

void Mailboxes::tell(std::string_view mailbox, const MailboxCounts& counts) {
  for (auto* observer : observers_) observer->on_mailbox(mailbox, counts);
}

}  // namespace missive::states

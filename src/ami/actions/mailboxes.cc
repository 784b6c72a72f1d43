// MWIGet, MWIUpdate, MWIDelete, MailboxCount, MailboxStatus.
//
// Texts and fields are Asterisk's. Source: Asterisk documentation, AMI actions of these names.
#include <fmt/format.h>

#include "ami/actions/handlers.h"
#include "ami/list_reply.h"
#include "ami/wire.h"
#include "base/regex.h"
#include "base/text.h"
#include "states/states.h"

namespace missive::ami {
namespace {

constexpr std::size_t longest_name = 256;

using Counts = states::MailboxCounts;
using Selection = std::vector<std::pair<std::string, Counts>>;

const states::Mailboxes* mailboxes_of(Session& session) {
  const auto* states = session.environment().shared.states;
  return states != nullptr ? &states->mailboxes : nullptr;
}

// One by its name, or those that a /regular expression/ matches.
base::Result<Selection> select(const states::Mailboxes* mailboxes, std::string_view text) {
  if (mailboxes == nullptr) return Selection{};
  if (!text.starts_with('/')) {
    const auto counts = mailboxes->find(text);
    return counts ? Selection{{std::string(text), *counts}} : Selection{};
  }
  const auto end = text.rfind('/');
  auto regex = end == 0 ? base::fail("there is no '/' at its end")
                        : base::Regex::compile(text.substr(1, end - 1));
  if (!regex) return tl::unexpected(regex.error());
  Selection found;
  for (auto& mailbox : mailboxes->all()) {
    const auto matches = regex->matches(mailbox.first);
    if (matches && *matches) found.push_back(std::move(mailbox));
  }
  return found;
}

// Refuses the action where it names none.
std::optional<Selection> selection_of(Session& session, const ActionView& action) {
  const auto name = action.header("Mailbox");
  if (name.empty()) {
    session.refuse(action, "Missing mailbox parameter in request");
    return std::nullopt;
  }
  auto found = select(mailboxes_of(session), name);
  if (found) return std::move(*found);
  append_failure(session.output(), action.id(),
                 fmt::format("Mailbox regex format invalid in: {}", name), found.error().text);
  return std::nullopt;
}

// There is no Message.
void succeed(Session& session, const ActionView& action) {
  begin_reply(session.output(), "Success", action.id());
  end_packet(session.output());
}

// 0 where it is not given.
std::optional<std::uint32_t> number_in(const ActionView& action, std::string_view name) {
  const auto text = base::trim(action.header(name));
  if (text.empty()) return 0;
  return base::parse_number<std::uint32_t>(text);
}

}  // namespace

void actions::mwi_get(Session& session, const ActionView& action) {
  const auto found = selection_of(session, action);
  if (!found) return;
  ListReply list(session, action, "Mailboxes will follow");
  for (const auto& [name, counts] : *found) {
    list.add("MWIGet", [&name = name, &counts = counts](std::string& out) {
      append_header(out, "Mailbox", name);
      append_header(out, "OldMessages", fmt::to_string(counts.old_messages));
      append_header(out, "NewMessages", fmt::to_string(counts.new_messages));
    });
  }
  list.complete("MWIGetComplete");
}

void actions::mwi_update(Session& session, const ActionView& action) {
  const auto name = action.header("Mailbox");
  if (name.empty()) return session.refuse(action, "Missing mailbox parameter in request");
  for (const std::string_view count : {"OldMessages", "NewMessages"}) {
    if (number_in(action, count)) continue;
    return session.refuse(action, fmt::format("Invalid {}: {}", count, action.header(count)));
  }
  auto* states = session.environment().shared.states;
  if (states == nullptr || name.size() > longest_name) {
    return session.refuse(action, "Mailbox object creation failure");
  }
  states->mailboxes.update(name, {.new_messages = *number_in(action, "NewMessages"),
                                  .old_messages = *number_in(action, "OldMessages")});
  succeed(session, action);
}

void actions::mwi_delete(Session& session, const ActionView& action) {
  const auto found = selection_of(session, action);
  if (!found) return;
  for (const auto& [name, counts] : *found) {
    session.environment().shared.states->mailboxes.remove(name);
  }
  succeed(session, action);
}

void actions::mailbox_count(Session& session, const ActionView& action) {
  const auto name = action.header("Mailbox");
  if (name.empty()) return session.refuse(action, "Mailbox not specified");
  const auto* mailboxes = mailboxes_of(session);
  const auto counts = mailboxes != nullptr ? mailboxes->count(name) : Counts{};
  auto& out = session.output();
  begin_reply(out, "Success", action.id());
  append_header(out, "Message", "Mailbox Message Count");
  append_header(out, "Mailbox", name);
  append_header(out, "UrgMessages", "0");
  append_header(out, "NewMessages", fmt::to_string(counts.new_messages));
  append_header(out, "OldMessages", fmt::to_string(counts.old_messages));
  end_packet(out);
}

void actions::mailbox_status(Session& session, const ActionView& action) {
  const auto name = action.header("Mailbox");
  if (name.empty()) return session.refuse(action, "Mailbox not specified");
  const auto* mailboxes = mailboxes_of(session);
  const bool waiting = mailboxes != nullptr && mailboxes->count(name).new_messages > 0;
  auto& out = session.output();
  begin_reply(out, "Success", action.id());
  append_header(out, "Message", "Mailbox Status");
  append_header(out, "Mailbox", name);
  append_header(out, "Waiting", waiting ? "1" : "0");
  end_packet(out);
}

}  // namespace missive::ami

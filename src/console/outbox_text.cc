#include "console/outbox_text.h"

#include <fmt/format.h>

#include "base/text.h"
#include "base/time_text.h"
#include "console/text_table.h"

namespace missive::console {
namespace {

std::string reason_text(std::string_view code, std::string_view text) {
  if (code.empty() || code == "0") return std::string(text);
  return fmt::format("{} {}", code, text);
}

OutboxLine line_of(const message::Record& record) {
  return {record.id,
          std::string(message::name_of(record.state)),
          record.recipient,
          fmt::to_string(record.attempts),
          base::utc_text(record.accepted),
          fmt::to_string(record.response_code),
          record.response_text};
}

}  // namespace

std::string lines_text(const std::vector<OutboxLine>& lines) {
  if (lines.empty()) return "no messages\n";
  TextTable table({"MESSAGE", "STATUS", "RECIPIENT", "ATTEMPTS", "ACCEPTED", "RESPONSE"});
  for (const auto& line : lines) {
    table.add({line.id, line.status, base::printable(line.recipient), line.attempt, line.accepted,
               base::printable(reason_text(line.response_code, line.response_text))});
  }
  return table.str();
}

std::string age_text(std::chrono::seconds age) {
  const auto seconds = std::max<long long>(0, age.count());
  if (seconds < 120) return fmt::format("{} s", seconds);
  if (seconds < 2 * 3600) return fmt::format("{} min", seconds / 60);
  if (seconds < 2 * 86'400) return fmt::format("{} h", seconds / 3600);
  return fmt::format("{} days", seconds / 86'400);
}

std::string figures_text(const message::Outbox::Figures& figures, std::chrono::seconds oldest) {
  if (figures.messages == 0) return "the outbox is empty";
  const bool one = figures.waiting == 1;
  return fmt::format("{} ({} octets), {} of them wait{} for {}; the oldest is {} old",
                     base::counted(figures.messages, "message"), figures.octets, figures.waiting,
                     one ? "s" : "", base::counted(figures.recipients, "recipient"),
                     age_text(oldest));
}

base::Result<std::string> listing_text(const Listing& listing) {
  if (!listing.records) return tl::unexpected(listing.records.error());
  if (!listing.oldest) return tl::unexpected(listing.oldest.error());
  std::vector<OutboxLine> lines;
  for (const auto& record : *listing.records) lines.push_back(line_of(record));
  return lines_text(lines) + figures_text(listing.figures, oldest_age(listing)) + '\n';
}

std::string record_text(const message::Record& record) {
  TextTable table({});
  const auto add = [&table](std::string name, std::string value) {
    if (!value.empty()) table.add({std::move(name), base::printable(value)});
  };
  add("MessageID", record.id);
  add("ActionID", record.action_id);
  add("Destination", record.destination);
  add("Recipient", record.recipient);
  add("From", record.from);
  add("Status", std::string(message::name_of(record.state)));
  add("Response", reason_text(fmt::to_string(record.response_code), record.response_text));
  add("Contact", record.contact);
  add("Attempts", fmt::to_string(record.attempts));
  add("Size", fmt::format("{} octets", record.octets));
  add("Accepted", base::utc_text(record.accepted));
  add("Expires", base::utc_text(record.expires));
  add("Updated", base::utc_text(record.updated));
  return table.str();
}

}  // namespace missive::console

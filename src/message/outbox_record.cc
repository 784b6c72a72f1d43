#include "message/outbox_record.h"

#include <algorithm>
#include <vector>

#include "message/packed.h"

namespace missive::message {
namespace {

constexpr char version = 1;
constexpr std::uint64_t receipt_flag = 1, keyed_flag = 2;

// What the row and its places in the indexes take besides the texts.
constexpr std::size_t row_overhead = 128;

}  // namespace

std::size_t size_of(const Message& message) {
  std::size_t size = row_overhead + message.destination().size() + message.to().size() +
                     message.from().size() + message.body().size();
  for (const auto& variable : message.variables()) {
    size += variable.name.size() + variable.value.size();
  }
  return size;
}

std::string content_of(const Message& message) {
  std::string out;
  out.reserve(size_of(message) + message.origin().size());
  out += version;
  pack(out, (message.wants_receipt() ? receipt_flag : 0) | (message.keyed() ? keyed_flag : 0));
  for (const auto text : {message.to(), message.from(), message.origin(), message.body()}) {
    pack(out, text);
  }
  pack(out, std::uint64_t{message.variables().size()});
  for (const auto& variable : message.variables()) {
    pack(out, variable.name);
    pack(out, variable.value);
  }
  return out;
}

base::Result<std::shared_ptr<const Message>> message_of(const store::OutboxRow& row) {
  const std::string_view content = row.content;
  if (content.empty() || content.front() != version) {
    return base::fail("message {} cannot be read back: {}", row.id,
                      content.empty() ? "its record is empty"
                                      : "its record is of another version of this server");
  }
  PackedReader reader(content.substr(1));
  const auto flags = reader.number();
  Draft draft{.id = row.id, .destination = row.destination, .action_id = row.action_id};
  for (auto* text : {&draft.to, &draft.from, &draft.origin, &draft.body}) *text = reader.text();
  const auto count = reader.number();
  std::vector<Variable> variables;
  variables.reserve(std::min<std::uint64_t>(count, reader.left() / 2));
  for (std::uint64_t i = 0; i < count && reader.left() > 0; ++i) {
    const auto name = reader.text();
    variables.push_back({name, reader.text()});
  }
  if (!reader.at_end() || variables.size() != count) {
    return base::fail("message {} cannot be read back: its record is damaged ({} octets)", row.id,
                      content.size());
  }
  draft.variables = variables;
  draft.wants_receipt = (flags & receipt_flag) != 0;
  draft.keyed = (flags & keyed_flag) != 0;
  return Message::create(draft);
}

std::shared_ptr<const Message> shell_of(const store::OutboxRow& row) {
  return Message::create(
      {.id = row.id, .destination = row.destination, .action_id = row.action_id});
}

Status status_of(const store::OutboxRow& row) {
  return {.state = static_cast<Status::State>(row.state),
          .response_code = row.code,
          .response_text = row.text,
          .contact = row.contact,
          .attempt = row.attempts};
}

Record record_of(const store::OutboxRow& row) {
  Record record{.id = row.id,
                .action_id = row.action_id,
                .destination = row.destination,
                .recipient = row.recipient,
                .from = {},
                .state = static_cast<Status::State>(row.state),
                .attempts = row.attempts,
                .response_code = row.code,
                .response_text = row.text,
                .contact = row.contact,
                .octets = row.size,
                .accepted = row.accepted,
                .expires = row.expires,
                .updated = row.updated};
  if (!row.content.empty()) {
    if (const auto message = message_of(row)) record.from = (*message)->from();
  }
  return record;
}

}  // namespace missive::message

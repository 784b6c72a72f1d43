#include "ami/message_replies.h"

#include <fmt/format.h>

#include <algorithm>

#include "ami/wire.h"

namespace missive::ami {
namespace {

using State = message::Status::State;

constexpr std::string_view successfully_sent = "Message successfully sent";
constexpr std::string_view queued = "Message queued";
constexpr std::string_view outbox_failed = "The outbox could not be used";

void append_number(std::string& out, std::string_view name, std::size_t number) {
  append_header(out, name, fmt::to_string(number));
}

void write_refusal(std::string& out, std::string_view action_id, const message::Refusal& refusal) {
  const bool unknown = refusal.kind == message::Refusal::Kind::no_technology;
  append_failure(out, action_id, unknown ? "Message technology not found." : message_failed,
                 refusal.reason);
}

void append_outcome(std::string& out, const Heard& heard) {
  append_header(out, "Status", message::name_of(heard.state));
  append_header(out, "ResponseCode", fmt::to_string(heard.response_code));
  append_header(out, "ResponseText", heard.response_text);
  append_header(out, "Contact", heard.contact);
  append_header(out, "Attempt", fmt::to_string(heard.attempt));
}

std::string_view reason_of(const Heard& heard) {
  return heard.response_text.empty() ? message::name_of(heard.state)
                                     : std::string_view(heard.response_text);
}

// What a message is said to be while nothing is known for good.
std::string_view message_so_far(const message::Acceptance& acceptance,
                                const std::optional<Heard>& heard) {
  const bool waits = heard ? heard->state == State::queued : acceptance.waits;
  return waits ? queued : successfully_sent;
}

void append_record(std::string& out, const message::Record& record) {
  append_header(out, "MessageID", record.id);
  append_header(out, "OriginalActionID", record.action_id);
  append_header(out, "Destination", record.destination);
  append_header(out, "Recipient", record.recipient);
  append_header(out, "From", record.from);
  append_header(out, "Status", message::name_of(record.state));
  append_header(out, "ResponseCode", fmt::to_string(record.response_code));
  append_header(out, "ResponseText", record.response_text);
  append_header(out, "Contact", record.contact);
  append_number(out, "Attempt", record.attempts);
  append_number(out, "Size", record.octets);
  append_header(out, "Accepted", utc_text(record.accepted));
  append_header(out, "Expires", utc_text(record.expires));
  append_header(out, "Updated", utc_text(record.updated));
}

void begin_event(std::string& out, std::string_view name, std::string_view action_id) {
  append_header(out, "Event", name);
  if (!action_id.empty()) append_header(out, "ActionID", action_id);
}

}  // namespace

Heard::Heard(const message::Status& status)
    : state(status.state),
      response_code(status.response_code),
      response_text(status.response_text),
      contact(status.contact),
      attempt(status.attempt) {}

void write_message_send_reply(std::string& out, const ReplyQueue::Pending& reply,
                              const message::Acceptance& acceptance) {
  if (acceptance.refusal) return write_refusal(out, reply.action_id, *acceptance.refusal);
  begin_reply(out, "Success", reply.action_id);
  out += "Message: ";
  out += acceptance.waits ? queued : successfully_sent;
  out += "\r\nMessageID: ";
  out += reply.message_id;
  out += "\r\n";
  if (acceptance.waits) append_header(out, "Status", message::name_of(State::queued));
  if (acceptance.known) append_header(out, "Duplicate", "yes");
  end_packet(out);
}

void write_outcome_reply(std::string& out, const ReplyQueue::Pending& reply,
                         const message::Acceptance& acceptance, const std::optional<Heard>& heard) {
  if (acceptance.refusal) return write_refusal(out, reply.action_id, *acceptance.refusal);
  const bool final = heard && message::is_final(heard->state);
  const bool failed = final && !message::is_success(heard->state);
  begin_reply(out, failed ? "Error" : "Success", reply.action_id);
  if (failed) {
    append_header(out, "Message", message_failed);
    append_header(out, "Reason", reason_of(*heard));
  } else {
    append_header(out, "Message", final ? "Message delivered" : message_so_far(acceptance, heard));
  }
  append_header(out, "MessageID", reply.message_id);
  if (heard) {
    append_outcome(out, *heard);
  } else {
    append_header(out, "Status",
                  message::name_of(acceptance.waits ? State::queued : State::sending));
  }
  if (acceptance.known) append_header(out, "Duplicate", "yes");
  end_packet(out);
}

void write_record_reply(std::string& out, std::string_view action_id, const Records& found) {
  if (!found) return append_failure(out, action_id, outbox_failed, found.error().text);
  if (found->empty()) return append_reply(out, "Error", action_id, "No such message");
  begin_reply(out, "Success", action_id);
  append_record(out, found->front());
  end_packet(out);
}

void write_listing(std::string& out, std::string_view action_id, const Listing& listing) {
  for (const auto* each : {&listing.records, &listing.oldest}) {
    if (!*each) return append_failure(out, action_id, outbox_failed, each->error().text);
  }
  begin_reply(out, "Success", action_id);
  append_header(out, "EventList", "start");
  append_header(out, "Message", "A listing of messages follows, as MessageListEntry events");
  end_packet(out);
  for (const auto& record : *listing.records) {
    begin_event(out, "MessageListEntry", action_id);
    append_record(out, record);
    end_packet(out);
  }
  begin_event(out, "MessageListComplete", action_id);
  append_header(out, "EventList", "Complete");
  append_number(out, "ListItems", listing.records->size());
  append_number(out, "Messages", listing.figures.messages);
  append_number(out, "Waiting", listing.figures.waiting);
  append_number(out, "Octets", listing.figures.octets);
  append_number(out, "Recipients", listing.figures.recipients);
  append_header(out, "OldestAge", fmt::to_string(oldest_age(listing).count()));
  end_packet(out);
}

void write_count_reply(std::string& out, std::string_view action_id, std::string_view message,
                       std::size_t count) {
  begin_reply(out, "Success", action_id);
  append_header(out, "Message", message);
  append_number(out, "Messages", count);
  end_packet(out);
}

}  // namespace missive::ami

// What the actions about messages are answered, as text for the wire.
//
// Pure functions over values; each appends whole packets to `out`.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ami/reply_queue.h"
#include "console/outbox_listing.h"
#include "message/outbox.h"
#include "message/technology.h"

namespace missive::ami {

using console::Listing;
using console::Records;

constexpr std::string_view message_failed = "Message failed to send.";

// A message::Status that is kept.
struct Heard {
  explicit Heard(const message::Status& status);

  message::Status::State state;
  int response_code;
  std::string response_text, contact;
  unsigned attempt;
};

// MessageSend, once it is known whether the message is refused or in safe hands.
void write_message_send_reply(std::string& out, const ReplyQueue::Pending& reply,
                              const message::Acceptance& acceptance);
// MessageSend with Wait: with what is known of it; `heard` empty when that is nothing.
void write_outcome_reply(std::string& out, const ReplyQueue::Pending& reply,
                         const message::Acceptance& acceptance, const std::optional<Heard>& heard);

// MessageStatus: none or one record.
void write_record_reply(std::string& out, std::string_view action_id, const Records& found);

// MessageList.
void write_listing(std::string& out, std::string_view action_id, const Listing& listing);

// MessageCancel and MessageRetry: of how many messages it was done. `message` says what.
void write_count_reply(std::string& out, std::string_view action_id, std::string_view message,
                       std::size_t count);

}  // namespace missive::ami

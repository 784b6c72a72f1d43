// What has become of a message: the states it goes through.
//
//   queued      it waits for its recipient (to come back, or for the next attempt)
//   sending     an attempt is under way
//   sent        the next hop took it and answers for the rest (202)
//   delivered   the recipient's device has it (200, or a receipt)
//   displayed   the recipient has seen it (a receipt)
//   failed      it will not be delivered
//   expired     its time ran out while it waited
//   cancelled   somebody took it back while it waited
//
// Plain values. A Status is told at each change; its views live during the call.
// Source: RFC 3428 section 7 (200 and 202), RFC 5438 section 7 (receipts).
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace missive::message {

// What one contact said of a message.
struct ContactResult {
  std::string_view contact;  // the Request-URI
  int response_code = 0;     // as in Status
  std::string_view response_text;
};

struct Status {
  // The numbers are in the database: new states go to the end.
  enum class State : std::uint8_t {
    queued,
    sending,
    sent,
    delivered,
    displayed,
    failed,
    expired,
    cancelled
  };
  State state = State::failed;
  int response_code = 0;           // SIP status; 408 on time-out, 503 when it could not be sent
  std::string_view response_text;  // the reason phrase, or what went wrong
  std::string_view contact;        // the Request-URI it went to
  unsigned attempt = 1;            // which one this is of, from 1; 0: before the first
  // Of an attempt that went to more than one contact (message_fork): each one's.
  std::span<const ContactResult> results = {};
};

inline constexpr std::array<std::string_view, 8> state_names{
    "queued", "sending", "sent", "delivered", "displayed", "failed", "expired", "cancelled"};

constexpr std::string_view name_of(Status::State state) {
  return state_names.at(static_cast<std::size_t>(state));
}
// Nothing more will be tried. A receipt may still make sent delivered, and delivered displayed.
constexpr bool is_final(Status::State state) {
  return state != Status::State::queued && state != Status::State::sending;
}
constexpr bool is_success(Status::State state) {
  return state == Status::State::sent || state == Status::State::delivered ||
         state == Status::State::displayed;
}
constexpr std::optional<Status::State> state_named(std::string_view name) {
  for (std::size_t i = 0; i < state_names.size(); ++i) {
    if (state_names[i] == name) return static_cast<Status::State>(i);
  }
  return std::nullopt;
}

// How an attempt ended, as the technology tells it.
struct Attempted {
  Status status;                        // `attempt` is the outbox's to fill in
  bool passing = false;                 // failed, but worth another attempt
  std::chrono::seconds retry_after{0};  // not before, when the peer said so
  bool contact_gone = false;            // it was removed: another one may take it at once
};

}  // namespace missive::message

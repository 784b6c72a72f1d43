// A text message that came in, as a technology hands it to the core.
//
// Immutable; one allocation holds all its text, the accessors are views into it, and it
// is shared between threads by shared_ptr<const Incoming>. `from` and `to` are what the
// dialplan shows as MESSAGE(from) and MESSAGE(to), with their technology ("pjsip:alice").
// `data` is what MESSAGE_DATA() reads, in the order received. The body is octets and is
// never edited. Source: Asterisk documentation, function MESSAGE, "Asterisk and text
// messages".
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "message/message.h"

namespace missive::message {

// What an Incoming is built from; views need to live only during the call.
struct IncomingDraft {
  std::string_view id;          // unique; a UUID
  std::string_view technology;  // "pjsip"
  std::string_view endpoint;    // who sent it, by the name it is configured under
  std::string_view context;     // where it goes in the dialplan
  std::string_view exten;
  std::string_view from;
  std::string_view to;
  std::string_view content_type;
  std::string_view body;
  int max_forwards = 70;  // hops left
  std::span<const Variable> data;
  // Who is told what becomes of what is sent on; empty: nobody, nullopt: the endpoint.
  std::optional<std::string_view> origin = std::nullopt;
  bool wants_receipt = false;  // its sender wants to know whether it was displayed
};

class Incoming {
 public:
  static std::shared_ptr<const Incoming> create(const IncomingDraft& draft);

  Incoming(const Incoming&) = delete;
  Incoming& operator=(const Incoming&) = delete;

  std::string_view id() const { return id_; }
  std::string_view technology() const { return technology_; }
  std::string_view endpoint() const { return endpoint_; }
  std::string_view context() const { return context_; }
  std::string_view exten() const { return exten_; }
  std::string_view from() const { return from_; }
  std::string_view to() const { return to_; }
  std::string_view content_type() const { return content_type_; }
  std::string_view body() const { return body_; }
  int max_forwards() const { return max_forwards_; }
  // Who is told what becomes of what is sent on: "pjsip:alice"; empty: nobody.
  std::string origin() const;
  bool wants_receipt() const { return wants_receipt_; }
  const std::vector<Variable>& data() const { return data_; }
  // The first of that name, without regard to case.
  std::optional<std::string_view> datum(std::string_view name) const;

  // As the draft had it.
  const std::optional<std::string_view>& origin_given() const { return origin_; }

  // For create() only.
  struct Key {};
  Incoming(Key, const IncomingDraft& draft);

 private:
  std::string text_;
  std::string_view id_, technology_, endpoint_, context_, exten_, from_, to_, content_type_, body_;
  std::optional<std::string_view> origin_;
  int max_forwards_;
  bool wants_receipt_;
  std::vector<Variable> data_;
};

}  // namespace missive::message

// A text message outside of any call, as every interface hands it to the core.
//
// Immutable once built: one allocation holds all its text, the accessors are views
// into it, and it is shared between threads by shared_ptr<const Message>. What the
// sender did not give is empty. The body is octets: it may hold NUL and anything else
// and is never edited. `to` and `from` are as the sender wrote them; their meaning is the
// technology's. Source: Asterisk documentation, AMI action MessageSend, application
// MessageSend().
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace missive::message {

struct Variable {
  std::string_view name;
  std::string_view value;
};

// What a Message is built from; views need to live only during the call.
struct Draft {
  std::string_view id;           // unique; a UUID
  std::string_view destination;  // with its technology: "pjsip:alice"
  std::string_view to;
  std::string_view from;
  std::string_view body;
  std::span<const Variable> variables = {};
  std::string_view action_id = {};  // of the AMI action it came by
  std::string_view origin = {};     // "pjsip:alice": who is told of its outcome; empty: nobody
  bool keyed = false;               // the sender chose the id: one of that id is sent once
  bool wants_receipt = false;       // IMDN, where the recipient's device can
  std::chrono::seconds expiry{0};   // how long it may wait; 0: as configured
};

class Message {
 public:
  static std::shared_ptr<const Message> create(const Draft& draft);

  Message(const Message&) = delete;
  Message& operator=(const Message&) = delete;

  std::string_view id() const { return id_; }
  std::string_view destination() const { return destination_; }
  std::string_view to() const { return to_; }
  std::string_view from() const { return from_; }
  std::string_view body() const { return body_; }
  const std::vector<Variable>& variables() const { return variables_; }
  std::string_view action_id() const { return action_id_; }
  std::string_view origin() const { return origin_; }
  bool keyed() const { return keyed_; }
  bool wants_receipt() const { return wants_receipt_; }
  std::chrono::seconds expiry() const { return expiry_; }

  // "pjsip" of "pjsip:alice"; empty without a colon. Compared with case, as Asterisk does.
  std::string_view technology() const;
  // "alice" of "pjsip:alice".
  std::string_view address() const;

  // For create() only.
  struct Key {};
  Message(Key, const Draft& draft);

 private:
  std::string text_;
  std::string_view id_, destination_, to_, from_, body_, action_id_, origin_;
  std::vector<Variable> variables_;
  bool keyed_, wants_receipt_;
  std::chrono::seconds expiry_;
};

}  // namespace missive::message

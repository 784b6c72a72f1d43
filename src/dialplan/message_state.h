// The message a run of the dialplan is about: what MESSAGE() and MESSAGE_DATA() read and
// write, and what MessageSend() sends.
//
// Starts as the message that came in, without a copy of it; what is written replaces that
// for this run only. Headers of the incoming message are data, and travel on only when
// marked outbound. Owned by its Run, used on whatever thread the run is on. Source: Asterisk
// documentation, functions MESSAGE and MESSAGE_DATA.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "message/incoming.h"

namespace missive::dialplan {

class MessageState {
 public:
  explicit MessageState(std::shared_ptr<const message::Incoming> incoming);

  const message::Incoming& incoming() const { return *incoming_; }

  std::string_view to() const { return to_ ? *to_ : incoming_->to(); }
  std::string_view from() const { return from_ ? *from_ : incoming_->from(); }
  std::string_view body() const { return body_ ? *body_ : incoming_->body(); }
  void set_to(std::string to) { to_ = std::move(to); }
  void set_from(std::string from) { from_ = std::move(from); }
  void set_body(std::string body) { body_ = std::move(body); }
  // What the dialplan itself set; MessageSend() falls back to the incoming ones.
  const std::optional<std::string>& to_set() const { return to_; }
  const std::optional<std::string>& from_set() const { return from_; }

  // Without regard to case; what was written goes before what was received.
  std::optional<std::string_view> datum(std::string_view name) const;
  // Sets it, and marks it outbound, as Asterisk's MESSAGE_DATA() does. An empty value removes it.
  void set_datum(std::string_view name, std::string value);
  void mark_all_outbound();
  void clear_all_outbound();
  // What goes out as headers, views that live until the next change.
  void outbound(std::vector<message::Variable>& out) const;

 private:
  struct Datum {
    std::string name;
    std::string value;
    bool outbound = false;
    bool removed = false;
  };
  Datum* find(std::string_view name);

  std::shared_ptr<const message::Incoming> incoming_;
  std::optional<std::string> to_, from_, body_;
  std::vector<Datum> written_;
  bool received_outbound_ = false;  // the ones of `incoming_` that are not in written_
};

}  // namespace missive::dialplan

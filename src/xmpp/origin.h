// Who sent an XMPP message that went on to somebody else, and what it wanted to hear of it.
//
//   xmpp:gateway/alice@example.com/phone?id=abc123&to=bob@gw.example.com&receipt&marker
//
// Travels with the message as its origin (message/message.h) and is read when its outcome is known.
// `id` and the address are escaped as in a URI. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace missive::xmpp {

struct Origin {
  std::string account;
  std::string address;  // as in `from`
  std::string id;       // of the stanza; may be empty
  std::string to;       // whom of a component it was sent to; empty: the account
  bool receipt = false;
  bool marker = false;

  std::string str() const;
  // nullopt: it is the origin of another technology.
  static std::optional<Origin> parse(std::string_view text);

  bool operator==(const Origin&) const = default;
};

}  // namespace missive::xmpp

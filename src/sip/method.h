// SIP methods (RFC 3261, 3262, 3311, 3428, 3515, 3903, 6086, 6665).
//
// Method names are case-sensitive tokens: `invite` is an unknown method. Where the
// method is unknown the name itself is kept beside the enum.
#pragma once

#include <cstdint>
#include <string_view>

namespace missive::sip {

enum class Method : std::uint8_t {
  INVITE,
  ACK,
  BYE,
  CANCEL,
  OPTIONS,
  REGISTER,
  MESSAGE,
  SUBSCRIBE,
  NOTIFY,
  PUBLISH,
  INFO,
  PRACK,
  UPDATE,
  REFER,
  unknown
};

Method parse_method(std::string_view name);
// "" for unknown.
std::string_view method_name(Method method);

}  // namespace missive::sip

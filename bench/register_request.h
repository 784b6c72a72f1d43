// A REGISTER as a phone on 127.0.0.1 writes it.
//
// Its Call-ID is register_call_id and the user's name, by which an answer is known. Source: RFC
// 3261 section 10.2; RFC 7118 section 5 (transport=ws for wss, too).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sip/protocol.h"

namespace missive::bench {

constexpr std::string_view register_call_id = "register-";

struct RegisterRequest {
  std::string user;
  sip::Protocol protocol = sip::Protocol::udp;
  std::uint16_t server_port = 0;
  std::uint16_t own_port = 0;  // where the answer goes
  std::uint16_t contact_port = 0;
};
std::string write_register(const RegisterRequest& request);

// Whose REGISTER `answer` has accepted, empty where it is something else; a view of it. A refusal
// is a std::runtime_error.
std::string_view registered_user(std::string_view answer);

}  // namespace missive::bench

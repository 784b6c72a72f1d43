#include "register_request.h"

#include <fmt/format.h>

#include <stdexcept>

#include "base/text.h"

namespace missive::bench {
namespace {

std::string contact_parameter(sip::Protocol protocol) {
  if (protocol == sip::Protocol::udp) return "";
  const auto named = protocol == sip::Protocol::wss ? sip::Protocol::ws : protocol;
  return fmt::format(";transport={}", sip::name_of(named));
}

// 100 to 699; 0 where `text` is no response.
int status_of(std::string_view text) {
  if (!text.starts_with("SIP/2.0 ") || text.size() < 12) return 0;
  return base::parse_number<int>(text.substr(8, 3)).value_or(0);
}

}  // namespace

std::string write_register(const RegisterRequest& request) {
  return fmt::format(
      "REGISTER sip:127.0.0.1:{1} SIP/2.0\r\nVia: SIP/2.0/{5} 127.0.0.1:{2};branch=z9hG4bKr{0}\r\n"
      "Max-Forwards: 70\r\nFrom: <sip:{0}@127.0.0.1>;tag=r{0}\r\nTo: <sip:{0}@127.0.0.1>\r\n"
      "Call-ID: {4}{0}\r\nCSeq: 1 REGISTER\r\nContact: <sip:{0}@127.0.0.1:{3}{6}>\r\n"
      "Expires: 7200\r\nContent-Length: 0\r\n\r\n",
      request.user, request.server_port, request.own_port, request.contact_port, register_call_id,
      sip::via_name_of(request.protocol), contact_parameter(request.protocol));
}

std::string_view registered_user(std::string_view answer) {
  const auto status = status_of(answer);
  if (status >= 300) {
    throw std::runtime_error("a REGISTER is refused: " + base::printable(answer));
  }
  const auto at = answer.find(register_call_id);
  if (status < 200 || at == std::string_view::npos) return {};
  const auto rest = answer.substr(at + register_call_id.size());
  return rest.substr(0, rest.find('\r'));
}

}  // namespace missive::bench

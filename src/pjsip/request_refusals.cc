#include "pjsip/request_refusals.h"

#include "pjsip/message_content.h"
#include "sip/packet.h"

namespace missive::pjsip {
namespace {

constexpr std::string_view allow = "Allow: OPTIONS, REGISTER, MESSAGE\r\n";

// No extension is supported, so whatever is required is not (RFC 3261 section 8.2.2.3).
sip::Response options(const sip::Packet& request, const std::string& accept) {
  if (const auto required = request.value(sip::HeaderId::Require); !required.empty()) {
    return {420, "", "Unsupported: " + std::string(required) + "\r\n"};
  }
  return {200, "", std::string(allow) + accept + "Supported:\r\n"};
}

}  // namespace

RequestRefusals::RequestRefusals(const std::vector<std::string>& accept)
    : accept_(accept_header(accept)) {}

bool RequestRefusals::on_request(const sip::IncomingRequest& request, sip::Response& response) {
  const auto to = request.packet.to();
  const bool in_dialog = to && !to->tag().empty();
  switch (request.packet.method()) {
    case sip::Method::OPTIONS:
      response = options(request.packet, accept_);
      return true;
    case sip::Method::INVITE:
      response = {488, "", "Warning: 399 missive \"messages only, no calls are served here\"\r\n"};
      return true;
    case sip::Method::CANCEL:
      response = {481, "", ""};
      return true;
    case sip::Method::unknown:
      return false;
    default:
      break;
  }
  response = in_dialog ? sip::Response{481, "", ""} : sip::Response{405, "", std::string(allow)};
  return true;
}

}  // namespace missive::pjsip

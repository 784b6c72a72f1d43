#include "pjsip/receipt_intake.h"

#include <optional>

#include "base/log.h"
#include "base/text.h"
#include "message/cpim.h"
#include "message/imdn.h"
#include "pjsip/message_content.h"

namespace missive::pjsip {
namespace {

// What such a body says must be undone first, which nobody does.
bool is_encoded(std::string_view encoding) {
  return !encoding.empty() && !base::iequals(encoding, "7bit") &&
         !base::iequals(encoding, "8bit") && !base::iequals(encoding, "binary");
}

// The XML of the receipt that a request carries; nothing where it carries none.
std::optional<std::string_view> receipt_in(const sip::Packet& packet) {
  const auto type = content_type_of(packet);
  if (message::is_of_type(type, message::imdn_type)) return packet.body();
  if (!message::is_of_type(type, message::cpim_type)) return std::nullopt;
  const auto cpim = message::parse_cpim(packet.body());
  if (!cpim || !message::is_of_type(cpim->content_type(), message::imdn_type) ||
      is_encoded(cpim->content_header("Content-Transfer-Encoding"))) {
    return std::nullopt;
  }
  return cpim->body;
}

}  // namespace

bool ReceiptIntake::take(const EndpointRequest& request) {
  const auto& packet = request.packet();
  if (packet.method() != sip::Method::MESSAGE ||
      packet.find(sip::HeaderId::ContentEncoding) != nullptr) {
    return false;
  }
  const auto document = receipt_in(packet);
  if (!document) return false;
  auto receipt = message::parse_imdn(*document);
  const auto& endpoint = request.endpoint.name;
  if (!receipt) {
    log::debug("a receipt from endpoint '{}' cannot be read: {}", endpoint, receipt.error().text);
    return false;
  }
  log::debug("receipt from endpoint '{}' for message {}: {}", endpoint,
             base::printable(receipt->message_id, 80), message::name_of(receipt->disposition));
  if (const auto state = message::state_of(*receipt)) {
    tell_(std::move(receipt->message_id), *state, endpoint);
  }
  return !pass_receipts_;
}

}  // namespace missive::pjsip

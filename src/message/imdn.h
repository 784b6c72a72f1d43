// message/imdn+xml: a receipt, which says what became of a message (RFC 5438 section 7.2).
//
//   <imdn xmlns="urn:ietf:params:xml:ns:imdn">
//     <message-id>34jk324j</message-id>
//     <datetime>2026-01-02T00:00:00Z</datetime>
//     <display-notification><status><displayed/></status></display-notification>
//   </imdn>
//
// Pure. A document is at most 16 KiB of UTF-8, 16 elements deep, and has no DOCTYPE: nothing is
// expanded, nothing is fetched. Elements of other namespaces are passed over.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "message/status.h"

namespace missive::message {

inline constexpr std::string_view imdn_type = "message/imdn+xml";

struct Imdn {
  enum class Notification { delivery, processing, display };
  enum class Disposition { delivered, failed, displayed, processed, stored, forbidden, error };

  std::string message_id;  // never empty, at most 256 octets
  std::string datetime;    // when the message was sent, as its sender wrote it
  std::string recipient_uri;
  std::string original_recipient_uri;
  Notification notification = Notification::delivery;
  Disposition disposition = Disposition::delivered;

  bool operator==(const Imdn&) const = default;
};

// The names of their elements: "delivery-notification", "delivered".
std::string_view name_of(Imdn::Notification notification);
std::string_view name_of(Imdn::Disposition disposition);

base::Result<Imdn> parse_imdn(std::string_view document);
// Appends the document. Characters that XML has no place for become spaces; the texts are UTF-8.
void append_imdn(std::string& out, const Imdn& imdn);

// What a receipt makes of the message it names: delivered, displayed or failed. Nothing where it
// says that it says nothing (forbidden, error), or only that the message is on its way.
std::optional<Status::State> state_of(const Imdn& imdn);

// Whether an endpoint ("alice") may send receipts for what went to that recipient ("pjsip:alice",
// "pjsip:alice/home"): nobody speaks for another.
bool is_receipt_of(std::string_view recipient, std::string_view endpoint);

}  // namespace missive::message

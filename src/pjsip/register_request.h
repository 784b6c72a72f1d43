// One REGISTER of ours as text, and what its answer says.
//
// The Contact is sip:USER@ADDRESS with the transport unless that is UDP, `line` with the token of
// the registration (line_token.h) and `ob` where the options ask for them; sips: where the
// registrar is. With support_outbound it bears reg-id=1 and an instance id, a UUID of version 5
// made of this machine's name and the registration's, so that it is the same after a restart.
//
// Pure but for the machine's name. Source: RFC 3261 sections 10.2, 10.3, 20.33; RFC 3327; RFC 5626
// sections 4.1, 4.2; RFC 9562 section 5.5.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "pjsip/configuration.h"
#include "pjsip/request_attempt.h"
#include "sip/outgoing_request.h"
#include "sip/packet.h"
#include "sip/protocol.h"
#include "sip/sent_by.h"

namespace missive::pjsip {

struct RegisterRequest {
  const Configuration& configuration;
  const Registration& registration;
  std::chrono::seconds expires;  // 0: takes it back
};

// `protocol` as in Via.
void write_register(const RegisterRequest& what, std::string_view protocol, const sip::SentBy& own,
                    const RequestIdentity& identity, sip::OutgoingRequest& out);

// The URI that we are registered by.
std::string contact_uri(const Registration& registration, std::string_view protocol,
                        const sip::SentBy& own);
// "urn:uuid:..."
std::string instance_id(std::string_view registration, std::string_view host);

// For how long a 2xx registers `contact`: the expires of that Contact, of the only one where the
// registrar writes it in another way, else the Expires header, else what was asked for.
std::chrono::seconds granted_expiration(const sip::Packet& response, std::string_view contact,
                                        std::chrono::seconds asked);
// Min-Expires of a 423; nothing where it is missing or malformed.
std::optional<std::chrono::seconds> min_expires(const sip::Packet& response);
// Retry-After, a day at most; nothing where it is missing, malformed or 0.
std::optional<std::chrono::seconds> retry_after(const sip::Packet& response);

}  // namespace missive::pjsip

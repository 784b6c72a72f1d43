// What a REGISTER does to a list of contacts (RFC 3261 section 10.3, step 7).
//
// Pure: no socket, no clock, no lock. All that was asked for is done, or nothing.
//
// A binding is the one of the same instance and reg-id (RFC 5626), else of an equivalent URI,
// else what the same phone (Call-ID) wrote the same way: so one is known again whose rewritten
// URI changed with the phone's port.
//
// Source: RFC 3261 sections 10.3, 19.1.4; RFC 5626 section 6; Asterisk documentation, res_pjsip,
// "aor" (max_contacts, remove_existing, remove_unavailable).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "pjsip/location_service.h"
#include "pjsip/registrar_request.h"

namespace missive::pjsip {

struct AppliedBindings {
  using Contacts = std::vector<std::shared_ptr<const Contact>>;
  Contacts added;
  Contacts refreshed;
  Contacts removed;  // asked for
  Contacts evicted;  // by remove_existing or remove_unavailable
};

// `common` is a Contact with all that the request's contacts share: AOR, Call-ID, CSeq, ...;
// its `updated` is now.
OrRefused<AppliedBindings> apply_bindings(const RequestedBindings& requested, const Contact& common,
                                          const Aor& aor, std::vector<KnownContact>& contacts);

// The Contact lines of the answer.
std::string contact_lines(const std::vector<KnownContact>& contacts, base::TimePoint now);

}  // namespace missive::pjsip

// A contact as Asterisk shows it: in the contact events of AMI and to PJSIP_CONTACT().
//
// Pure; any thread. Source: Asterisk documentation, function PJSIP_CONTACT, AMI events
// ContactStatus, ContactStatusDetail, ContactList.
#pragma once

#include <ctime>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "pjsip/aor.h"
#include "pjsip/location_service.h"
#include "pjsip/shown_options.h"

namespace missive::pjsip {

// "alice;@HASH" of one that registered, "alice@@HASH" of one of pjsip.conf; HASH is the MD5 of its
// URI.
std::string contact_id(const Contact& contact);
// "Reachable", "Unreachable"; where that is not known "Unknown", or "NonQualified" of one that is
// not asked. `aor`: whose contact it is, or nullptr.
std::string_view status_label(const Aor* aor, const ContactStatus& status);
// The time of its last answer in microseconds; "N/A" where it was not asked.
std::string round_trip_text(const ContactStatus& status);
// Seconds of the epoch; 0 of a permanent one.
std::time_t expires_at(const Contact& contact, const base::Clock& clock);

// What is asked about at one time. All of it outlives it.
struct ShownContact {
  const KnownContact& known;
  const Aor* aor;  // nullptr: there is none in pjsip.conf
  const base::Clock& clock;
};

// The fields of ContactList, in its order.
void visit_fields(const ShownContact& contact, const OptionVisitor& visit);
// One field by its name, without case; nullopt when there is none.
std::optional<std::string> shown_field(const ShownContact& contact, std::string_view field);

}  // namespace missive::pjsip

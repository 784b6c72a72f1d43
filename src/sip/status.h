// Default reason phrases (IANA registry "SIP Response Codes", RFC 3261 section 21).
#pragma once

#include <string_view>

namespace missive::sip {

// Never empty: an unregistered status has the phrase of its class.
std::string_view default_reason(int status);

}  // namespace missive::sip

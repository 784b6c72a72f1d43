// The `line` parameter of a registration: what a request that a registrar sends us carries back to
// say which registration it came by.
//
// A keyed hash of the registration's name. The key is drawn once for the process, so all shards
// know all tokens, none can be guessed from outside, and each stays as long as the process lives.
// Any thread. Source: Asterisk documentation, res_pjsip_outbound_registration (line).
#pragma once

#include <string>
#include <string_view>

namespace missive::pjsip {

// 16 characters of [0-9a-f].
std::string line_token(std::string_view registration);

}  // namespace missive::pjsip

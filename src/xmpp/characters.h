// Which characters XMPP can carry: those of UTF-8 that XML has. Pure. Source: XML 1.0 section 2.2.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace missive::xmpp {

// The error says what is in the way, and where.
base::Result<void> check_characters(std::string_view text);

// The beginning of `text`, of at most `limit` octets, with a question mark for each octet that is
// in the way.
std::string carried(std::string_view text, std::size_t limit);

}  // namespace missive::xmpp

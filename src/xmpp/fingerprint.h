// What a message is known by when it comes again: 16 octets that stand for its parts, however long
// those are. Pure.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace missive::xmpp {

std::string fingerprint(std::initializer_list<std::string_view> parts);

}  // namespace missive::xmpp

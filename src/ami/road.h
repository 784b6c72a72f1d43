// How a session's client reaches us.
#pragma once

#include <cstdint>
#include <string_view>

namespace missive::ami {

enum class Road : std::uint8_t { tcp, tls, http, https };

constexpr bool is_web(Road road) { return road == Road::http || road == Road::https; }
constexpr bool is_secure(Road road) { return road == Road::tls || road == Road::https; }
// As security events name what carries it.
constexpr std::string_view transport_of(Road road) { return is_secure(road) ? "TLS" : "TCP"; }

}  // namespace missive::ami

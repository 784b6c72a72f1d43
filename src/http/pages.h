// What the server answers by itself: redirects and the status page.
//
// On the host's shard. Source: Asterisk documentation, http.conf (redirect, enable_status).
#pragma once

#include <optional>

#include "http/host.h"

namespace missive::http {

inline constexpr std::string_view status_path = "/httpstatus";

// Nothing when `path` (with the prefix) is none of them.
std::optional<Response> page_of(const Host& host, std::string_view method, std::string_view path);

}  // namespace missive::http

// Whether the body of a MESSAGE is one that is taken: its type, encoding, size and characters.
//
// Pure. The types are those of message_accept, compared without case and parameters; `*/*` and
// `text/*` stand for many. A MESSAGE with neither body nor Content-Type is an empty text. A body
// of text/plain is UTF-8 (or US-ASCII) and is refused where it is not, never edited or cut.
// Source: RFC 3261 section 8.2.3, RFC 3428 section 4, RFC 2046 section 4.1.2.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "sip/packet.h"
#include "sip/request_user.h"

namespace missive::pjsip {

struct ContentRules {
  std::span<const std::string> accept;  // in lower case
  std::size_t max_body = 64 * 1024;
};

// `Accept: text/plain, text/html` with its CRLF.
std::string accept_header(std::span<const std::string> accept);

// The answer to a MESSAGE whose content is not taken: 415, 413 or 400 with what would be right.
std::optional<sip::Response> refuse_content(const sip::Packet& request, const ContentRules& rules);

// Of the request, `text/plain` where it has none.
std::string_view content_type_of(const sip::Packet& request);

}  // namespace missive::pjsip

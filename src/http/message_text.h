// Between Beast's messages and ours: a request taken apart, a response as text, an error of the
// parser as the answer to it. Internal; includes Boost.Beast.
//
// Source: RFC 7230 sections 3, 5.3; RFC 7231 section 7.
#pragma once

#include <optional>

#include "base/result.h"
#include "http/request.h"
#include "http/stream_types.h"

namespace missive::http {

// Origin form ("/a?b") and absolute form ("http://host/a?b") of a target are understood.
base::Result<Request> request_from(const BeastRequest& message);

struct Framing {
  unsigned version = 11;
  bool keep_alive = false;
  bool head_only = false;   // the answer to HEAD: no body
  std::string_view server;  // empty: no Server field
  std::string_view date;
};
std::string text_of(const Response& response, const Framing& framing);

// What to answer to a request that Beast could not read; nothing where nobody would read it.
std::optional<Response> refusal_of(const ErrorCode& error);

}  // namespace missive::http

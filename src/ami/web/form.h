// From the parameters of an HTTP request to the octets of one AMI action.
//
// Parameters are `name=value&...`, escaped as a browser does it, of the query and of the body of a
// form; the order stays, and names may repeat. Pure; any thread.
// Source: WHATWG URL Standard, application/x-www-form-urlencoded; RFC 6265 section 4.2 (Cookie).
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "http/request.h"

namespace missive::ami::web {

using Parameters = std::vector<std::pair<std::string, std::string>>;

// Adds what `text` holds; a part without a name is left out.
void add_form(Parameters& parameters, std::string_view text);

// Query and form; an error for a body that is no form.
base::Result<Parameters> parameters_of(const http::Request& request);

// "Action: Ping\r\nActionID: 1\r\n\r\n". A name or a value that would not stay in its line is an
// error.
base::Result<std::string> action_of(const Parameters& parameters);

// The value of the cookie, without quotes; empty when there is none.
std::string_view cookie_of(const http::Request& request, std::string_view name);

}  // namespace missive::ami::web

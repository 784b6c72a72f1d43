// The destination of a message as people write it, taken apart.
//
// What stands after `pjsip:` has one of the forms of the MessageSend documentation. This is
// the grammar alone: pure, without configuration. Where only the configuration can tell
// two meanings apart (is `bob` an endpoint or a host?) the form says so and Resolution
// decides. Views are into the text that was parsed.
//
//   name                 endpoint, or else host            through the default endpoint
//   name@host            endpoint@domain, or else user@host
//   endpoint/name        endpoint/aor, or else endpoint/host
//   endpoint/user@host
//   endpoint/URI         URI: sip[s]:..., <sip[s]:...>, "display name" <sip[s]:...>
//   URI                  through the default endpoint
//   PJSIP/user@endpoint  like a dial string; PJSIP/endpoint too
//
// Source: Asterisk documentation, AMI action MessageSend (20.7), "Technology: PJSIP".
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace missive::pjsip {

struct Destination {
  enum class Form {
    name,
    name_at_host,
    endpoint_name,
    endpoint_user_host,
    endpoint_uri,
    uri,
    dial_string,
  };

  Form form = Form::name;
  std::string_view endpoint;      // endpoint_*, dial_string; the candidate of name*
  std::string_view user;          // name_at_host, dial_string
  std::string_view target;        // what follows the endpoint or is all there is, without brackets
  std::string_view display_name;  // *_uri: raw, without quotes
};

// The form in the documentation's words: "endpoint/user@host".
std::string_view name_of(Destination::Form form);

base::Result<Destination> parse_destination(std::string_view text);

}  // namespace missive::pjsip

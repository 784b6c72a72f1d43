// What an Authorization header says: the credentials of a Digest (RFC 7616 section 3.4).
//
// Pure. Quoted values are as they were before quoting. A header that breaks the form, names a
// parameter twice or lacks one is an error, never half read.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sip/digest.h"

namespace missive::pjsip {

struct DigestCredentials {
  std::string username;
  std::string realm;
  std::string nonce;
  std::string uri;
  std::string response;
  std::string cnonce;
  sip::DigestAlgorithm algorithm;  // MD5 where none is named
  sip::DigestQop qop = sip::DigestQop::none;
  std::uint32_t nonce_count = 0;  // 0 without qop
};

base::Result<DigestCredentials> parse_digest_credentials(std::string_view value);

}  // namespace missive::pjsip

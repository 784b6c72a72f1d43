// The value of `auth =` in sip.conf: what answers the challenges of one realm.
//
//   user:secret@realm   user#md5secret@realm
//
// Pure. Errors do not repeat the secret. Source: Asterisk documentation, sip.conf,
// [authentication].
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "conf/conf.h"

namespace missive::chan_sip {

struct CredentialsLine {
  std::string user;
  std::string secret;
  std::string md5secret;  // of user:realm:secret, in hexadecimal; empty: `secret` is given
  std::string realm;
  conf::Location where;

  static base::Result<CredentialsLine> parse(std::string_view text);
};

// 32 hexadecimal digits, in lower case; nothing for an empty text.
base::Result<std::string> read_md5secret(std::string_view text);

}  // namespace missive::chan_sip

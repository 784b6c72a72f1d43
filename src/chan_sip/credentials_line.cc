#include "chan_sip/credentials_line.h"

#include <algorithm>

#include "base/text.h"

namespace missive::chan_sip {

base::Result<std::string> read_md5secret(std::string_view text) {
  const bool hash = text.size() == 32 && std::all_of(text.begin(), text.end(), base::is_hex_digit);
  if (hash || text.empty()) return base::lower(text);
  return base::fail("the MD5 hash of user:realm:secret has 32 hexadecimal digits");
}

base::Result<CredentialsLine> CredentialsLine::parse(std::string_view text) {
  const auto wrong = [] { return base::fail("needs user:secret@realm or user#md5secret@realm"); };
  const auto at = text.rfind('@');
  if (at == text.npos || at + 1 == text.size()) return wrong();
  CredentialsLine out;
  out.realm = base::trim(text.substr(at + 1));
  const auto account = base::trim(text.substr(0, at));
  const auto colon = account.find(':');
  const auto mark = colon != account.npos ? colon : account.find('#');
  if (mark == 0 || mark == account.npos || out.realm.empty()) return wrong();
  out.user = account.substr(0, mark);
  const auto secret = account.substr(mark + 1);
  if (colon != account.npos) {
    out.secret = secret;
    return out;
  }
  auto hash = read_md5secret(secret);
  if (!hash) return tl::unexpected(hash.error());
  if (hash->empty()) return wrong();
  out.md5secret = std::move(*hash);
  return out;
}

}  // namespace missive::chan_sip

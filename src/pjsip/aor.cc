#include "pjsip/aor.h"

#include <charconv>
#include <cmath>

#include "conf/binder.h"
#include "pjsip/option_types.h"

namespace missive::pjsip {
namespace {

using namespace std::chrono_literals;

base::Result<void> add_contacts(Aor& aor, const conf::Option& option) {
  for (auto& uri : conf::read_list(option.value)) {
    if (const auto good = check_sip_uri(uri); !good) return good;
    aor.contacts.push_back(std::move(uri));
  }
  return {};
}

// Seconds with a fraction: 3.0.
base::Result<void> set_qualify_timeout(Aor& aor, const conf::Option& option) {
  const auto* end = option.value.data() + option.value.size();
  double seconds = -1;
  const auto read = std::from_chars(option.value.data(), end, seconds);
  if (read.ec != std::errc{} || read.ptr != end || !(seconds >= 0 && seconds <= 3600)) {
    return base::fail("'{}' is no number of seconds from 0 to 3600, as in 3.0",
                      base::printable(option.value, 80));
  }
  aor.qualify_timeout = std::chrono::milliseconds(std::lround(seconds * 1000));
  return {};
}

conf::Binder<Aor> make_binder() {
  conf::Binder<Aor> binder("aor");
  binder.custom("contact", add_contacts)
      .custom("outbound_proxy", sip_uri(&Aor::outbound_proxy))
      .number("max_contacts", &Aor::max_contacts, 0, 1'000'000)
      .number("minimum_expiration", &Aor::minimum_expiration, 1s, 4'294'967'295s)
      .number("maximum_expiration", &Aor::maximum_expiration, 1s, 4'294'967'295s)
      .number("default_expiration", &Aor::default_expiration, 1s, 4'294'967'295s)
      .number("qualify_frequency", &Aor::qualify_frequency, 0s, 86'400s)
      .custom("qualify_timeout", set_qualify_timeout)
      .boolean("qualify_2xx_only", &Aor::qualify_2xx_only)
      .boolean("authenticate_qualify", &Aor::authenticate_qualify)
      .boolean("remove_existing", &Aor::remove_existing)
      .boolean("remove_unavailable", &Aor::remove_unavailable)
      .boolean("support_path", &Aor::support_path)
      .boolean("message_store", &Aor::message_store)
      .duration("message_expiry", &Aor::message_expiry, 0s, 3650 * 86'400s)
      .text("mailboxes", &Aor::mailboxes)
      .text("voicemail_extension", &Aor::voicemail_extension)
      .ignored({"type"});
  return binder;
}

}  // namespace

void read_aor(const conf::Section& section, Aor& aor, conf::Problems& problems) {
  static const auto binder = make_binder();
  aor.name = section.name;
  aor.where = section.where;
  binder.bind(section, aor, problems);
}

}  // namespace missive::pjsip

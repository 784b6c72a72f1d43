#include "pjsip/delay_headers.h"

#include <algorithm>

#include "base/text.h"
#include "sip/date.h"

namespace missive::pjsip {

void write_delay(sip::RequestWriter& writer, const message::Dispatch& dispatch,
                 const OutgoingHeaders& headers) {
  if (!dispatch.delayed) return;
  const auto given = [&headers](std::string_view name) {
    return std::any_of(headers.extra.begin(), headers.extra.end(),
                       [name](const auto& header) { return base::iequals(header.name, name); });
  };
  const auto left = std::chrono::ceil<std::chrono::seconds>(dispatch.expires - dispatch.now);
  if (!given("Date")) writer.header("Date", sip::date_text(dispatch.accepted));
  if (!given("Expires")) {
    writer.number("Expires", static_cast<std::uint64_t>(std::max<long long>(left.count(), 0)));
  }
}

}  // namespace missive::pjsip

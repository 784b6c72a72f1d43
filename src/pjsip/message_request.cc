#include "pjsip/message_request.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "pjsip/identity.h"
#include "pjsip/receipt_request.h"
#include "sip/date.h"

namespace missive::pjsip {
namespace {

// When it was sent, and for how long it is worth showing (RFC 3428 section 4); unless the sender
// has said so.
void write_delay(sip::RequestWriter& writer, const message::Dispatch& dispatch,
                 const OutgoingHeaders& headers) {
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

}  // namespace

base::Result<void> write_message(const MessageRequest& what, std::string_view protocol,
                                 const sip::SentBy& own, base::RandomSource& random,
                                 sip::OutgoingRequest& out) {
  const auto& endpoint = *what.resolution.endpoint;
  const auto& message = what.message;
  sip::RequestWriter writer(out, sip::Method::MESSAGE, what.resolution.request_uri);
  writer.via(protocol, own.host_port);

  std::array<char, 36> token;
  random.write_token(token.data(), token.size());
  const std::string_view unique(token.data(), token.size());
  auto from = append_from(writer.open("From"), message.from(), endpoint, own.host);
  if (!from) return from;
  writer.close(unique.substr(0, 12));
  auto to =
      append_to(writer.open("To"), message.to(), what.resolution.display_name, what.resolution.uri);
  if (!to) return to;
  writer.close();
  if (what.contact_header) {
    append_contact(writer.open("Contact"), endpoint, own.host_port);
    writer.close();
  }
  writer.header("Call-ID", unique.substr(12));
  writer.cseq(10000 + static_cast<std::uint32_t>(random.below(50000)));
  if (!what.resolution.route.empty()) writer.header("Route", what.resolution.route);
  for (const auto& header : what.headers.extra) writer.header(header.name, header.value);
  writer.number("Max-Forwards", static_cast<std::uint64_t>(what.headers.max_forwards));
  if (what.dispatch.delayed) write_delay(writer, what.dispatch, what.headers);
  const auto& user_agent = what.configuration.global().user_agent;
  if (!what.headers.user_agent_given && !user_agent.empty()) {
    writer.header("User-Agent", user_agent);
  }
  if (!what.plain && asks_for_receipt(message, what.headers.content_type)) {
    std::string wrapped;
    auto written = write_receipt_request(what, own.host, what.dispatch.accepted, wrapped);
    if (!written) return written;
    writer.body(message::cpim_type, wrapped);
    return {};
  }
  writer.body(what.headers.content_type, message.body());
  return {};
}

}  // namespace missive::pjsip

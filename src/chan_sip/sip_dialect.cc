#include "chan_sip/sip_dialect.h"

#include <algorithm>

#include "base/text.h"
#include "chan_sip/from_identity.h"
#include "chan_sip/resolver.h"
#include "pjsip/delay_headers.h"
#include "pjsip/receipt_request.h"
#include "sip/name_addr.h"

namespace missive::chan_sip {
namespace {

constexpr std::string_view plain_text = "text/plain;charset=UTF-8";

bool names_content_type(const message::Variable& variable) {
  const auto name = base::trim(variable.name);
  return base::iequals(name, "Content-Type") || base::iequals(name, "c");
}

void append_to(std::string& out, const pjsip::Resolution& resolution) {
  if (!resolution.display_name.empty()) {
    sip::append_quoted(out, sip::unquote(resolution.display_name));
    out += ' ';
  }
  const auto uri = resolution.to_uri();
  out += '<';
  out += uri.scheme;
  out += ':';
  if (!uri.user.empty()) {
    out += uri.user;
    out += '@';
  }
  if (uri.host_is_ipv6) out += '[';
  out += uri.host;
  if (uri.host_is_ipv6) out += ']';
  if (uri.port) fmt::format_to(std::back_inserter(out), ":{}", *uri.port);
  out += '>';
}

class SipDialect final : public pjsip::Dialect {
 public:
  explicit SipDialect(bool srv_lookup) : srv_lookup_(srv_lookup) {}

  std::string_view technology() const override { return "sip"; }

  std::optional<message::Refusal> resolve(const pjsip::Configuration& configuration,
                                          const pjsip::LocationService& locations,
                                          const message::Message& message, pjsip::Resolution& out,
                                          pjsip::Trace* trace) const override {
    return chan_sip::resolve(configuration, locations, message, {.srv_lookup = srv_lookup_}, out,
                             trace);
  }

  std::optional<message::Refusal> find_recipient(const pjsip::Configuration& configuration,
                                                 const pjsip::LocationService& locations,
                                                 const message::Message& message,
                                                 pjsip::Resolution& out) const override {
    return chan_sip::resolve(configuration, locations, message,
                             {.srv_lookup = srv_lookup_, .only_recipient = true}, out, nullptr);
  }

  base::Result<void> sort_variables(const pjsip::Configuration& configuration,
                                    const message::Message& message,
                                    pjsip::OutgoingHeaders& out) const override {
    const auto& variables = message.variables();
    auto sorted = pjsip::sort_variables(variables,
                                        static_cast<int>(configuration.global().max_forwards), out);
    if (std::none_of(variables.begin(), variables.end(), names_content_type)) {
      out.content_type = plain_text;
    }
    return sorted;
  }

  base::Result<void> write(const pjsip::MessageRequest& what, std::string_view protocol,
                           const sip::SentBy& own, const pjsip::RequestIdentity& identity,
                           sip::OutgoingRequest& out) const override;

 private:
  const bool srv_lookup_;
};

base::Result<void> SipDialect::write(const pjsip::MessageRequest& what, std::string_view protocol,
                                     const sip::SentBy& own, const pjsip::RequestIdentity& identity,
                                     sip::OutgoingRequest& out) const {
  const auto& resolution = what.resolution;
  const auto& headers = what.headers;
  FromIdentity from;
  auto read = from.read(what.configuration, *resolution.endpoint, what.message.from());
  if (!read) return read;

  sip::RequestWriter writer(out, sip::Method::MESSAGE, resolution.request_uri);
  writer.via(protocol, own.host_port, resolution.endpoint->send_rport);
  writer.number("Max-Forwards", static_cast<std::uint64_t>(headers.max_forwards));
  if (!resolution.route.empty()) writer.header("Route", resolution.route);
  from.append_from(writer.open("From"), protocol, own);
  writer.close(identity.from_tag());
  append_to(writer.open("To"), resolution);
  writer.close();
  if (what.contact_header) {
    from.append_contact(writer.open("Contact"), protocol, own);
    writer.close();
  }
  writer.header("Call-ID", identity.call_id());
  writer.cseq(identity.cseq);
  const auto& user_agent = what.configuration.global().user_agent;
  if (!headers.user_agent_given && !user_agent.empty()) writer.header("User-Agent", user_agent);
  pjsip::write_delay(writer, what.dispatch, headers);
  for (const auto& header : headers.extra) writer.header(header.name, header.value);
  if (!what.plain && pjsip::asks_for_receipt(what.message, headers.content_type)) {
    std::string wrapped;
    auto written = pjsip::write_receipt_request(what, own.host, what.dispatch.accepted, wrapped);
    if (!written) return written;
    writer.body(message::cpim_type, wrapped);
    return {};
  }
  writer.body(headers.content_type, what.message.body());
  return {};
}

}  // namespace

const pjsip::Dialect& dialect(bool srv_lookup) {
  static const SipDialect with_srv(true);
  static const SipDialect without_srv(false);
  return srv_lookup ? with_srv : without_srv;
}

}  // namespace missive::chan_sip

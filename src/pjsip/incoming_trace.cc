#include "pjsip/incoming_trace.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"
#include "pjsip/authenticator.h"
#include "pjsip/identifier.h"
#include "pjsip/message_uas.h"
#include "pjsip/sender_identity.h"
#include "sip/packet.h"
#include "sip/uri.h"

namespace missive::pjsip {
namespace {

using base::printable;

// What people write for short, as a URI at `host`.
std::string uri_text(std::string_view text, std::string_view host) {
  text = base::trim(text);
  if (text.find(':') != std::string_view::npos) return std::string(text);
  auto uri = "sip:" + std::string(text);
  if (text.find('@') == std::string_view::npos) uri.append("@").append(host);
  return uri;
}

std::string from_text(std::string_view text, std::string_view host) {
  text = base::trim(text);
  if (text.find('<') != std::string_view::npos) return std::string(text);
  return "<" + uri_text(text, host) + ">";
}

base::Result<sip::Uri> checked_uri(std::string_view what, std::string_view text) {
  const auto uri = sip::parse_uri(text);
  if (uri) return *uri;
  return base::fail("{} '{}' is no URI: {}", what, printable(text, 80), uri.error().text);
}

const Transport* transport_of(const Configuration& configuration, std::string_view name) {
  if (!name.empty()) return configuration.transport(name);
  const auto& all = configuration.transports();
  return all.empty() ? nullptr : &all.front();
}

class IncomingTracer {
 public:
  IncomingTracer(std::shared_ptr<const Configuration> configuration, Trace& trace)
      : configuration_(std::move(configuration)), trace_(trace) {}

  base::Result<IncomingAnswer> run(const conf::MissiveConf::Messaging& messaging,
                                   const IncomingQuestion& question);

 private:
  base::Result<void> prepare(const IncomingQuestion& question);
  bool rules_permit();
  bool identify();
  void show_passwords();
  base::Result<void> show_message();

  std::shared_ptr<const Configuration> configuration_;
  Trace& trace_;
  std::string text_;
  sip::Packet packet_;
  net::Address source_;
  net::Address local_;
  std::string transport_;
  IncomingAnswer answer_;
};

base::Result<void> IncomingTracer::prepare(const IncomingQuestion& question) {
  const auto* transport = transport_of(*configuration_, question.transport);
  if (transport == nullptr && !question.transport.empty()) {
    return base::fail("there is no transport '{}' in pjsip.conf",
                      printable(question.transport, 80));
  }
  if (transport != nullptr) {
    transport_ = transport->name;
    local_ = transport->bind;
  }
  source_ = question.source.is_set() ? question.source : *net::Address::from_ip("192.0.2.1", 5060);
  const auto host =
      local_.is_set() && !local_.is_unspecified_ip() ? local_.uri_host() : std::string("127.0.0.1");
  const auto request_uri = uri_text(question.request_uri, host);
  if (auto good = checked_uri("the Request-URI", request_uri); !good) {
    return tl::unexpected(good.error());
  }
  const auto from = from_text(question.from, host);
  const auto address = sip::parse_name_addr(from);
  if (!address) return base::fail("From '{}': {}", printable(from, 80), address.error().text);
  if (auto good = checked_uri("From", address->uri); !good) return tl::unexpected(good.error());
  text_ = fmt::format(
      "MESSAGE {} SIP/2.0\r\nFrom: {};tag=t\r\nTo: <{}>\r\nContent-Type: text/plain\r\n\r\n",
      request_uri, from, request_uri);
  if (auto parsed = packet_.parse(text_); !parsed) {
    return base::fail("this makes no SIP message: {}", parsed.error().text);
  }
  trace_.step("request", fmt::format("MESSAGE {} from {}, source {}", request_uri, from,
                                     question.source.is_set() ? source_.str() : "not given"));
  return {};
}

bool IncomingTracer::rules_permit() {
  for (const auto& acl : configuration_->acls()) {
    const bool permitted = acl.rules.permits(source_);
    trace_.step("acl", fmt::format("'{}' ({}) {} {}", acl.name, acl.where.str(),
                                   permitted ? "lets in" : "does not let in", source_.ip()));
    if (permitted) continue;
    answer_.status = 403;
    return false;
  }
  return true;
}

bool IncomingTracer::identify() {
  const Identifier identifier(configuration_, nullptr);
  const auto found = identifier.identify({packet_, source_, transport_}, &trace_);
  if (!found) {
    trace_.step("endpoint", "nobody; it is asked for a password, in vain");
    answer_.status = 401;
    return false;
  }
  answer_.endpoint = found.endpoint;
  trace_.step("endpoint", fmt::format("{} ({}), by {}", found.endpoint->name,
                                      found.endpoint->where.str(), name_of(found.by)));
  if (found.endpoint->access.permits(source_)) return true;
  answer_.status = found.endpoint->auth.empty() ? 403 : 401;
  trace_.step("access",
              fmt::format("acl, permit or deny of the endpoint do not let in {}", source_.ip()));
  return false;
}

void IncomingTracer::show_passwords() {
  const auto& global = configuration_->global();
  if (answer_.endpoint->auth.empty()) trace_.step("password", "none is asked for");
  for (const auto& name : answer_.endpoint->auth) {
    const auto* auth = configuration_->auth(name);
    if (auth == nullptr) continue;
    std::vector<std::string_view> algorithms;
    for (const auto algorithm : algorithms_of(*auth, global)) {
      algorithms.push_back(pjsip::name_of(algorithm));
    }
    trace_.step("password",
                fmt::format("of user '{}' in realm '{}', {} ({})", printable(auth->username, 80),
                            printable(realm_of(*auth, global), 80), fmt::join(algorithms, ", "),
                            auth->where.str()));
  }
}

base::Result<void> IncomingTracer::show_message() {
  const auto request_uri = sip::parse_uri(packet_.request_uri());
  const auto from = packet_.from();
  const auto from_uri = from ? sip::parse_uri(from->uri) : tl::unexpected(from.error());
  if (!request_uri || !from_uri) return base::fail("the request cannot be read back");
  const Sender sender{*configuration_, *answer_.endpoint, {}, *request_uri, local_};
  const bool own = append_sender(answer_.from, sender, *from, *from_uri);
  append_recipient(answer_.to, configuration_->technology(), *request_uri);
  answer_.context = answer_.endpoint->context_of_messages();
  answer_.exten = extension_of(*request_uri, configuration_->global());
  trace_.step("MESSAGE(from)",
              fmt::format("{}{}", answer_.from,
                          own ? "" : " in place of a From that is not the endpoint's own"));
  trace_.step("MESSAGE(to)", answer_.to);
  trace_.step(
      "context",
      fmt::format("{} ({})", answer_.context,
                  answer_.endpoint->message_context.empty() ? "context" : "message_context"));
  trace_.step("extension", printable(answer_.exten));
  return {};
}

base::Result<IncomingAnswer> IncomingTracer::run(const conf::MissiveConf::Messaging& messaging,
                                                 const IncomingQuestion& question) {
  if (auto good = prepare(question); !good) return tl::unexpected(good.error());
  if (!rules_permit() || !identify()) return answer_;
  show_passwords();
  trace_.step("content",
              fmt::format("{}, at most {} octets", fmt::join(messaging.message_accept, ", "),
                          messaging.max_body));
  if (auto good = show_message(); !good) return tl::unexpected(good.error());
  answer_.status = 202;
  return answer_;
}

}  // namespace

base::Result<IncomingAnswer> trace_incoming(std::shared_ptr<const Configuration> configuration,
                                            const conf::MissiveConf::Messaging& messaging,
                                            const IncomingQuestion& question, Trace& trace) {
  return IncomingTracer(std::move(configuration), trace).run(messaging, question);
}

}  // namespace missive::pjsip

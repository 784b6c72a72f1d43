#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "app/commands.h"
#include "app/explain_steps.h"
#include "app/explain_xmpp.h"
#include "app/settings.h"
#include "base/text.h"
#include "message/message_events.h"
#include "message/sender.h"
#include "net/resolver.h"
#include "pjsip/dialect.h"
#include "sip/packet.h"
#include "sip/sent_by.h"
#include "sip/server_locator.h"

namespace missive::app {
namespace {

using message::Refusal;

// Takes the way of pjsip/MessageUac and shows each step instead of sending.
class ExplainingTechnology final : public message::Technology,
                                   private pjsip::Trace,
                                   private sip::LocatorTrace {
 public:
  ExplainingTechnology(std::shared_ptr<const pjsip::Configuration> configuration,
                       const Settings& settings)
      : configuration_(std::move(configuration)),
        contact_header_(settings.missive.sip.contact_header),
        resolver_options_(settings.resolver) {
    locations_.configure(*configuration_);
  }

  std::string_view name() const override { return configuration_->technology(); }

  std::optional<Refusal> check(const message::Message&, message::Terms&) override {
    return std::nullopt;
  }
  void send(std::shared_ptr<const message::Message> message, const message::Dispatch& dispatch,
            message::HandedOver handed_over, message::Finished) override {
    print_step("technology", name());
    const auto& dialect = configuration_->dialect();
    pjsip::Trace& trace = *this;
    if (auto refused =
            dialect.resolve(*configuration_, locations_, *message, resolution_, &trace)) {
      if (may_register()) {
        print_step("note", "who is registered is known to the running server only");
      }
      return handed_over(std::move(refused));
    }
    const auto targets = find_targets();
    if (!targets) return handed_over(Refusal{Refusal::Kind::failure, targets.error().text});
    handed_over(show_targets(*message, dispatch, *targets));
  }

 private:
  using Targets = sip::ServerLocator::Targets;

  // The phones of this endpoint register, so that there is nothing to be seen here.
  bool may_register() const {
    const auto* endpoint = resolution_.endpoint;
    if (endpoint == nullptr) return false;
    return std::any_of(endpoint->aors.begin(), endpoint->aors.end(), [this](const auto& name) {
      const auto* aor = configuration_->aor(name);
      return aor != nullptr && aor->max_contacts > 0;
    });
  }

  void step(std::string_view what, std::string_view found) override { print_step(what, found); }

  base::Result<Targets> find_targets() {
    const auto& hop = resolution_.hop;
    if (hop.address) return Targets{{pjsip::protocol_to(*configuration_, hop), *hop.address}};
    base::Result<Targets> out;
    const base::SystemClock clock{};
    net::Shard shard(0, clock);
    net::Resolver resolver(shard, resolver_options_);
    sip::ServerLocator locator(resolver, shard.random());
    sip::LocatorTrace& trace = *this;
    // The answer ends run(), also when it is there at once.
    locator.locate(
        pjsip::question_of(*configuration_, hop),
        [&](const base::Result<Targets>& found) {
          out = found;
          shard.stop();
        },
        &trace);
    shard.run();
    return out;
  }

  // The first that we can send to, and those that would be tried after it.
  std::optional<Refusal> show_targets(const message::Message& message,
                                      const message::Dispatch& dispatch, const Targets& targets) {
    const pjsip::Transport* first = nullptr;
    sip::Target to;
    for (const auto& target : targets) {
      const auto* transport = pjsip::transport_for(*configuration_, resolution_.hop, target);
      if (first == nullptr && transport != nullptr) {
        first = transport;
        to = target;
      }
      const auto place = fmt::format("{} over {}", target.address.str(), name_of(target.protocol));
      if (transport == nullptr) {
        print_step("no transport", place + ": none of this kind is configured (type=transport)");
      } else {
        print_step(&target == &targets.front() ? "next hop" : "failover",
                   fmt::format("{}, by transport {} ({})", place, transport->name,
                               transport->where.str()));
      }
    }
    if (first == nullptr) {
      return Refusal{Refusal::Kind::failure, "no transport reaches the next hop"};
    }
    return show_request(message, dispatch, *first, to);
  }

  std::optional<Refusal> show_request(const message::Message& message,
                                      const message::Dispatch& dispatch,
                                      const pjsip::Transport& transport, const sip::Target& to) {
    const auto& dialect = configuration_->dialect();
    pjsip::OutgoingHeaders headers;
    if (auto sorted = dialect.sort_variables(*configuration_, message, headers); !sorted) {
      return Refusal{Refusal::Kind::failure, sorted.error().text};
    }
    sip::SentByChooser chooser(
        transport.bind, {transport.external_signaling_address, transport.external_signaling_port,
                         transport.local_net});
    base::RandomSource random;
    sip::OutgoingRequest request;
    if (auto written = dialect.write(
            {*configuration_, message, resolution_, headers, dispatch, contact_header_},
            sip::via_name_of(to.protocol), chooser.towards(to.address),
            pjsip::RequestIdentity::make(random), request);
        !written) {
      return Refusal{Refusal::Kind::invalid_uri, written.error().text};
    }
    show_headers(std::string(request.text()));
    return std::nullopt;
  }

  void show_headers(std::string text) {
    sip::Packet packet;
    if (!packet.parse(text)) return;
    for (const auto& header : packet.headers()) {
      if (header.id == sip::HeaderId::Via || header.id == sip::HeaderId::ContentLength ||
          header.id == sip::HeaderId::CSeq || header.id == sip::HeaderId::CallId) {
        continue;
      }
      print_step(header.name, header.value.substr(0, header.value.find(";tag=")));
    }
  }

  std::shared_ptr<const pjsip::Configuration> configuration_;
  bool contact_header_;
  net::ResolverOptions resolver_options_;
  pjsip::LocationService locations_;  // the contacts of the configuration
  pjsip::Resolution resolution_;
};

}  // namespace

int explain(const ExplainOptions& options) {
  if (!options.incoming.empty()) return explain_incoming(options);
  conf::Problems problems;
  const auto settings = Settings::load(options.config, problems);
  if (!settings) return complain(settings.error().text);
  ExplainingTechnology pjsip(settings->pjsip, *settings);
  const message::MessageEvents nobody{};
  message::Sender sender(nobody);
  sender.add(pjsip);
  std::optional<ExplainingTechnology> chan_sip;
  if (settings->chan_sip) sender.add(chan_sip.emplace(settings->chan_sip, *settings));
  ExplainingXmpp xmpp(settings->xmpp, options.config);
  sender.add(xmpp);
  std::vector<message::Variable> variables;
  for (const auto& text : options.variables) {
    const auto equals = text.find('=');
    if (equals == std::string::npos)
      return complain("--variable " + text + ": NAME=VALUE is meant");
    const std::string_view view = text;
    variables.push_back({view.substr(0, equals), view.substr(equals + 1)});
  }
  fmt::print("{}\n", base::printable(options.destination));
  using Durability = conf::MissiveConf::Outbox::Durability;
  const bool keeps = settings->missive.outbox.durability != Durability::off;
  int status = 0;
  sender.send(message::Message::create({.id = "",
                                        .destination = options.destination,
                                        .to = options.to,
                                        .from = options.from,
                                        .body = "",
                                        .variables = variables}),
              [&status, keeps](const std::optional<Refusal>& refused) {
                if (!refused) return print_step("result", "would be sent");
                if (refused->passing() && keeps) {
                  return print_step("result", "would be kept in the outbox: " + refused->reason);
                }
                print_step("stops", refused->reason);
                status = 1;
              });
  return status;
}

}  // namespace missive::app

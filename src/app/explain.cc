#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "app/commands.h"
#include "app/explain_steps.h"
#include "app/settings.h"
#include "base/text.h"
#include "message/message_events.h"
#include "message/sender.h"
#include "net/resolver.h"
#include "pjsip/message_request.h"
#include "sip/packet.h"
#include "sip/sent_by.h"

namespace missive::app {
namespace {

using message::Refusal;

// Takes the way of pjsip/MessageUac and shows each step instead of sending.
class ExplainingTechnology final : public message::Technology, private pjsip::Trace {
 public:
  ExplainingTechnology(std::shared_ptr<const pjsip::Configuration> configuration,
                       bool contact_header)
      : configuration_(std::move(configuration)), contact_header_(contact_header) {
    locations_.configure(*configuration_);
  }

  std::string_view name() const override { return "pjsip"; }

  std::optional<Refusal> check(const message::Message&, message::Terms&) override {
    return std::nullopt;
  }
  void send(std::shared_ptr<const message::Message> message, const message::Dispatch& dispatch,
            message::HandedOver handed_over, message::Finished) override {
    print_step("technology", "pjsip");
    if (auto refused =
            pjsip::resolve(*configuration_, locations_, message->address(), resolution_, this)) {
      if (may_register()) {
        print_step("note", "who is registered is known to the running server only");
      }
      return handed_over(std::move(refused));
    }
    const auto address = find_address();
    if (!address) return handed_over(Refusal{Refusal::Kind::failure, address.error().text});
    handed_over(show_request(*message, dispatch, *address));
  }

 private:
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

  base::Result<net::Address> find_address() {
    if (resolution_.address) return *resolution_.address;
    base::Result<net::Address> out;
    const base::SystemClock clock{};
    net::Shard shard(0, clock);
    net::Resolver resolver(shard);
    // The answer ends run(), also when it is there at once.
    resolver.resolve(resolution_.host, [&](const base::Result<net::Resolver::Addresses>& found) {
      if (found) {
        out = found->front().with_port(resolution_.port);
      } else {
        out = tl::unexpected(found.error());
      }
      shard.stop();
    });
    shard.run();
    if (out) print_step("DNS", fmt::format("{} is {}", resolution_.host, out->ip()));
    return out;
  }

  std::optional<Refusal> show_request(const message::Message& message,
                                      const message::Dispatch& dispatch, const net::Address& to) {
    pjsip::OutgoingHeaders headers;
    const auto max_forwards = static_cast<int>(configuration_->global().max_forwards);
    if (auto sorted = pjsip::sort_variables(message.variables(), max_forwards, headers); !sorted) {
      return Refusal{Refusal::Kind::failure, sorted.error().text};
    }
    const auto protocol = resolution_.transport->protocol;
    const auto* chosen =
        pjsip::choose_transport(*configuration_, *resolution_.endpoint, protocol, to);
    if (chosen == nullptr) {
      return Refusal{Refusal::Kind::failure,
                     fmt::format("no {} transport reaches {}", name_of(protocol), to.str())};
    }
    const auto& transport = *chosen;
    sip::SentByChooser chooser(
        transport.bind, {transport.external_signaling_address, transport.external_signaling_port,
                         transport.local_net});
    base::RandomSource random;
    sip::OutgoingRequest request;
    if (auto written = pjsip::write_message(
            {*configuration_, message, resolution_, headers, dispatch, contact_header_},
            protocol == pjsip::Transport::Protocol::tcp ? "TCP" : "UDP", chooser.towards(to),
            random, request);
        !written) {
      return Refusal{Refusal::Kind::invalid_uri, written.error().text};
    }
    print_step("next hop", fmt::format("{} over {}", to.str(), name_of(protocol)));
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
  pjsip::LocationService locations_;  // the contacts of pjsip.conf
  pjsip::Resolution resolution_;
};

}  // namespace

int explain(const ExplainOptions& options) {
  if (!options.incoming.empty()) return explain_incoming(options);
  conf::Problems problems;
  const auto settings = Settings::load(options.config, problems);
  if (!settings) return complain(settings.error().text);
  ExplainingTechnology technology(settings->pjsip, settings->missive.sip.contact_header);
  const message::MessageEvents nobody{};
  message::Sender sender(nobody);
  sender.add(technology);
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

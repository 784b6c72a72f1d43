// PJSIPShowEndpoints, PJSIPShowEndpoint, PJSIPShowAors, PJSIPShowAuths, PJSIPShowContacts,
// PJSIPShowRegistrationsInbound, PJSIPShowRegistrationInboundContactStatuses,
// PJSIPShowSubscriptionsInbound, PJSIPShowSubscriptionsOutbound, PJSIPShowResourceLists.
//
// Texts, fields and their order are Asterisk's; where it ends a Message with a line feed of its own
// ours has none. Source: the wire of Asterisk 20.7; Asterisk documentation, AMI actions of these
// names.
#include <fmt/format.h>

#include "ami/actions/handlers.h"
#include "ami/list_reply.h"
#include "ami/pjsip_details.h"
#include "base/text.h"
#include "pjsip/operations.h"

namespace missive::ami {
namespace {

using pjsip::Configuration;
using pjsip::LocationService;
using pjsip::Operations;

Operations* operations_of(Session& session) { return session.environment().shared.pjsip; }

const base::Clock& clock_of(Session& session) { return session.environment().shared.clock; }

// Calls visit(known, aor) for the contacts of every AOR, in file order.
template <class Visit>
void visit_contacts(const Configuration& configuration, const LocationService& locations,
                    Visit&& visit) {
  for (const auto& aor : configuration.aors()) {
    for (const auto& known : locations.contacts(aor.name)) visit(known, aor);
  }
}

bool has_contacts(const Configuration& configuration, const LocationService& locations) {
  const auto& aors = configuration.aors();
  return std::any_of(aors.begin(), aors.end(), [&locations](const pjsip::Aor& aor) {
    return !locations.contacts(aor.name).empty();
  });
}

// Everything about one endpoint, each part an event of its own.
class EndpointReply {
 public:
  EndpointReply(Session& session, const ActionView& action, const Operations& operations,
                const Configuration& configuration, const pjsip::Endpoint& endpoint)
      : list_(session, action, "Following are Events for each object associated with the Endpoint"),
        clock_(clock_of(session)),
        locations_(operations.locations()),
        configuration_(configuration),
        endpoint_(endpoint) {}

  void write() {
    list_.add("EndpointDetail",
              [this](std::string& out) { append_endpoint(out, endpoint_, locations_); });
    add_transport();
    for (const auto* aor : endpoint_.configured_aors) add_aor(*aor);
    for (const auto& name : endpoint_.auth) add_auth(name);
    for (const auto& name : endpoint_.outbound_auth) add_auth(name);
    add_identifies();
    for (const auto* aor : endpoint_.configured_aors) add_contacts(*aor);
    list_.complete("EndpointDetailComplete");
  }

 private:
  template <class Write>
  void add(std::string_view event, Write&& write) {
    list_.add(event, [&](std::string& out) {
      write(out);
      append_header(out, "EndpointName", endpoint_.name);
    });
  }

  void add_transport() {
    const auto* transport = configuration_.transport(endpoint_.transport);
    if (transport == nullptr) return;
    add("TransportDetail", [&](std::string& out) { append_transport(out, *transport); });
  }

  void add_aor(const pjsip::Aor& aor) {
    add("AorDetail", [&](std::string& out) { append_aor_and_totals(out, aor, locations_); });
  }

  void add_auth(std::string_view name) {
    const auto* auth = configuration_.auth(name);
    if (auth == nullptr) return;
    add("AuthDetail", [&](std::string& out) { append_auth(out, *auth); });
  }

  void add_identifies() {
    for (const auto& identify : configuration_.identifies()) {
      if (identify.endpoint != endpoint_.name) continue;
      add("IdentifyDetail", [&](std::string& out) { append_identify(out, identify); });
    }
  }

  void add_contacts(const pjsip::Aor& aor) {
    for (const auto& known : locations_.contacts(aor.name)) {
      list_.add("ContactStatusDetail", [&](std::string& out) {
        append_contact_status(out, {known, &aor, clock_}, endpoint_.name);
      });
    }
  }

  ListReply list_;
  const base::Clock& clock_;
  const LocationService& locations_;
  const Configuration& configuration_;
  const pjsip::Endpoint& endpoint_;
};

// Of what a messaging server has none of.
void show_none(Session& session, const ActionView& action, std::string_view message,
               std::string_view complete) {
  ListReply(session, action, message).complete(complete);
}

}  // namespace

void actions::pjsip_show_endpoints(Session& session, const ActionView& action) {
  const auto* operations = operations_of(session);
  const auto configuration = operations != nullptr ? operations->configuration() : nullptr;
  if (configuration == nullptr || configuration->endpoints().empty()) {
    return session.refuse(action, "No endpoints found");
  }
  ListReply list(session, action,
                 "A listing of Endpoints follows, presented as EndpointList events");
  for (const auto& endpoint : configuration->endpoints()) {
    list.add("EndpointList", [&](std::string& out) {
      append_endpoint_row(out, endpoint, operations->locations());
    });
  }
  list.complete("EndpointListComplete");
}

void actions::pjsip_show_endpoint(Session& session, const ActionView& action) {
  constexpr std::string_view prefix = "PJSIP/";
  auto name = action.header("Endpoint");
  if (name.empty()) return session.refuse(action, "PJSIPShowEndpoint requires an endpoint name");
  if (base::istarts_with(name, prefix)) name.remove_prefix(prefix.size());
  const auto* operations = operations_of(session);
  const auto configuration = operations != nullptr ? operations->configuration() : nullptr;
  const auto* endpoint = configuration != nullptr ? configuration->endpoint(name) : nullptr;
  if (endpoint == nullptr) {
    return session.refuse(action, fmt::format("Unable to retrieve endpoint {}", name));
  }
  EndpointReply(session, action, *operations, *configuration, *endpoint).write();
}

void actions::pjsip_show_aors(Session& session, const ActionView& action) {
  const auto* operations = operations_of(session);
  const auto configuration = operations != nullptr ? operations->configuration() : nullptr;
  if (configuration == nullptr || configuration->aors().empty()) {
    return session.refuse(action, "No AORs found");
  }
  ListReply list(session, action, "A listing of AORs follows, presented as AorList events");
  for (const auto& aor : configuration->aors()) {
    list.add("AorList",
             [&](std::string& out) { append_aor_and_totals(out, aor, operations->locations()); });
  }
  list.complete("AorListComplete");
}

void actions::pjsip_show_auths(Session& session, const ActionView& action) {
  const auto* operations = operations_of(session);
  const auto configuration = operations != nullptr ? operations->configuration() : nullptr;
  if (configuration == nullptr || configuration->auths().empty()) {
    return session.refuse(action, "No Auths found");
  }
  ListReply list(session, action, "A listing of Auths follows, presented as AuthList events");
  for (const auto& auth : configuration->auths()) {
    list.add("AuthList", [&auth](std::string& out) { append_auth(out, auth); });
  }
  list.complete("AuthListComplete");
}

void actions::pjsip_show_contacts(Session& session, const ActionView& action) {
  const auto* operations = operations_of(session);
  const auto configuration = operations != nullptr ? operations->configuration() : nullptr;
  if (configuration == nullptr || !has_contacts(*configuration, operations->locations())) {
    return session.refuse(action, "No Contacts found");
  }
  ListReply list(session, action, "A listing of Contacts follows, presented as ContactList events");
  visit_contacts(*configuration, operations->locations(),
                 [&](const pjsip::KnownContact& known, const pjsip::Aor& aor) {
                   list.add("ContactList", [&](std::string& out) {
                     append_contact(out, {known, &aor, clock_of(session)});
                   });
                 });
  list.complete("ContactListComplete");
}

void actions::pjsip_show_registrations_inbound(Session& session, const ActionView& action) {
  ListReply list(session, action, "Following are Events for each Inbound registration");
  if (const auto* operations = operations_of(session)) {
    const auto configuration = operations->configuration();
    for (const auto& endpoint : configuration->endpoints()) {
      for (const auto* aor : endpoint.configured_aors) {
        list.add("InboundRegistrationDetail",
                 [&](std::string& out) { append_aor(out, *aor, operations->locations()); });
      }
    }
  }
  list.complete("InboundRegistrationDetailComplete");
}

void actions::pjsip_show_registration_inbound_contact_statuses(Session& session,
                                                               const ActionView& action) {
  ListReply list(session, action,
                 "Following are ContactStatusEvents for each Inbound registration");
  if (const auto* operations = operations_of(session)) {
    const auto configuration = operations->configuration();
    visit_contacts(
        *configuration, operations->locations(),
        [&](const pjsip::KnownContact& known, const pjsip::Aor& aor) {
          if (known.contact->permanent) return;
          list.add("ContactStatusDetail", [&](std::string& out) {
            append_contact_status(out, {known, &aor, clock_of(session)}, known.contact->endpoint);
          });
        });
  }
  list.complete("ContactStatusDetailComplete");
}

void actions::pjsip_show_subscriptions_inbound(Session& session, const ActionView& action) {
  show_none(session, action, "Following are Events for each inbound Subscription",
            "InboundSubscriptionDetailComplete");
}

void actions::pjsip_show_subscriptions_outbound(Session& session, const ActionView& action) {
  show_none(session, action, "Following are Events for each outbound Subscription",
            "OutboundSubscriptionDetailComplete");
}

void actions::pjsip_show_resource_lists(Session& session, const ActionView& action) {
  session.refuse(action, "No resource lists found");
}

}  // namespace missive::ami

// PJSIPRegister, PJSIPUnregister, PJSIPShowRegistrationsOutbound.
//
// Texts, fields and their order are Asterisk's. Reason is ours and says why something is not
// registered; secrets are not shown. Source: Asterisk documentation, AMI actions of these names,
// AMI events OutboundRegistrationDetail, AuthDetail.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "ami/actions/handlers.h"
#include "ami/list_reply.h"
#include "ami/pjsip_details.h"
#include "ami/wire.h"
#include "pjsip/operations.h"

namespace missive::ami {
namespace {

using pjsip::RegistrationStatus;

struct Texts {
  std::string_view one, all;
};

void change(Session& session, const ActionView& action, const Texts& texts,
            base::Result<void> (pjsip::Operations::*act)(std::string_view)) {
  const auto name = action.header("Registration");
  if (name.empty()) return session.refuse(action, "Registration parameter missing.");
  auto* operations = session.environment().shared.pjsip;
  const auto done = operations != nullptr ? (operations->*act)(name)
                                          : base::fail("there is no pjsip.conf in force");
  if (!done) {
    return append_failure(session.output(), action.id(), "Unable to retrieve registration entry",
                          done.error().text);
  }
  session.acknowledge(action, name == "*all" ? texts.all : texts.one);
}

void append_number(std::string& out, std::string_view name, std::uint64_t number) {
  append_header(out, name, fmt::to_string(number));
}

void append_seconds(std::string& out, std::string_view name, std::chrono::seconds time) {
  append_header(out, name, fmt::to_string(time.count()));
}

void append_truth(std::string& out, std::string_view name, bool value) {
  append_header(out, name, value ? "true" : "false");
}

void append_options(std::string& out, const pjsip::Registration& options) {
  append_header(out, "ObjectType", "registration");
  append_header(out, "ObjectName", options.name);
  append_number(out, "MaxRetries", options.max_retries);
  append_header(out, "ClientUri", options.client_uri);
  append_header(out, "SecurityNegotiation", "no");
  append_truth(out, "AuthRejectionPermanent", options.auth_rejection_permanent);
  append_header(out, "ServerUri", options.server_uri);
  append_seconds(out, "MaxRandomInitialDelay", options.max_random_initial_delay);
  append_truth(out, "SupportPath", options.support_path);
  append_seconds(out, "RetryInterval", options.retry_interval);
  append_header(out, "ContactHeaderParams", options.contact_header_params);
  append_seconds(out, "Expiration", options.expiration);
  append_header(out, "Transport", options.transport);
  append_truth(out, "Line", options.line);
  append_header(out, "ContactUser", options.contact_user);
  append_header(out, "Endpoint", options.endpoint);
  append_seconds(out, "ForbiddenRetryInterval", options.forbidden_retry_interval);
  append_header(out, "OutboundAuth", fmt::format("{}", fmt::join(options.outbound_auth, ",")));
  append_header(out, "OutboundProxy", options.outbound_proxy);
  append_seconds(out, "FatalRetryInterval", options.fatal_retry_interval);
  append_truth(out, "SupportOutbound", options.support_outbound);
}

void append_registration(std::string& out, const pjsip::Registration& options,
                         const RegistrationStatus& status) {
  append_options(out, options);
  append_header(out, "Status", pjsip::name_of(status.state));
  append_seconds(out, "NextReg", status.next_in);
  if (status.state != RegistrationStatus::State::registered && !status.reason.empty()) {
    append_header(out, "Reason", status.reason);
  }
}

}  // namespace

void actions::pjsip_register(Session& session, const ActionView& action) {
  change(session, action, {"Reregistration sent", "Reregistrations queued."},
         &pjsip::Operations::register_now);
}

void actions::pjsip_unregister(Session& session, const ActionView& action) {
  change(session, action, {"Unregistration sent", "Unregistrations queued."},
         &pjsip::Operations::unregister);
}

void actions::pjsip_show_registrations_outbound(Session& session, const ActionView& action) {
  auto* operations = session.environment().shared.pjsip;
  if (operations == nullptr) {
    return session.refuse(action, "Unable to retrieve outbound registrations");
  }
  const auto configuration = operations->configuration();
  const auto statuses = operations->registrations();
  ListReply list(session, action, "Following are Events for each Outbound registration");
  std::size_t listed = 0;
  std::size_t registered = 0;
  for (const auto& status : statuses) {
    const auto* options = configuration->registration(status.name);
    if (options == nullptr) continue;  // being taken back after a reload
    ++listed;
    if (status.state == RegistrationStatus::State::registered) ++registered;
    list.add("OutboundRegistrationDetail",
             [&](std::string& out) { append_registration(out, *options, status); });
    for (const auto& name : options->outbound_auth) {
      const auto* auth = configuration->auth(name);
      if (auth == nullptr) continue;
      list.add_detail("AuthDetail", [auth](std::string& out) { append_auth(out, *auth); });
    }
  }
  list.complete("OutboundRegistrationDetailComplete", [&](std::string& out) {
    append_number(out, "Registered", registered);
    append_number(out, "NotRegistered", listed - registered);
  });
}

}  // namespace missive::ami

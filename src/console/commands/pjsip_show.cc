// pjsip show
// endpoints|endpoint|aors|aor|auths|auth|contacts|contact|identifies|identify|transports|
// transport|registrations|registration|settings.
//
// Passwords are never shown.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/text.h"
#include "console/commands/parts.h"
#include "console/pjsip_tables.h"
#include "pjsip/contact_shown.h"
#include "pjsip/shown_options.h"
#include "pjsip/shown_values.h"

namespace missive::console {
namespace {

using pjsip::Configuration;
using pjsip::KnownContact;

std::string table(std::string_view head, const std::string& rows, std::size_t count,
                  std::string_view what = "Objects") {
  if (count == 0) return fmt::format("No {} found.\n\n", base::lower(what));
  return fmt::format("\n{}{}\n{}\n{} found: {}\n\n", head, rule, rows, what, count);
}

Result no_object(std::string_view name) {
  return failure(fmt::format("Unable to find object {}.\n\n", base::printable(name)));
}

// By name, as Asterisk shows them.
template <class Object>
std::vector<const Object*> sorted(const std::vector<Object>& objects) {
  std::vector<const Object*> out;
  for (const auto& object : objects) out.push_back(&object);
  std::sort(out.begin(), out.end(), [](const auto* a, const auto* b) { return a->name < b->name; });
  return out;
}

template <class Object>
Parameters parameters_of(const Object& object) {
  Parameters parameters;
  pjsip::visit_options(object, [&parameters](std::string_view option, std::string_view value) {
    parameters.emplace_back(option, value);
  });
  return parameters;
}

// How the objects of one kind are shown.
template <class Object>
struct Kind {
  std::string one, many;  // "endpoint", "endpoints"
  std::string_view head;
  const std::vector<Object>& (Configuration::*all)() const;
  void (*write)(std::string& out, const PjsipView& view, const Object& object);
  bool apart = false;  // a blank line between them
};

template <class Object>
Result show_all(const Environment& environment, const Kind<Object>& kind) {
  const auto configuration = environment.pjsip->configuration();
  const PjsipView view{*configuration, environment.pjsip->locations()};
  std::string rows;
  const auto objects = sorted((*configuration.*kind.all)());
  for (const auto* object : objects) {
    if (kind.apart && !rows.empty()) rows += '\n';
    kind.write(rows, view, *object);
  }
  return success(table(kind.head, rows, objects.size()));
}

template <class Object>
Result show_one(const Environment& environment, const Kind<Object>& kind, std::string_view name) {
  const auto configuration = environment.pjsip->configuration();
  const PjsipView view{*configuration, environment.pjsip->locations()};
  for (const auto& object : (*configuration.*kind.all)()) {
    if (object.name != name) continue;
    std::string out = fmt::format("\n{}{}\n", kind.head, rule);
    kind.write(out, view, object);
    out += '\n';
    write_parameters(out, parameters_of(object));
    return success(out + '\n');
  }
  return no_object(name);
}

template <class Object>
void add_kind(Registry& registry, Environment& environment, const Kind<Object>& kind) {
  registry.add(
      {"pjsip show " + kind.many, "", 0, 0, fmt::format("Show PJSIP {}", kind.many),
       at_once([&environment, kind](const Call&) { return show_all(environment, kind); })});
  registry.add({"pjsip show " + kind.one, "NAME", 1, 1, fmt::format("Show PJSIP {}", kind.one),
                at_once([&environment, kind](const Call& call) {
                  return show_one(environment, kind, call.arguments.front());
                }),
                [&environment, kind](const Arguments&) {
                  const auto configuration = environment.pjsip->configuration();
                  Command::Choices names;
                  for (const auto& each : (*configuration.*kind.all)()) names.push_back(each.name);
                  return names;
                }});
}

// --- contacts

template <class Visit>
void visit_contacts(const Environment& environment, Visit visit) {
  const auto configuration = environment.pjsip->configuration();
  for (const auto* aor : sorted(configuration->aors())) {
    for (const auto& known : environment.pjsip->locations().contacts(aor->name)) visit(*aor, known);
  }
}

Result show_contacts(const Environment& environment) {
  std::string rows;
  std::size_t count = 0;
  visit_contacts(environment, [&](const pjsip::Aor& aor, const KnownContact& known) {
    write_contact(rows, 0, &aor, known);
    ++count;
  });
  return success(table(contacts_head, rows, count));
}

// By its id ("alice;@HASH"), "alice/sip:..." or its URI.
bool is_called(const pjsip::Contact& contact, std::string_view name) {
  return contact.uri == name || pjsip::contact_id(contact) == name ||
         fmt::format("{}/{}", contact.aor, contact.uri) == name;
}

Result show_contact(const Environment& environment, const Call& call) {
  std::string out;
  visit_contacts(environment, [&](const pjsip::Aor& aor, const KnownContact& known) {
    if (!out.empty() || !is_called(*known.contact, call.arguments.front())) return;
    out = fmt::format("\n{}{}\n", contacts_head, rule);
    write_contact(out, 0, &aor, known);
    out += '\n';
    Parameters parameters;
    pjsip::visit_fields({known, &aor, environment.clock},
                        [&parameters](std::string_view field, std::string_view value) {
                          parameters.emplace_back(field, value);
                        });
    write_parameters(out, std::move(parameters));
    out += '\n';
  });
  return out.empty() ? no_object(call.arguments.front()) : success(std::move(out));
}

Command::Choices contact_names(const Environment& environment) {
  Command::Choices names;
  visit_contacts(environment, [&names](const pjsip::Aor&, const KnownContact& known) {
    names.push_back(pjsip::contact_id(*known.contact));
  });
  return names;
}

// --- registrations

void write_registration(std::string& out, const Configuration& configuration,
                        const pjsip::RegistrationStatus& status) {
  const auto* options = configuration.registration(status.name);
  const bool has_auth = options != nullptr && !options->outbound_auth.empty();
  const auto expires = status.state == pjsip::RegistrationStatus::State::registered
                           ? status.expires_in
                           : status.next_in;
  out += fmt::format(
      " {:<54.54}  {:<26.26}  {:<16}{}\n", fmt::format("{}/{}", status.name, status.server_uri),
      has_auth ? options->outbound_auth.front() : "n/a", pjsip::name_of(status.state),
      expires.count() > 0 ? fmt::format("  (exp. {}s)", expires.count()) : "");
}

Result show_registrations(const Environment& environment) {
  const auto configuration = environment.pjsip->configuration();
  std::string rows;
  const auto statuses = environment.pjsip->registrations();
  for (const auto& status : statuses) write_registration(rows, *configuration, status);
  return success(table(registrations_head, rows, statuses.size()));
}

Parameters parameters_of(const pjsip::Registration& options) {
  const auto seconds = [](std::chrono::seconds time) { return fmt::to_string(time.count()); };
  return {{"auth_rejection_permanent", pjsip::true_false(options.auth_rejection_permanent)},
          {"client_uri", options.client_uri},
          {"contact_header_params", options.contact_header_params},
          {"contact_user", options.contact_user},
          {"endpoint", options.endpoint},
          {"expiration", seconds(options.expiration)},
          {"fatal_retry_interval", seconds(options.fatal_retry_interval)},
          {"forbidden_retry_interval", seconds(options.forbidden_retry_interval)},
          {"line", pjsip::true_false(options.line)},
          {"max_random_initial_delay", seconds(options.max_random_initial_delay)},
          {"max_retries", fmt::to_string(options.max_retries)},
          {"outbound_auth", pjsip::joined(options.outbound_auth)},
          {"outbound_proxy", options.outbound_proxy},
          {"retry_interval", seconds(options.retry_interval)},
          {"server_uri", options.server_uri},
          {"support_outbound", pjsip::yes_no(options.support_outbound)},
          {"support_path", pjsip::true_false(options.support_path)},
          {"transport", options.transport},
          {"user_agent", options.user_agent}};
}

Result show_registration(const Environment& environment, const Call& call) {
  const auto& name = call.arguments.front();
  const auto configuration = environment.pjsip->configuration();
  const auto* options = configuration->registration(name);
  if (options == nullptr) return no_object(name);
  std::string out = fmt::format("\n{}{}\n", registrations_head, rule);
  for (const auto& status : environment.pjsip->registrations()) {
    if (status.name == name) write_registration(out, *configuration, status);
  }
  out += '\n';
  write_parameters(out, parameters_of(*options));
  return success(out + '\n');
}

// --- settings

template <class List, class Names>
std::string names_of(const List& list, const Names& known) {
  std::vector<std::string_view> names;
  for (const auto& each : list) {
    for (const auto& [name, value] : known) {
      if (value == each) names.push_back(name);
    }
  }
  return fmt::format("{}", fmt::join(names, ","));
}

Parameters parameters_of(const pjsip::Global& g) {
  const auto seconds = [](std::chrono::seconds time) { return fmt::to_string(time.count()); };
  return {
      {"contact_expiration_check_interval", seconds(g.contact_expiration_check_interval)},
      {"debug", g.debug},
      {"default_auth_algorithms_uac",
       names_of(g.default_auth_algorithms_uac, pjsip::digest_algorithms)},
      {"default_auth_algorithms_uas",
       names_of(g.default_auth_algorithms_uas, pjsip::digest_algorithms)},
      {"default_from_user", g.default_from_user},
      {"default_outbound_endpoint", g.default_outbound_endpoint},
      {"default_realm", g.default_realm},
      {"default_voicemail_extension", g.default_voicemail_extension},
      {"disable_multi_domain", pjsip::yes_no(g.disable_multi_domain)},
      {"endpoint_identifier_order", names_of(g.endpoint_identifier_order, pjsip::identify_methods)},
      {"ignore_uri_user_options", pjsip::yes_no(g.ignore_uri_user_options)},
      {"keep_alive_interval", seconds(g.keep_alive_interval)},
      {"max_forwards", fmt::to_string(g.max_forwards)},
      {"max_initial_qualify_time", seconds(g.max_initial_qualify_time)},
      {"regcontext", g.regcontext},
      {"send_contact_status_on_update_registration",
       pjsip::yes_no(g.send_contact_status_on_update_registration)},
      {"unidentified_request_count", fmt::to_string(g.unidentified_request_count)},
      {"unidentified_request_period", seconds(g.unidentified_request_period)},
      {"unidentified_request_prune_interval", seconds(g.unidentified_request_prune_interval)},
      {"use_callerid_contact", pjsip::yes_no(g.use_callerid_contact)},
      {"user_agent", g.user_agent}};
}

Parameters parameters_of(const pjsip::System& s) {
  return {{"compact_headers", pjsip::yes_no(s.compact_headers)},
          {"disable_rport", pjsip::yes_no(s.disable_rport)},
          {"disable_tcp_switch", pjsip::yes_no(s.disable_tcp_switch)},
          {"timer_b", fmt::to_string(s.timer_b.count())},
          {"timer_t1", fmt::to_string(s.timer_t1.count())}};
}

Result show_settings(const Environment& environment) {
  const auto configuration = environment.pjsip->configuration();
  std::string out = "\nGlobal Settings:\n\n";
  write_parameters(out, parameters_of(configuration->global()));
  out += "\nSystem Settings:\n\n";
  write_parameters(out, parameters_of(configuration->system()));
  return success(out + '\n');
}

}  // namespace

void add_pjsip_show_commands(Registry& registry, Environment& environment) {
  add_kind(registry, environment,
           Kind<pjsip::Endpoint>{"endpoint", "endpoints", endpoints_head, &Configuration::endpoints,
                                 write_endpoint, true});
  add_kind(registry, environment,
           Kind<pjsip::Aor>{"aor", "aors", aors_head, &Configuration::aors,
                            [](std::string& out, const PjsipView& view, const pjsip::Aor& aor) {
                              write_aor(out, 0, view, aor);
                            },
                            true});
  add_kind(registry, environment,
           Kind<pjsip::Auth>{"auth", "auths", auths_head, &Configuration::auths,
                             [](std::string& out, const PjsipView&, const pjsip::Auth& auth) {
                               write_auth(out, 0, "Auth", auth);
                             }});
  add_kind(registry, environment,
           Kind<pjsip::Identify>{
               "identify", "identifies", identifies_head, &Configuration::identifies,
               [](std::string& out, const PjsipView&, const pjsip::Identify& identify) {
                 write_identify(out, 0, identify);
               },
               true});
  add_kind(registry, environment,
           Kind<pjsip::Transport>{
               "transport", "transports", transports_head, &Configuration::transports,
               [](std::string& out, const PjsipView&, const pjsip::Transport& transport) {
                 write_transport(out, 0, transport);
               }});
  const auto whole = [&](std::string name, std::string summary,
                         Result (*show)(const Environment&)) {
    registry.add({std::move(name), "", 0, 0, std::move(summary),
                  at_once([&environment, show](const Call&) { return show(environment); })});
  };
  whole("pjsip show contacts", "Show PJSIP contacts", show_contacts);
  whole("pjsip show registrations", "Show PJSIP outbound registrations", show_registrations);
  whole("pjsip show settings", "Show global and system configuration options", show_settings);
  registry.add(
      {"pjsip show contact", "CONTACT", 1, 1, "Show PJSIP contact",
       at_once([&environment](const Call& call) { return show_contact(environment, call); }),
       [&environment](const Arguments&) { return contact_names(environment); }});
  registry.add(
      {"pjsip show registration", "NAME", 1, 1, "Show PJSIP outbound registration",
       at_once([&environment](const Call& call) { return show_registration(environment, call); }),
       [&environment](const Arguments&) {
         const auto configuration = environment.pjsip->configuration();
         Command::Choices names;
         for (const auto& each : configuration->registrations()) names.push_back(each.name);
         return names;
       }});
}

}  // namespace missive::console

// PJSIP_ENDPOINT, PJSIP_AOR, PJSIP_CONTACT, PJSIP_DIAL_CONTACTS, AMI_CLIENT.
#include "dialplan/host.h"

#include "dialplan/function.h"
#include "dialplan/run.h"

namespace missive::dialplan {
namespace {

using base::fail;
using Look = std::optional<std::string> (Host::*)(std::string_view, std::string_view);

// NAME(object,field)
Function::Read field_of(std::string_view what, Look look) {
  return [what, look](Run& run, std::string_view text) -> base::Result<std::string> {
    const auto arguments = split_arguments(text, 2);
    if (arguments.size() < 2 || arguments[0].empty() || arguments[1].empty()) {
      return fail("needs the name of the {} and of a field, as in (alice,aors)", what);
    }
    auto* host = run.shared().host;
    if (host == nullptr) return std::string();
    if (auto found = (host->*look)(arguments[0], arguments[1])) return std::move(*found);
    return fail("there is no {} '{}', or it has no field '{}'", what,
                base::printable(arguments[0], 80), base::printable(arguments[1], 80));
  };
}

base::Result<std::string> dial_contacts(Run& run, std::string_view text) {
  auto arguments = split_arguments(text, 3);
  arguments.resize(3);
  if (arguments[0].empty()) return fail("needs the name of an endpoint");
  auto* host = run.shared().host;
  if (host == nullptr) return std::string();
  if (auto found = host->dial_contacts(arguments[0], arguments[1], arguments[2])) return *found;
  return fail("there is no endpoint '{}'", base::printable(arguments[0], 80));
}

base::Result<std::string> ami_client(Run& run, std::string_view text) {
  const auto arguments = split_arguments(text, 2);
  if (arguments.size() != 2 || arguments[0].empty()) {
    return fail("needs the name of an AMI user and 'sessions'");
  }
  if (!base::iequals(arguments[1], "sessions")) {
    return fail("knows the field 'sessions' only, not '{}'", base::printable(arguments[1], 40));
  }
  auto* host = run.shared().host;
  return host == nullptr ? std::string("0") : fmt::to_string(host->manager_sessions(arguments[0]));
}

}  // namespace

void add_host_functions(FunctionTable& table) {
  table.add({.name = "PJSIP_ENDPOINT", .read = field_of("endpoint", &Host::endpoint)});
  table.add({.name = "PJSIP_AOR", .read = field_of("AOR", &Host::aor)});
  table.add({.name = "PJSIP_CONTACT", .read = field_of("contact", &Host::contact)});
  table.add({.name = "PJSIP_DIAL_CONTACTS", .read = dial_contacts});
  table.add({.name = "AMI_CLIENT", .read = ami_client});
}

}  // namespace missive::dialplan

#include "ami/configuration.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "conf/binder.h"

namespace missive::ami {
namespace {

using conf::Binder;
using conf::Location;
using conf::Option;
using conf::Problem;
using conf::Problems;
using conf::Section;
using Severity = conf::Problem::Severity;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

const Binder<Configuration>& general_binder() {
  static const auto binder =
      Binder<Configuration>("manager")
          .boolean("enabled", &Configuration::enabled)
          .text("bindaddr", &Configuration::bind_address)
          .number("port", &Configuration::port, 0, 65535)
          .boolean("allowmultiplelogin", &Configuration::allow_multiple_login)
          .boolean("displayconnects", &Configuration::display_connects)
          .boolean("timestampevents", &Configuration::timestamp_events)
          .number("authtimeout", &Configuration::auth_timeout, 1s, 3600s)
          .number("authlimit", &Configuration::auth_limit, 1, 100'000)
          .several("disabledevents", &Configuration::disabled_events)
          .boolean("tlsenable", &Configuration::tls_enable)
          .ignored({"webenabled", "httptimeout", "brokeneventsaction", "channelvars", "debug",
                    "tlsbindaddr", "tlscertfile", "tlsprivatekey", "tlscipher", "tlscafile",
                    "tlscapath", "tlsdontverifyserver", "tlsverifyclient", "tlsclientmethod",
                    "tlsservercipherorder", "tlsdisablev1", "tlsdisablev11", "tlsdisablev12"})
          .alias("portno", "port");
  return binder;
}

Binder<User>::CustomSetter classes_setter(Class User::*member) {
  return [member](User& user, const Option& option) {
    return parse_classes(option.value).map([&user, member](Class classes) {
      user.*member = classes;
    });
  };
}

Binder<User>::CustomSetter flag_setter(std::optional<bool> User::*member) {
  return [member](User& user, const Option& option) {
    return conf::read_boolean(option.value).map([&user, member](bool on) { user.*member = on; });
  };
}

Binder<User>::CustomSetter acl_setter(bool permit) {
  return [permit](User& user, const Option& option) { return user.acl.add(permit, option.value); };
}

base::Result<void> add_filter(User& user, const Option& option) {
  return EventFilter::from_expression(option.value).map([&user](EventFilter filter) {
    user.filters.add(std::move(filter));
  });
}

const Binder<User>& user_binder() {
  static const auto binder =
      Binder<User>("manager user")
          .text("secret", &User::secret)
          .custom("read", classes_setter(&User::read))
          .custom("write", classes_setter(&User::write))
          .custom("permit", acl_setter(true))
          .custom("deny", acl_setter(false))
          .several("acl", &User::acl_names)
          .number("writetimeout", &User::write_timeout, 0ms, 86'400'000ms)
          .lines("setvar", &User::variables)
          .custom("eventfilter", add_filter)
          .custom("allowmultiplelogin", flag_setter(&User::allow_multiple_login))
          .custom("displayconnects", flag_setter(&User::display_connects));
  return binder;
}

// `eventfilter(criteria) = expression`: the criteria are part of the option's name, which a
// table of names cannot hold. Takes such options out of the section.
void take_advanced_filters(Section& section, User& user, Problems& problems) {
  static constexpr std::string_view prefix = "eventfilter(";
  const auto is_advanced = [](const Option& option) {
    return base::istarts_with(option.name, prefix);
  };
  for (const auto& option : section.options) {
    if (!is_advanced(option)) continue;
    const auto rest = std::string_view(option.name).substr(prefix.size());
    const auto filter =
        rest.ends_with(')')
            ? EventFilter::from_criteria(rest.substr(0, rest.size() - 1), option.value)
            : base::Result<EventFilter>(base::fail("')' is missing at its end"));
    if (filter) {
      user.filters.add(*filter);
    } else {
      conf::report(
          problems, Severity::error, section, option,
          fmt::format("[{}] eventfilter: {}", base::printable(section.name), filter.error().text));
    }
  }
  std::erase_if(section.options, is_advanced);
}

// Several lines may name lists; the place of the last one is good enough to find them.
Location place_of(const Section& section, std::string_view option) {
  const auto* found = section.find(option);
  return found == nullptr ? section.where : found->where;
}

void resolve_acls(const Section& section, const net::AclFile& acls, User& user,
                  Problems& problems) {
  for (const auto& name : user.acl_names) {
    if (const auto acl = acls.get(name)) {
      user.named_acls.push_back(*acl);
    } else {
      problems.push_back(
          {Severity::error, place_of(section, "acl"),
           fmt::format("[{}] acl: {}", base::printable(section.name), acl.error().text)});
    }
  }
}

User read_user(Section section, const net::AclFile& acls, Problems& problems) {
  User user;
  user.name = section.name;
  take_advanced_filters(section, user, problems);
  user_binder().bind(section, user, problems);
  resolve_acls(section, acls, user, problems);
  if (user.secret.empty()) {
    problems.push_back({Severity::warning, section.where,
                        fmt::format("[{}] has no secret, so nobody can log in as this user",
                                    base::printable(section.name))});
  }
  return user;
}

void finish_general(const Section* general, Configuration& configuration, Problems& problems) {
  const auto where = general == nullptr ? Location{} : place_of(*general, "bindaddr");
  auto bind = net::Address::from_ip(configuration.bind_address, configuration.port);
  if (!bind) {
    if (auto parsed = net::Address::parse(configuration.bind_address, configuration.port)) {
      bind = *parsed;
    }
  }
  if (bind) {
    configuration.bind = *bind;
  } else {
    problems.push_back({Severity::error, where,
                        fmt::format("[general] bindaddr: '{}' is no IP address; 127.0.0.1, 0.0.0.0 "
                                    "or :: would be",
                                    base::printable(configuration.bind_address, 80))});
  }
  if (configuration.tls_enable) {
    problems.push_back({Severity::warning, place_of(*general, "tlsenable"),
                        "[general] tlsenable: AMI over TLS comes with a later version; only TCP "
                        "is served"});
  }
}

}  // namespace

bool User::permits(const net::Address& address) const {
  return acl.permits(address) &&
         std::all_of(named_acls.begin(), named_acls.end(),
                     [&address](const net::Acl& named) { return named.permits(address); });
}

const User* Configuration::find(std::string_view name) const {
  const auto found = std::find_if(users.begin(), users.end(), [name](const User& user) {
    return base::iequals(user.name, name);
  });
  return found == users.end() ? nullptr : &*found;
}

bool Configuration::is_disabled(std::string_view event) const {
  return std::any_of(disabled_events.begin(), disabled_events.end(),
                     [event](const std::string& name) { return base::iequals(name, event); });
}

std::shared_ptr<const Configuration> Configuration::from(const conf::File& manager,
                                                         const net::AclFile& acls,
                                                         Problems& problems) {
  auto configuration = std::make_shared<Configuration>();
  const Section* general = nullptr;
  for (const auto& section : manager.sections) {
    if (section.is_template) continue;
    if (base::iequals(section.name, "general")) {
      general = &section;
      general_binder().bind(section, *configuration, problems);
    } else if (configuration->find(section.name) != nullptr) {
      problems.push_back(
          {Severity::error, section.where,
           fmt::format("there is a user [{}] already", base::printable(section.name))});
    } else {
      configuration->users.push_back(read_user(section, acls, problems));
    }
  }
  finish_general(general, *configuration, problems);
  return configuration;
}

base::Result<std::shared_ptr<const Configuration>> Configuration::load(
    const std::filesystem::path& folder, Problems& problems) {
  const auto acls = net::AclFile::load(folder, problems);
  if (!acls) return tl::unexpected(acls.error());
  return conf::load(folder, "manager.conf", problems).map([&](const conf::File& manager) {
    return from(manager, *acls, problems);
  });
}

}  // namespace missive::ami

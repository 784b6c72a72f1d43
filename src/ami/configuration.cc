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
          .boolean("webenabled", &Configuration::web_enabled)
          .number("httptimeout", &Configuration::http_timeout, 1s, 86'400s)
          .ignored({"brokeneventsaction", "channelvars", "debug"})
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

base::Result<void> add_made(User& user, EventFilter::Made made) {
  if (!made) return tl::unexpected(base::Error{made.error().text});
  user.filters.add(std::move(*made));
  return {};
}

base::Result<void> add_filter(User& user, const Option& option) {
  return add_made(user, EventFilter::make({}, option.value));
}

// `rest` is what follows `eventfilter(` in the option's name.
base::Result<void> add_advanced_filter(User& user, std::string_view rest,
                                       std::string_view expression) {
  if (!rest.ends_with(')')) return base::fail("')' is missing at its end");
  rest.remove_suffix(1);
  if (rest.empty()) return base::fail("there is nothing between '(' and ')'");
  return add_made(user, EventFilter::make(rest, expression));
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
    const auto added = add_advanced_filter(user, rest, option.value);
    if (added) continue;
    conf::report(
        problems, Severity::error, section, option,
        fmt::format("[{}] eventfilter: {}", base::printable(section.name), added.error().text));
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

net::Address bind_address_of(const Configuration& configuration, const Section& general,
                             Problems& problems) {
  const auto& text = configuration.bind_address;
  if (const auto ip = net::Address::from_ip(text, configuration.port)) return *ip;
  if (const auto parsed = net::Address::parse(text, configuration.port)) return *parsed;
  problems.push_back({Severity::error, place_of(general, "bindaddr"),
                      fmt::format("[general] bindaddr: '{}' is no IP address; 127.0.0.1, 0.0.0.0 "
                                  "or :: would be",
                                  base::printable(text, 80))});
  return {};
}

void read_general(Section section, const std::filesystem::path& folder,
                  Configuration& configuration, Problems& problems) {
  const auto of_tls = take_tls_options(section);
  general_binder().bind(section, configuration, problems);
  configuration.bind = bind_address_of(configuration, section, problems);
  configuration.tls = tls_door(of_tls, configuration.bind, folder, problems);
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
                                                         Problems& problems,
                                                         const std::filesystem::path& folder) {
  auto configuration = std::make_shared<Configuration>();
  Section general{.name = "general", .where = {}, .options = {}};
  for (const auto& section : manager.sections) {
    if (section.is_template) continue;
    if (base::iequals(section.name, general.name)) {
      if (general.options.empty()) general.where = section.where;
      general.options.insert(general.options.end(), section.options.begin(), section.options.end());
    } else if (configuration->find(section.name) != nullptr) {
      problems.push_back(
          {Severity::error, section.where,
           fmt::format("there is a user [{}] already", base::printable(section.name))});
    } else {
      configuration->users.push_back(read_user(section, acls, problems));
    }
  }
  read_general(std::move(general), folder, *configuration, problems);
  return configuration;
}

base::Result<std::shared_ptr<const Configuration>> Configuration::load(
    const std::filesystem::path& folder, Problems& problems) {
  const auto acls = net::AclFile::load(folder, problems);
  if (!acls) return tl::unexpected(acls.error());
  return conf::load(folder, "manager.conf", problems).map([&](const conf::File& manager) {
    return from(manager, *acls, problems, folder);
  });
}

}  // namespace missive::ami

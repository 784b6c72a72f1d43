#include "net/resolver_conf.h"

#include "base/text.h"
#include "conf/binder.h"

namespace missive::net {
namespace {

constexpr std::string_view file_name = "resolver_unbound.conf";
constexpr std::uint16_t dns_port = 53;

base::Result<Address> read_server(std::string_view text) {
  if (const auto address = Address::parse(text, dns_port); address && address->port() != 0) {
    return *address;
  }
  return base::fail(
      "'{}' is no address of a name server; 192.0.2.1, 192.0.2.1:53 or [2001:db8::1]:53 would be "
      "right",
      base::printable(text, 80));
}

// libunbound writes a port behind an "@".
base::Result<Address> read_unbound_server(std::string_view text) {
  const auto at = text.find('@');
  const auto address = at == text.npos ? std::nullopt : Address::from_ip(text.substr(0, at), 0);
  const auto port =
      at == text.npos ? std::nullopt : base::parse_number<std::uint16_t>(text.substr(at + 1));
  if (address && port && *port != 0) return address->with_port(*port);
  return read_server(text);
}

base::Result<void> add_server(ResolverOptions& options, const conf::Option& option) {
  return read_unbound_server(option.value).map([&options](const Address& server) {
    options.servers.push_back(server);
  });
}

base::Result<std::string> read_path(const conf::Option& option) {
  std::error_code missing;
  if (std::filesystem::is_regular_file(option.value, missing)) return option.value;
  return base::fail("there is no file '{}'; its path or 'system' would be right",
                    base::printable(option.value));
}

base::Result<void> set_hosts(ResolverOptions& options, const conf::Option& option) {
  if (base::iequals(option.value, "system")) {
    options.hosts_file = ResolverOptions{}.hosts_file;
    return {};
  }
  if (option.value.empty()) {
    options.hosts_file.clear();
    return {};
  }
  return read_path(option).map(
      [&options](std::string path) { options.hosts_file = std::move(path); });
}

base::Result<void> set_resolv(ResolverOptions& options, const conf::Option& option) {
  options.resolv_conf_too = !option.value.empty();
  if (option.value.empty() || base::iequals(option.value, "system")) {
    options.resolv_conf.clear();
    return {};
  }
  return read_path(option).map(
      [&options](std::string path) { options.resolv_conf = std::move(path); });
}

void warn_of_what_is_not_heeded(const conf::Section& section, conf::Problems& problems) {
  for (const auto& option : section.options) {
    if (base::iequals(option.name, "debug") && option.value != "0") {
      conf::report(problems, conf::Problem::Severity::warning, section, option,
                   "debug has no effect; log_level in missive.conf sets what is logged");
    } else if (base::iequals(option.name, "ta_file")) {
      conf::report(problems, conf::Problem::Severity::warning, section, option,
                   "ta_file has no effect: DNSSEC is left to the name server");
    }
  }
}

void read_unbound(const conf::File& file, ResolverOptions& options, conf::Problems& problems) {
  static const auto binder = conf::Binder<ResolverOptions>("resolver_unbound")
                                 .custom("nameserver", add_server)
                                 .custom("hosts", set_hosts)
                                 .custom("resolv", set_resolv)
                                 .ignored({"debug", "ta_file"});
  options.resolv_conf_too = true;
  for (const auto& section : file.sections) {
    if (section.is_template) continue;
    if (!base::iequals(section.name, "general")) {
      conf::report(
          problems, conf::Problem::Severity::error, section.where,
          fmt::format("unknown section [{}]; there is [general]", base::printable(section.name)));
      continue;
    }
    binder.bind(section, options, problems);
    warn_of_what_is_not_heeded(section, problems);
  }
}

void read_missive(const conf::MissiveConf::Resolver& from, ResolverOptions& options,
                  conf::Problems& problems) {
  options.timeout = from.timeout;
  options.tries = from.tries;
  options.max_cached = from.cache_size;
  options.max_ttl = from.max_ttl;
  options.negative_ttl = from.negative_ttl;
  if (from.nameservers.empty()) return;
  options.servers.clear();
  options.resolv_conf_too = false;
  for (const auto& text : from.nameservers) {
    if (const auto server = read_server(text)) {
      options.servers.push_back(*server);
    } else {
      problems.push_back({conf::Problem::Severity::error, from.nameservers_at,
                          "[resolver] nameservers: " + server.error().text});
    }
  }
}

}  // namespace

base::Result<ResolverOptions> load_resolver_options(const std::filesystem::path& folder,
                                                    const conf::MissiveConf& missive,
                                                    conf::Problems& problems) {
  std::error_code missing;
  if (!std::filesystem::exists(folder / file_name, missing) && !missing) {
    return resolver_options_from(nullptr, missive, problems);
  }
  return conf::load(folder, file_name, problems).map([&](const conf::File& file) {
    return resolver_options_from(&file, missive, problems);
  });
}

ResolverOptions resolver_options_from(const conf::File* unbound, const conf::MissiveConf& missive,
                                      conf::Problems& problems) {
  ResolverOptions options;
  if (unbound != nullptr) read_unbound(*unbound, options, problems);
  read_missive(missive.resolver, options, problems);
  return options;
}

}  // namespace missive::net

#include "pjsip/configuration.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>

#include "base/text.h"
#include "conf/binder.h"
#include "conf/nearest.h"
#include "pjsip/dialect.h"
#include "pjsip/wizard.h"

namespace missive::pjsip {

namespace {

using Severity = conf::Problem::Severity;

constexpr auto types_of_calls = std::to_array<std::string_view>(
    {"contact", "phoneprov", "resource_list", "inbound-publication", "outbound-publish",
     "asterisk-publication", "subscription_persistence", "publication"});

}  // namespace

class ConfigurationBuilder {
 public:
  ConfigurationBuilder(const net::AclFile& acls, Objects<NotifyOption> notify_options,
                       conf::Problems& problems)
      : acls_(acls), problems_(problems) {
    configuration_->notify_options_ = std::move(notify_options);
  }

  std::shared_ptr<const Configuration> build(const conf::File& file);

 private:
  using Section = conf::Section;
  using AddSection = void (ConfigurationBuilder::*)(const Section&);
  struct Type {
    std::string_view name;
    AddSection add;
  };

  static const std::array<Type, 10>& types();

  void error(const conf::Location& where, std::string text) {
    problems_.push_back({Severity::error, where, std::move(text)});
  }

  void add_section(const Section& section);
  std::optional<std::string_view> type_of(const Section& section);
  void refuse_type(const Section& section, std::string_view type);
  void add_global(const Section& section);
  void add_system(const Section& section);
  // Once a file; false on the second.
  bool is_first(const Section& section, std::string_view type, const Section*& first);

  // Reads one object and keeps it, unless there is one of its name.
  template <auto Read, auto Member>
  void add_object(const Section& section) {
    auto& objects = (*configuration_).*Member;
    typename std::decay_t<decltype(objects.all())>::value_type object;
    Read(section, object, problems_);
    resolve_names(section, object);
    if (const auto* first = objects.find(section.name)) {
      return error(section.where, fmt::format("{} '{}' is defined twice; the first is at {}",
                                              base::lower(section.find("type")->value),
                                              base::printable(section.name), first->where.str()));
    }
    objects.add(std::move(object));
    objects_sections_.push_back(&section);
  }

  void resolve_names(const Section& section, Endpoint& endpoint) {
    resolve_acls(section, acls_, endpoint.access, problems_);
  }
  void resolve_names(const Section& section, AclObject& acl) {
    resolve_acls(section, acls_, acl.rules, problems_);
  }
  template <class T>
  void resolve_names(const Section&, const T&) {}

  void check_references();
  void check_default_outbound_endpoint();
  template <class T>
  void check_names(const Section& section, std::string_view option, const Objects<T>& objects,
                   std::string_view what, Severity severity);

  const net::AclFile& acls_;
  conf::Problems& problems_;
  std::shared_ptr<Configuration> configuration_{new Configuration};
  const Section* global_ = nullptr;
  const Section* system_ = nullptr;
  std::vector<const Section*> objects_sections_;  // of what was kept
};

const std::array<ConfigurationBuilder::Type, 10>& ConfigurationBuilder::types() {
  using B = ConfigurationBuilder;
  using C = Configuration;
  static constexpr std::array<Type, 10> types{
      {{"global", &B::add_global},
       {"system", &B::add_system},
       {"transport", &B::add_object<read_transport, &C::transports_>},
       {"endpoint", &B::add_object<read_endpoint, &C::endpoints_>},
       {"aor", &B::add_object<read_aor, &C::aors_>},
       {"auth", &B::add_object<read_auth, &C::auths_>},
       {"identify", &B::add_object<read_identify, &C::identifies_>},
       {"acl", &B::add_object<read_acl, &C::acls_>},
       {"registration", &B::add_object<read_registration, &C::registrations_>},
       {"domain_alias", &B::add_object<read_domain_alias, &C::domain_aliases_>}}};
  return types;
}

std::shared_ptr<const Configuration> ConfigurationBuilder::build(const conf::File& file) {
  for (const auto& section : file.sections) {
    if (!section.is_template) add_section(section);
  }
  configuration_->link_aors();
  check_references();
  check_default_outbound_endpoint();
  return configuration_;
}

std::optional<std::string_view> ConfigurationBuilder::type_of(const Section& section) {
  if (const auto* option = section.find("type")) return option->value;
  for (const std::string_view name : {"global", "system"}) {
    if (base::iequals(section.name, name)) return name;
  }
  return std::nullopt;
}

void ConfigurationBuilder::add_section(const Section& section) {
  const auto type = type_of(section);
  if (!type) {
    return error(section.where,
                 fmt::format("section [{}] has no type; it needs type=endpoint, aor, auth or "
                             "another",
                             base::printable(section.name)));
  }
  for (const auto& known : types()) {
    if (base::iequals(known.name, *type)) return (this->*known.add)(section);
  }
  refuse_type(section, *type);
}

void ConfigurationBuilder::refuse_type(const Section& section, std::string_view type) {
  const bool of_calls =
      std::any_of(types_of_calls.begin(), types_of_calls.end(),
                  [type](std::string_view name) { return base::iequals(name, type); });
  const auto& option = *section.find("type");
  if (of_calls) {
    return conf::report(problems_, Severity::warning, section, option,
                        fmt::format("[{}] type={} has no meaning in a messaging server; it is "
                                    "ignored",
                                    base::printable(section.name), type));
  }
  std::vector<std::string_view> names;
  for (const auto& known : types()) names.push_back(known.name);
  const auto suggestion = conf::did_you_mean(type, names);
  conf::report(
      problems_, Severity::error, section, option,
      fmt::format(
          "[{}] unknown type '{}'{}", base::printable(section.name), base::printable(type, 80),
          suggestion.empty() ? fmt::format("; there are {}", fmt::join(names, ", ")) : suggestion));
}

bool ConfigurationBuilder::is_first(const Section& section, std::string_view type,
                                    const Section*& first) {
  if (first == nullptr) {
    first = &section;
    return true;
  }
  error(section.where, fmt::format("there is one section of type={} only; the first is at {}", type,
                                   first->where.str()));
  return false;
}

void ConfigurationBuilder::add_global(const Section& section) {
  if (is_first(section, "global", global_)) {
    read_global(section, configuration_->global_, problems_);
  }
}

void ConfigurationBuilder::add_system(const Section& section) {
  if (is_first(section, "system", system_)) {
    read_system(section, configuration_->system_, problems_);
  }
}

template <class T>
void ConfigurationBuilder::check_names(const Section& section, std::string_view option_name,
                                       const Objects<T>& objects, std::string_view what,
                                       Severity severity) {
  const auto* option = section.find(option_name);
  if (option == nullptr) return;
  for (const auto name : base::split_list(option->value)) {
    if (objects.find(name) != nullptr) continue;
    conf::report(
        problems_, severity, section, *option,
        fmt::format("{} '{}' names {} '{}', which is not defined{}",
                    base::lower(section.find("type")->value), base::printable(section.name), what,
                    base::printable(name, 80), conf::did_you_mean(name, objects.names())));
  }
}

void ConfigurationBuilder::check_references() {
  const auto& c = *configuration_;
  for (const auto* section : objects_sections_) {
    const auto& type = section->find("type")->value;
    if (base::iequals(type, "endpoint")) {
      check_names(*section, "aors", c.aors_, "aor", Severity::warning);
      check_names(*section, "auth", c.auths_, "auth", Severity::error);
    }
    if (base::iequals(type, "endpoint") || base::iequals(type, "registration")) {
      check_names(*section, "outbound_auth", c.auths_, "auth", Severity::error);
      check_names(*section, "transport", c.transports_, "transport", Severity::error);
    }
    if (base::iequals(type, "identify") || base::iequals(type, "registration")) {
      check_names(*section, "endpoint", c.endpoints_, "endpoint", Severity::warning);
    }
  }
}

void ConfigurationBuilder::check_default_outbound_endpoint() {
  const auto* option = global_ == nullptr ? nullptr : global_->find("default_outbound_endpoint");
  if (option == nullptr || option->value.empty()) return;
  if (configuration_->endpoint(option->value) != nullptr) return;
  conf::report(problems_, Severity::warning, *global_, *option,
               fmt::format("default_outbound_endpoint '{}' is not defined{}",
                           base::printable(option->value, 80),
                           conf::did_you_mean(option->value, configuration_->endpoints_.names())));
}

namespace {

base::Result<std::shared_ptr<const Configuration>> build(const conf::File& file,
                                                         const net::AclFile& acls,
                                                         Objects<NotifyOption> notify_options,
                                                         conf::Problems found,
                                                         conf::Problems& problems) {
  auto configuration = ConfigurationBuilder(acls, std::move(notify_options), found).build(file);
  const auto is_error = [](const auto& problem) { return problem.severity == Severity::error; };
  const auto errors = std::count_if(found.begin(), found.end(), is_error);
  std::string first;
  if (errors > 0) first = std::find_if(found.begin(), found.end(), is_error)->str();
  std::move(found.begin(), found.end(), std::back_inserter(problems));
  if (errors == 0) return configuration;
  return base::fail("{} has {} error{}: {}{}", file.name, errors, errors > 1 ? "s" : "", first,
                    errors > 1 ? " ..." : "");
}

}  // namespace

Configuration::Configuration() : dialect_(&pjsip_dialect()) {}

std::string_view Configuration::technology() const { return dialect_->technology(); }

// So that nobody looks them up for each message.
void Configuration::link_aors() {
  for (auto& endpoint : endpoints_.all()) {
    for (const auto& name : endpoint.aors) {
      if (const auto* found = aor(name)) endpoint.configured_aors.push_back(found);
      endpoints_of_[name].push_back(&endpoint);
    }
  }
}

const std::vector<const Endpoint*>& Configuration::endpoints_of(std::string_view aor) const {
  static const std::vector<const Endpoint*> none;
  const auto found = endpoints_of_.find(aor);
  return found == endpoints_of_.end() ? none : found->second;
}

std::shared_ptr<const Configuration> Configuration::make(Definition definition) {
  std::shared_ptr<Configuration> made(new Configuration);
  if (definition.dialect != nullptr) made->dialect_ = definition.dialect;
  made->global_ = std::move(definition.global);
  made->system_ = std::move(definition.system);
  const auto add_all = [](auto& objects, auto& from) {
    for (auto& object : from) objects.add(std::move(object));
  };
  add_all(made->endpoints_, definition.endpoints);
  add_all(made->aors_, definition.aors);
  add_all(made->auths_, definition.auths);
  add_all(made->transports_, definition.transports);
  add_all(made->identifies_, definition.identifies);
  add_all(made->acls_, definition.acls);
  add_all(made->registrations_, definition.registrations);
  add_all(made->domain_aliases_, definition.domain_aliases);
  made->link_aors();
  return made;
}

base::Result<std::shared_ptr<const Configuration>> Configuration::load(
    const std::filesystem::path& folder, conf::Problems& problems) {
  conf::Problems found;
  auto file = conf::load(folder, "pjsip.conf", found);
  if (!file) return tl::unexpected(file.error());
  if (auto loaded = load_wizards(folder, *file, found); !loaded) {
    return tl::unexpected(loaded.error());
  }
  const auto acls = net::AclFile::load(folder, found);
  if (!acls) return tl::unexpected(acls.error());
  auto notify_options = load_notify_options(folder, found);
  if (!notify_options) return tl::unexpected(notify_options.error());
  return build(*file, *acls, std::move(*notify_options), std::move(found), problems);
}

base::Result<std::shared_ptr<const Configuration>> Configuration::parse(std::string_view text,
                                                                        conf::Problems& problems,
                                                                        std::string_view acl,
                                                                        std::string_view wizards,
                                                                        std::string_view notify) {
  conf::Problems found;
  auto file = conf::parse(text, "pjsip.conf", found);
  expand_wizards(conf::parse(wizards, "pjsip_wizard.conf", found), file, found);
  const auto acls = net::AclFile::from(conf::parse(acl, "acl.conf", found), found);
  auto notify_options = read_notify_options(conf::parse(notify, "pjsip_notify.conf", found), found);
  return build(file, acls, std::move(notify_options), std::move(found), problems);
}

}  // namespace missive::pjsip

#include "pjsip/wizard.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <optional>
#include <system_error>

#include "base/text.h"
#include "conf/binder.h"
#include "conf/nearest.h"
#include "pjsip/option_types.h"
#include "sip/host.h"

namespace missive::pjsip {
namespace {

using base::printable;
using Severity = conf::Problem::Severity;

constexpr std::string_view most_contacts = "10";
constexpr std::string_view host_mark = "${REMOTE_HOST}";
constexpr std::string_view user_mark = "${USERNAME}";

constexpr std::array<std::string_view, 7> object_names{
    "endpoint", "aor", "inbound_auth", "outbound_auth", "identify", "registration", "phoneprov"};

// The options without a prefix, named as they are.
struct Wizard {
  bool sends_auth = false;
  bool accepts_auth = false;
  bool sends_registrations = false;
  bool sends_line_with_registrations = false;
  bool accepts_registrations = false;
  bool has_phoneprov = false;
  bool has_hint = false;
  std::vector<std::string> remote_hosts;
  std::string outbound_proxy;
  std::string transport;
  std::string server_uri_pattern{"sip:${REMOTE_HOST}"};
  std::string client_uri_pattern{"sip:${USERNAME}@${REMOTE_HOST}"};
  std::string contact_pattern{"sip:${REMOTE_HOST}"};
};

base::Result<void> set_remote_hosts(Wizard& wizard, const conf::Option& option) {
  wizard.remote_hosts.clear();
  for (const auto part : base::split_list(option.value)) {
    if (!sip::parse_host_port(part)) {
      return base::fail(
          "'{}' is no address or host name; sip.example.com, sip.example.com:5060, "
          "203.0.113.7 or [2001:db8::7]:5060 would be right",
          printable(part, 80));
    }
    wizard.remote_hosts.emplace_back(part);
  }
  return {};
}

const conf::Binder<Wizard>& wizard_binder() {
  static const auto binder =
      conf::Binder<Wizard>("wizard")
          .boolean("sends_auth", &Wizard::sends_auth)
          .boolean("accepts_auth", &Wizard::accepts_auth)
          .boolean("sends_registrations", &Wizard::sends_registrations)
          .boolean("sends_line_with_registrations", &Wizard::sends_line_with_registrations)
          .boolean("accepts_registrations", &Wizard::accepts_registrations)
          .boolean("has_phoneprov", &Wizard::has_phoneprov)
          .boolean("has_hint", &Wizard::has_hint)
          .custom("remote_hosts", set_remote_hosts)
          .custom("outbound_proxy", sip_uri(&Wizard::outbound_proxy))
          .text("transport", &Wizard::transport)
          .text("server_uri_pattern", &Wizard::server_uri_pattern)
          .text("client_uri_pattern", &Wizard::client_uri_pattern)
          .text("contact_pattern", &Wizard::contact_pattern)
          .ignored({"type", "hint_context", "hint_exten", "hint_application"});
  return binder;
}

std::string filled(std::string text, std::string_view mark, std::string_view value) {
  for (auto at = text.find(mark); at != text.npos; at = text.find(mark, at + value.size())) {
    text.replace(at, mark.size(), value);
  }
  return text;
}

// `outbound_auth/username` taken apart; nothing without a slash.
struct Prefixed {
  std::string_view object, option;
};
std::optional<Prefixed> take_apart(std::string_view name) {
  const auto slash = name.find('/');
  if (slash == name.npos) return std::nullopt;
  return Prefixed{base::trim(name.substr(0, slash)), base::trim(name.substr(slash + 1))};
}

// One section of type=wizard.
class Expansion {
 public:
  Expansion(const conf::Section& section, std::vector<conf::Section>& out, conf::Problems& problems)
      : section_(section), out_(out), problems_(problems) {}

  void run() {
    const auto before = problems_.size();
    read();
    check();
    const bool wrong = std::any_of(
        problems_.begin() + static_cast<std::ptrdiff_t>(before), problems_.end(),
        [](const conf::Problem& problem) { return problem.severity == Severity::error; });
    if (wrong) return;
    if (wizard_.accepts_auth) add_auth("iauth", "inbound_auth", "accepts_auth");
    if (wizard_.sends_auth) add_auth("oauth", "outbound_auth", "sends_auth");
    add_aor();
    add_endpoint();
    if (has_identify()) add_identify();
    if (wizard_.sends_registrations) add_registrations();
    warn();
  }

 private:
  void report(Severity severity, std::string_view option, std::string_view text) {
    const auto* found = section_.find(option);
    const auto message = fmt::format("[{}] {}", printable(section_.name), text);
    if (found == nullptr) return problems_.push_back({severity, section_.where, message});
    conf::report(problems_, severity, section_, *found, message);
  }
  void error(std::string_view option, std::string_view text) {
    report(Severity::error, option, text);
  }

  // What has no prefix is the wizard's own.
  void read() {
    conf::Section own{section_.name, section_.where, false, {}};
    for (const auto& option : section_.options) {
      const auto prefixed = take_apart(option.name);
      if (!prefixed) {
        own.options.push_back(option);
      } else if (!is_object(prefixed->object)) {
        error(option.name,
              fmt::format("'{}' is for no object of a wizard{}", printable(option.name, 80),
                          conf::did_you_mean(prefixed->object,
                                             std::vector<std::string_view>(object_names.begin(),
                                                                           object_names.end()))));
      }
    }
    wizard_binder().bind(own, wizard_, problems_);
  }

  static bool is_object(std::string_view name) {
    return std::any_of(object_names.begin(), object_names.end(),
                       [name](std::string_view object) { return base::iequals(object, name); });
  }

  void check() {
    if (wizard_.sends_auth && value_of("outbound_auth/username").empty()) {
      error("sends_auth", "sends_auth = yes needs outbound_auth/username = ...");
    }
    if (wizard_.accepts_auth && value_of("inbound_auth/username").empty()) {
      error("accepts_auth", "accepts_auth = yes needs inbound_auth/username = ...");
    }
    if (wizard_.sends_registrations) check_registrations();
  }

  void check_registrations() {
    if (wizard_.remote_hosts.empty()) {
      error("sends_registrations",
            "sends_registrations = yes needs remote_hosts = the hosts to register with, as in"
            " sip.example.com or sip.example.com:5060");
    }
    const bool needs_user = wizard_.client_uri_pattern.find(user_mark) != std::string::npos &&
                            value_of("registration/client_uri").empty();
    const bool told = wizard_.sends_auth;  // then that needs it, too
    if (needs_user && !told && value_of("outbound_auth/username").empty()) {
      error("sends_registrations",
            "sends_registrations = yes needs outbound_auth/username = ... for its client_uri, or a"
            " client_uri_pattern without ${USERNAME}");
    }
  }

  void warn() {
    if (wizard_.has_hint) {
      report(Severity::warning, "has_hint",
             "has_hint has no effect: a messaging server has no hints");
    }
    if (wizard_.has_phoneprov) {
      report(Severity::warning, "has_phoneprov",
             "has_phoneprov has no effect: phones are not provisioned here");
    }
    if (wizard_.accepts_registrations && !wizard_.accepts_auth) {
      report(
          Severity::warning, "accepts_registrations",
          "accepts_registrations = yes without accepts_auth = yes: everybody may register as it");
    }
    warn_of_unused("inbound_auth", wizard_.accepts_auth, "accepts_auth = yes");
    warn_of_unused("outbound_auth", wizard_.sends_auth || wizard_.sends_registrations,
                   "sends_auth = yes");
    warn_of_unused("registration", wizard_.sends_registrations, "sends_registrations = yes");
    warn_of_unused("identify", has_identify(),
                   "identify/match or, for what does not register, remote_hosts");
  }

  void warn_of_unused(std::string_view object, bool used, std::string_view needed) {
    if (used) return;
    for (const auto& option : section_.options) {
      const auto prefixed = take_apart(option.name);
      if (!prefixed || !base::iequals(prefixed->object, object)) continue;
      return report(Severity::warning, option.name,
                    fmt::format("{} has no effect without {}", option.name, needed));
    }
  }

  std::string_view value_of(std::string_view option) const {
    const auto* found = section_.find(option);
    return found != nullptr ? std::string_view(found->value) : std::string_view();
  }
  bool is_set(std::string_view option) const { return section_.find(option) != nullptr; }

  // Sections are made with what the wizard says first, and what is meant for the object behind it.
  conf::Section begin(std::string name, std::string_view type) const {
    conf::Section made{std::move(name), section_.where, false, {}};
    put(made, "type", std::string(type), "type");
    return made;
  }
  void finish(conf::Section made, std::string_view object) {
    for (const auto& option : section_.options) {
      const auto prefixed = take_apart(option.name);
      if (!prefixed || !base::iequals(prefixed->object, object)) continue;
      made.options.push_back(
          {std::string(prefixed->option), option.value, option.object, option.where});
    }
    out_.push_back(std::move(made));
  }
  // `because`: the option of the wizard that it comes from.
  void put(conf::Section& made, std::string_view name, std::string value,
           std::string_view because) const {
    const auto* cause = section_.find(because);
    made.options.push_back({std::string(name), std::move(value), false,
                            cause != nullptr ? cause->where : section_.where});
  }
  void put_wizards_own(conf::Section& made, std::string_view name, const std::string& value) const {
    if (!value.empty()) put(made, name, value, name);
  }
  std::string named(std::string_view suffix) const {
    return fmt::format("{}-{}", section_.name, suffix);
  }
  // The place of an option that has a default is that of the hosts which it is filled with.
  std::string_view place_of(std::string_view pattern) const {
    return is_set(pattern) ? pattern : "remote_hosts";
  }

  void add_auth(std::string_view suffix, std::string_view object, std::string_view because) {
    auto made = begin(named(suffix), "auth");
    // Its section reads as if it stood where the wizard asks for it.
    made.options.front().where = section_.find(because)->where;
    finish(std::move(made), object);
  }

  void add_aor() {
    auto made = begin(section_.name, "aor");
    if (!is_set("aor/contact")) {
      for (const auto& host : wizard_.remote_hosts) {
        put(made, "contact", filled(wizard_.contact_pattern, host_mark, host),
            place_of("contact_pattern"));
      }
    }
    if (wizard_.accepts_registrations) {
      put(made, "max_contacts", std::string(most_contacts), "accepts_registrations");
    }
    put_wizards_own(made, "outbound_proxy", wizard_.outbound_proxy);
    finish(std::move(made), "aor");
  }

  void add_endpoint() {
    auto made = begin(section_.name, "endpoint");
    put(made, "aors", section_.name, "type");
    if (wizard_.accepts_auth) put(made, "auth", named("iauth"), "accepts_auth");
    if (wizard_.sends_auth) put(made, "outbound_auth", named("oauth"), "sends_auth");
    put_wizards_own(made, "transport", wizard_.transport);
    put_wizards_own(made, "outbound_proxy", wizard_.outbound_proxy);
    finish(std::move(made), "endpoint");
  }

  bool matches_are_given() const {
    return is_set("identify/match") || is_set("identify/match_header") ||
           is_set("identify/match_request_uri");
  }
  // A `line` tells which endpoint a request is for, and who registers is known by name.
  bool has_identify() const {
    if (matches_are_given()) return true;
    const bool by_line = wizard_.sends_registrations && wizard_.sends_line_with_registrations;
    return !wizard_.remote_hosts.empty() && !wizard_.accepts_registrations && !by_line;
  }

  void add_identify() {
    auto made = begin(named("identify"), "identify");
    put(made, "endpoint", section_.name, "type");
    if (!matches_are_given()) {
      for (const auto& host : wizard_.remote_hosts) put(made, "match", host, "remote_hosts");
    }
    finish(std::move(made), "identify");
  }

  void add_registrations() {
    const auto user = value_of("outbound_auth/username");
    for (std::size_t i = 0; i < wizard_.remote_hosts.size(); ++i) {
      const auto& host = wizard_.remote_hosts[i];
      auto made = begin(named(fmt::format("reg-{}", i)), "registration");
      if (!is_set("registration/server_uri")) {
        put(made, "server_uri", filled(wizard_.server_uri_pattern, host_mark, host),
            place_of("server_uri_pattern"));
      }
      if (!is_set("registration/client_uri")) {
        put(made, "client_uri",
            filled(filled(wizard_.client_uri_pattern, host_mark, host), user_mark, user),
            place_of("client_uri_pattern"));
      }
      if (wizard_.sends_auth) put(made, "outbound_auth", named("oauth"), "sends_auth");
      put_wizards_own(made, "transport", wizard_.transport);
      put_wizards_own(made, "outbound_proxy", wizard_.outbound_proxy);
      if (wizard_.sends_line_with_registrations) {
        put(made, "line", "yes", "sends_line_with_registrations");
        put(made, "endpoint", section_.name, "sends_line_with_registrations");
      }
      finish(std::move(made), "registration");
    }
  }

  const conf::Section& section_;
  std::vector<conf::Section>& out_;
  conf::Problems& problems_;
  Wizard wizard_;
};

}  // namespace

void expand_wizards(const conf::File& wizards, conf::File& pjsip, conf::Problems& problems) {
  for (const auto& section : wizards.sections) {
    if (section.is_template) continue;
    const auto* type = section.find("type");
    if (type == nullptr) {
      problems.push_back(
          {Severity::error, section.where,
           fmt::format("section [{}] has no type; it needs type=wizard", printable(section.name))});
    } else if (!base::iequals(type->value, "wizard")) {
      conf::report(problems, Severity::error, section, *type,
                   fmt::format("[{}] type={} has no place here; there is type=wizard, and all "
                               "others stand in pjsip.conf",
                               printable(section.name), printable(type->value, 80)));
    } else {
      Expansion(section, pjsip.sections, problems).run();
    }
  }
}

base::Result<void> load_wizards(const std::filesystem::path& folder, conf::File& pjsip,
                                conf::Problems& problems) {
  constexpr std::string_view name = "pjsip_wizard.conf";
  std::error_code missing;
  if (!std::filesystem::exists(folder / name, missing)) return {};
  const auto wizards = conf::load(folder, name, problems);
  if (!wizards) return tl::unexpected(wizards.error());
  expand_wizards(*wizards, pjsip, problems);
  return {};
}

}  // namespace missive::pjsip

#include "xmpp/configuration.h"

#include <algorithm>

#include "base/text.h"
#include "conf/binder.h"
#include "xmpp/account_options.h"

namespace missive::xmpp {
namespace {

using Severity = conf::Problem::Severity;
using General = Configuration::General;

const conf::Binder<General>& general_binder() {
  static const auto binder =
      conf::Binder<General>("general")
          .boolean("debug", &General::debug)
          .boolean("autoprune", &General::auto_prune)
          .boolean("autoregister", &General::auto_register)
          .choice("auth_policy", &General::accept_buddies, {{"accept", true}, {"deny", false}})
          .ignored({"collection_nodes", "pubsub_autocreate"});
  return binder;
}

void warn_of_pubsub(const conf::Section& section, conf::Problems& problems) {
  for (const auto* name : {"collection_nodes", "pubsub_autocreate"}) {
    const auto* found = section.find(name);
    if (found == nullptr || base::parse_bool(found->value) != true) continue;
    conf::report(problems, Severity::warning, section, *found,
                 fmt::format("{} has no effect: Missive does not share device states over XMPP",
                             found->name));
  }
}

}  // namespace

base::Result<std::shared_ptr<const Configuration>> Configuration::load(
    const std::filesystem::path& folder, conf::Problems& problems) {
  auto made = std::make_shared<Configuration>();
  if (!std::filesystem::exists(folder / "xmpp.conf")) return made;
  const auto file = conf::load(folder, "xmpp.conf", problems);
  if (!file) return tl::unexpected(file.error());
  made->read(*file, problems);
  return made;
}

std::shared_ptr<const Configuration> Configuration::parse(std::string_view text,
                                                          conf::Problems& problems) {
  auto made = std::make_shared<Configuration>();
  made->read(conf::parse(text, "xmpp.conf", problems), problems);
  return made;
}

void Configuration::read(const conf::File& file, conf::Problems& problems) {
  for (const auto& section : file.sections) {
    if (section.is_template) continue;
    if (base::iequals(section.name, "general")) {
      general_binder().bind(section, general_, problems);
      warn_of_pubsub(section, problems);
      continue;
    }
    if (const auto* known = account(section.name)) {
      problems.push_back(
          {Severity::error, section.where,
           fmt::format("[{}] is defined at {} already", section.name, known->where.str())});
      continue;
    }
    if (auto read = read_account(section, problems)) accounts_.push_back(std::move(*read));
  }
}

const Account* Configuration::account(std::string_view name) const {
  name = without_scheme(name);
  const auto found = std::find_if(accounts_.begin(), accounts_.end(),
                                  [name](const Account& one) { return one.name == name; });
  return found == accounts_.end() ? nullptr : &*found;
}

std::string_view without_scheme(std::string_view account) {
  constexpr std::string_view scheme = "xmpp:";
  if (account.starts_with(scheme)) account.remove_prefix(scheme.size());
  return account;
}

}  // namespace missive::xmpp

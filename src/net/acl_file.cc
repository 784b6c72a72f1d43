#include "net/acl_file.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "base/text.h"
#include "conf/binder.h"

namespace missive::net {
namespace {

Acl read_acl(const conf::Section& section, conf::Problems& problems) {
  static const auto binder =
      conf::Binder<Acl>("acl")
          .custom("permit",
                  [](Acl& to, const conf::Option& option) { return to.add(true, option.value); })
          .custom("deny",
                  [](Acl& to, const conf::Option& option) { return to.add(false, option.value); });
  Acl acl;
  binder.bind(section, acl, problems);
  return acl;
}

}  // namespace

base::Result<AclFile> AclFile::load(const std::filesystem::path& folder, conf::Problems& problems) {
  std::error_code error;
  if (!std::filesystem::exists(folder / "acl.conf", error)) return AclFile{};
  return conf::load(folder, "acl.conf", problems).map([&problems](const conf::File& file) {
    return from(file, problems);
  });
}

AclFile AclFile::from(const conf::File& file, conf::Problems& problems) {
  AclFile lists;
  for (const auto& section : file.sections) {
    if (section.is_template) continue;
    lists.lists_.push_back(Named{section.name, read_acl(section, problems)});
  }
  return lists;
}

const Acl* AclFile::find(std::string_view name) const {
  const auto found = std::find_if(lists_.begin(), lists_.end(), [name](const Named& named) {
    return base::iequals(named.name, name);
  });
  return found == lists_.end() ? nullptr : &found->acl;
}

base::Result<Acl> AclFile::get(std::string_view name) const {
  if (const auto* acl = find(name)) return *acl;
  std::vector<std::string_view> known;
  for (const auto& named : lists_) known.push_back(named.name);
  return base::fail("there is no list '{}' in acl.conf{}{}", base::printable(name, 40),
                    known.empty() ? "" : "; there are ", fmt::join(known, ", "));
}

}  // namespace missive::net

#include "chan_sip/load.h"

#include <algorithm>
#include <iterator>

#include "chan_sip/definition.h"
#include "chan_sip/sip_conf.h"
#include "chan_sip/sip_dialect.h"

namespace missive::chan_sip {
namespace {

using SharedConfiguration = std::shared_ptr<const pjsip::Configuration>;

base::Result<SharedConfiguration> build(const conf::File& file, const net::AclFile& acls,
                                        conf::Problems found, conf::Problems& problems) {
  const auto conf = read_sip_conf(file, acls, found);
  auto definition = define(conf, found);
  definition.dialect = &dialect(conf.general.srvlookup);
  const auto is_error = [](const conf::Problem& problem) {
    return problem.severity == conf::Problem::Severity::error;
  };
  const auto first = std::find_if(found.begin(), found.end(), is_error);
  const auto errors = std::count_if(found.begin(), found.end(), is_error);
  const auto text = errors > 0 ? first->str() : std::string();
  std::move(found.begin(), found.end(), std::back_inserter(problems));
  if (errors == 0) return pjsip::Configuration::make(std::move(definition));
  return base::fail("{} has {} error{}: {}{}", file.name, errors, errors > 1 ? "s" : "", text,
                    errors > 1 ? " ..." : "");
}

}  // namespace

base::Result<SharedConfiguration> load(const std::filesystem::path& folder,
                                       conf::Problems& problems) {
  conf::Problems found;
  const auto file = conf::load(folder, "sip.conf", found);
  if (!file) return tl::unexpected(file.error());
  const auto acls = net::AclFile::load(folder, found);
  if (!acls) return tl::unexpected(acls.error());
  return build(*file, *acls, std::move(found), problems);
}

base::Result<SharedConfiguration> parse(std::string_view text, conf::Problems& problems,
                                        std::string_view acl) {
  conf::Problems found;
  const auto file = conf::parse(text, "sip.conf", found);
  const auto acls = net::AclFile::from(conf::parse(acl, "acl.conf", found), found);
  return build(file, acls, std::move(found), problems);
}

}  // namespace missive::chan_sip

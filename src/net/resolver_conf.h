// The options of the Resolver from [resolver] of missive.conf and Asterisk's resolver_unbound.conf.
//
// missive.conf wins: where it names servers, those alone are asked. Otherwise the `nameserver`
// lines of resolver_unbound.conf go first, in their order, and what its `resolv` file has comes
// after them. `hosts` is honoured; `debug` and `ta_file` have no effect, with a warning. A missing
// file is no error. What is wrong goes to `problems`, and the options then hold without it; the
// Result fails only where a file is there and cannot be read.
// Source: Asterisk documentation, res_resolver_unbound.
#pragma once

#include <filesystem>

#include "base/result.h"
#include "conf/missive_conf.h"
#include "net/dns_options.h"

namespace missive::net {

base::Result<ResolverOptions> load_resolver_options(const std::filesystem::path& folder,
                                                    const conf::MissiveConf& missive,
                                                    conf::Problems& problems);
// The same with resolver_unbound.conf in memory; nullptr: there is none.
ResolverOptions resolver_options_from(const conf::File* unbound, const conf::MissiveConf& missive,
                                      conf::Problems& problems);

}  // namespace missive::net

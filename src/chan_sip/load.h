// sip.conf as a pjsip::Configuration of the `sip:` technology.
//
// Built whole or not at all, as pjsip.conf. What differs from that is in its Dialect
// (sip_dialect.h); what becomes of the sections is said in definition.h.
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "base/result.h"
#include "conf/conf.h"
#include "pjsip/configuration.h"

namespace missive::chan_sip {

// Reads folder/sip.conf, and acl.conf where it is there. Fails when a file cannot be read or has an
// error; then `problems` says all that is wrong, each with its line.
base::Result<std::shared_ptr<const pjsip::Configuration>> load(const std::filesystem::path& folder,
                                                               conf::Problems& problems);
// The same from text, for tests.
base::Result<std::shared_ptr<const pjsip::Configuration>> parse(std::string_view text,
                                                                conf::Problems& problems,
                                                                std::string_view acl = {});

}  // namespace missive::chan_sip

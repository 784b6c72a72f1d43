// pjsip_notify.conf: NOTIFYs that are prepared under a name, for PJSIPNotify's Option.
//
//   [reboot-phone]
//   Event => check-sync
//   Content-Type => text/plain
//   Content => reboot
//
// A section is a NOTIFY, its options are headers and content in order. Plain values, part of the
// immutable Configuration. Source: Asterisk documentation, pjsip_notify.conf.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "conf/conf.h"
#include "pjsip/objects.h"

namespace missive::pjsip {

struct NotifyOption {
  std::string name;
  conf::Location where;
  std::vector<std::pair<std::string, std::string>> headers;
};

Objects<NotifyOption> read_notify_options(const conf::File& file, conf::Problems& problems);
// Of folder/pjsip_notify.conf, when it is there. Fails where it cannot be read.
base::Result<Objects<NotifyOption>> load_notify_options(const std::filesystem::path& folder,
                                                        conf::Problems& problems);

}  // namespace missive::pjsip

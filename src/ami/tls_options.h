// The TLS options of manager.conf: where AMI over TLS is served and with what certificate.
//
// Read from the lines of [general] whose names begin with `tls` (or `ssl`, as older files have
// it). Relative paths are taken from the configuration folder on. With tlsenable = yes the files
// are read at once, so that a certificate that cannot be used is a problem of its line, and the
// context is ready for connections; each load reads them anew.
//
// TLS 1.2 is the lowest version spoken unless tlsdisablev1 or tlsdisablev11 is `no` (RFC 8996).
// Source: Asterisk documentation, manager.conf, "TLS".
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "conf/conf.h"
#include "net/address.h"
#include "net/tls_context.h"

namespace missive::ami {

struct TlsDoor {
  std::optional<net::Address> bind;                // none: not served
  std::shared_ptr<const net::TlsContext> context;  // nullptr then
};

// Takes those lines out of `general`, and gives them as a section of their own.
conf::Section take_tls_options(conf::Section& general);
// `plain` is where TCP is served: the default is its address with port 5039.
TlsDoor tls_door(const conf::Section& options, const net::Address& plain,
                 const std::filesystem::path& folder, conf::Problems& problems);

}  // namespace missive::ami

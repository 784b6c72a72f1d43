// missive.conf: what only Missive has a setting for.
//
// The file is optional; without it, and for what it does not name, the defaults
// below hold. Everything that Asterisk has a file for is in that file instead.
// A plain value, copied to whoever needs it.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string>

#include "base/result.h"
#include "conf/conf.h"

namespace missive::conf {

struct MissiveConf {
  // [general]
  struct General {
    unsigned shards = 0;             // threads that carry the traffic; 0: one for each core
    std::string log_level = "info";  // debug, info, warning or error
  };

  // [ami]
  struct Ami {
    // The first line a client reads. Clients take the protocol version from it.
    std::string banner = "Asterisk Call Manager/9.0.0";
    // What CoreSettings reports as AsteriskVersion; some clients look at the number.
    std::string asterisk_version = "20.7.0-missive-" MISSIVE_VERSION;
    std::size_t max_line = 1024 * 1024;        // octets of one header line
    std::size_t max_headers = 512;             // header lines of one action
    std::size_t max_action = 4 * 1024 * 1024;  // octets of one action
    std::size_t max_sessions = 1024;           // connections at a time
    // Octets waiting for a client that reads too slowly, before it is disconnected.
    std::size_t max_unsent = 8 * 1024 * 1024;
  };

  // [sip]
  struct Sip {
    // Octets of one message on TCP or TLS: 128 KiB of body and 64 KiB of headers.
    std::size_t max_message_size = 192 * 1024;
    // Send Contact in MESSAGE, as Asterisk 20.7 does; RFC 3428 section 4 forbids it.
    bool contact_header = true;
    std::size_t max_transactions = 100'000;            // at a time in one shard
    std::size_t max_pending_size = 256 * 1024 * 1024;  // octets of their bodies, in one shard
    std::chrono::milliseconds tcp_connect_timeout{5'000};
    std::chrono::seconds tcp_idle_timeout{600};  // 0: never closed for being idle
  };

  General general;
  Ami ami;
  Sip sip;

  // Reads folder/missive.conf. A missing file is no error; what is wrong inside goes to
  // `problems` and leaves the default. Fails only where the file is there and unreadable.
  static base::Result<MissiveConf> load(const std::filesystem::path& folder, Problems& problems);
  static MissiveConf from(const File& file, Problems& problems);
};

}  // namespace missive::conf

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
#include <vector>

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
    std::size_t max_sessions = 1024;           // connections and web sessions at a time
    std::size_t max_web_sessions = 256;        // those by HTTP among them
    // Sessions of one address (of IPv6: one /64), and of them those that have not logged in.
    std::size_t max_per_address = 512;
    std::size_t max_logins_per_address = 20;
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
    // Requests a second from one address that name nobody we know, or with wrong credentials;
    // what is more is not answered. 0: no limit.
    unsigned unidentified_rate = 100;
    // All requests a second from one address. 0: no limit.
    unsigned request_rate = 0;
    // Whose pages may open WebSockets, as "https://phone.example.org"; empty: everybody's.
    std::vector<std::string> websocket_origins;
    bool sip_conf = true;  // no: sip.conf is not read, there is no sip: technology
    // TCP and TLS connections of one address, in one shard and transport; 0: no limit.
    std::size_t max_connections_per_address = 128;
  };

  // [messaging]
  struct Messaging {
    enum class Route { dialplan, users };
    // users: what the dialplan has no extension for goes to the endpoint or AOR of that name.
    Route route = Route::dialplan;
    // Content types that are taken, in lower case; "*/*" for all.
    std::vector<std::string> message_accept{"text/plain"};
    std::size_t max_body = 64 * 1024;               // octets of an incoming body
    std::size_t max_queue = 100'000;                // messages at a time in one shard
    std::size_t max_queue_size = 64 * 1024 * 1024;  // octets of their bodies
  };

  // [dialplan]
  struct Dialplan {
    bool live_dangerously = false;           // System, TrySystem and SHELL run commands
    unsigned max_steps = 10'000;             // priorities that one message may run
    std::chrono::seconds max_duration{300};  // that one message may take, all in all
    unsigned workers = 4;                    // threads for what blocks: CURL, AGI, System
    std::chrono::seconds curl_timeout{10};
    std::size_t curl_max_size = 1024 * 1024;  // octets of an answer to CURL
    std::string agi_folder;                   // of local AGI scripts; empty: none are run
  };

  // [outbox]
  struct Outbox {
    enum class Durability {
      off,      // nothing is kept: one attempt
      offline,  // what could not be delivered at once is written and synced before Success
      always,   // everything is, before Success and before 202
    };
    Durability durability = Durability::always;
    std::chrono::seconds expiry{7 * 86'400};  // how long a message may wait
    // The gaps between attempts; the last one is used again and again.
    std::vector<std::chrono::seconds> retry{std::chrono::seconds{30},  std::chrono::seconds{60},
                                            std::chrono::seconds{120}, std::chrono::seconds{300},
                                            std::chrono::seconds{600}, std::chrono::seconds{1800},
                                            std::chrono::seconds{3600}};
    std::chrono::seconds history{86'400};           // how long outcomes are kept; 0: not at all
    std::size_t max_messages = 10'000'000;          // that are not final
    std::size_t max_per_recipient = 100'000;        // of them
    std::size_t max_bytes = std::size_t{16} << 30;  // of their texts
    unsigned pipeline = 1;     // messages of one sender to one recipient under way at a time
    unsigned flush_rate = 50;  // messages to a recipient that came back, in the first second
    enum class Notify { no, failed, asked, all };
    Notify notify_sender = Notify::no;  // tell a SIP sender the outcome, by a MESSAGE
    bool pass_receipts = false;         // incoming IMDN go on to the sender too
  };

  // [resolver]
  struct Resolver {
    // Name servers, as 192.0.2.1 or [2001:db8::1]:53; empty: resolver_unbound.conf's, else those
    // of the system. net::load_resolver_options() checks them.
    std::vector<std::string> nameservers;
    Location nameservers_at;
    std::chrono::milliseconds timeout{2'000};  // for the first answer; doubles with each try
    unsigned tries = 2;                        // how often each name server is asked
    std::size_t cache_size = 4096;             // answers kept, in one shard
    std::chrono::seconds max_ttl{86'400};      // no answer is kept for longer
    std::chrono::seconds negative_ttl{30};     // "there is none", where the zone does not say
  };

  General general;
  Resolver resolver;
  Outbox outbox;
  Ami ami;
  Sip sip;
  Messaging messaging;
  Dialplan dialplan;

  // Reads folder/missive.conf. A missing file is no error; what is wrong inside goes to
  // `problems` and leaves the default. Fails only where the file is there and unreadable.
  static base::Result<MissiveConf> load(const std::filesystem::path& folder, Problems& problems);
  static MissiveConf from(const File& file, Problems& problems);
};

}  // namespace missive::conf

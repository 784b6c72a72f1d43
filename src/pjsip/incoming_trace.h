// How a MESSAGE that comes in would be identified and where it would go, step by step.
//
// What `missive explain --incoming` prints, with the same Identifier, rules and texts that the
// Distributor and MessageUas use. Asks the configuration only: host names of type=identify match
// nobody here, and passwords are not checked; it says what would be asked for.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "conf/missive_conf.h"
#include "net/address.h"
#include "pjsip/configuration.h"
#include "pjsip/resolution.h"

namespace missive::pjsip {

struct IncomingQuestion {
  std::string_view from;         // a URI or name-addr; `alice` and `alice@host` are understood
  std::string_view request_uri;  // a URI; `bob` and `bob@host` are understood
  net::Address source;           // unset: one that no rule names
  std::string_view transport;    // the section of pjsip.conf; empty: the first
};

struct IncomingAnswer {
  // What it would be answered: 401, 403 or, where nothing stands in its way but the dialplan, 202.
  int status = 401;
  const Endpoint* endpoint = nullptr;  // of the configuration that was asked about
  std::string context;
  std::string exten;
  std::string from;  // MESSAGE(from)
  std::string to;    // MESSAGE(to)
};

// Fails where FROM or the Request-URI is none.
base::Result<IncomingAnswer> trace_incoming(std::shared_ptr<const Configuration> configuration,
                                            const conf::MissiveConf::Messaging& messaging,
                                            const IncomingQuestion& question, Trace& trace);

}  // namespace missive::pjsip

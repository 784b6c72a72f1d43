// The sections of xmpp.conf: from options to an Account.
//
// read_account() gives nothing where the section has errors; they are in `problems`. Pure.
#pragma once

#include <optional>

#include "conf/binder.h"
#include "xmpp/account.h"

namespace missive::xmpp {

std::optional<Account> read_account(const conf::Section& section, conf::Problems& problems);

}  // namespace missive::xmpp

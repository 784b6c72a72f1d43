// The changes of one UpdateConfig, taken from its headers and made to a file.
//
// `Action-000000` and what belongs to it by number, up to the first number that is missing. Either
// all are made or, with a Refusal, none. Source: Asterisk documentation, action UpdateConfig.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ami/config_files.h"
#include "ami/packet_reader.h"
#include "conf/document.h"

namespace missive::ami {

struct ConfigChange {
  std::string action, category, variable, value, match, line, options;
};
std::vector<ConfigChange> read_changes(const ActionView& action);

// Stops at the first one that cannot be made; the document is then not to be saved.
std::optional<Refusal> apply_changes(conf::Document& document,
                                     const std::vector<ConfigChange>& changes);

}  // namespace missive::ami

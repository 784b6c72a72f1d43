// The headers and the content of a NOTIFY, as `Variable:` headers of an action give them.
#pragma once

#include "ami/packet_reader.h"
#include "ami/variables.h"
#include "base/result.h"
#include "pjsip/operations.h"

namespace missive::ami {

// Adds those of every Variable header, in order. `list` is scratch memory.
base::Result<void> read_variables(VariableList& list, const ActionView& action,
                                  pjsip::NotifyOrder& order);

}  // namespace missive::ami

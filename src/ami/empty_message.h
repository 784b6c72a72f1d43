// A message that nobody has sent: what the dialplan runs for Originate, Getvar and Setvar.
#pragma once

#include <memory>
#include <string_view>

#include "message/incoming.h"

namespace missive::ami {

// With no text and, where it is empty, no sender.
inline std::shared_ptr<const message::Incoming> empty_message(std::string_view from,
                                                              std::string_view id = {}) {
  return message::Incoming::create({.id = id,
                                    .technology = "Local",
                                    .endpoint = {},
                                    .context = {},
                                    .exten = {},
                                    .from = from,
                                    .to = {},
                                    .content_type = "text/plain",
                                    .body = {},
                                    .data = {}});
}

}  // namespace missive::ami

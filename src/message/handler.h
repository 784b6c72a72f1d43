// Who takes messages that came in: the dialplan, or the road straight to a user.
//
// A Handler belongs to one shard; has_destination() may be asked from any thread, since a
// technology asks it before it answers. handle() is called on the shard's thread, for one
// message of a sender to a recipient at a time (message/inbox.h); `done` is called exactly
// once on that thread, before or after handle() returns, when the next of that pair may come.
//
// Source: Asterisk documentation, "Asterisk and text messages": message handlers.
#pragma once

#include <memory>
#include <string_view>

#include "base/unique_function.h"
#include "message/incoming.h"

namespace missive::message {

using Done = base::UniqueFunction<void()>;

class Handler {
 public:
  virtual ~Handler() = default;
  virtual std::string_view name() const = 0;  // for `missive explain` and the log
  // Whether there is anything at this extension of this context.
  virtual bool has_destination(std::string_view context, std::string_view exten) const = 0;
  virtual void handle(std::shared_ptr<const Incoming> message, Done done) = 0;
};

}  // namespace missive::message

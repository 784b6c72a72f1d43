// The dialplan as a message::Handler: each message becomes a Run.
//
// One per shard. has_destination() may be asked from any thread; use() puts a new dialplan in
// force for what comes from then on, on the shard's thread.
#pragma once

#include <memory>
#include <mutex>

#include "dialplan/environment.h"
#include "message/handler.h"

namespace missive::dialplan {

class MessageHandler final : public message::Handler {
 public:
  MessageHandler(Shared& shared, net::Shard& shard, message::Sender& sender,
                 std::shared_ptr<const Dialplan> dialplan);

  std::string_view name() const override { return "dialplan"; }
  bool has_destination(std::string_view context, std::string_view exten) const override;
  void handle(std::shared_ptr<const message::Incoming> message, message::Done done) override;
  void use(std::shared_ptr<const Dialplan> dialplan);
  // For what is run beside the messages that come in. On the shard's thread.
  Environment& environment() { return environment_; }

 private:
  Environment environment_;
  mutable std::mutex mutex_;  // environment_.dialplan, for other threads than the shard's
};

}  // namespace missive::dialplan

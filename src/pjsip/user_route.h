// The road without a dialplan: a message to the name of an endpoint or AOR goes to that user.
//
// missive.conf, [messaging] route = users. One per shard, on its thread. The context does not
// matter. What the sender wrote as From and To stays; headers do not travel on; each hop is
// counted off Max-Forwards. What becomes of a message is told as for any other one.
#pragma once

#include <memory>

#include "message/handler.h"
#include "message/sender.h"
#include "net/shard.h"
#include "pjsip/configuration.h"

namespace missive::pjsip {

class UserRoute final : public message::Handler {
 public:
  UserRoute(net::Shard& shard, message::Sender& sender,
            std::shared_ptr<const Configuration> configuration)
      : shard_(shard), sender_(sender), configuration_(std::move(configuration)) {}

  std::string_view name() const override { return "users"; }
  bool has_destination(std::string_view context, std::string_view exten) const override;
  void handle(std::shared_ptr<const message::Incoming> message, message::Done done) override;
  void use(std::shared_ptr<const Configuration> configuration) {
    configuration_ = std::move(configuration);
  }

 private:
  net::Shard& shard_;
  message::Sender& sender_;
  std::shared_ptr<const Configuration> configuration_;
};

// "pjsip:alice" for the user `name`: an endpoint, else "pjsip:alice/home" for the first endpoint
// that has the AOR of that name; empty when there is neither.
std::string destination_of_user(const Configuration& configuration, std::string_view name);

}  // namespace missive::pjsip

// The road without a dialplan: a message to the name of an endpoint or AOR goes to that user.
//
// missive.conf, [messaging] route = users. One per shard, on its thread. The context does not
// matter. What the sender wrote as From and To stays; headers do not travel on; each hop is
// counted off Max-Forwards. What becomes of a message is told as for any other one.
//
// A message is done with when it is in safe hands or refused. One that the outbox has no room for
// stays here and is tried again each second until there is room or the server stops.
#pragma once

#include <memory>
#include <vector>

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
  // A message on its way from its sender to the one it is for.
  struct Passage {
    std::shared_ptr<const message::Incoming> incoming;
    std::shared_ptr<const message::Message> message;
    message::Done done;
  };

  void pass(std::shared_ptr<Passage> passage);
  void on_handed_over(std::shared_ptr<Passage> passage, const message::Acceptance& acceptance);
  void keep(std::shared_ptr<Passage> passage, const message::Refusal& refusal);
  void try_again();

  net::Shard& shard_;
  message::Sender& sender_;
  std::shared_ptr<const Configuration> configuration_;
  std::vector<std::shared_ptr<Passage>> kept_;  // that there was no room for
  net::CallbackTimer timer_{[this] { try_again(); }};
};

// "pjsip:alice" for the user `name`: an endpoint, else "pjsip:alice/home" for the first endpoint
// that has the AOR of that name; empty when there is neither.
std::string destination_of_user(const Configuration& configuration, std::string_view name);

}  // namespace missive::pjsip

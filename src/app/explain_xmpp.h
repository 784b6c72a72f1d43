// `missive explain xmpp:...`: which account sends, what it sends, and, asked of the running server,
// whether it is connected and whether the recipient is online.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "message/technology.h"
#include "xmpp/board.h"
#include "xmpp/configuration.h"

namespace missive::app {

// Prints each step of xmpp/outgoing.h instead of sending.
class ExplainingXmpp final : public message::Technology {
 public:
  // `folder`: of the configuration, by which the running server's AMI is found.
  ExplainingXmpp(std::shared_ptr<const xmpp::Configuration> configuration,
                 std::filesystem::path folder);

  std::string_view name() const override { return "xmpp"; }
  std::optional<message::Refusal> check(const message::Message&, message::Terms&) override {
    return std::nullopt;
  }
  void send(std::shared_ptr<const message::Message> message, const message::Dispatch& dispatch,
            message::HandedOver handed_over, message::Finished finished) override;

 private:
  // Whether the account is connected, as far as is known.
  bool show_connection(const std::string& account, const std::string& jid) const;

  std::shared_ptr<const xmpp::Configuration> configuration_;
  std::filesystem::path folder_;
  xmpp::Board board_;  // the rooms of the configuration
};

}  // namespace missive::app

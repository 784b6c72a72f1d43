// A SIP phone that only texts: answers every MESSAGE with 200 and remembers it.
//
// Two of them and a server make the demo. It stands on the same SIP stack as the server,
// on a shard of its own. messages() may be asked from any thread.
#pragma once

#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "net/shard.h"
#include "sip/transaction_layer.h"
#include "sip/udp_transport.h"

namespace missive::app {

class DemoPhone final : private sip::RequestUser {
 public:
  struct Text {
    std::string from, content_type, body;
  };

  explicit DemoPhone(const base::Clock& clock);
  ~DemoPhone() override;

  // Takes a free port of 127.0.0.1 and begins to answer.
  base::Result<void> start();
  net::Address address() const { return transport_->local(); }
  std::vector<Text> texts() const;

 private:
  bool on_request(const sip::IncomingRequest& request, sip::Response& response) override;

  net::Shard shard_;
  sip::TransactionLayer transactions_;
  std::unique_ptr<sip::UdpTransport> transport_;
  std::thread thread_;
  mutable std::mutex mutex_;
  std::vector<Text> texts_;
};

}  // namespace missive::app

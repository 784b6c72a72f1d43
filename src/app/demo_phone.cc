#include "app/demo_phone.h"

#include "sip/packet.h"

namespace missive::app {

DemoPhone::DemoPhone(const base::Clock& clock)
    : shard_(0, clock), transactions_(shard_, sip::Timers{}, sip::TransactionLimits{}) {
  transactions_.add(*this);
}

DemoPhone::~DemoPhone() {
  shard_.stop();
  if (thread_.joinable()) thread_.join();
}

base::Result<void> DemoPhone::start() {
  const auto any_port = net::Address::from_ip("127.0.0.1", 0);
  auto transport = sip::UdpTransport::open(shard_, *any_port, {}, transactions_, false);
  if (!transport) return tl::unexpected(transport.error());
  transport_ = std::move(*transport);
  thread_ = std::thread([this] { shard_.run(); });
  return {};
}

std::vector<DemoPhone::Text> DemoPhone::texts() const {
  const std::lock_guard lock(mutex_);
  return texts_;
}

bool DemoPhone::on_request(const sip::IncomingRequest& request, sip::Response& response) {
  const auto& packet = request.packet;
  if (packet.method() != sip::Method::MESSAGE) return false;
  const auto from = packet.from();
  const auto who = !from                        ? std::string("somebody")
                   : from->display_name.empty() ? std::string(from->uri)
                                                : from->unquoted_display();
  const std::lock_guard lock(mutex_);
  texts_.push_back(
      {who, std::string(packet.value(sip::HeaderId::ContentType)), std::string(packet.body())});
  response.status = 200;
  return true;
}

}  // namespace missive::app

#include "sip/client_transaction.h"

#include "sip/packet.h"
#include "sip/transaction_layer.h"

namespace missive::sip {

using Tell = NonInviteClient::Actions::Tell;

base::Result<void> ClientTransaction::start(TransactionLayer& layer, OutgoingRequest& request,
                                            Transport& transport, const net::Address& to,
                                            std::optional<base::Duration> limit) {
  stop();
  const auto slot = layer.clients().claim(*this);
  if (!slot) {
    return base::fail("too many messages are under way ({}); try again in a moment",
                      layer.clients().size());
  }
  slot_ = *slot;
  layer_ = &layer;
  request_ = &request;
  transport_ = &transport;
  to_ = to;
  told_sent_ = false;
  layer.clients().write_branch(slot_, request.branch_for_writing());
  machine_ = NonInviteClient(layer.timers(), transport.reliable());
  apply(machine_.start(layer.shard().now(), limit));
  return {};
}

void ClientTransaction::stop() {
  if (layer_ == nullptr) return;
  cancel();
  transport_->forget(*this);
  layer_->clients().release(slot_);
  layer_ = nullptr;
}

NonInviteClient::Actions ClientTransaction::apply(NonInviteClient::Actions actions) {
  if (actions.send) transport_->send(request_->text(), to_, told_sent_ ? nullptr : this);
  if (actions.wake) layer_->shard().timers().arm(*this, *actions.wake);
  if (actions.end) stop();
  return actions;
}

void ClientTransaction::on_response(const Packet& response) {
  const auto actions = apply(machine_.on_response(response.status(), layer_->shard().now()));
  if (actions.tell == Tell::final) user_.on_final_response(response);
}

void ClientTransaction::on_timer() {
  const auto actions = apply(machine_.on_timer(layer_->shard().now()));
  if (actions.tell == Tell::timeout) user_.on_timeout();
}

void ClientTransaction::on_sent() {
  if (std::exchange(told_sent_, true)) return;
  user_.on_request_sent();
}

void ClientTransaction::on_send_failed(const base::Error& error) { on_lost(error); }

void ClientTransaction::on_lost(const base::Error& error) {
  const auto actions = apply(machine_.on_transport_error());
  if (actions.tell == Tell::transport_error) user_.on_send_error(error);
}

}  // namespace missive::sip

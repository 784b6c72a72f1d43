#include "sip/transaction_layer.h"

#include <algorithm>

#include "base/log.h"
#include "base/text.h"
#include "sip/response_writer.h"

namespace missive::sip {
namespace {

net::Address answer_address(const IncomingRequest& request, const Response& response) {
  if (request.transport.reliable() || response.to_source) return request.from;
  return response_address(request.packet, request.from);
}

}  // namespace

TransactionLayer::TransactionLayer(net::Shard& shard, const Timers& timers,
                                   const TransactionLimits& limits)
    : shard_(shard),
      timers_(timers),
      clients_(shard.index(), shard.random(), limits.client_transactions),
      servers_(shard, timers_, limits.server_transactions),
      postponed_(limits.postponed_requests),
      parser_limits_(limits.parser) {}

TransactionLayer::~TransactionLayer() { shard_.forget(*this); }

void TransactionLayer::on_message(Transport& transport, std::span<char> message,
                                  const net::Address& from) {
  const auto is_line_end = [](char c) { return c == '\r' || c == '\n'; };
  const auto start = std::find_if_not(message.begin(), message.end(), is_line_end);
  message = message.subspan(static_cast<std::size_t>(start - message.begin()));
  const std::string_view text(message.data(), message.size());
  if (!base::istarts_with(text, "SIP/")) return on_request(transport, message, from);
  if (!forward(message)) on_response(message);
}

void TransactionLayer::on_connection_lost(Transport& transport, const net::Address& peer,
                                          const base::Error& error) {
  clients_.fail_all(transport, peer, error);
  postponed_.on_connection_lost(transport, peer);
  for (auto* user : users_) user->on_connection_lost(transport, peer);
}

void TransactionLayer::on_response(std::span<char> message) {
  if (const auto parsed = packet_.parse(message, parser_limits_); !parsed) {
    log::debug("dropped a response that is no SIP: {}", parsed.error().text);
    return;
  }
  auto vias = packet_.value(HeaderId::Via);
  const auto via = parse_via(vias);
  const auto cseq = packet_.cseq();
  const bool one_via = packet_.count(HeaderId::Via) == 1 && vias.empty();
  if (!via || !cseq || !one_via) return;  // 8.1.3.3
  auto* transaction = clients_.find(via->branch);
  if (transaction == nullptr || cseq->method != transaction->request_->method()) return;  // late
  transaction->on_response(packet_);
}

// A response whose branch names another shard is its owner's. A look at the first branch
// in the text is enough: should it be wrong, the owner finds no transaction and drops it.
bool TransactionLayer::forward(std::span<char> response) {
  if (layers_.size() < 2) return false;
  const std::string_view text(response.data(), response.size());
  const auto at = text.find("z9hG4bKms");
  if (at == std::string_view::npos) return false;
  const auto shard = ClientTransactionTable::shard_of(text.substr(at));
  if (!shard || *shard == shard_.index() || *shard >= layers_.size()) return false;
  outbound_.resize(layers_.size());
  auto& outbound = outbound_[*shard];
  outbound.octets += text;
  outbound.ends.push_back(outbound.octets.size());
  shard_.at_turn_end(*this, true);
  return true;
}

void TransactionLayer::on_turn_end() {
  for (std::size_t i = 0; i < outbound_.size(); ++i) {
    if (outbound_[i].ends.empty()) continue;
    auto* owner = layers_[i];
    owner->shard_.post([owner, batch = std::exchange(outbound_[i], {})]() mutable {
      std::size_t begin = 0;
      for (const auto end : batch.ends) {
        owner->on_response({batch.octets.data() + begin, end - begin});
        begin = end;
      }
    });
  }
}

void TransactionLayer::on_request(Transport& transport, std::span<char> message,
                                  const net::Address& from) {
  const IncomingRequest request{packet_, transport, from};
  if (const auto parsed = packet_.parse(message, parser_limits_); !parsed) {
    log::debug("malformed message from {}: {}", from.str(), parsed.error().text);
    // Where enough of it could be read to answer, say so (RFC 4475 section 3.1.2).
    if (packet_.is_request()) reject(request, 400, parsed.error().text);
    return;
  }
  if (const auto error = validate_request(packet_)) {
    return reject(request, error->status, error->reason);
  }
  if (packet_.method() == Method::ACK) return;  // nothing of ours waits for one
  handle(request);
}

void TransactionLayer::handle(const IncomingRequest& request) {
  const auto key = servers_.key_of(request.packet);
  // INVITE has another machine; nothing here accepts one, so it is refused without state (8.2.7).
  const bool stateless = request.packet.method() == Method::INVITE;
  if (!stateless) {
    if (const auto* known = servers_.find(key)) return send_response(request, key, *known);
    if (postponed_.contains(key)) return;
    if (must_wait(request)) return;
  }
  auto machine = servers_.begin(request.transport.reliable());
  machine.on_request(shard_.now());
  Response response;
  bool handled = false;
  for (auto* user : users_) {
    if ((handled = user->on_request(request, response))) break;
  }
  if (!handled) response.status = 501;
  if (response.drop || response.postponed) return;
  const auto actions = machine.on_final_response(shard_.now());
  if (actions.send || stateless) send_response(request, key, response);
  if (actions.wake && !stateless) servers_.remember(key, std::move(response), *actions.wake);
}

std::optional<PostponedRequest> TransactionLayer::postpone(const IncomingRequest& request,
                                                           Response& response) {
  if (postponed_.is_full()) return std::nullopt;
  const auto key = servers_.key_of(request.packet);
  const auto tag = servers_.tag_of(key);
  PostponedRequest handle;
  auto& record = postponed_.claim(key, handle);
  record.transport = &request.transport;
  record.to_source = response.to_source;
  record.to = answer_address(request, response);
  record.machine = servers_.begin(request.transport.reliable());
  record.machine.on_request(shard_.now());
  write_repeated_headers(record.repeated, request.packet, request.from, {tag.data(), tag.size()});
  response.postponed = true;
  return handle;
}

void TransactionLayer::answer(PostponedRequest handle, Response response) {
  auto* record = postponed_.find(handle);
  if (record == nullptr) return;
  const auto key = record->key;
  if (response.drop) return postponed_.release(handle);
  const auto actions = record->machine.on_final_response(shard_.now());
  if (actions.send && record->transport != nullptr) {
    response_.clear();
    write_response(response_, record->repeated, response);
    record->transport->send(response_, record->to, nullptr);
  }
  response.to_source = record->to_source;
  postponed_.release(handle);
  if (actions.wake) servers_.remember(key, std::move(response), *actions.wake);
}

// What could not be remembered might be handled twice: its sender will send it again.
bool TransactionLayer::must_wait(const IncomingRequest& request) {
  if (request.transport.reliable() || !servers_.is_full(postponed_.size())) return false;
  const auto now = shard_.now();
  if (now - told_full_ > std::chrono::seconds{60}) {
    told_full_ = now;
    log::warning(
        "{} answered requests are remembered, the limit: requests over UDP are dropped"
        " until some are old enough to be forgotten",
        servers_.size());
  }
  return true;
}

// An answer to what cannot be handled, if the request has what an answer is made of.
void TransactionLayer::reject(const IncomingRequest& request, int status, std::string reason) {
  const auto& packet = request.packet;
  if (packet.method() == Method::ACK || !packet.top_via()) return;
  for (const auto id : {HeaderId::From, HeaderId::To, HeaderId::CallId, HeaderId::CSeq}) {
    if (packet.find(id) == nullptr) return;
  }
  Response response;
  response.status = status;
  response.reason = base::printable(reason);
  send_response(request, servers_.key_of(packet), response);
}

void TransactionLayer::send_response(const IncomingRequest& request, ServerTransactions::Key key,
                                     const Response& response) {
  response_.clear();
  const auto tag = servers_.tag_of(key);
  write_response(response_, request.packet, request.from, {tag.data(), tag.size()}, response);
  request.transport.send(response_, answer_address(request, response), nullptr);
}

}  // namespace missive::sip

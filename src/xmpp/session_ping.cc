// Session: pings (XEP-0199), which tell that the server is there and, where it has no stream
// management, what has arrived: a server handles stanzas in order (RFC 6120 section 10.1), so what
// was sent before a ping has been handled when that is answered.
#include <algorithm>

#include "xmpp/session.h"

namespace missive::xmpp {
namespace {

using std::chrono_literals::operator""s;

constexpr std::string_view prefix = "missive-ping-";
constexpr base::Duration patience = 20s;

}  // namespace

void Session::arm_ping() {
  ping_timer_.cancel();
  if (!awaited_pong_.empty()) return shard_.arm(ping_timer_, patience);
  if (account_.keep_alive) shard_.arm(ping_timer_, account_.ping_interval);
}

// A message without stream management: one ping at a time asks for all before it.
void Session::confirm_soon() {
  if (stream_.is_managed() || !awaited_pong_.empty()) return;
  ping();
}

void Session::ping() {
  if (!stream_.is_ready()) return;
  if (!awaited_pong_.empty()) {
    awaited_pong_.clear();
    return stream_.abandon("the server did not answer a ping within 20 s");
  }
  pinged_after_ = stream_.handed_over();
  awaited_pong_ = std::string(prefix) + std::to_string(++pings_);
  const Stanza iq(xmpp_iq_new(stream_.context(), "get", awaited_pong_.c_str()));
  const bool component = account_.type == Account::Type::component;
  if (component) xmpp_stanza_set_from(iq.get(), account_.jid.full().c_str());
  // A component's server is not its own domain.
  const auto& domain = account_.jid.domain;
  const auto parent =
      component ? domain.substr(std::min(domain.find('.') + 1, domain.size())) : domain;
  pinged_ = parent;
  xmpp_stanza_set_to(iq.get(), parent.c_str());
  add(iq, element(stream_.context(), "ping", ns::ping));
  stream_.send(iq);
  arm_ping();
}

// An error is an answer too: whoever gives it has handled what came before.
void Session::on_pong(std::string_view id, std::string_view from) {
  if (id.empty() || id != awaited_pong_) return;
  // The server may speak for our account, nobody else for the server.
  if (!from.empty() && from != pinged_ && from != account_.jid.bare()) return;
  awaited_pong_.clear();
  if (!stream_.is_managed()) {
    stream_.acknowledge(pinged_after_);
    // The ping itself is one of them; the next one asks for messages that were sent behind it.
    if (stream_.unacknowledged() > 0 && deliveries_.size() > 0) return ping();
  }
  arm_ping();
}

}  // namespace missive::xmpp

// The XMPP server of the load: one account logs in, and it says that it has what the account sends.
//
// It plays everybody of its domain: a message is known by the number its body begins with, and each
// <r/> is answered with how many stanzas came. Login is PLAIN without TLS. What a server does with
// a message is left out: no roster, no routing, nothing is checked. The port is bound by the
// constructor. Not thread-safe.
//
// Source: RFC 6120 and RFC 6121 (stream, SASL, bind, stanzas), XEP-0198 (<enable/>, <r/>, <a/>).
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "message_framing.h"
#include "phone.h"
#include "sip_connection.h"
#include "socket.h"

namespace missive::bench {

// The elements of a stream, one by one; the stream's own tags, and what stands between elements,
// are cut off by themselves. For what a client writes: no comments, no '>' inside quotes.
class ElementFraming final : public MessageFraming {
 public:
  Cut next(std::string_view unread, std::string& out) override;
  void append(std::string& out, std::string_view message) override { out.append(message); }
};

class XmppServer final : public Phones {
 public:
  explicit XmppServer(Ledger& ledger);

  std::uint16_t port() const { return local_port(listener_); }
  // Waits until the account is there; throws std::runtime_error when it does not come.
  void await_account(std::chrono::seconds patience);

  std::size_t size() const override { return 1; }
  int fd(std::size_t) const override { return connection_->fd(); }
  short serve(std::size_t socket) override;

 private:
  void take(std::string_view element, std::int64_t now);
  void open_stream();
  void answer_query(std::string_view query);
  void acknowledge();

  Fd listener_;
  std::optional<SipConnection> connection_;
  bool authenticated_ = false;
  bool present_ = false;
  std::uint32_t stanzas_ = 0;   // since <enable/>
  std::size_t unanswered_ = 0;  // messages that no <a/> has told of
};

}  // namespace missive::bench

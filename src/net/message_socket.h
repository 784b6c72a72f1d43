// A connection that carries whole messages instead of octets: a WebSocket, as those see it who do
// not speak HTTP.
//
// Owned by whoever took it over; on its shard's thread only. After close() and after on_closed()
// no further call is made to the handler. send() queues a whole message; unsent() is what has not
// left yet. The handler is told of whole messages in a buffer that it may write to and not keep.
//
// Source: RFC 6455; RFC 7118 (one SIP message is one WebSocket message).
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "net/address.h"

namespace missive::net {

class MessageSocketHandler {
 public:
  virtual ~MessageSocketHandler() = default;
  virtual void on_message(std::span<char> message) = 0;
  virtual void on_closed(std::string_view reason) = 0;
};

class MessageSocket {
 public:
  virtual ~MessageSocket() = default;
  // Begins to read.
  virtual void start(MessageSocketHandler& handler) = 0;
  virtual void send(std::string_view message) = 0;
  virtual std::size_t unsent() const = 0;
  virtual void close(std::string_view reason) = 0;
  virtual const Address& local() const = 0;
  virtual const Address& peer() const = 0;
  virtual bool secure() const = 0;
};

}  // namespace missive::net

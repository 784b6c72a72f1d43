// One HTTP request as a handler sees it, and what it answers with.
//
// A Request owns its text. A Responder is given along with it and answers once, from the thread
// of the shard that called the handler, at once or later; the connection reads no further
// request meanwhile. After the connection has gone an answer goes nowhere. A Responder that is
// destroyed without an answer says 500.
//
// Source: RFC 7230, RFC 7231.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/address.h"

namespace missive::http {

struct Field {
  std::string name;
  std::string value;
};

struct Request {
  std::string method;
  std::string path;   // "/ws": as it was sent, without the configured prefix and the query
  std::string query;  // "a=b&c=d": as it was sent, without '?'
  unsigned version = 11;
  std::vector<Field> fields;  // in their order
  std::string body;
  net::Address peer;
  net::Address local;
  bool secure = false;  // came over TLS

  // The first header field of that name (without case), "" when there is none.
  std::string_view field(std::string_view name) const;
  // Whether a list such as Connection has the token, in whichever of its fields.
  bool has_token(std::string_view name, std::string_view token) const;
};

struct Response {
  unsigned status = 200;
  std::string body;
  std::string content_type = "text/plain; charset=utf-8";
  std::vector<Field> fields;  // further ones
  bool close = false;         // the connection, after it

  // One line of text for what went wrong: "404 Not Found: there is nothing at /x".
  static Response error(unsigned status, std::string_view text);
};

std::string_view reason_of(unsigned status);

// Who waits for an answer; a connection.
class Answerable {
 public:
  virtual ~Answerable() = default;
  virtual void answer(Response response) = 0;
};

class Responder {
 public:
  explicit Responder(std::weak_ptr<Answerable> who) : who_(std::move(who)) {}
  Responder(Responder&& other) noexcept : who_(std::exchange(other.who_, {})) {}
  Responder& operator=(Responder&&) = delete;
  ~Responder();

  void answer(Response response);

 private:
  std::weak_ptr<Answerable> who_;
};

}  // namespace missive::http

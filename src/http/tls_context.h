// Certificate, key and rules of TLS for the HTTPS listener.
//
// Immutable once loaded, used by the sessions of all shards; a connection keeps what it was
// opened with, so that a reload drops none. Errors name the file and what is wrong with it.
//
// Source: OpenSSL documentation, SSL_CTX_new(3).
#pragma once

#include <memory>

#include "base/result.h"
#include "http/configuration.h"

struct ssl_ctx_st;  // OpenSSL's SSL_CTX

namespace missive::http {

class TlsContext {
 public:
  static base::Result<std::shared_ptr<const TlsContext>> load(const TlsSettings& settings);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  ssl_ctx_st* handle() const { return context_; }

 private:
  explicit TlsContext(ssl_ctx_st* context) : context_(context) {}
  ssl_ctx_st* const context_;
};

}  // namespace missive::http

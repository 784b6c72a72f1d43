// Who looks for receipts (IMDN) among the MESSAGE requests that come in.
//
// MessageUas asks it first, before anything about the request is refused. Called on the shard's
// thread; the request is valid during the call. Source: RFC 5438 section 7.
#pragma once

#include "pjsip/endpoint_request.h"

namespace missive::pjsip {

class ReceiptHook {
 public:
  virtual ~ReceiptHook() = default;
  // True: it was a receipt and has been dealt with; it is answered 200.
  virtual bool take(const EndpointRequest& request) = 0;
};

}  // namespace missive::pjsip

// How one of several contacts answered, kept until the others have.
//
// Plain values. Source: RFC 3261 section 16.7 step 6, for what counts most.
#pragma once

#include <chrono>
#include <string>

#include "message/status.h"
#include "pjsip/response_class.h"

namespace missive::pjsip {

struct Outcome {
  message::Status::State state = message::Status::State::failed;
  int code = 503;
  std::string text;
  std::string contact;  // the Request-URI
  bool passing = false;
  std::chrono::seconds retry_after{0};

  static Outcome of(const message::Attempted& attempted) {
    const auto& status = attempted.status;
    return {status.state,
            status.response_code,
            std::string(status.response_text),
            std::string(status.contact),
            attempted.passing,
            attempted.retry_after};
  }
  // Views into this.
  message::Attempted attempted() const {
    return {.status = {.state = state,
                       .response_code = code,
                       .response_text = text,
                       .contact = contact},
            .passing = passing,
            .retry_after = retry_after};
  }

  // Delivered, sent, refused for all of the recipient's devices, refused for now, refused.
  int rank() const {
    if (state == message::Status::State::delivered) return 4;
    if (state == message::Status::State::sent) return 3;
    if (ends_search(code)) return 2;
    return passing ? 1 : 0;
  }
};

}  // namespace missive::pjsip

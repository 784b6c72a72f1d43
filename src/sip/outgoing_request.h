// The text of a request that we send, ready for the wire.
//
// Written once, front to back, by RequestWriter into one buffer that is reused from
// request to request. What differs between attempts (branch, CSeq number, credentials)
// is patched in place, so a retry after 401 or a retransmission costs no rebuild.
//
// Source: RFC 3261 sections 8.1.1, 20; the header order is Asterisk's.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sip/method.h"

namespace missive::sip {

class OutgoingRequest {
 public:
  // "z9hG4bK" and 20 characters that TransactionLayer chooses.
  static constexpr std::size_t branch_length = 27;

  std::string_view text() const { return text_; }
  Method method() const { return method_; }
  std::string_view branch() const { return text().substr(branch_at_, branch_length); }
  char* branch_for_writing() { return text_.data() + branch_at_; }

  // The next attempt: CSeq one higher, `credentials` (whole header lines) in place of the
  // ones of the attempt before.
  void retry_with(std::string_view credentials);
  // The same with the CSeq as it was written.
  void set_credentials(std::string_view credentials);

  std::string_view request_uri() const { return text().substr(uri_at_, uri_length_); }
  std::string_view body() const { return text().substr(body_at_); }

 private:
  friend class RequestWriter;
  std::string text_;
  Method method_ = Method::unknown;
  std::size_t uri_at_ = 0, uri_length_ = 0;
  std::size_t branch_at_ = 0;
  std::size_t cseq_at_ = 0;  // of the number, always `cseq_digits` long
  std::size_t credentials_at_ = 0, credentials_length_ = 0;
  std::size_t body_at_ = 0;
};

class RequestWriter {
 public:
  // Starts anew in `request`, keeping its memory.
  RequestWriter(OutgoingRequest& request, Method method, std::string_view request_uri);

  // "Via: SIP/2.0/UDP 127.0.0.1:5060;rport;branch=..."
  void via(std::string_view protocol, std::string_view sent_by, bool rport = true);
  void header(std::string_view name, std::string_view value);
  void number(std::string_view name, std::uint64_t value);
  // A header whose value is appended in place: open("From"), append, close(tag).
  std::string& open(std::string_view name);
  void close(std::string_view tag = {});
  // `number` in [10000, 99000): five digits however often it is retried.
  void cseq(std::uint32_t number);
  // Last: one of these.
  void body(std::string_view content_type, std::string_view octets);
  void no_body();

 private:
  OutgoingRequest& request_;
  std::string& text_;
};

}  // namespace missive::sip

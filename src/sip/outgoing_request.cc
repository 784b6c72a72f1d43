#include "sip/outgoing_request.h"

#include <array>
#include <charconv>

#include "base/text.h"

namespace missive::sip {
namespace {
constexpr std::size_t cseq_digits = 5;
}

RequestWriter::RequestWriter(OutgoingRequest& request, Method method, std::string_view request_uri)
    : request_(request), text_(request.text_) {
  text_.clear();
  request_.method_ = method;
  text_ += method_name(method);
  text_ += ' ';
  request_.uri_at_ = text_.size();
  request_.uri_length_ = request_uri.size();
  text_ += request_uri;
  text_ += " SIP/2.0\r\n";
}

void RequestWriter::via(std::string_view protocol, std::string_view sent_by, bool rport) {
  text_ += "Via: SIP/2.0/";
  text_ += protocol;
  text_ += ' ';
  text_ += sent_by;
  text_ += rport ? ";rport;branch=" : ";branch=";
  request_.branch_at_ = text_.size();
  text_.append(OutgoingRequest::branch_length, '0');
  text_ += "\r\n";
}

void RequestWriter::header(std::string_view name, std::string_view value) {
  text_ += name;
  text_ += ": ";
  text_ += value;
  text_ += "\r\n";
}

void RequestWriter::number(std::string_view name, std::uint64_t value) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  header(name, {digits.data(), static_cast<std::size_t>(end - digits.data())});
}

std::string& RequestWriter::open(std::string_view name) {
  text_ += name;
  text_ += ": ";
  return text_;
}

void RequestWriter::close(std::string_view tag) {
  if (!tag.empty()) {
    text_ += ";tag=";
    text_ += tag;
  }
  text_ += "\r\n";
}

void RequestWriter::cseq(std::uint32_t number) {
  text_ += "CSeq: ";
  request_.cseq_at_ = text_.size();
  text_ += std::to_string(number);
  text_ += ' ';
  text_ += method_name(request_.method_);
  text_ += "\r\n";
  request_.credentials_at_ = text_.size();
  request_.credentials_length_ = 0;
}

void RequestWriter::body(std::string_view content_type, std::string_view octets) {
  header("Content-Type", content_type);
  number("Content-Length", octets.size());
  text_ += "\r\n";
  request_.body_at_ = text_.size();
  text_ += octets;
}

void RequestWriter::no_body() {
  text_ += "Content-Length: 0\r\n\r\n";
  request_.body_at_ = text_.size();
}

void OutgoingRequest::retry_with(std::string_view credentials) {
  const auto number = base::parse_number<std::uint32_t>(text().substr(cseq_at_, cseq_digits));
  text_.replace(cseq_at_, cseq_digits, std::to_string(number.value_or(10000) + 1));
  set_credentials(credentials);
}

void OutgoingRequest::set_credentials(std::string_view credentials) {
  text_.replace(credentials_at_, credentials_length_, credentials);
  body_at_ = body_at_ - credentials_length_ + credentials.size();
  credentials_length_ = credentials.size();
}

}  // namespace missive::sip

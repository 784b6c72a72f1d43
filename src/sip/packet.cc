#include "sip/packet.h"

#include "base/text.h"
#include "sip/chars.h"

namespace missive::sip {

namespace {

constexpr std::uint32_t max_number = 0x7FFFFFFF;  // RFC 3261 section 8.1.1.5

tl::unexpected<base::Error> missing(HeaderId id) {
  return base::fail("the header {} is missing", header_name(id));
}

base::Result<Uri> uri_in(const base::Result<NameAddr>& address) {
  if (!address) return tl::unexpected(address.error());
  return parse_uri(address->uri);
}

}  // namespace

void Packet::clear() {
  is_request_ = false;
  method_ = Method::unknown;
  status_ = 0;
  method_name_ = request_uri_ = version_ = reason_ = body_ = {};
  headers_.clear();
  top_via_.reset();
  from_.reset();
  to_.reset();
  uri_.reset();
  from_uri_.reset();
  to_uri_.reset();
}

const Header* Packet::find(HeaderId id) const {
  for (const auto& header : headers_) {
    if (header.id == id) return &header;
  }
  return nullptr;
}

const Header* Packet::find(std::string_view name) const {
  if (const auto id = header_id(name); id != HeaderId::Other) return find(id);
  for (const auto& header : headers_) {
    if (header.id == HeaderId::Other && base::iequals(header.name, name)) return &header;
  }
  return nullptr;
}

std::string_view Packet::value(HeaderId id) const {
  const auto* header = find(id);
  return header != nullptr ? header->value : std::string_view{};
}

std::size_t Packet::count(HeaderId id) const {
  std::size_t count = 0;
  for_each(id, [&count](const Header&) { ++count; });
  return count;
}

const base::Result<Via>& Packet::top_via() const {
  if (!top_via_) {
    auto rest = value(HeaderId::Via);
    if (find(HeaderId::Via) == nullptr) {
      top_via_ = missing(HeaderId::Via);
    } else {
      top_via_ = parse_via(rest);
    }
  }
  return *top_via_;
}

base::Result<CSeq> Packet::cseq() const {
  const auto* header = find(HeaderId::CSeq);
  if (header == nullptr) return missing(HeaderId::CSeq);
  return parse_cseq(header->value);
}

const base::Result<NameAddr>& Packet::from() const {
  if (!from_) from_ = address_in(HeaderId::From);
  return *from_;
}

const base::Result<NameAddr>& Packet::to() const {
  if (!to_) to_ = address_in(HeaderId::To);
  return *to_;
}

base::Result<NameAddr> Packet::address_in(HeaderId id) const {
  const auto* header = find(id);
  if (header == nullptr) return missing(id);
  return parse_name_addr(header->value);
}

const base::Result<Uri>& Packet::uri() const {
  if (!uri_) uri_ = parse_uri(request_uri_);
  return *uri_;
}

const base::Result<Uri>& Packet::from_uri() const {
  if (!from_uri_) from_uri_ = uri_in(from());
  return *from_uri_;
}

const base::Result<Uri>& Packet::to_uri() const {
  if (!to_uri_) to_uri_ = uri_in(to());
  return *to_uri_;
}

base::Result<std::optional<std::uint32_t>> Packet::max_forwards() const {
  const auto* header = find(HeaderId::MaxForwards);
  if (header == nullptr) return std::optional<std::uint32_t>{};
  const auto number = parse_decimal(header->value, 255);
  if (number) return number;
  return base::fail("Max-Forwards: '{}' is not a number from 0 to 255",
                    base::printable(header->value, 40));
}

base::Result<std::optional<std::uint32_t>> Packet::content_length() const {
  const auto* header = find(HeaderId::ContentLength);
  if (header == nullptr) return std::optional<std::uint32_t>{};
  auto length = parse_content_length(header->value);
  if (!length) return tl::unexpected(std::move(length.error()));
  return std::optional<std::uint32_t>{*length};
}

std::optional<std::uint32_t> parse_decimal(std::string_view digits, std::uint32_t max) {
  if (digits.empty()) return std::nullopt;
  std::uint64_t number = 0;
  for (const char c : digits) {
    if (!base::is_digit(c)) return std::nullopt;
    number = number * 10 + static_cast<unsigned>(c - '0');
    if (number > max) return std::nullopt;
  }
  return static_cast<std::uint32_t>(number);
}

base::Result<CSeq> parse_cseq(std::string_view value) {
  auto rest = value;
  while (!rest.empty() && base::is_digit(rest.front())) rest.remove_prefix(1);
  const auto number = parse_decimal(value.substr(0, value.size() - rest.size()), max_number);
  const bool separated = !rest.empty() && base::is_blank(rest.front());
  chars::skip_blanks(rest);
  if (!number || !separated || rest.empty() || !chars::all(rest, chars::token)) {
    return base::fail("CSeq: '{}' is not a number below 2147483648 and a method",
                      base::printable(value, 80));
  }
  return CSeq{*number, parse_method(rest), rest};
}

base::Result<std::uint32_t> parse_content_length(std::string_view value) {
  if (const auto length = parse_decimal(value, max_number)) return *length;
  return base::fail("Content-Length: '{}' is not a number of octets", base::printable(value, 40));
}

}  // namespace missive::sip

#include "sip/response_writer.h"

#include <utility>

#include "base/text.h"
#include "sip/packet.h"
#include "sip/params.h"
#include "sip/status.h"

namespace missive::sip {
namespace {

void append_header(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ": ";
  out += value;
  out += "\r\n";
}

// The values of a Via line up to the end of the top one.
std::string_view end_of_first_value(std::string_view list, const Via& via) {
  return list.substr(0,
                     static_cast<std::size_t>(via.params.data() + via.params.size() - list.data()));
}

// The top Via value with where the request really came from (18.2.1, RFC 3581 section 4).
void append_top_via(std::string& out, std::string_view value, const Via& via,
                    const net::Address& source) {
  const auto ip = source.ip();
  const bool other_host = via.host != ip;
  if (!via.has_rport && !other_host) return append_header(out, "Via", value);
  const auto first = end_of_first_value(value, via);
  out += "Via: ";
  out += first.substr(0, first.size() - via.params.size());
  auto rest = via.params;
  while (!rest.empty()) {  // parameter by parameter: rport gets its value
    const auto before = rest;
    Param param;
    if (next_param(rest, param) != ParamStep::param) break;
    if (base::iequals(param.name, "rport") && !param.has_value) {
      out += ";rport=";
      out += std::to_string(source.port());
    } else {
      out += before.substr(0, before.size() - rest.size());
    }
  }
  if (via.received.empty()) {
    out += ";received=";
    out += ip;
  }
  out += value.substr(first.size());  // further Via values of the same line
  out += "\r\n";
}

void append_status_line(std::string& out, const Response& response) {
  out += "SIP/2.0 ";
  out += std::to_string(response.status);
  out += ' ';
  out +=
      response.reason.empty() ? default_reason(response.status) : std::string_view(response.reason);
  out += "\r\n";
}

void append_end(std::string& out, const Response& response) {
  out += response.headers;
  out += "Content-Length: 0\r\n\r\n";
}

}  // namespace

void write_repeated_headers(std::string& out, const Packet& request, const net::Address& source,
                            std::string_view to_tag) {
  bool top = true;
  request.for_each(HeaderId::Via, [&](const Header& header) {
    const bool first = std::exchange(top, false);
    if (first && request.top_via()) {
      append_top_via(out, header.value, *request.top_via(), source);
    } else {
      append_header(out, "Via", header.value);
    }
  });
  append_header(out, "From", request.value(HeaderId::From));
  const auto& to = request.to();
  out += "To: ";
  out += request.value(HeaderId::To);
  if (to && to->tag().empty() && !to_tag.empty()) {
    out += ";tag=";
    out += to_tag;
  }
  out += "\r\n";
  append_header(out, "Call-ID", request.call_id());
  append_header(out, "CSeq", request.value(HeaderId::CSeq));
}

void write_response(std::string& out, const Packet& request, const net::Address& source,
                    std::string_view to_tag, const Response& response) {
  append_status_line(out, response);
  const bool tagged = response.status > 100;
  write_repeated_headers(out, request, source, tagged ? to_tag : std::string_view{});
  append_end(out, response);
}

void write_response(std::string& out, std::string_view repeated, const Response& response) {
  append_status_line(out, response);
  out += repeated;
  append_end(out, response);
}

net::Address response_address(const Packet& request, const net::Address& source) {
  const auto& via = request.top_via();
  if (!via || via->has_rport) return source;
  return source.with_port(via->port.value_or(5060));
}

}  // namespace missive::sip

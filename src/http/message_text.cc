#include "http/message_text.h"

#include <boost/beast/http/error.hpp>

#include "base/text.h"

namespace missive::http {
namespace {

// Without "http://host:port" before it.
std::string_view without_authority(std::string_view target) {
  const auto scheme = target.find("://");
  if (target.starts_with('/') || scheme == std::string_view::npos) return target;
  const auto path = target.find('/', scheme + 3);
  return path == std::string_view::npos ? std::string_view("/") : target.substr(path);
}

// Names and values come from handlers, who may quote what a stranger sent.
bool is_safe(std::string_view text) { return text.find_first_of("\r\n") == std::string_view::npos; }

}  // namespace

base::Result<Request> request_from(const BeastRequest& message) {
  const auto target = without_authority(view_of(message.target()));
  if (!target.starts_with('/')) return base::fail("the request names no path");
  Request out;
  out.method = std::string(view_of(message.method_string()));
  const auto question = target.find('?');
  out.path = std::string(target.substr(0, question));
  if (question != std::string_view::npos) out.query = std::string(target.substr(question + 1));
  out.version = message.version();
  for (const auto& field : message) {
    out.fields.push_back(
        {std::string(view_of(field.name_string())), std::string(view_of(field.value()))});
  }
  out.body = message.body();
  return out;
}

std::string text_of(const Response& response, const Framing& framing) {
  auto out = fmt::format("HTTP/1.{} {} {}\r\n", framing.version % 10, response.status,
                         reason_of(response.status));
  const auto add = [&out](std::string_view name, std::string_view value) {
    if (is_safe(name) && is_safe(value)) out += fmt::format("{}: {}\r\n", name, value);
  };
  if (!framing.server.empty()) add("Server", framing.server);
  add("Date", framing.date);
  add("Connection", framing.keep_alive ? "keep-alive" : "close");
  add("Cache-Control", "no-cache, no-store");
  for (const auto& field : response.fields) add(field.name, field.value);
  if (response.status != 204 && response.status != 304) {
    if (!response.body.empty()) add("Content-Type", response.content_type);
    add("Content-Length", std::to_string(response.body.size()));
  }
  out += "\r\n";
  if (!framing.head_only && response.status != 204 && response.status != 304) out += response.body;
  return out;
}

std::optional<Response> refusal_of(const ErrorCode& error) {
  using Error = beast::http::error;
  if (error == Error::header_limit || error == Error::buffer_overflow) {
    return Response::error(431, "the request line and its header are too large");
  }
  if (error == Error::body_limit) return Response::error(413, "the body is too large");
  if (error == Error::end_of_stream || error == Error::partial_message) return std::nullopt;
  if (error.category() == make_error_code(Error::bad_method).category()) {
    return Response::error(400, error.message());
  }
  return std::nullopt;
}

}  // namespace missive::http

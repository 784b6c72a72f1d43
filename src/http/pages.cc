#include "http/pages.h"

#include "base/text.h"

namespace missive::http {
namespace {

std::string shown(const net::Address& address) {
  return address.is_set() ? address.str() : "not served";
}

Response status_page(const Host& host) {
  Response out;
  out.content_type = "text/html; charset=utf-8";
  out.body = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head><title>HTTP server status</title></head>\n"
      "<body>\n<h1>HTTP server status</h1>\n<table>\n"
      "<tr><th>Server</th><td>Missive {}</td></tr>\n"
      "<tr><th>HTTP</th><td>{}</td></tr>\n"
      "<tr><th>HTTPS</th><td>{}</td></tr>\n"
      "<tr><th>Connections</th><td>{} of {}</td></tr>\n"
      "<tr><th>WebSockets</th><td>{} of {}</td></tr>\n"
      "</table>\n</body>\n</html>\n",
      MISSIVE_VERSION, shown(host.local), shown(host.tls_local), host.counters->sessions(),
      host.configuration->session_limit, host.counters->web_sockets(),
      host.options.max_web_sockets);
  return out;
}

Response redirect_to(const std::string& where) {
  auto out = Response::error(302, fmt::format("what you ask for is at {}", where));
  out.fields.push_back({"Location", where});
  return out;
}

}  // namespace

std::optional<Response> page_of(const Host& host, std::string_view method, std::string_view path) {
  const auto& configuration = *host.configuration;
  for (const auto& redirect : configuration.redirects) {
    if (redirect.from == path) return redirect_to(redirect.to);
  }
  const auto& prefix = configuration.prefix;
  if (!configuration.status_page || !path.starts_with(prefix)) return std::nullopt;
  if (path.substr(prefix.size()) != status_path) return std::nullopt;
  if (method != "GET" && method != "HEAD") {
    auto out = Response::error(405, "the status page is read by GET");
    out.fields.push_back({"Allow", "GET, HEAD"});
    return out;
  }
  return status_page(host);
}

}  // namespace missive::http

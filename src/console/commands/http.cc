// http show status.
#include <fmt/format.h>

#include "console/commands/parts.h"

namespace missive::console {
namespace {

Result show_status(const Environment& environment) {
  const auto status = environment.host.http();
  auto out = fmt::format("HTTP Server Status:\nPrefix: {}\nServer: {}\n", status.prefix,
                         status.server_name);
  out += status.address.empty() ? "Server Disabled\n\n"
                                : fmt::format("Server Enabled and Bound to {}\n\n", status.address);
  if (!status.tls_address.empty()) {
    out += fmt::format("HTTPS Server Enabled and Bound to {}\n\n", status.tls_address);
  }
  out += "Enabled URI's:\n";
  for (const auto& [path, what] : status.pages) {
    out += fmt::format("{}{} => {}\n", status.prefix, path, what);
  }
  if (status.pages.empty()) out += "None.\n";
  out += "\nEnabled Redirects:\n";
  for (const auto& [from, to] : status.redirects) out += fmt::format("  {} => {}\n", from, to);
  if (status.redirects.empty()) out += "  None.\n";
  return success(std::move(out));
}

}  // namespace

void add_http_commands(Registry& registry, Environment& environment) {
  registry.add({"http show status", "", 0, 0, "Display HTTP server status",
                at_once([&environment](const Call&) { return show_status(environment); })});
}

}  // namespace missive::console

// AGI(agi://host[:port][/script][?query] or script[,argument]...).
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "base/text.h"
#include "dialplan/applications/agi_session.h"
#include "dialplan/applications/parts.h"
#include "dialplan/child_process.h"

namespace missive::dialplan {
namespace {

constexpr std::string_view default_port = "4573";

struct Url {
  std::string host, port, script;
};

// What follows "agi://"; the host may be an IPv6 address in brackets.
Url parse_url(std::string_view text) {
  const auto slash = std::min(text.find_first_of("/?"), text.size());
  Url url;
  auto host = text.substr(0, slash);
  if (slash < text.size()) url.script = text.substr(slash + (text[slash] == '/' ? 1 : 0));
  const auto colon = host.rfind(':');
  const auto bracket = host.rfind(']');
  if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
    url.port = host.substr(colon + 1);
    host = host.substr(0, colon);
  }
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  url.host = host;
  if (url.port.empty()) url.port = default_port;
  return url;
}

// Sets AGISTATUS; Asterisk hangs up after a session in which that was asked for, only then.
Outcome finish(Run& run, const AgiSession& session, bool whole) {
  if (session.hung_up()) {
    run.set_variable("AGISTATUS", "HANGUP");
    return Outcome::hang_up;
  }
  run.set_variable("AGISTATUS", whole ? "SUCCESS" : "FAILURE");
  return session.jumped() ? Outcome::jumped : Outcome::next;
}

Outcome fail(Run& run, std::string_view status, std::string_view why) {
  run.warn(why);
  run.set_variable("AGISTATUS", std::string(status));
  return Outcome::next;
}

Outcome run_session(Run& run, int fd, const AgiSession::Request& request) {
  AgiChannel channel(run, fd);
  AgiSession session(run, channel);
  const bool whole = session.serve(request);
  return finish(run, session, whole);
}

Outcome fast_agi(Run& run, AgiSession::Request request) {
  const auto url = parse_url(std::string_view(request.request).substr(6));
  if (url.host.empty()) {
    return fail(run, "FAILURE", fmt::format("AGI: '{}' names no host", request.request));
  }
  const auto fd = AgiChannel::connect(run, url.host, url.port);
  if (!fd) return fail(run, "FAILURE", fd.error().text);
  request.script = url.script;
  request.network = true;
  return run_session(run, *fd, request);
}

// The script's own path, if that is inside of the folder once all links are followed.
base::Result<std::filesystem::path> find_script(const std::string& folder, std::string_view name) {
  std::error_code error;
  const auto root = std::filesystem::canonical(folder, error);
  if (error) return base::fail("agi_folder '{}': {}", folder, error.message());
  const auto path = std::filesystem::canonical(root / name, error);
  if (error) return base::fail("AGI script '{}' is not in agi_folder: {}", name, error.message());
  const auto inside = std::mismatch(root.begin(), root.end(), path.begin(), path.end());
  if (inside.first != root.end() || !std::filesystem::is_regular_file(path, error)) {
    return base::fail("AGI script '{}' is not in agi_folder '{}'", name, folder);
  }
  return path;
}

Outcome local_agi(Run& run, AgiSession::Request request) {
  const auto& options = run.shared().options;
  auto why = run.forbids_commands();
  if (why.empty() && options.agi_folder.empty()) why = "agi_folder in missive.conf";
  if (!why.empty()) {
    return fail(
        run, "FAILURE",
        fmt::format("AGI script '{}' is not executed: {} has to allow it", request.request, why));
  }
  const auto path = find_script(options.agi_folder, request.request);
  if (!path) return fail(run, "NOTFOUND", path.error().text);
  std::vector<std::string> command{path->string()};
  command.insert(command.end(), request.arguments.begin(), request.arguments.end());
  request.request = path->string();
  const auto child = ChildProcess::start(command, ChildProcess::Kind::interactive);
  if (!child) return fail(run, "FAILURE", child.error().text);
  // The child owns its descriptor, the session one of its own.
  const auto outcome = run_session(run, ::dup((*child)->io()), request);
  ::shutdown((*child)->io(), SHUT_RDWR);
  // It may have something to tidy up.
  (*child)->finish([](std::string_view) {}, [&run] { return run.gives_up(); });
  return outcome;
}

Outcome agi(Run& run, std::string_view arguments) {
  // Copied first: what is executed meanwhile has arguments of its own.
  AgiSession::Request request;
  request.arguments = split_arguments(arguments);
  if (request.arguments.empty() || request.arguments[0].empty()) {
    return fail(run, "FAILURE", "AGI needs agi://host[:port][/script] or the name of a script");
  }
  request.request = std::move(request.arguments[0]);
  request.arguments.erase(request.arguments.begin());
  if (base::istarts_with(request.request, "agi://")) return fast_agi(run, std::move(request));
  if (request.request.find("://") != std::string::npos ||
      base::iequals(request.request, "agi:async")) {
    return fail(run, "FAILURE",
                fmt::format("AGI '{}': only agi:// and local scripts are known", request.request));
  }
  return local_agi(run, std::move(request));
}

}  // namespace

void add_agi_application(ApplicationTable& table) {
  table.add({.name = "AGI", .execute = agi, .blocks = true});
}

}  // namespace missive::dialplan

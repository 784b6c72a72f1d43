#include "console/server.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "base/log.h"
#include "net/local_socket.h"

namespace missive::console {
namespace {

std::string host_name() {
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 ? name : "localhost";
}

void refuse(int fd, std::string_view why) {
  std::string text;
  append_frame(text, "output", why);
  append_frame(text, "done", "error");
  ::send(fd, text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  ::close(fd);
}

}  // namespace

Server::~Server() {
  connections_.clear();
  if (listener_) ::unlink(path_.c_str());
}

base::Result<void> Server::open(const std::filesystem::path& path) {
  const auto fd = net::listen_local(path);
  if (!fd) return tl::unexpected(fd.error());
  path_ = path;
  hello_ = fmt::format("missive {}\n{}\n{}", MISSIVE_VERSION, ::getpid(), host_name());
  listener_ =
      net::Listener::adopt(service_.shard(), *fd, path.string(),
                           [this](int connected, const net::Address&) { accepted(connected); });
  return {};
}

void Server::accepted(int fd) {
  if (!net::is_own_or_root(fd)) return refuse(fd, "this console is another user's\n");
  if (connections_.size() >= most_consoles) return refuse(fd, "there are too many consoles\n");
  connections_.push_back(std::make_shared<Connection>(
      service_.registry(), feed_, net::Stream::adopt(service_.shard(), fd, {}),
      [this](Connection& connection) { remove(connection); }));
  connections_.back()->start(hello_);
}

// It may be in one of its own calls.
void Server::remove(Connection& connection) {
  const auto found =
      std::find_if(connections_.begin(), connections_.end(),
                   [&connection](const auto& each) { return each.get() == &connection; });
  if (found == connections_.end()) return;
  service_.shard().post([gone = std::move(*found)]() mutable { gone.reset(); });
  connections_.erase(found);
}

}  // namespace missive::console

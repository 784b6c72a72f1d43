#include "app/console_link.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>
#include <vector>

#include "base/text.h"
#include "console/frames.h"
#include "console/server.h"
#include "net/local_socket.h"

namespace missive::app {
namespace {

constexpr std::size_t longest_text = std::size_t{1} << 30;  // the server's own; it is believed

}  // namespace

base::Result<ConsoleLink> ConsoleLink::connect(const std::filesystem::path& state) {
  const auto fd = net::connect_local(console::socket_in(state));
  if (!fd) {
    return base::fail("{}; is a server running with --state {}?", fd.error().text, state.string());
  }
  ConsoleLink link(*fd);
  const auto hello = link.next();
  if (!hello) return tl::unexpected(hello.error());
  if (hello->kind != "hello") return base::fail("{}", base::trim(hello->text));
  const auto lines = base::split_list(hello->text, '\n');
  link.server_ = lines.at(0);
  if (lines.size() > 1) link.process_ = lines[1];
  if (lines.size() > 2) link.host_ = lines[2];
  return link;
}

ConsoleLink::ConsoleLink(ConsoleLink&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      in_(std::move(other.in_)),
      server_(std::move(other.server_)),
      process_(std::move(other.process_)),
      host_(std::move(other.host_)) {}

ConsoleLink::~ConsoleLink() {
  if (fd_ >= 0) ::close(fd_);
}

base::Result<void> ConsoleLink::send(std::string_view kind, std::string_view text) {
  std::string out;
  console::append_frame(out, kind, text);
  for (std::string_view rest = out; !rest.empty();) {
    const auto sent = ::send(fd_, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return base::fail("the server is gone");
    rest.remove_prefix(static_cast<std::size_t>(sent));
  }
  return {};
}

base::Result<ConsoleLink::Frame> ConsoleLink::next() {
  for (;;) {
    auto frame = from_input();
    if (!frame) return tl::unexpected(frame.error());
    if (*frame) return std::move(**frame);
    if (auto read = read_some(0); !read) return tl::unexpected(read.error());
  }
}

base::Result<std::optional<ConsoleLink::Frame>> ConsoleLink::take() {
  auto frame = from_input();
  if (!frame || *frame) return frame;
  if (auto read = read_some(MSG_DONTWAIT); !read) return tl::unexpected(read.error());
  return from_input();
}

base::Result<std::optional<ConsoleLink::Frame>> ConsoleLink::from_input() {
  std::string_view data = in_;
  const auto found = console::take_frame(data, longest_text);
  if (!found) return tl::unexpected(found.error());
  if (!*found) return std::nullopt;
  Frame frame{std::string((*found)->kind), std::string((*found)->text)};
  in_.erase(0, in_.size() - data.size());
  return frame;
}

base::Result<void> ConsoleLink::read_some(int flags) {
  std::array<char, 64 << 10> octets;
  const auto count = ::recv(fd_, octets.data(), octets.size(), flags);
  if (count > 0) {
    in_.append(octets.data(), static_cast<std::size_t>(count));
    return {};
  }
  if (count < 0 && (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK)) return {};
  return base::fail("the server is gone");
}

}  // namespace missive::app

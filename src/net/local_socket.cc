#include "net/local_socket.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

namespace missive::net {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

std::string reason() { return std::generic_category().message(errno); }

// The path by way of its folder's descriptor, which is short however long the path is.
class ShortAddress {
 public:
  explicit ShortAddress(const std::filesystem::path& path)
      : folder_(::open(path.has_parent_path() ? path.parent_path().c_str() : ".",
                       O_PATH | O_DIRECTORY | O_CLOEXEC)) {
    address_.sun_family = AF_UNIX;
    const auto text = fmt::format("/proc/self/fd/{}/{}", folder_.get(), path.filename().string());
    fits_ = folder_.get() >= 0 && text.size() < sizeof address_.sun_path;
    if (fits_) std::memcpy(address_.sun_path, text.c_str(), text.size() + 1);
  }
  bool fits() const { return fits_; }
  const sockaddr* data() const { return reinterpret_cast<const sockaddr*>(&address_); }
  static constexpr socklen_t size() { return sizeof(sockaddr_un); }

 private:
  Descriptor folder_;
  sockaddr_un address_{};
  bool fits_ = false;
};

}  // namespace

base::Result<int> connect_local(const std::filesystem::path& path) {
  const ShortAddress address(path);
  Descriptor fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!address.fits() || fd.get() < 0 ||
      ::connect(fd.get(), address.data(), ShortAddress::size()) != 0) {
    return base::fail("cannot connect to {}: {}", path.string(), reason());
  }
  return fd.release();
}

base::Result<int> listen_local(const std::filesystem::path& path) {
  if (const auto other = connect_local(path)) {
    ::close(*other);
    return base::fail("cannot listen on {}: a server is running there", path.string());
  }
  struct stat there {};
  if (::lstat(path.c_str(), &there) == 0 && S_ISSOCK(there.st_mode)) ::unlink(path.c_str());
  const ShortAddress address(path);
  Descriptor fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  // The file gets the mode of the socket, so that it is nobody else's for no moment.
  if (!address.fits() || fd.get() < 0 || ::fchmod(fd.get(), S_IRUSR | S_IWUSR) != 0 ||
      ::bind(fd.get(), address.data(), ShortAddress::size()) != 0 ||
      ::listen(fd.get(), SOMAXCONN) != 0) {
    return base::fail("cannot listen on {}: {}", path.string(), reason());
  }
  return fd.release();
}

bool is_own_or_root(int fd) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
  return peer.uid == 0 || peer.uid == ::geteuid();
}

}  // namespace missive::net

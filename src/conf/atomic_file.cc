#include "conf/atomic_file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>

namespace missive::conf {
namespace {

namespace fs = std::filesystem;

constexpr mode_t new_file_mode = 0640;

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

void sync_folder(const fs::path& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  ::fsync(fd);
  ::close(fd);
}

}  // namespace

AtomicFiles::~AtomicFiles() {
  for (const auto& [from, to] : written_) ::unlink(from.c_str());
}

base::Result<void> AtomicFiles::write(const fs::path& path, std::string_view text) {
  std::string name = path.string() + ".XXXXXX";
  const int fd = ::mkostemp(name.data(), O_CLOEXEC);
  if (fd < 0) return base::fail("{} cannot be written: {}", path.string(), std::strerror(errno));
  written_.emplace_back(name, path);
  struct stat old {};
  const bool is_new = ::stat(path.c_str(), &old) != 0;
  // Owner and group only where that is ours to say.
  if (!is_new && ::fchown(fd, old.st_uid, old.st_gid) != 0) errno = 0;
  const bool done = ::fchmod(fd, is_new ? new_file_mode : old.st_mode & 07777) == 0 &&
                    write_all(fd, text) && ::fsync(fd) == 0;
  const int error = errno;
  ::close(fd);
  if (done) return {};
  return base::fail("{} cannot be written: {}", path.string(), std::strerror(error));
}

base::Result<void> AtomicFiles::commit() {
  for (auto& [from, to] : written_) {
    if (::rename(from.c_str(), to.c_str()) != 0) {
      return base::fail("{} cannot be replaced: {}", to.string(), std::strerror(errno));
    }
    sync_folder(to.parent_path());
    from.clear();
  }
  written_.clear();
  return {};
}

bool is_inside(const fs::path& folder, const fs::path& path) {
  std::error_code failed;
  const auto root = fs::canonical(folder, failed);
  if (failed) return false;
  const auto real = fs::weakly_canonical(path, failed);
  if (failed || real == root) return false;
  return std::mismatch(root.begin(), root.end(), real.begin(), real.end()).first == root.end();
}

}  // namespace missive::conf

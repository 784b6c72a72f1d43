// A folder of its own for one run: removed at the end, unless it is to be kept.
//
// `in` is made where it is not there; empty: the folder for temporary files (TMPDIR). on_disk() is
// false where what is written there is only in memory, which says nothing about durability.
// Throws std::runtime_error where it cannot be made.
#pragma once

#include <fmt/format.h>
#include <stdlib.h>
#include <sys/vfs.h>

#include <filesystem>
#include <stdexcept>
#include <string>
#include <system_error>

namespace missive::bench {

class TemporaryFolder {
 public:
  explicit TemporaryFolder(const std::filesystem::path& in = {}) {
    if (!in.empty()) std::filesystem::create_directories(in);
    const auto parent =
        in.empty() ? std::filesystem::temp_directory_path() : std::filesystem::absolute(in);
    std::string name = (parent / "missive-bench-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) {
      throw std::runtime_error(fmt::format("cannot make the folder {}", name));
    }
    path_ = name;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!keep_) std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }
  void keep() { keep_ = true; }
  bool on_disk() const {
    constexpr long tmpfs = 0x01021994;
    constexpr long ramfs = 0x858458f6;
    struct statfs about {};
    if (statfs(path_.c_str(), &about) != 0) return false;
    return about.f_type != tmpfs && about.f_type != ramfs;
  }

 private:
  std::filesystem::path path_;
  bool keep_ = false;
};

}  // namespace missive::bench

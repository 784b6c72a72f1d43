// Files that are replaced whole, or not at all.
//
// write() puts the new text beside the old file and on the disk; commit() puts all that was written
// in the place of the old ones, one after the other. Without a commit() the old ones stay. A file
// keeps its permissions; a new one is readable by owner and group. Errors name path and reason.
// Not thread-safe.
#pragma once

#include <filesystem>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace missive::conf {

class AtomicFiles {
 public:
  AtomicFiles() = default;
  ~AtomicFiles();
  AtomicFiles(const AtomicFiles&) = delete;
  AtomicFiles& operator=(const AtomicFiles&) = delete;

  base::Result<void> write(const std::filesystem::path& path, std::string_view text);
  base::Result<void> commit();

 private:
  std::vector<std::pair<std::filesystem::path, std::filesystem::path>> written_;  // from, to
};

// Whether the path, links followed as far as it exists, lies inside of the folder.
bool is_inside(const std::filesystem::path& folder, const std::filesystem::path& path);

}  // namespace missive::conf

// The hosts file: names that no name server is asked for.
//
// Lines of an address and its names; "#" begins a comment. Names are matched without case; a
// last dot counts for nothing. localhost and what ends in .localhost is this machine, whatever
// the file says not. Read when first asked; whether it has changed is looked at once a second. A
// missing file has no names. On its owner's thread.
// Source: hosts(5); RFC 6761 section 6.3.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/text.h"
#include "net/address.h"

namespace missive::net {

class HostsFile {
 public:
  // Without a path: localhost alone.
  explicit HostsFile(std::filesystem::path path) : path_(std::move(path)) {}

  // IPv4 first, port 0, each once; empty for a name that is not there.
  std::vector<Address> find(std::string_view name, base::TimePoint now);

 private:
  void read_if_changed();
  void read_line(std::string_view line);

  std::filesystem::path path_;
  std::optional<base::TimePoint> looked_at_;
  std::filesystem::file_time_type changed_{};
  std::unordered_map<std::string, std::vector<Address>, base::StringHash, std::equal_to<>> hosts_;
};

}  // namespace missive::net

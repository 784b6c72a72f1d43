#include "net/hosts_file.h"

#include <algorithm>
#include <fstream>

namespace missive::net {
namespace {

bool is_localhost(std::string_view name) {
  static constexpr std::string_view localhost = "localhost";
  return name == localhost || (name.size() > localhost.size() && name.ends_with(localhost) &&
                               name[name.size() - localhost.size() - 1] == '.');
}

}  // namespace

std::vector<Address> HostsFile::find(std::string_view name, base::TimePoint now) {
  if (!path_.empty() && (!looked_at_ || now - *looked_at_ >= std::chrono::seconds{1})) {
    looked_at_ = now;
    read_if_changed();
  }
  if (!name.empty() && name.back() == '.') name.remove_suffix(1);
  const auto key = base::lower(name);
  if (const auto found = hosts_.find(key); found != hosts_.end()) return found->second;
  if (!is_localhost(key)) return {};
  return {*Address::from_ip("127.0.0.1", 0), *Address::from_ip("::1", 0)};
}

void HostsFile::read_if_changed() {
  std::error_code missing;
  const auto changed = std::filesystem::last_write_time(path_, missing);
  if (missing) {
    hosts_.clear();
    changed_ = {};
    return;
  }
  if (changed == changed_) return;
  changed_ = changed;
  hosts_.clear();
  std::ifstream file(path_);
  for (std::string line; std::getline(file, line);) read_line(line);
  for (auto& [name, addresses] : hosts_) {
    std::stable_partition(addresses.begin(), addresses.end(),
                          [](const Address& address) { return !address.is_v6(); });
  }
}

void HostsFile::read_line(std::string_view line) {
  line = line.substr(0, line.find('#'));
  const auto next_word = [&line] {
    line = base::trim_left(line);
    const auto end = std::find_if(line.begin(), line.end(),
                                  [](char c) { return base::is_blank(c) || c == '\r'; });
    const auto word = line.substr(0, static_cast<std::size_t>(end - line.begin()));
    line.remove_prefix(word.size());
    return word;
  };
  const auto address = Address::from_ip(next_word(), 0);
  if (!address) return;
  for (auto name = next_word(); !name.empty(); name = next_word()) {
    if (name.back() == '.') name.remove_suffix(1);
    auto& known = hosts_[base::lower(name)];
    if (std::find(known.begin(), known.end(), *address) == known.end()) known.push_back(*address);
  }
}

}  // namespace missive::net

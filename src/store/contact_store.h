// The contacts that phones registered, on disk, so that a restart does not lose them.
//
// Plain values: what they mean is the location service's business. put() and remove() are of
// any thread and return at once; the rows are written behind by the Database's thread. A contact is
// known by its AOR and URI.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "store/write_behind.h"

namespace missive::store {

struct StoredContact {
  std::string aor;
  std::string uri;
  std::string given;
  unsigned q = 1000;
  base::WallTime expires{};  // to the second
  std::chrono::seconds expiration{0};
  base::WallTime updated{};  // to the microsecond
  std::string path;          // as in the header, comma separated
  std::string instance;
  std::string reg_id;
  std::string endpoint;
  std::string call_id;
  std::uint32_t cseq = 0;
  std::string user_agent;
  std::string via_address;
  std::string transport;
  std::string source;      // address:port
  bool flow_only = false;  // only a connection led there

  bool operator==(const StoredContact&) const = default;
};

class ContactStore {
 public:
  // The Database outlives it.
  explicit ContactStore(Database& database);

  void put(StoredContact contact);
  void remove(const std::string& aor, const std::string& uri);
  // All, by AOR and in the order of `updated`. Waits for the disk; at start.
  base::Result<std::vector<StoredContact>> load_all();

 private:
  using Key = std::pair<std::string, std::string>;

  Database& database_;
  WriteBehind<Key, StoredContact> writer_;
};

}  // namespace missive::store

// The local socket of the console: STATE/missive.ctl, for the user of the server and root only.
//
// open() before the thread of the shard runs, destroyed after it has stopped; everything between
// is on that thread. At most `most_consoles` at a time.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "console/connection.h"
#include "console/feed.h"
#include "console/service.h"
#include "net/listener.h"

namespace missive::console {

// Where it is in the state folder.
inline std::filesystem::path socket_in(const std::filesystem::path& state) {
  return state / "missive.ctl";
}

class Server {
 public:
  static constexpr std::size_t most_consoles = 64;

  Server(Service& service, Feed& feed) : service_(service), feed_(feed) {}
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // "cannot listen on /var/lib/missive/missive.ctl: a server is running there"
  base::Result<void> open(const std::filesystem::path& path);

 private:
  void accepted(int fd);
  void remove(Connection& connection);

  Service& service_;
  Feed& feed_;
  std::filesystem::path path_;
  std::string hello_;
  std::unique_ptr<net::Listener> listener_;
  std::vector<std::shared_ptr<Connection>> connections_;
};

}  // namespace missive::console

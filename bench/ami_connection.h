// One AMI connection of the load: logs in, then writes actions and reads replies
// without ever waiting.
//
// Opening waits, at most `patience`, for the server to listen, its banner and the
// answer to the login (Events: off). Everything that makes the run worthless (refused
// login, connection closed, no banner) is thrown as std::runtime_error whose text
// says what happened. Owned and used by one thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "ami_reply_reader.h"
#include "socket.h"

namespace missive::bench {

struct Credentials {
  std::string user = "bench";
  std::string secret = "bench";
};

class AmiConnection {
 public:
  // `still_alive` is asked while waiting; it throws when waiting has no sense.
  AmiConnection(sockaddr_in server, const Credentials& credentials, std::chrono::seconds patience,
                const std::function<void()>& still_alive);

  int fd() const { return fd_.get(); }
  void append(std::string_view action) { output_.append(action); }
  // Where the last appended action begins, to patch it.
  char* last(std::size_t length) { return output_.data() + output_.size() - length; }
  // Writes what the socket takes; true when nothing is left.
  bool flush();

  // One read(); false when nothing waits. Then next() until it is empty.
  bool read();
  std::optional<Reply> next() { return reader_.next(); }

 private:
  void log_in(const Credentials& credentials, std::chrono::seconds patience);

  Fd fd_;
  AmiReplyReader reader_;
  std::string output_;
  std::size_t written_ = 0;
};

}  // namespace missive::bench

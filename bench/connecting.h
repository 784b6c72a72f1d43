// Opening TCP connections to a server that is just starting, and waiting at one with a limit.
//
// For what comes before a measurement: everything here blocks, at most as long as it is told,
// and throws std::runtime_error with what did not come.
#pragma once

#include <chrono>
#include <functional>
#include <string_view>

#include "socket.h"

namespace missive::bench {

using Deadline = std::chrono::steady_clock::time_point;

inline Deadline deadline_in(std::chrono::seconds patience) {
  return std::chrono::steady_clock::now() + patience;
}

// Tries again until somebody listens. `still_alive` is asked meanwhile; it throws when waiting has
// no sense. `whom`: "AMI server".
Fd connect_to(sockaddr_in server, std::string_view whom, std::chrono::seconds patience,
              const std::function<void()>& still_alive);

// Until one of `events` (POLLIN, POLLOUT) is there. `for_what` follows "no" in the error's text.
void wait_for(int fd, short events, Deadline deadline, std::string_view for_what);

}  // namespace missive::bench

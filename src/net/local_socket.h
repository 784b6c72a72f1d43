// Sockets in the file system, for programs of one machine and one user (unix(7)).
//
// The path may be longer than the 107 octets that the address of such a socket holds. Descriptors
// are the caller's; those that listen do not block. Errors are one line.
#pragma once

#include <filesystem>

#include "base/result.h"

namespace missive::net {

// Listens, for this user only (mode 0600). A socket that nobody listens on any more is replaced;
// one that is in use is an error.
base::Result<int> listen_local(const std::filesystem::path& path);
base::Result<int> connect_local(const std::filesystem::path& path);

// Whether the process at the other end is of this user, or root.
bool is_own_or_root(int fd);

}  // namespace missive::net

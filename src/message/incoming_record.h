// An Incoming as octets, for the disk.
//
//   version   1 octet, 2
//   hops      number
//   texts     id, technology, endpoint, context, exten, from, to, content type, body
//   data      number of them; name and value of each
//   flags     number: 1 its origin is given, 2 it wants a receipt     (from version 2 on)
//   origin    text
//
// Numbers and texts are packed (message/packed.h). What is cut short, has something left over or
// a number that cannot be is refused, and so is a version above.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "message/incoming.h"

namespace missive::message {

std::string write_incoming(const Incoming& message);
base::Result<std::shared_ptr<const Incoming>> read_incoming(std::string_view record);

}  // namespace missive::message

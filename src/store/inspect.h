// A look at a database file from outside, for somebody who wants to know whether it is sound.
//
// Changes nothing, neither in the file nor beside it. Waits for the disk; reads the whole file.
// An error is one sentence that begins with the file's name: no database, damaged, of another
// program, of a newer version, unreadable. What a process that was killed left in the -wal counts.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace missive::store {

struct Inspection {
  enum class Found {
    nothing,  // there is no file
    in_use,   // a running server has it: not looked at
    sound,
  };
  Found found = Found::nothing;
  std::int64_t schema = 0;    // 0: an empty file
  std::int64_t newest = 0;    // the schema that this program makes of it when it runs
  std::int64_t waiting = 0;   // messages that are not final
  std::int64_t outcomes = 0;  // of messages that are
};

base::Result<Inspection> inspect(const std::string& file);

}  // namespace missive::store

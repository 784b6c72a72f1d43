// The commands there are: who has some adds them at start-up.
//
// Filled before the shards run, then only read. Names are matched word by word, without case; the
// command with the longest name that fits is meant. Source: Asterisk documentation, "Asterisk CLI".
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "console/command.h"

namespace missive::console {

class Registry {
 public:
  // A name that is there already is replaced.
  void add(Command command);
  // Sorted by name.
  const std::map<std::string, Command, base::ILess>& commands() const { return commands_; }

  void run(std::string_view line, Answer answer, Terminal* terminal = nullptr) const;
  // What the last word of `line` may become, whole words, sorted. A line that ends with a blank
  // asks for the word after.
  Command::Choices complete(std::string_view line) const;
  // "core show help": the commands that begin with `words`, or how one is used.
  Result help(const Arguments& words) const;

 private:
  const Command* find(const Arguments& words, std::size_t& matched) const;

  std::map<std::string, Command, base::ILess> commands_;
};

}  // namespace missive::console

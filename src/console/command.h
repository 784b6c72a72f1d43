// One command for people, as the console and the action Command run it: "message show outbox".
//
// A command is run on the console's thread (service.h), which may wait for a file but carries no
// traffic; `answer` is called there once, at once or later. What a command says is text of whole
// lines.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/log_channels.h"
#include "base/unique_function.h"

namespace missive::console {

struct Result {
  bool ok = true;
  std::string text;
};
using Answer = base::UniqueFunction<void(const Result&)>;
using Arguments = std::vector<std::string>;  // without quotes

// The console that a command was typed at, for what concerns only it.
class Terminal {
 public:
  virtual ~Terminal() = default;
  // Which lines of the log it shows.
  virtual void show_levels(base::LogLevels levels, bool on) = 0;
};

struct Call {
  Arguments arguments;
  Terminal* terminal = nullptr;  // nullptr: nobody's; valid until run() returns
  Answer answer;
};

struct Command {
  static constexpr std::size_t any_number = 100;
  using Choices = std::vector<std::string>;

  std::string name;       // "message show outbox"
  std::string arguments;  // "[RECIPIENT]", as help shows it
  std::size_t least = 0, most = 0;
  std::string summary;
  std::function<void(Call)> run;
  // What the argument after those may be, for the tab key; whoever asks filters them.
  std::function<Choices(const Arguments& before)> choices = {};
};

// The argument of that place; empty when there is none. Lives as long as the Call.
inline std::string_view argument(const Call& call, std::size_t place) {
  return place < call.arguments.size() ? std::string_view(call.arguments[place])
                                       : std::string_view();
}

inline Result success(std::string text) { return {true, std::move(text)}; }
inline Result failure(std::string text) { return {false, std::move(text)}; }

// For a command whose answer is there at once: `make` gives its Result from the Call.
template <class Make>
std::function<void(Call)> at_once(Make make) {
  return [make = std::move(make)](Call call) {
    const Result result = make(static_cast<const Call&>(call));
    call.answer(result);
  };
}

}  // namespace missive::console

#include "console/registry.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

namespace missive::console {
namespace {

std::string usage(const Command& command) {
  return fmt::format("{}{}{}", command.name, command.arguments.empty() ? "" : " ",
                     command.arguments);
}

bool is_usage_asked(const Command& command, const Arguments& words) {
  return base::iequals(command.name, fmt::format("{}", fmt::join(words, " ")));
}

std::string no_such_command(std::string_view line) {
  return fmt::format(
      "No such command '{0}' (type 'core show help {0}' for other possible commands)",
      base::printable(line));
}

// How many of the words are the name's first ones.
std::size_t words_in_common(const std::vector<std::string_view>& name, const Arguments& words) {
  std::size_t i = 0;
  while (i < name.size() && i < words.size() && base::iequals(name[i], words[i])) ++i;
  return i;
}

}  // namespace

void Registry::add(Command command) {
  auto name = command.name;
  commands_.insert_or_assign(std::move(name), std::move(command));
}

const Command* Registry::find(const Arguments& words, std::size_t& matched) const {
  const Command* best = nullptr;
  matched = 0;
  for (const auto& [key, command] : commands_) {
    const auto name = base::split_list(key, ' ');
    if (name.size() > matched && words_in_common(name, words) == name.size()) {
      best = &command;
      matched = name.size();
    }
  }
  return best;
}

void Registry::run(std::string_view line, Answer answer, Terminal* terminal) const {
  auto words = base::split_words(line);
  std::size_t matched = 0;
  const auto* command = find(words, matched);
  if (command == nullptr) return answer(failure(no_such_command(base::trim(line))));
  words.erase(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(matched));
  if (words.size() < command->least || words.size() > command->most) {
    return answer(failure("Usage: " + usage(*command)));
  }
  command->run({std::move(words), terminal, std::move(answer)});
}

Command::Choices Registry::complete(std::string_view line) const {
  auto words = base::split_words(line);
  std::string begun;  // of the word to complete
  if (!words.empty() && !line.empty() && !base::is_blank(line.back())) {
    begun = std::move(words.back());
    words.pop_back();
  }
  std::set<std::string> choices;
  const auto offer = [&](std::string_view word) {
    if (base::istarts_with(word, begun)) choices.emplace(word);
  };
  for (const auto& [key, command] : commands_) {
    const auto name = base::split_list(key, ' ');
    if (words_in_common(name, words) == words.size() && words.size() < name.size()) {
      offer(name[words.size()]);
    }
  }
  std::size_t matched = 0;
  const auto* command = find(words, matched);
  if (command != nullptr && command->choices && words.size() - matched < command->most) {
    words.erase(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(matched));
    for (const auto& choice : command->choices(words)) offer(choice);
  }
  return {choices.begin(), choices.end()};
}

Result Registry::help(const Arguments& words) const {
  const auto wanted = fmt::format("{}", fmt::join(words, " "));
  std::string lines;
  for (const auto& [key, command] : commands_) {
    if (!words.empty() && is_usage_asked(command, words)) {
      return success(fmt::format("Usage: {}\n       {}.\n", usage(command), command.summary));
    }
    if (base::istarts_with(key, wanted)) {
      lines += fmt::format("{:>30}  {}\n", key, command.summary);
    }
  }
  return lines.empty() ? failure(no_such_command(wanted)) : success(std::move(lines));
}

}  // namespace missive::console

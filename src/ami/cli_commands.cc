#include "ami/cli_commands.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>

#include "ami/outbox_access.h"
#include "ami/outbox_text.h"
#include "ami/text_table.h"
#include "base/text.h"

namespace missive::ami {
namespace {

CliResult problem(std::string text) { return {false, std::move(text)}; }

std::string usage(const CliCommand& command) {
  return fmt::format("{}{}{}", command.name, command.arguments.empty() ? "" : " ",
                     command.arguments);
}

// How many words of `line` are the command's name; 0 when it is another command.
std::size_t words_matched(const CliCommand& command, const CliArguments& line) {
  const auto name = base::split_list(command.name, ' ');
  if (line.size() < name.size()) return 0;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (!base::iequals(name[i], line[i])) return 0;
  }
  return name.size();
}

std::string no_such_command(std::string_view line) {
  return fmt::format(
      "No such command '{0}' (type 'core show help {0}' for other possible commands)",
      base::printable(line));
}

// Those whose name begins with the words.
void show_help(Environment&, const CliArguments& words, CliAnswer answer) {
  const auto wanted = fmt::format("{}", fmt::join(words, " "));
  TextTable table({});
  for (const auto& command : cli_commands()) {
    if (base::istarts_with(command.name, wanted)) {
      table.add({usage(command), std::string(command.summary)});
    }
  }
  if (table.empty()) return answer(problem(no_such_command(wanted)));
  answer({true, table.str()});
}

void show_outbox(Environment& environment, const CliArguments& arguments, CliAnswer answer) {
  if (environment.outbox == nullptr) return answer(problem(std::string(no_outbox)));
  message::Outbox::Filter filter;
  filter.state = message::Status::State::queued;
  if (!arguments.empty()) filter.recipient = arguments.front();
  list_outbox(environment, std::move(filter),
              [answer = std::move(answer)](const Listing& listing) mutable {
                auto text = listing_text(listing);
                answer(text ? CliResult{true, std::move(*text)} : problem(text.error().text));
              });
}

void show_status(Environment& environment, const CliArguments& arguments, CliAnswer answer) {
  if (environment.outbox == nullptr) return answer(problem(std::string(no_outbox)));
  environment.outbox->find(std::string(arguments.front()), environment.shard,
                           [answer = std::move(answer)](const Records& found) mutable {
                             if (!found) return answer(problem(found.error().text));
                             if (found->empty()) return answer(problem("No such message"));
                             answer({true, record_text(found->front())});
                           });
}

constexpr std::size_t any_number = 100;

constexpr std::array table{
    CliCommand{"core show help", "[COMMAND]", 0, any_number, "the commands there are", show_help},
    CliCommand{"message show outbox", "[RECIPIENT]", 0, 1,
               "messages that wait for their recipients, the oldest 100", show_outbox},
    CliCommand{"message show status", "ID", 1, 1, "what is known of one message", show_status},
};

}  // namespace

std::span<const CliCommand> cli_commands() { return table; }

void run_cli(Environment& environment, std::string_view line, CliAnswer answer) {
  const auto words = base::split_list(line, ' ');
  for (const auto& command : cli_commands()) {
    const auto matched = words_matched(command, words);
    if (matched == 0) continue;
    const CliArguments arguments(words.begin() + static_cast<std::ptrdiff_t>(matched), words.end());
    if (arguments.size() < command.least || arguments.size() > command.most) {
      return answer(problem("Usage: " + usage(command)));
    }
    return command.run(environment, arguments, std::move(answer));
  }
  answer(problem(no_such_command(base::trim(line))));
}

}  // namespace missive::ami

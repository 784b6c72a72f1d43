// docs/dialplan-functions.md, held to what the server does.
//
//  1. Each example of its tables gives the result beside it.
//  2. Each function that exists is in it.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "base/text.h"
#include "dialplan/locks.h"
#include "support/source_file.h"
#include "unit/dialplan/function_fixture.h"

namespace missive::dialplan {
namespace {

std::string document() {
  std::ifstream file(source_file("docs/dialplan-functions.md"));
  return {std::istreambuf_iterator<char>(file), {}};
}

// What is between the first pair of backquotes.
std::string_view quoted(std::string_view cell) {
  const auto first = cell.find('`');
  const auto last = cell.find('`', first + 1);
  return last == cell.npos ? std::string_view() : cell.substr(first + 1, last - first - 1);
}

class DocumentedFunctions : public FunctionTest {
 protected:
  // A run with the variables that the document promises.
  void begin() {
    run_ = dialplan::Run::create(environment_, incoming());
    set("phone", "123-456-7890");
    set("letters", "a,b,c");
    set("json", R"({"user":{"name":"Al","pets":["cat","dog"]}})");
    set("from", "\"Al\" <sip:al@example.com:5070;transport=tcp>");
  }
};

TEST_F(DocumentedFunctions, Examples) {
  const auto text = document();
  std::size_t examples = 0;
  for (const auto line : base::split_list(text, '\n')) {
    const auto place = line.find(" | ", 2);
    if (!line.starts_with("| `") || place == line.npos) continue;
    const auto example = quoted(line.substr(0, place));
    const auto result = line.substr(place + 3);
    if (example.find("${") == example.npos || !result.starts_with('`')) continue;
    begin();
    EXPECT_EQ(expand(example), quoted(result)) << example;
    shared_.locks->release_all(run_->number());
    ++examples;
  }
  EXPECT_GT(examples, 60u);
}

TEST_F(DocumentedFunctions, EachIsThere) {
  const auto text = document();
  for (const auto name : shared_.functions.names()) {
    EXPECT_NE(text.find(std::string(name) + "("), std::string::npos) << name;
  }
}

}  // namespace
}  // namespace missive::dialplan

// The value of MessageSend's Variable header.
//
// 1. What Asterisk was observed to make of it: one, quoted and escaped commas, blanks.
// 2. Comma lists, empty parts, brackets, escapes, '=' in the value.
// 3. A later variable of the same name, without case, replaces the earlier one, also from
//    another header; clear() forgets all.
// 4. Variables of the dialplan are the same in the same case only; headers of a NOTIFY never are.
// 5. Errors: no '=', no name, an open quote, too many.
#include "ami/variables.h"

#include <gtest/gtest.h>

namespace missive::ami {
namespace {

std::string read(std::initializer_list<std::string_view> headers,
                 VariableList::Again again = VariableList::Again::replaces) {
  VariableList list;
  list.clear(again);
  for (const auto header : headers) {
    if (const auto added = list.add(header); !added) return "error: " + added.error().text;
  }
  std::string text;
  for (const auto& item : list.items()) {
    text += "[" + std::string(item.name) + "|" + std::string(item.value) + "]";
  }
  return text;
}

struct Case {
  std::string_view list;
  std::string_view result;
};

TEST(Variables, ReadsLists) {
  for (const auto& [list, result] : std::initializer_list<Case>{
           {"X-One=1", "[X-One|1]"},
           {"X-Q=\"a,b\"", "[X-Q|a,b]"},
           {"X-Q=a\\,b", "[X-Q|a,b]"},
           {"X-S = spaced out ", "[X-S| spaced out ]"},
           {"P-Asserted-Identity=<sip:a@b>", "[P-Asserted-Identity|<sip:a@b>]"},
           {"", ""},
           {" , ,", ""},
           {"A=1,B=2, C=3", "[A|1][B|2][C|3]"},
           {"A=1,", "[A|1]"},
           {"A=", "[A|]"},
           {"A=b=c", "[A|b=c]"},
           {"A=(1,2),B=[3,4]", "[A|(1,2)][B|[3,4]]"},
           {"A=:),B=2", "[A|:)][B|2]"},
           {"A=\\\"q\\\"", "[A|\"q\"]"},
           {"A=x\\\\y", "[A|x\\y]"},
           {"A=x\\", "[A|x\\]"},
           {"\"A=1,2\",B=3", "[A|1,2][B|3]"},
           {"A=\"\"", "[A|]"},
       }) {
    EXPECT_EQ(read({list}), result) << list;
  }
}

TEST(Variables, ReplacesEarlierOnes) {
  EXPECT_EQ(read({"X-One=1", "X-One=2"}), "[X-One|2]");
  EXPECT_EQ(read({"X-One=1,B=2", "x-one=3"}), "[x-one|3][B|2]");
  VariableList list;
  ASSERT_TRUE(list.add("A=1"));
  list.clear();
  EXPECT_TRUE(list.items().empty());
}

TEST(Variables, KeepsWhatIsNotTheSame) {
  using Again = VariableList::Again;
  EXPECT_EQ(read({"foo=1,FOO=2,foo=3"}, Again::replaces_same_case), "[foo|3][FOO|2]");
  EXPECT_EQ(read({"Content=1,Content=2", "content=3"}, Again::stands_beside),
            "[Content|1][Content|2][content|3]");
}

TEST(Variables, RefusesWhatIsNoPair) {
  EXPECT_EQ(read({"A=1,rubbish"}), "error: Variable: 'rubbish' has no '='; write name=value");
  EXPECT_EQ(read({" =1"}), "error: Variable: no name before ' =1'; write name=value");
  EXPECT_EQ(
      read({"A=\"b,c"}),
      "error: Variable: the quote before 'b,c' is not closed; end it with '\"' or write \\\"");
  std::string many;
  for (std::size_t i = 0; i <= VariableList::max_variables; ++i) {
    many += "v" + std::to_string(i) + "=,";
  }
  EXPECT_EQ(read({many}), "error: Variable: more than 500 variables");
}

}  // namespace
}  // namespace missive::ami

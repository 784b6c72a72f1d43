// Text with ${variables}, ${FUNCTIONS()} and $[expressions].
//
//  1. text without any of them is taken as it is
//  2. variables: the run's, global ones, what is not set, names put together
//  3. parts of a value: offsets and lengths from either end, also computed ones
//  4. functions: arguments, nesting, brackets and colons in arguments, parts of the result
//  5. expressions: variables first, nested ones, errors read as empty
//  6. `\${` and `\$[` are these characters; a `$` alone is itself
//  7. what a value holds is never taken for syntax
//  8. what is wrong is told when compiled: unbalanced, unknown, misplaced
//  9. what is wrong is told when expanded, and reads as empty
// 10. may_block: functions that do, EVAL, names that are not known yet
// 11. text that expands itself ends, text that grows ends, deep nesting stays as it is
#include "dialplan/template.h"

#include <gmock/gmock.h>
#include <spdlog/sinks/base_sink.h>

#include <mutex>
#include <utility>

#include "function_fixture.h"

namespace missive::dialplan {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// What is logged, one text a line.
class Lines final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  std::vector<std::string> texts;

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    texts.emplace_back(message.payload.data(), message.payload.size());
  }
  void flush_() override {}
};

// Says how it was called.
base::Result<std::string> show(Run&, std::string_view arguments) {
  return "<" + std::string(arguments) + ">";
}
base::Result<std::string> slow(Run&, std::string_view) { return "slow"; }
base::Result<std::string> broken(Run&, std::string_view) { return base::fail("it is broken"); }
base::Result<void> take(Run&, std::string_view, std::string_view) { return {}; }
// As EVAL does, whatever that one adds.
base::Result<std::string> again(Run& run, std::string_view text) { return expand(run, text); }

class TemplateTest : public FunctionTest {
 protected:
  TemplateTest() {
    shared_.functions.add({"SHOW", show});
    shared_.functions.add({"SLOW", slow, nullptr, true});
    shared_.functions.add({"BROKEN", broken});
    shared_.functions.add({"UNREADABLE", nullptr, take});
    shared_.functions.add({"RUINOUS", slow, nullptr, false, true});
    shared_.functions.add({"AGAIN", again});
    set("NUMBER", "98765");
    set("N", "1");
    set("VAR1", "one");
    set("EMPTY", "");
  }

  void SetUp() override {
    sinks_ = std::exchange(spdlog::default_logger()->sinks(), {lines_});
    spdlog::set_level(spdlog::level::warn);
  }
  void TearDown() override {
    log::set_quiet();
    spdlog::default_logger()->sinks() = sinks_;
  }

  Template compile(std::string_view text) {
    warnings_.clear();
    return Template::compile(text, shared_.functions, warnings_);
  }
  std::string run(std::string_view text) { return compile(text).expand(*run_); }
  // Compiled before or only now, the result is the same.
  void expect_both(const std::vector<Row>& rows) {
    for (const auto& [text, expected] : rows) {
      EXPECT_EQ(run(text), expected) << text;
      EXPECT_THAT(warnings_, IsEmpty()) << text;
      EXPECT_EQ(expand(text), expected) << text;
    }
    EXPECT_THAT(lines_->texts, IsEmpty());
  }
  // What the log says of expanding it.
  std::vector<std::string> log_of(std::string_view text) {
    lines_->texts.clear();
    EXPECT_EQ(run(text), "") << text;
    return lines_->texts;
  }

  std::vector<std::string> warnings_;
  std::vector<spdlog::sink_ptr> sinks_;
  std::shared_ptr<Lines> lines_ = std::make_shared<Lines>();
};

TEST_F(TemplateTest, TakesPlainTextAsItIs) {
  for (const auto* const text : {"", "hello", "a}b]c", "100$", "$", "$$", "$x", "a\\b", "${"}) {
    const auto compiled = compile(text);
    EXPECT_TRUE(compiled.is_literal()) << text;
    EXPECT_FALSE(compiled.may_block());
    EXPECT_EQ(compiled.text(), text);
    EXPECT_EQ(compiled.expand(*run_), text);
  }
  EXPECT_TRUE(Template().is_literal());
  EXPECT_EQ(Template().expand(*run_), "");
  std::string out = "before ";
  compile("${NUMBER}").expand(*run_, out);
  EXPECT_EQ(out, "before 98765");
}

TEST_F(TemplateTest, ReadsVariables) {
  shared_.globals.set("PLACE", "Ulm");
  expect_both({{"${NUMBER}", "98765"},
               {"a${NUMBER}b${N}", "a98765b1"},
               {"${PLACE}", "Ulm"},
               {"${NOTHING}", ""},
               {"[${EMPTY}]", "[]"},
               {"${number}", ""},
               {"${VAR${N}}", "one"},
               {"${V${SHOW()}R1}", ""},
               {"${}", ""},
               {"$${N}", "$1"},
               {"{${N}}", "{1}"}});
}

TEST_F(TemplateTest, TakesPartsOfValues) {
  set("OFFSET", "2");
  set("BOTH", "1:2");
  expect_both({{"${NUMBER:0}", "98765"},
               {"${NUMBER:2}", "765"},
               {"${NUMBER:-2}", "65"},
               {"${NUMBER:0:3}", "987"},
               {"${NUMBER:1:3}", "876"},
               {"${NUMBER:-4:3}", "876"},
               {"${NUMBER:0:-1}", "9876"},
               {"${NUMBER:1:-1}", "876"},
               {"${NUMBER:-3:-1}", "76"},
               {"${NUMBER:-3:-5}", ""},
               {"${NUMBER:1:-9}", ""},
               {"${NUMBER:9}", ""},
               {"${NUMBER:-9}", "98765"},
               {"${NUMBER:0:99}", "98765"},
               {"${NUMBER:0:0}", ""},
               {"${NUMBER:}", "98765"},
               {"${NUMBER::2}", "98"},
               {"${NUMBER: 1 : 2 }", "87"},
               {"${NUMBER:${OFFSET}}", "765"},
               {"${NUMBER:${OFFSET}:1}", "7"},
               {"${NUMBER:${BOTH}}", "87"},
               {"${NUMBER:$[1+1]}", "765"},
               {"${NUMBER:9223372036854775807}", ""},
               {"${NUMBER:-9223372036854775808:-9223372036854775808}", ""},
               {"${NOTHING:1:2}", ""},
               {"${VAR${N}:1}", "ne"}});
}

TEST_F(TemplateTest, CallsFunctions) {
  expect_both({{"${SHOW()}", "<>"},
               {"${SHOW(a)}", "<a>"},
               {"${show(a,b)}", "<a,b>"},
               {"${SHOW(${NUMBER})}", "<98765>"},
               {"${SHOW(${SHOW(${N})}-${N})}", "<<1>-1>"},
               {"${SHOW(a:b)}", "<a:b>"},
               {"${SHOW(a):1}", "a>"},
               {"${SHOW(abcdef):1:3}", "abc"},
               {"${SHOW(abcdef):-3:2}", "ef"},
               {"${SHOW((a)(b))}", "<(a)(b)>"},
               {"${SHOW(a)b)}", "<a)b>"},
               {"${SHOW(a(b)}", "<a(b>"},
               {"${SHOW({\"a\": {\"b\": 1}})}", "<{\"a\": {\"b\": 1}}>"},
               {"${SHOW($[1 + 2])}", "<3>"},
               {"${SHOW(\"a,b\")}", "<\"a,b\">"},
               {"${SHOW(a}", "<a>"}});
  set("WHICH", "SHOW");
  expect_both({{"${${WHICH}(x)}", "<x>"}});
}

TEST_F(TemplateTest, EvaluatesExpressions) {
  expect_both({{"$[1 + 2]", "3"},
               {"a$[${N} + 1]b", "a2b"},
               {"$[${N} + $[${N} + 1]]", "3"},
               {"$[\"${NUMBER}\" = \"98765\"]", "1"},
               {"$[\"${EMPTY}\" = \"\"]", "1"},
               {"$[\"${NUMBER}\" =~ \"^[0-9]+$\"]", "5"},
               {"$[\"a[1]\" = \"a\"]", "0"},
               {"$[\"${SHOW(])}\" != \"\"]", "1"},
               {"$[]", ""},
               {"${SHOW($[ \"${VAR1}\" = \"one\" ? yes :: no ])}", "<yes>"}});
}

TEST_F(TemplateTest, KnowsEscapedDollars) {
  expect_both({{"\\${N}", "${N}"},
               {"a\\$[1]", "a$[1]"},
               {"\\\\${N}", "\\\\1"},
               {"\\$5", "\\$5"},
               {"\\n${N}", "\\n1"},
               {"${SHOW(\\${N})}", "<${N}>"},
               {"^a$", "^a$"}});
  EXPECT_FALSE(compile("\\${N}").is_literal());
}

TEST_F(TemplateTest, NeverTakesAValueForSyntax) {
  set("BODY", "${NUMBER} $[1+1] a):1:1}\" | \"1");
  expect_both({{"${BODY}", "${NUMBER} $[1+1] a):1:1}\" | \"1"},
               {"${SHOW(${BODY})}", "<${NUMBER} $[1+1] a):1:1}\" | \"1>"},
               {"$[\"${BODY}\" = \"no\"]", "0"},
               {"$[\"x\" = \"${BODY}\"]", "0"},
               {"$[\"${BODY}\" = \"${BODY}\"]", "1"}});
  // A name is the name of a variable, whatever it holds.
  set("CALL", "SHOW(1)");
  expect_both({{"${${CALL}}", ""}});
  // Outside of quotes it is a part of the expression, as the documentation says.
  set("SUM", "1 + 1");
  expect_both({{"$[${SUM}]", "2"}});
}

TEST_F(TemplateTest, WarnsWhenItIsCompiled) {
  const auto warnings_of = [this](std::string_view text) {
    compile(text);
    return warnings_;
  };
  EXPECT_THAT(warnings_of("a${NUMBER"),
              ElementsAre("'${NUMBER' has no closing '}'; it stays as it is"));
  EXPECT_THAT(warnings_of("${SHOW(${N)}"),
              ElementsAre("'${SHOW(${N)}' has no closing '}'; it stays as it is"));
  EXPECT_THAT(warnings_of("$[1 + (2]]["), IsEmpty());
  EXPECT_THAT(warnings_of("$[1 + [2]"),
              ElementsAre("'$[1 + [2]' has no closing ']'; it stays as it is"));
  EXPECT_THAT(warnings_of("${SHOV(1)}"),
              ElementsAre("Function SHOV not registered; did you mean 'SHOW'?"));
  EXPECT_THAT(warnings_of("${SHOW(${QQQQQQ()})}"), ElementsAre("Function QQQQQQ not registered"));
  EXPECT_THAT(warnings_of("${SHOW(1)x:2}"),
              ElementsAre("'x' behind the ')' of '${SHOW(1)x:2}' means nothing"));
  EXPECT_THAT(warnings_of("${NUMBER:x}"),
              ElementsAre("'x' is no 'offset' nor 'offset:length' of a variable; it is left out"));
  EXPECT_EQ(run("${NUMBER:x}"), "98765");
  EXPECT_EQ(run("1${N}${NUMBER"), "11${NUMBER");
  EXPECT_EQ(run("${SHOW(1)x:2}"), ">");
}

TEST_F(TemplateTest, WarnsWhenItIsExpanded) {
  EXPECT_THAT(log_of("${SHOV(1)}"), ElementsAre(HasSubstr("Function SHOV not registered")));
  EXPECT_THAT(log_of("${BROKEN(1)}"), ElementsAre(HasSubstr("BROKEN(1): it is broken")));
  EXPECT_THAT(log_of("${UNREADABLE(1)}"), ElementsAre(HasSubstr("UNREADABLE cannot be read")));
  EXPECT_THAT(log_of("${RUINOUS(1)}"), ElementsAre(HasSubstr("live_dangerously")));
  EXPECT_THAT(log_of("$[${EMPTY} = 1]"), ElementsAre(HasSubstr("$[ = 1]: a value is expected")));
  EXPECT_THAT(log_of("${EMPTY:${VAR1}}"), ElementsAre(HasSubstr("'one' is no 'offset'")));
  set("WHICH", "NONE");
  EXPECT_THAT(log_of("${${WHICH}(x)}"), ElementsAre(HasSubstr("Function NONE not registered")));
  lines_->texts.clear();
  EXPECT_EQ(run("$[1/0]"), "2147483647");
  EXPECT_THAT(lines_->texts, ElementsAre(HasSubstr("$[1/0]: division by zero")));
  lines_->texts.clear();
  EXPECT_EQ(expand("a${NUMBER"), "a${NUMBER");
  EXPECT_THAT(lines_->texts, ElementsAre(HasSubstr("has no closing '}'")));
}

TEST_F(TemplateTest, TellsWhetherItMayBlock) {
  for (const auto* const text :
       {"${SLOW()}", "${SHOW(${SLOW()})}", "$[${slow()} = 1]", "${NUMBER:${SLOW()}}",
        "${VAR${SLOW()}}", "${EVAL(${N})}", "${${VAR1}(x)}"}) {
    EXPECT_TRUE(compile(text).may_block()) << text;
  }
  for (const auto* const text : {"${SHOW()}", "${SLOW}", "${VAR${N}}", "SLOW()", "\\${SLOW()}"}) {
    EXPECT_FALSE(compile(text).may_block()) << text;
  }
}

TEST_F(TemplateTest, EndsWhatWouldNeverEnd) {
  set("SELF", "x${AGAIN(${SELF})}");
  // One x for each level.
  EXPECT_EQ(run("${AGAIN(${SELF})}"), std::string(31, 'x'));
  EXPECT_THAT(lines_->texts, ElementsAre(HasSubstr("does it expand itself?")));

  set("TREE", "${AGAIN(${TREE})}${AGAIN(${TREE})}");
  lines_->texts.clear();
  log::set_quiet();
  EXPECT_EQ(run("${AGAIN(${TREE})}"), "");
  // The next one begins anew.
  EXPECT_EQ(run("${AGAIN(${NUMBER})}"), "98765");
  spdlog::set_level(spdlog::level::warn);

  set("LARGE", std::string(1024 * 1024, 'x'));
  lines_->texts.clear();
  EXPECT_EQ(run("${LARGE}${LARGE}${LARGE}${LARGE}${N}${LARGE}${LARGE}").size(),
            4 * 1024 * 1024 + 1);
  EXPECT_THAT(lines_->texts, ElementsAre(HasSubstr("a text grew over 4194304 octets")));

  std::string deep = "${N}";
  for (int i = 0; i < 100; ++i) deep = "${SHOW(" + deep + ")}";
  EXPECT_THAT(run(deep), HasSubstr("<${SHOW("));
  EXPECT_THAT(warnings_, ElementsAre(HasSubstr("64 levels of ${} and $[] are the most")));
  std::string open;
  for (int i = 0; i < 100'000; ++i) open += "${$[";
  EXPECT_EQ(run(open), open);
}

}  // namespace
}  // namespace missive::dialplan

// Reading extensions.conf.
//
//  1. exten and same: numbers, n, s, n+2, labels, arguments as they are written
//  2. n counts on from the line before, also of another extension
//  3. [general]: what is known, unknown or without effect
//  4. [globals]: values that refer to others, parts of them, expressions, functions
//  5. global variables in names, priorities and includes
//  6. contexts: in pieces, with templates, from included files
//  7. hint, ignorepat, switch, what means nothing
//  8. extensions for a caller are read and not run
//  9. applications and functions that do not exist, priorities and labels that are there twice
// 10. includes of what does not exist, time conditions
// 11. what cannot be read is an error with file and line, and there is no dialplan
// 12. a missing file is an empty dialplan
#include "dialplan/dialplan_builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "dialplan/application.h"
#include "dialplan/function.h"

namespace missive::dialplan {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::StartsWith;

class BuilderTest : public testing::Test {
 protected:
  BuilderTest() {
    for (const auto* const name : {"NoOp", "Set", "MessageSend", "Hangup"}) {
      applications_.add({name, {}});
    }
    functions_.add({"LEN", {}});
  }

  void keep(base::Result<std::shared_ptr<const Dialplan>> loaded, const conf::Problems& problems) {
    error_ = loaded ? "" : loaded.error().text;
    dialplan_ = loaded ? *loaded : nullptr;
    problems_.clear();
    for (const auto& problem : problems) problems_.push_back(problem.str());
  }
  void load(std::string_view text) {
    conf::Problems problems;
    auto loaded = Dialplan::parse(text, applications_, functions_, problems);
    keep(std::move(loaded), problems);
  }
  // Has no problem.
  void load_good(std::string_view text) {
    load(text);
    ASSERT_TRUE(dialplan_) << error_;
    EXPECT_THAT(problems_, IsEmpty());
  }
  // The lines of a context, from the fourth line of the file on.
  std::vector<std::string> problems_of(std::string_view lines) {
    load("[c]\n\n\n" + std::string(lines));
    return problems_;
  }
  // "number(label)=application(arguments)" of every priority.
  std::vector<std::string> lines(std::string_view exten, std::string_view context = "c") {
    std::vector<std::string> out;
    for (const auto& extension : dialplan_->context(context)->extensions) {
      if (extension.name != exten) continue;
      for (const auto& line : extension.priorities) {
        out.push_back(fmt::format("{}{}={}({})", line.number,
                                  line.label.empty() ? "" : "(" + line.label + ")",
                                  line.application, line.arguments.text()));
      }
    }
    return out;
  }

  ApplicationTable applications_;
  FunctionTable functions_;
  std::shared_ptr<const Dialplan> dialplan_;
  std::string error_;
  std::vector<std::string> problems_;
};

TEST_F(BuilderTest, ReadsExtensions) {
  load_good(R"(
[c]
exten => a,1,NoOp()
exten => a,2,NoOp
exten => a,n,Set(X=1)
exten => a,n(here),Set(A="b,c",${LEN(x)}\;) ; a comment
exten => a,n+3,MessageSend(pjsip:bob,"A" <sip:a@b>)
 same => n(there),noop((x)
 same=n+1(far) , Hangup( 16 )
 same => Next,NoOp(a=b => c)
exten => _[a,b]X.,1,Set(A=b)
exten => s,1,NoOp(one)
exten => t,S,NoOp(same)
exten = t , 2 , NoOp( two )
)");
  EXPECT_THAT(lines("a"),
              ElementsAre("1=NoOp()", "2=NoOp()", "3=Set(X=1)", "4(here)=Set(A=\"b,c\",${LEN(x)};)",
                          "8=MessageSend(pjsip:bob,\"A\" <sip:a@b>)", "9(there)=noop((x)",
                          "11(far)=Hangup( 16 )", "12=NoOp(a=b => c)"));
  EXPECT_THAT(lines("_[a,b]X."), ElementsAre("1=Set(A=b)"));
  EXPECT_THAT(lines("t"), ElementsAre("1=NoOp(same)", "2=NoOp( two )"));
  const auto& first = dialplan_->context("c")->extensions.front().priorities[5];
  EXPECT_EQ(first.where.str(), "extensions.conf:8");
  EXPECT_EQ(first.call, applications_.find("NoOp"));
}

TEST_F(BuilderTest, CountsOnFromTheLineBefore) {
  load_good(
      "[c]\nexten => a,1,NoOp()\nexten => b,1,NoOp()\nexten => a,n,NoOp()\n"
      "exten => b,n,NoOp()\nexten => a,hint,PJSIP/a\nexten => a,n,NoOp(x)\n");
  EXPECT_THAT(lines("a"), ElementsAre("1=NoOp()", "2=NoOp()", "4=NoOp(x)"));
  EXPECT_THAT(lines("b"), ElementsAre("1=NoOp()", "3=NoOp()"));
}

TEST_F(BuilderTest, ReadsGeneral) {
  load_good(
      "[General]\nstatic=yes\nwriteprotect=no\nautofallthrough=yes\nclearglobalvars=no\n"
      "extenpatternmatchnew=no\npriorityjumping=no\n");
  EXPECT_FALSE(dialplan_->clears_globals());
  EXPECT_THAT(dialplan_->contexts(), IsEmpty());
  load(
      "[general]\nclearglobalvars=yes\nautofallthrough=no\nuserscontext=default\n"
      "extenpatternmatchnew=yes\npriorityjumping=yes\nstatik=yes\n");
  ASSERT_TRUE(dialplan_);
  EXPECT_TRUE(dialplan_->clears_globals());
  EXPECT_THAT(
      problems_,
      ElementsAre(
          "extensions.conf:3: warning: autofallthrough=no has no effect: a message has no "
          "digits to wait for, its run ends",
          "extensions.conf:4: warning: userscontext has no effect: there is no users.conf",
          "extensions.conf:5: warning: extenpatternmatchnew has no effect: there is one way "
          "of matching",
          "extensions.conf:6: warning: priorityjumping has no effect: no application jumps "
          "to n+101",
          "extensions.conf:7: warning: [general] of a dialplan has no option 'statik'; did "
          "you mean 'static'?"));
}

TEST_F(BuilderTest, ReadsGlobals) {
  load_good(R"(
[globals]
A = one
B => ${A} two
C = ${B:4}
D = $[1 + 2]
E = ${${F}}${NONE}
A = 1
_G = x
H=
)");
  EXPECT_THAT(dialplan_->globals(),
              ElementsAre(Pair("A", "1"), Pair("B", "one two"), Pair("C", "two"), Pair("D", "3"),
                          Pair("E", ""), Pair("G", "x"), Pair("H", "")));
  load("[globals]\nA=x${LEN(abc)}y\nB=$[1 +]\nC=${A\n");
  ASSERT_TRUE(dialplan_);
  EXPECT_THAT(dialplan_->globals(), ElementsAre(Pair("A", "xy"), Pair("B", ""), Pair("C", "${A")));
  EXPECT_THAT(
      problems_,
      ElementsAre("extensions.conf:2: warning: LEN() is empty here: functions work in applications "
                  "only",
                  "extensions.conf:3: warning: $[1 +]: it ends where a value is expected",
                  "extensions.conf:4: warning: '${A' has no closing '}'; it stays as it is"));
  std::string doubling = "[globals]\nA=0123456789\n";
  for (int i = 0; i < 30; ++i) doubling += "A=${A}${A}\n";
  load(doubling);
  EXPECT_EQ(dialplan_->globals()[0].second.size(), 65536U);
}

TEST_F(BuilderTest, PutsGlobalsIntoNames) {
  load_good(
      "[c]\nexten => ${NUMBER},1,NoOp(${NUMBER})\nexten => _${NUMBER}X,${FIRST},NoOp()\n"
      "include => ${OTHER}\n[other]\n[globals]\nNUMBER=12\nFIRST=1\nOTHER=other\n");
  EXPECT_THAT(lines("12"), ElementsAre("1=NoOp(${NUMBER})"));
  EXPECT_THAT(lines("_12X"), ElementsAre("1=NoOp()"));
  EXPECT_EQ(dialplan_->context("c")->includes.at(0).context, "other");
  load("[c]\nexten => ${NONE},1,NoOp()\n");
  EXPECT_THAT(problems_, ElementsAre("extensions.conf:2: error: '${NONE}' leaves an extension "
                                     "without a name"));
}

TEST_F(BuilderTest, PutsContextsTogether) {
  load_good(R"(
[base](!)
exten => t,1,NoOp(template)
[c](base)
exten => a,1,NoOp(1)
[d]
exten => a,1,NoOp(d)
[c]
exten => a,2,NoOp(2)
[c](+)
exten => a,3,NoOp(3)
)");
  EXPECT_THAT(lines("a"), ElementsAre("1=NoOp(1)", "2=NoOp(2)", "3=NoOp(3)"));
  EXPECT_THAT(lines("t"), ElementsAre("1=NoOp(template)"));
  EXPECT_EQ(dialplan_->contexts().size(), 2U);
  EXPECT_EQ(dialplan_->context("base"), nullptr);

  const fs::path folder = fs::path(testing::TempDir()) / "missive-dialplan-builder";
  fs::create_directories(folder);
  std::ofstream(folder / "extensions.conf") << "[c]\nexten => a,1,NoOp(1)\n#include more.conf\n";
  std::ofstream(folder / "more.conf") << " same => n,NoOp(2)\n same => n,Nop(3)\n";
  conf::Problems problems;
  auto loaded = Dialplan::load(folder, applications_, functions_, problems);
  keep(std::move(loaded), problems);
  fs::remove_all(folder);
  ASSERT_TRUE(dialplan_) << error_;
  EXPECT_THAT(lines("a"), ElementsAre("1=NoOp(1)", "2=NoOp(2)", "3=Nop(3)"));
  EXPECT_THAT(problems_, ElementsAre("more.conf:2: warning: No application 'Nop' for extension (c, "
                                     "a, 3); did you mean 'NoOp'?"));
}

TEST_F(BuilderTest, KnowsTheOtherLinesOfAContext) {
  EXPECT_THAT(problems_of("exten => bob,hint,PJSIP/bob&Custom:x\nsame => 1,NoOp()\n"
                          "ignorepat => 9\nautohints=yes\n"),
              IsEmpty());
  EXPECT_THAT(lines("bob"), ElementsAre("1=NoOp()"));
  EXPECT_THAT(
      problems_of("switch => IAX2/x\neswitch => Realtime\nextn => a,1,NoOp()\nfoobar=1\n"),
      ElementsAre("extensions.conf:4: warning: 'switch => IAX2/x' is left out: dialplans "
                  "elsewhere are not asked",
                  "extensions.conf:5: warning: 'eswitch => Realtime' is left out: dialplans "
                  "elsewhere are not asked",
                  "extensions.conf:6: warning: 'extn' means nothing in a context; did you "
                  "mean 'exten'?",
                  "extensions.conf:7: warning: 'foobar' means nothing in a context"));
}

TEST_F(BuilderTest, LeavesExtensionsForACallerOut) {
  EXPECT_THAT(
      problems_of("exten => 306/_101,1,NoOp(x)\nsame => n,Nop(x)\nexten => 306/_101,n,NoOp()\n"
                  "exten => 306,1,NoOp(y)\nexten => 306/,n,NoOp(z)\nexten => _[/]X,1,NoOp()\n"),
      ElementsAre("extensions.conf:4: warning: extension '306' for caller '_101' is never "
                  "run: a message has no caller id number"));
  EXPECT_THAT(lines("306"), ElementsAre("1=NoOp(y)", "2=NoOp(z)"));
  EXPECT_THAT(lines("_[/]X"), ElementsAre("1=NoOp()"));
}

TEST_F(BuilderTest, WarnsOfWhatDoesNotExistOrIsThereTwice) {
  EXPECT_THAT(
      problems_of("exten => a,1,MesageSend(x)\nexten => a,1,NoOp(${LENN(x)})\n"
                  "exten => a,n(l),NoOp(${LENN(x)})\nexten => a,n(l),NoOp(${A)\n"
                  "exten => _anna.,1,Wibble()\n"),
      ElementsAre(
          "extensions.conf:4: warning: No application 'MesageSend' for extension (c, a, 1); did "
          "you mean 'MessageSend'?",
          "extensions.conf:5: warning: Unable to register extension 'a' priority 1 in 'c', already "
          "in use; it is that of extensions.conf:4",
          "extensions.conf:6: warning: Function LENN not registered; did you mean 'LEN'?",
          "extensions.conf:7: warning: '${A' has no closing '}'; it stays as it is",
          "extensions.conf:7: warning: label 'l' of extension 'a' is that of priority 2 already; "
          "it stays there",
          "extensions.conf:8: warning: 'n' in pattern '_anna.' stands for a digit; the letter "
          "itself is [n]",
          "extensions.conf:8: warning: No application 'Wibble' for extension (c, _anna., 1)"));
  ASSERT_TRUE(dialplan_);
  EXPECT_THAT(lines("a"), ElementsAre("1=MesageSend(x)", "2(l)=NoOp(${LENN(x)})", "3=NoOp(${A)"));
  EXPECT_EQ(dialplan_->context("c")->extensions[0].priorities[0].call, nullptr);
  EXPECT_THAT(problems_of("exten => a-b,1,NoOp()\nexten => ab,1,NoOp()\n"),
              ElementsAre(HasSubstr("Unable to register extension 'ab' priority 1")));
}

TEST_F(BuilderTest, ReadsIncludes) {
  EXPECT_THAT(problems_of("include => other,9:00-17:00,mon-fri,*,*\ninclude => c|*|sun\n"
                          "include => othr\n[other]\n"),
              ElementsAre("extensions.conf:6: warning: context 'c' includes 'othr', which does not "
                          "exist; did you mean 'other'?"));
  const auto& includes = dialplan_->context("c")->includes;
  ASSERT_EQ(includes.size(), 3U);
  EXPECT_EQ(includes[0].context, "other");
  EXPECT_TRUE(includes[0].when);
  EXPECT_EQ(includes[1].context, "c");
  EXPECT_TRUE(includes[1].when);
  EXPECT_FALSE(includes[2].when);
}

TEST_F(BuilderTest, SaysWhatItCannotRead) {
  const struct {
    std::string_view line, error;
  } rows[] = {
      {"exten => a", "a priority is missing: a number, n or hint, before the application"},
      {"exten => ,1,NoOp()", "an extension needs a name before its first comma"},
      {"exten => a,1", "an application is missing behind the priority '1'"},
      {"exten => a,1,", "an application is missing behind the priority '1'"},
      {"exten => a,x,NoOp()", "'x' is no priority; it is a number from 1 to 1000000, n, s or hint"},
      {"exten => a,0,NoOp()", "'0' is no priority; it is a number from 1 to 1000000, n, s or hint"},
      {"exten => a,-1,NoOp()",
       "'-1' is no priority; it is a number from 1 to 1000000, n, s or hint"},
      {"exten => a,99999999999,NoOp()",
       "'99999999999' is no priority; it is a number from 1 to 1000000, n, s or hint"},
      {"exten => a,1+x,NoOp()", "'+x' in a priority is no number"},
      {"exten => a,1(l,NoOp()", "the label in '1(l' has no ')' at its end"},
      {"exten => a,n,NoOp()",
       "priority 'n' needs a line with a number above it in this section; the first one is 1"},
      {"exten => a,1,NoOp(x", "NoOp( has no closing ')'"},
      {"exten => a,1,NoOp(x) y", "' y' behind the ')' of NoOp() means nothing"},
      {"exten => a,1,NoOp,x",
       "'NoOp,x' is no call of an application; write Application(arguments)"},
      {"exten => a,1,(x)", "'(x)' is no call of an application; write Application(arguments)"},
      {"same => n,NoOp()", "'same' needs an 'exten' above it in this section"},
      {"same => NoOp()", "an application is missing behind the priority 'NoOp()'"},
      {"exten => _1[2,1,NoOp()", "pattern '_1[2' has a '[' without its ']'"},
      {"include =>", "'include' needs the name of a context"},
      {"include => c,25:00",
       "'25:00' in a time range is not times of day such as 9:00-17:30, nor *"},
      {"no option", "'no option' is neither '[section]' nor 'name = value'"},
  };
  for (const auto& row : rows) {
    EXPECT_THAT(problems_of(row.line),
                ElementsAre("extensions.conf:4: error: " + std::string(row.error)))
        << row.line;
    EXPECT_EQ(dialplan_, nullptr) << row.line;
    EXPECT_EQ(error_,
              "extensions.conf has 1 error: extensions.conf:4: error: " + std::string(row.error));
  }
  EXPECT_THAT(problems_of("exten => a,1\nexten => a\nexten => a,1,NoOp()\n").size(), 2U);
  EXPECT_THAT(error_, StartsWith("extensions.conf has 2 errors: extensions.conf:4: error: an "));
}

TEST_F(BuilderTest, NeedsNoFile) {
  conf::Problems problems;
  auto loaded = Dialplan::load(fs::path(testing::TempDir()) / "missive-not-there", applications_,
                               functions_, problems);
  keep(std::move(loaded), problems);
  ASSERT_TRUE(dialplan_) << error_;
  EXPECT_THAT(problems_, IsEmpty());
  EXPECT_THAT(dialplan_->contexts(), IsEmpty());
}

}  // namespace
}  // namespace missive::dialplan

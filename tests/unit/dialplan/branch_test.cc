// ExecIf, If ... EndIf, While ... EndWhile.
//
//  1. ExecIf executes one of its branches; what is expanded cannot add one.
//  2. ExecIf inside of Exec is not expanded twice.
//  3. ExecIfTime by the server's clock.
//  4. If, ElseIf, Else, EndIf, nested, and ExitIf.
//  5. A true If falls into an ElseIf that follows it, as documented, but not into Else.
//  6. While runs until its condition is false; nested; ContinueWhile, ExitWhile.
//  7. Blocks without an end warn and go on.
#include "unit/dialplan/run_lab.h"

namespace missive::dialplan::test {
namespace {

TEST(Branch, ExecutesOneBranch) {
  Lab lab;
  EXPECT_EQ(lab.play({"ExecIf($[1 > 0]?Remember(yes):Remember(no))",
                      "ExecIf(0?Remember(yes):Remember(no))", "ExecIf(0?Remember(yes))",
                      "ExecIf(1?Set(A=b:c?d))", "Remember(${A})", "ExecIf(nothing)",
                      "ExecIf($[\"a?b\" = \"a?b\"]?Remember(quoted))"}),
            (Remembered{"yes", "no", "b:c?d", "quoted"}));
  lab.load("[in]\nexten => 1,1,ExecIf(0?Set(X=${MESSAGE(body)}):Remember(no))\n");
  lab.remembered.clear();
  lab.run(Lab::message("1", "):Remember(evil"));
  EXPECT_EQ(lab.remembered, Remembered{"no"});
}

TEST(Branch, ExpandsOnce) {
  Lab lab;
  lab.load(
      "[in]\nexten => 1,1,Exec(ExecIf(1?Remember(${MESSAGE(body)})))\n"
      "exten => 1,2,ExecIf(1?Remember(${MESSAGE(body)}))\n");
  lab.run(Lab::message("1", "${CONTEXT}"));
  EXPECT_EQ(lab.remembered, (Remembered{"${CONTEXT}", "${CONTEXT}"}));
}

TEST(Branch, ExecutesByTheTime) {
  Lab lab;
  EXPECT_EQ(lab.play({"ExecIfTime(*,fri,*,*,UTC?Remember(fri))",
                      "ExecIfTime(*,mon,*,*,UTC?Remember(mon))", "ExecIfTime(bad)",
                      "ExecIfTime(*,nonsense,*,*?Remember(bad))"}),
            Remembered{"fri"});
}

Remembered choose(Lab& lab, std::string_view value) {
  const auto set = "Set(V=" + std::string(value) + ")";
  return lab.play({set, "If($[${V} = 1])", "Remember(one)", "If(0)", "Remember(no)", "Else()",
                   "Remember(inner)", "EndIf()", "ExitIf()", "ElseIf($[${V} = 2])", "Remember(two)",
                   "Else()", "Remember(other)", "EndIf()", "Remember(end)"});
}

TEST(Branch, TakesOneOfManyBranches) {
  Lab lab;
  EXPECT_EQ(choose(lab, "1"), (Remembered{"one", "inner", "end"}));
  EXPECT_EQ(choose(lab, "2"), (Remembered{"two", "end"}));
  EXPECT_EQ(choose(lab, "3"), (Remembered{"other", "end"}));
  EXPECT_EQ(lab.play({"If(0)", "Remember(no)", "EndIf()", "Remember(end)"}), Remembered{"end"});
}

TEST(Branch, FallsIntoElseIf) {
  Lab lab;
  EXPECT_EQ(lab.play({"If(1)", "Remember(a)", "ElseIf(1)", "Remember(b)", "Else()", "Remember(no)",
                      "EndIf()"}),
            (Remembered{"a", "b"}));
}

TEST(Branch, RepeatsWhileTrue) {
  Lab lab;
  EXPECT_EQ(lab.play({"Set(I=0)", "While($[${I} < 3])", "Set(I=$[${I} + 1])", "Set(J=0)",
                      "While($[${J} < 2])", "Set(J=$[${J} + 1])", "Remember(${I}${J})",
                      "EndWhile()", "EndWhile()", "Remember(end)"}),
            (Remembered{"11", "12", "21", "22", "31", "32", "end"}));
  EXPECT_EQ(lab.play({"Set(I=0)", "While(1)", "Set(I=$[${I} + 1])",
                      "ExecIf($[${I} = 2]?ContinueWhile())", "ExecIf($[${I} = 4]?ExitWhile())",
                      "Remember(${I})", "EndWhile()", "Remember(end)"}),
            (Remembered{"1", "3", "end"}));
}

TEST(Branch, GoesOnWithoutAnEnd) {
  Lab lab;
  EXPECT_EQ(lab.play({"While(0)", "Remember(a)"}), Remembered{"a"});
  EXPECT_EQ(lab.play({"EndWhile()", "If(0)", "Remember(b)"}), Remembered{"b"});
}

}  // namespace
}  // namespace missive::dialplan::test

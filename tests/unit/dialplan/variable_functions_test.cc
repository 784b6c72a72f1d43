// Functions of variables.
//
//  1. HASH and HASHKEYS: keys of their own for each name, commas in keys and values.
//  2. ARRAY sets several at once; missing values are empty.
//  3. GLOBAL is what other runs see.
//  4. ENV reads the process's environment, and what was written without touching it.
//  5. EVAL expands; text that evaluates itself comes to an end.
//  6. LOCAL is of the innermost Gosub; LOCAL_PEEK looks below it.
#include <gtest/gtest.h>

#include <cstdlib>

#include "unit/dialplan/function_fixture.h"

namespace missive::dialplan {
namespace {

using VariableFunctions = FunctionTest;

TEST_F(VariableFunctions, Hash) {
  ASSERT_TRUE(write("HASH", "user,name", "Alice"));
  ASSERT_TRUE(write("HASH", "user,a,b", "with, comma"));
  ASSERT_TRUE(write("HASH", "other,name", "Bob"));
  expect({
      {"${HASH(user,name)}", "Alice"},
      {"${HASH(user,a,b)}", "with, comma"},
      {"${HASH(other,name)}", "Bob"},
      {"${HASH(user,none)}", ""},
      {"${HASHKEYS(user)}", "name,a,b"},
      {"${HASHKEYS(none)}", ""},
      {"${HASH(user)}", "Alice,with\\, comma"},
      {"${HASH()}", ""},
  });
  ASSERT_TRUE(write("ARRAY", "x,y", expand("${HASH(user)}")));
  EXPECT_EQ(get("y"), "with, comma");
  EXPECT_FALSE(write("HASH", "user", "a,b"));
  EXPECT_FALSE(write("HASH", "us~er,k", "v"));
}

TEST_F(VariableFunctions, Array) {
  ASSERT_TRUE(write("ARRAY", "a,b,c", "1,\"2,2\""));
  EXPECT_EQ(get("a"), "1");
  EXPECT_EQ(get("b"), "2,2");
  EXPECT_EQ(get("c"), "");
  ASSERT_TRUE(write("ARRAY", "a", "1,2,3"));
  EXPECT_EQ(get("a"), "1");
  EXPECT_FALSE(write("ARRAY", "", "1"));
}

TEST_F(VariableFunctions, Global) {
  ASSERT_TRUE(write("GLOBAL", "shared", "yes"));
  const auto other = dialplan::Run::create(environment_, incoming());
  EXPECT_EQ(dialplan::expand(*other, "${GLOBAL(shared)}${shared}"), "yesyes");
  set("shared", "mine");
  expect({{"${shared}", "mine"}, {"${GLOBAL(shared)}", "yes"}, {"${GLOBAL(none)}", ""}});
  EXPECT_FALSE(write("GLOBAL", "", "x"));
}

TEST_F(VariableFunctions, Env) {
  EXPECT_EQ(expand("${ENV(PATH)}"), std::getenv("PATH"));
  expect({{"${ENV(MISSIVE_NO_SUCH_NAME)}", ""}, {"${ENV()}", ""}, {"${ENV(a=b)}", ""}});
  ASSERT_TRUE(write("ENV", "MISSIVE_NO_SUCH_NAME", "x"));
  EXPECT_EQ(expand("${ENV(MISSIVE_NO_SUCH_NAME)}"), "x");
  EXPECT_EQ(std::getenv("MISSIVE_NO_SUCH_NAME"), nullptr);
  EXPECT_FALSE(write("ENV", "", "x"));
  bool full = false;
  for (int i = 0; i < 2000; ++i) full = !write("ENV", "N" + std::to_string(i), "x") || full;
  EXPECT_TRUE(full);
}

TEST_F(VariableFunctions, Eval) {
  set("inner", "42");
  set("text", "${inner}");
  set("endless", "${EVAL(${endless})}");
  expect({
      {"${EVAL(${text})}", "42"},
      {"${EVAL($[1 + 1])}", "2"},
      {"${EVAL()}", ""},
      {"${EVAL(${endless})}", ""},
  });
}

TEST_F(VariableFunctions, Local) {
  EXPECT_FALSE(write("LOCAL", "x", "1"));
  EXPECT_EQ(expand("${LOCAL(x)}"), "");
  set("x", "outer");
  run_->frames().push_back({});
  ASSERT_TRUE(write("LOCAL", "x", "first"));
  run_->frames().push_back({});
  ASSERT_TRUE(write("LOCAL", "x", "second"));
  run_->frames().push_back({});
  expect({
      {"${LOCAL(x)}", ""},
      {"${LOCAL_PEEK(0,x)}", "second"},
      {"${LOCAL_PEEK(1,x)}", "second"},
      {"${LOCAL_PEEK(2,x)}", "first"},
      {"${LOCAL_PEEK(3,x)}", "outer"},
      {"${LOCAL_PEEK(4,x)}", ""},
      {"${LOCAL_PEEK(99999999999999999999,x)}", ""},
      {"${LOCAL_PEEK(-1,x)}", ""},
      {"${LOCAL_PEEK(1,none)}", ""},
  });
  run_->frames().clear();
  EXPECT_EQ(get("x"), "outer");
}

}  // namespace
}  // namespace missive::dialplan

// Functions of the database, and the named locks.
//
//  1. DB reads and writes, and sets DB_RESULT; DB_EXISTS, DB_DELETE.
//  2. DB_KEYS and DB_KEYCOUNT tell the parts that follow a prefix, each once.
//  3. Keys without a family, and long ones, are errors.
//  4. LOCK, TRYLOCK, UNLOCK between two runs.
#include <gtest/gtest.h>

#include "dialplan/locks.h"
#include "unit/dialplan/function_fixture.h"

namespace missive::dialplan {
namespace {

using DatabaseFunctions = FunctionTest;

TEST_F(DatabaseFunctions, ReadAndWrite) {
  EXPECT_EQ(expand("${DB(cidname/100)}${DB_EXISTS(cidname/100)}"), "0");
  ASSERT_TRUE(write("DB", "cidname/100", "Bob, Jr"));
  expect({
      {"${DB(cidname/100)}", "Bob, Jr"},
      {"${DB_RESULT}", "Bob, Jr"},
      {"${DB_EXISTS(cidname/100)}", "1"},
      {"${DB_DELETE(cidname/100)}", "Bob, Jr"},
      {"${DB_EXISTS(cidname/100)}", "0"},
      {"${DB_DELETE(cidname/100)}", ""},
  });
  ASSERT_TRUE(write("DB", "a/b/c", "1"));
  EXPECT_EQ(expand("${DB(a/b/c)}"), "1");
  ASSERT_TRUE(write("DB_DELETE", "a/b/c", "ignored"));
  EXPECT_EQ(expand("${DB_EXISTS(a/b/c)}"), "0");
}

TEST_F(DatabaseFunctions, Keys) {
  for (const auto* key : {"a/1", "a/2/x", "a/2/y", "b/1", "ab/1"}) {
    ASSERT_TRUE(write("DB", key, "v"));
  }
  expect({
      {"${DB_KEYS(a)}", "1,2"},
      {"${DB_KEYS(/a/)}", "1,2"},
      {"${DB_KEYS(a/2)}", "x,y"},
      {"${DB_KEYS()}", "a,ab,b"},
      {"${DB_KEYS(none)}", ""},
      {"${DB_KEYCOUNT(a)}", "2"},
      {"${DB_KEYCOUNT()}", "3"},
      {"${DB_KEYCOUNT(none)}", "0"},
  });
}

TEST_F(DatabaseFunctions, Errors) {
  for (const auto* key : {"", "family", "/key", "family/"}) {
    EXPECT_FALSE(read("DB", key)) << key;
    EXPECT_FALSE(write("DB", key, "x")) << key;
    EXPECT_FALSE(read("DB_EXISTS", key)) << key;
    EXPECT_FALSE(read("DB_DELETE", key)) << key;
  }
  EXPECT_FALSE(write("DB", "f/" + std::string(5000, 'k'), "x"));
}

TEST_F(DatabaseFunctions, Locks) {
  const auto other = dialplan::Run::create(environment_, incoming());
  EXPECT_EQ(expand("${LOCK(one)}${TRYLOCK(two)}"), "11");
  EXPECT_EQ(dialplan::expand(*other, "${TRYLOCK(one)}${UNLOCK(one)}"), "00");
  EXPECT_EQ(expand("${UNLOCK(one)}${UNLOCK(one)}"), "10");
  EXPECT_EQ(dialplan::expand(*other, "${TRYLOCK(one)}"), "1");
  EXPECT_FALSE(read("LOCK", ""));
  EXPECT_FALSE(read("TRYLOCK", std::string(1000, 'x')));
  shared_.locks->close();
  EXPECT_EQ(expand("${LOCK(one)}"), "0");
}

}  // namespace
}  // namespace missive::dialplan

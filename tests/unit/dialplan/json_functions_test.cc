// JSON_DECODE.
//
//  1. The table: values of each type, keys inside of keys, arrays, separators, counts.
//  2. What is no JSON, too deep or too long is an error, never an exception.
#include <gtest/gtest.h>

#include "dialplan/functions/arguments.h"
#include "unit/dialplan/function_fixture.h"

namespace missive::dialplan {
namespace {

using JsonFunctions = FunctionTest;

TEST_F(JsonFunctions, Table) {
  set("json", R"({"city":"Anytown","n":42,"f":1.5,"yes":true,"no":false,"null":null,)"
              R"("person":{"name":"Al","a.b":"dotted","pets":["cat","dog"]},"list":[1,[2,3]]})");
  set("top", "[10,20]");
  set("unicode", "{\"k\":\"\\u00e9\\n\"}");
  expect({
      {"${JSON_DECODE(json,city)}", "Anytown"},
      {"${JSON_DECODE(json,n)}", "42"},
      {"${JSON_DECODE(json,f)}", "1.5"},
      {"${JSON_DECODE(json,yes)}", "1"},
      {"${JSON_DECODE(json,no)}", "0"},
      {"${JSON_DECODE(json,null)}", ""},
      {"${JSON_DECODE(json,none)}", ""},
      {"${JSON_DECODE(json,city.none)}", ""},
      {"${JSON_DECODE(json,person.name)}", "Al"},
      {"${JSON_DECODE(json,person/name,/)}", "Al"},
      {"${JSON_DECODE(json,person|a.b,|)}", "dotted"},
      {"${JSON_DECODE(json,person.pets)}", "[\"cat\",\"dog\"]"},
      {"${JSON_DECODE(json,person.pets,.,c)}", "2"},
      {"${JSON_DECODE(json,person.pets,,c)}", "2"},
      {"${JSON_DECODE(json,city,,c)}", "Anytown"},
      {"${JSON_DECODE(json,person.pets.1)}", "dog"},
      {"${JSON_DECODE(json,person.pets.2)}", ""},
      {"${JSON_DECODE(json,person.pets.-1)}", ""},
      {"${JSON_DECODE(json,list.1.0)}", "2"},
      {"${JSON_DECODE(top,1)}", "20"},
      {"${JSON_DECODE(unicode,k)}", "\xC3\xA9\n"},
      {"${JSON_DECODE(missing,k)}", ""},
  });
}

TEST_F(JsonFunctions, BadJson) {
  for (const auto* text : {"{", "nonsense", "{\"k\":1}}", "{\"k\":\"\xff\"}", "{\"k\":\"\\ud800\"}",
                           "{'k':1}", "{\"k\":1,}"}) {
    set("bad", text);
    EXPECT_FALSE(read("JSON_DECODE", "bad,k")) << text;
  }
  set("bad", std::string(100'000, '['));
  EXPECT_FALSE(read("JSON_DECODE", "bad,0"));
  set("bad", std::string(70, '[') + std::string(70, ']'));
  EXPECT_FALSE(read("JSON_DECODE", "bad,0"));
  set("bad", '"' + std::string(max_text, 'x') + '"');
  EXPECT_FALSE(read("JSON_DECODE", "bad,0"));
  set("brackets", "{\"k\":\"" + std::string(100, '[') + "\"}");
  EXPECT_EQ(read("JSON_DECODE", "brackets,k")->size(), 100u);
  EXPECT_FALSE(read("JSON_DECODE", "brackets"));
}

}  // namespace
}  // namespace missive::dialplan

// Functions of encodings and digests.
//
//  1. The table, with the examples of RFC 1321, RFC 3174 and RFC 4648.
//  2. Octets of every value come back as they were.
//  3. What is no Base64 is an error.
//  4. UUIDs have their form, and differ.
#include <gtest/gtest.h>

#include "unit/dialplan/function_fixture.h"

namespace missive::dialplan {
namespace {

using EncodingFunctions = FunctionTest;

TEST_F(EncodingFunctions, Table) {
  expect({
      {"${URIENCODE(a b&c=d/é)}", "a%20b%26c%3Dd%2F%C3%A9"},
      {"${URIENCODE(A-Z_1.2!~*'())}", "A-Z_1.2!~*'()"},
      {"${URIDECODE(a%20b%26c)}", "a b&c"},
      {"${URIDECODE(a+b)}", "a+b"},
      {"${URIDECODE(100%)}", "100%"},
      {"${URIDECODE(%zz%4)}", "%zz%4"},
      {"${BASE64_ENCODE(foobar)}", "Zm9vYmFy"},
      {"${BASE64_ENCODE(fooba)}", "Zm9vYmE="},
      {"${BASE64_ENCODE()}", ""},
      {"${BASE64_DECODE(Zm9vYmFy)}", "foobar"},
      {"${BASE64_DECODE(Zm9vYg==)}", "foob"},
      {"${BASE64_DECODE(Zm9vYg)}", "foob"},
      {"${BASE64_DECODE(Zm9v YmFy)}", "foobar"},
      {"${BASE64_DECODE(!!)}", ""},
      {"${MD5()}", "d41d8cd98f00b204e9800998ecf8427e"},
      {"${MD5(message digest)}", "f96b697d7cb7938d525a2f31aaf161d0"},
      {"${SHA1(abc)}", "a9993e364706816aba3e25717850c26c9cd0d89d"},
  });
}

TEST_F(EncodingFunctions, EveryOctet) {
  std::string octets;
  for (int i = 0; i < 256; ++i) octets += static_cast<char>(i);
  EXPECT_EQ(read("URIDECODE", *read("URIENCODE", octets)), octets);
  EXPECT_EQ(read("BASE64_DECODE", *read("BASE64_ENCODE", octets)), octets);
}

TEST_F(EncodingFunctions, NoBase64) {
  for (const auto* text : {"A", "A===", "=", "Zm9v!mFy", "Zm9vY"}) {
    EXPECT_FALSE(read("BASE64_DECODE", text)) << text;
  }
}

TEST_F(EncodingFunctions, Uuid) {
  const auto first = expand("${UUID()}"), second = expand("${UUID()}");
  EXPECT_EQ(first.size(), 36u);
  EXPECT_EQ(first[8], '-');
  EXPECT_EQ(first[14], '7');
  EXPECT_NE(first, second);
}

}  // namespace
}  // namespace missive::dialplan

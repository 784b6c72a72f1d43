// What each final response means.
//
//  1. The whole table, code by code, without Retry-After.
//  2. Retry-After makes those passing that RFC 3261 section 20.33 allows it with, and no others.
//  3. The state that is reported.
#include "pjsip/response_class.h"

#include <gtest/gtest.h>

#include <map>

namespace missive::pjsip {
namespace {

using State = message::Status::State;

Verdict expected(int code) {
  static const std::map<int, Verdict> table{
      {202, Verdict::sent},        {401, Verdict::challenge},   {407, Verdict::challenge},
      {406, Verdict::plain_again}, {415, Verdict::plain_again}, {488, Verdict::plain_again},
      {503, Verdict::next_target}, {408, Verdict::later},       {430, Verdict::later},
      {480, Verdict::later},       {486, Verdict::later},       {491, Verdict::later},
      {502, Verdict::later},       {504, Verdict::later},       {600, Verdict::later}};
  const auto known = table.find(code);
  if (known != table.end()) return known->second;
  if (code < 300) return Verdict::delivered;
  return code < 400 ? Verdict::redirect : Verdict::give_up;
}

TEST(ResponseClass, Table) {  // 1
  for (int code = 200; code < 700; ++code) EXPECT_EQ(judge(code), expected(code)) << code;
  for (const int code : {404, 405, 413, 420, 481, 500, 603}) EXPECT_FALSE(is_passing(code)) << code;
  for (const int code : {408, 480, 486, 503, 600}) EXPECT_TRUE(is_passing(code)) << code;
}

TEST(ResponseClass, RetryAfter) {  // 2
  for (const int code : {404, 413, 480, 486, 500, 503, 600, 603}) {
    EXPECT_TRUE(is_passing(code, true)) << code;
  }
  for (int code = 200; code < 700; ++code) {
    const bool may = code == 404 || code == 413 || code == 500 || code == 603;
    EXPECT_EQ(judge(code, true), may ? Verdict::later : expected(code)) << code;
  }
}

TEST(ResponseClass, States) {  // 3
  EXPECT_EQ(state_of(200), State::delivered);
  EXPECT_EQ(state_of(204), State::delivered);
  EXPECT_EQ(state_of(202), State::sent);
  for (const int code : {302, 401, 404, 415, 486, 503, 603}) {
    EXPECT_EQ(state_of(code), State::failed) << code;
  }
  EXPECT_TRUE(ends_search(600));
  EXPECT_FALSE(ends_search(599));
}

}  // namespace
}  // namespace missive::pjsip

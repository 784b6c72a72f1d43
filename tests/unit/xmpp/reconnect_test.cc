// xmpp/reconnect: how long until the next connection.
//
//  1. It doubles from a second to a minute, a fifth more or less.
//  2. Where the login, the certificate or another client is the matter: from 30 s to ten minutes.
#include "xmpp/reconnect.h"

#include <gtest/gtest.h>

namespace missive::xmpp {
namespace {

using std::chrono::milliseconds;

void expect_about(Loss::Kind kind, unsigned failures, milliseconds about) {
  base::RandomSource random;
  for (int i = 0; i < 50; ++i) {
    const auto gap = reconnect_gap(kind, failures, random);
    EXPECT_GE(gap, about * 4 / 5) << failures;
    EXPECT_LE(gap, about * 6 / 5) << failures;
  }
}

TEST(Reconnect, GrowsToAMinute) {
  expect_about(Loss::Kind::network, 0, milliseconds{1'000});
  expect_about(Loss::Kind::network, 1, milliseconds{1'000});
  expect_about(Loss::Kind::network, 4, milliseconds{8'000});
  expect_about(Loss::Kind::network, 7, milliseconds{60'000});
  expect_about(Loss::Kind::network, 4'000'000'000u, milliseconds{60'000});
}

TEST(Reconnect, IsSlowerWhereItHelpsNobody) {
  for (const auto kind : {Loss::Kind::login, Loss::Kind::identity, Loss::Kind::conflict}) {
    expect_about(kind, 1, milliseconds{30'000});
    expect_about(kind, 10, milliseconds{600'000});
  }
}

}  // namespace
}  // namespace missive::xmpp

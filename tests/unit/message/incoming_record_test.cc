// An Incoming as octets and back.
//
//  1. What was written is read: all texts, octets of any kind, long ones, data in order, none.
//  2. Cut short at every octet: refused.
//  3. With something left over: refused.
//  4. Nothing, another version: refused, and the error says which.
//  5. Every octet changed to every other value: read or refused, never more than there is.
//  6. Numbers that cannot be: more hops than there are, a count of data beyond the record, a
//     number of too many octets.
//  7. Who is told of the outcome: somebody, nobody, the endpoint; a record of version 1 has
//  neither.
#include "message/incoming_record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace missive::message {
namespace {

using ::testing::HasSubstr;

struct Sample {
  std::string body = std::string("octets \0\xFF\r\n", 11) + std::string(300, 'x');
  std::vector<Variable> data{{"PJSIP_RECVADDR", "192.0.2.1:5060"}, {"X-Empty", ""}, {"", "x"}};

  std::shared_ptr<const Incoming> message() const {
    return Incoming::create({.id = "0190b5a0-0000-7000-8000-000000000000",
                             .technology = "pjsip",
                             .endpoint = "alice",
                             .context = "messages",
                             .exten = "bob",
                             .from = "\"Alice\" <sip:alice@example.com>",
                             .to = "pjsip:bob@example.com",
                             .content_type = "text/plain;charset=utf-8",
                             .body = body,
                             .max_forwards = 69,
                             .data = data});
  }
};

void expect_same(const Incoming& a, const Incoming& b) {
  EXPECT_EQ(a.id(), b.id());
  EXPECT_EQ(a.technology(), b.technology());
  EXPECT_EQ(a.endpoint(), b.endpoint());
  EXPECT_EQ(a.context(), b.context());
  EXPECT_EQ(a.exten(), b.exten());
  EXPECT_EQ(a.from(), b.from());
  EXPECT_EQ(a.to(), b.to());
  EXPECT_EQ(a.content_type(), b.content_type());
  EXPECT_EQ(a.body(), b.body());
  EXPECT_EQ(a.max_forwards(), b.max_forwards());
  ASSERT_EQ(a.data().size(), b.data().size());
  for (std::size_t i = 0; i < a.data().size(); ++i) {
    EXPECT_EQ(a.data()[i].name, b.data()[i].name);
    EXPECT_EQ(a.data()[i].value, b.data()[i].value);
  }
}

TEST(IncomingRecord, ThereAndBack) {  // 1
  Sample sample;
  for (const std::size_t size : {0, 1, 127, 128, 16383, 16384, 200'000}) {
    sample.body = std::string(size, '\x80');
    const auto message = sample.message();
    const auto read = read_incoming(write_incoming(*message));
    ASSERT_TRUE(read) << read.error().text;
    expect_same(**read, *message);
  }
  const auto nothing = Incoming::create({.max_forwards = 0});
  const auto read = read_incoming(write_incoming(*nothing));
  ASSERT_TRUE(read) << read.error().text;
  expect_same(**read, *nothing);
}

TEST(IncomingRecord, CutShort) {  // 2
  const auto record = write_incoming(*Sample{}.message());
  for (std::size_t size = 1; size < record.size(); ++size) {
    const auto read = read_incoming(std::string_view(record).substr(0, size));
    ASSERT_FALSE(read) << size;
    EXPECT_THAT(read.error().text, HasSubstr("is damaged")) << size;
  }
}

TEST(IncomingRecord, LeftOver) {  // 3
  auto record = write_incoming(*Sample{}.message());
  EXPECT_TRUE(read_incoming(record));
  record += '\0';
  EXPECT_FALSE(read_incoming(record));
}

TEST(IncomingRecord, Versions) {  // 4
  EXPECT_FALSE(read_incoming(""));
  auto record = write_incoming(*Sample{}.message());
  record[0] = 3;
  const auto read = read_incoming(record);
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().text, HasSubstr("version 3, this server reads versions 1 to 2"));

  // One of version 1 ends before the flags and the origin, which are empty here.
  record[0] = 1;
  record.resize(record.size() - 2);
  const auto old = read_incoming(record);
  ASSERT_TRUE(old) << old.error().text;
  EXPECT_EQ((*old)->origin_given(), std::nullopt);
  EXPECT_FALSE((*old)->wants_receipt());
}

TEST(IncomingRecord, KeepsWhoIsTold) {  // 7
  IncomingDraft draft{.id = "1", .technology = "xmpp", .endpoint = "gw"};
  draft.origin = "xmpp:gw/bob@example.com?id=7";
  draft.wants_receipt = true;
  auto read = read_incoming(write_incoming(*Incoming::create(draft)));
  ASSERT_TRUE(read);
  EXPECT_EQ((*read)->origin(), "xmpp:gw/bob@example.com?id=7");
  EXPECT_TRUE((*read)->wants_receipt());
  draft.origin = "";  // nobody, which is not the endpoint
  read = read_incoming(write_incoming(*Incoming::create(draft)));
  ASSERT_TRUE(read);
  EXPECT_EQ((*read)->origin(), "");
  draft.origin = std::nullopt;
  read = read_incoming(write_incoming(*Incoming::create(draft)));
  ASSERT_TRUE(read);
  EXPECT_EQ((*read)->origin(), "xmpp:gw");
}

TEST(IncomingRecord, AnyOctetChanged) {  // 5
  const auto record = write_incoming(*Sample{}.message());
  for (std::size_t at = 0; at < record.size(); ++at) {
    for (int value = 0; value < 256; ++value) {
      auto changed = record;
      changed[at] = static_cast<char>(value);
      // In memory of its very size, so that a sanitizer sees a read beyond it.
      const std::vector<char> exact(changed.begin(), changed.end());
      const auto read = read_incoming({exact.data(), exact.size()});
      if (read) {
        ASSERT_LE((*read)->body().size(), record.size());
      }
    }
  }
}

TEST(IncomingRecord, NumbersThatCannotBe) {  // 6
  const std::string texts(9, '\0');          // nine empty ones
  const auto good = std::string("\x01\x46", 2) + texts + '\0';
  ASSERT_TRUE(read_incoming(good));
  EXPECT_EQ((*read_incoming(good))->max_forwards(), 70);
  EXPECT_FALSE(read_incoming(std::string("\x01\x80\x02", 3) + texts + '\0')) << "256 hops";
  EXPECT_TRUE(read_incoming(std::string("\x01\xFF\x01", 3) + texts + '\0')) << "255 hops";
  const std::string huge("\xFF\xFF\xFF\xFF\x0F", 5);
  EXPECT_FALSE(read_incoming(std::string("\x01\x46", 2) + texts + huge)) << "data";
  EXPECT_FALSE(read_incoming(std::string("\x01\x46", 2) + huge + texts)) << "a text";
  EXPECT_FALSE(read_incoming(std::string("\x01\xFF\xFF\xFF\xFF\x7F", 6) + texts + '\0')) << "hops";
  const std::string endless(6, '\x80');
  EXPECT_FALSE(read_incoming('\x01' + endless + texts + '\0'));
}

}  // namespace
}  // namespace missive::message

// Receipts among the MESSAGEs that come in.
//
//  1. message/imdn+xml as it is, and inside of a message/cpim: taken and told, with the endpoint
//  2. delivered, displayed, failed; those that say nothing are taken and not told
//  3. pass_receipts: told, and left to go on
//  4. what is no receipt, cannot be read or is encoded is left alone and not told
//  5. other methods
#include "pjsip/receipt_intake.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/pjsip/incoming_lab.h"
#include "unit/sip/sip_text.h"

namespace missive::pjsip {
namespace {

using test::configured;
using test::Parsed;
using test::RequestText;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string receipt(std::string_view kind, std::string_view status) {
  return fmt::format(
      "<imdn xmlns=\"urn:ietf:params:xml:ns:imdn\"><message-id>id-1</message-id>"
      "<datetime>2026-01-02T00:00:00Z</datetime>"
      "<{0}-notification><status><{1}/></status></{0}-notification></imdn>",
      kind, status);
}
std::string in_cpim(std::string_view body, std::string_view type = "message/imdn+xml",
                    std::string_view more = {}) {
  return sip::test::crlf(
             "From: <sip:alice@example.com>\nTo: <sip:bob@example.com>\n"
             "NS: imdn <urn:ietf:params:imdn>\nimdn.Message-ID: r1\n\n") +
         fmt::format("Content-Type: {}\r\n{}\r\n", type, more) + std::string(body);
}

class ReceiptIntakeTest : public testing::Test {
 protected:
  bool take(const std::string& type, const std::string& body, const std::string& more = "",
            const std::string& method = "MESSAGE") {
    RequestText request;
    request.method = method;
    request.headers = (type.empty() ? "" : "Content-Type: " + type + "\r\n") + more;
    request.body = body;
    const Parsed parsed(request);
    const auto source = sip::test::address("192.0.2.1:5062");
    ReceiptIntake intake(
        [this](std::string id, message::Status::State state, std::string endpoint) {
          told.push_back(id + " " + std::string(message::name_of(state)) + " " + endpoint);
        },
        pass_receipts);
    return intake.take(
        {{*parsed, lab.udp, source}, configuration, configuration->endpoints()[0], ""});
  }
  const std::string delivered = receipt("delivery", "delivered");

  sip::test::Lab lab;
  std::shared_ptr<const Configuration> configuration = configured("[alice]\ntype=endpoint\n");
  bool pass_receipts = false;
  std::vector<std::string> told;
};

TEST_F(ReceiptIntakeTest, Forms) {  // 1
  EXPECT_TRUE(take("message/imdn+xml", delivered));
  EXPECT_TRUE(take("Message/IMDN+XML;charset=utf-8", delivered));
  EXPECT_TRUE(take("message/cpim", in_cpim(delivered)));
  EXPECT_TRUE(take("message/cpim", in_cpim(delivered, "message/imdn+xml; charset=utf-8",
                                           "Content-Transfer-Encoding: 8bit\r\n")));
  EXPECT_THAT(told, ElementsAre("id-1 delivered alice", "id-1 delivered alice",
                                "id-1 delivered alice", "id-1 delivered alice"));
}

TEST_F(ReceiptIntakeTest, States) {  // 2
  EXPECT_TRUE(take("message/imdn+xml", receipt("delivery", "delivered")));
  EXPECT_TRUE(take("message/imdn+xml", receipt("display", "displayed")));
  EXPECT_TRUE(take("message/imdn+xml", receipt("delivery", "failed")));
  EXPECT_THAT(told,
              ElementsAre("id-1 delivered alice", "id-1 displayed alice", "id-1 failed alice"));
  told.clear();
  for (const auto& [kind, status] : {std::pair{"delivery", "forbidden"},
                                     {"delivery", "error"},
                                     {"display", "forbidden"},
                                     {"processing", "processed"},
                                     {"processing", "stored"}}) {
    EXPECT_TRUE(take("message/imdn+xml", receipt(kind, status))) << kind << " " << status;
  }
  EXPECT_THAT(told, IsEmpty());
}

TEST_F(ReceiptIntakeTest, PassedOn) {  // 3
  pass_receipts = true;
  EXPECT_FALSE(take("message/imdn+xml", delivered));
  EXPECT_FALSE(take("message/cpim", in_cpim(delivered)));
  EXPECT_FALSE(take("message/imdn+xml", receipt("processing", "processed")));
  EXPECT_THAT(told, ElementsAre("id-1 delivered alice", "id-1 delivered alice"));
}

TEST_F(ReceiptIntakeTest, LeftAlone) {  // 4
  EXPECT_FALSE(take("text/plain", delivered));
  EXPECT_FALSE(take("", ""));
  EXPECT_FALSE(take("text/plain", in_cpim(delivered)));
  EXPECT_FALSE(take("message/cpim", in_cpim("hello", "text/plain")));
  EXPECT_FALSE(take("message/cpim", delivered));
  EXPECT_FALSE(take("message/cpim", ""));
  EXPECT_FALSE(take("message/imdn+xml", in_cpim(delivered)));
  EXPECT_FALSE(take("message/imdn+xml", delivered.substr(0, delivered.size() - 1)));
  EXPECT_FALSE(take("message/imdn+xml", receipt("delivery", "displayed")));
  EXPECT_FALSE(take("message/cpim", in_cpim(delivered, "message/imdn+xml",
                                            "Content-Transfer-Encoding: base64\r\n")));
  EXPECT_FALSE(take("message/imdn+xml", delivered, "Content-Encoding: gzip\r\n"));
  EXPECT_THAT(told, IsEmpty());
}

TEST_F(ReceiptIntakeTest, OtherMethods) {  // 5
  EXPECT_FALSE(take("message/imdn+xml", delivered, "", "OPTIONS"));
  EXPECT_THAT(told, IsEmpty());
}

}  // namespace
}  // namespace missive::pjsip

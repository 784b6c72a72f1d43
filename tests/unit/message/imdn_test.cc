// Receipts: message/imdn+xml, read and written.
//
//  1. every field; every notification with every status of its kind
//  2. with a prefix, without a namespace, with CDATA, comments and elements of others
//  3. defects: no XML, another document, no message-id, no or a foreign status, too long an id,
//     character references to what is no text
//  4. bounds: size, depth, DOCTYPE and entities, NUL, no UTF-8
//  5. written and read again it is the same, whatever is in the texts
//  6. what each says of the message
//  7. who may send one
#include "message/imdn.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace missive::message {
namespace {

using Notification = Imdn::Notification;
using Disposition = Imdn::Disposition;
using ::testing::HasSubstr;

constexpr std::string_view xmlns = " xmlns=\"urn:ietf:params:xml:ns:imdn\"";

std::string document(std::string_view notification, std::string_view status) {
  return fmt::format(
      "<imdn{0}><message-id>34jk324j</message-id><datetime>2026-01-02T00:00:00Z</datetime>"
      "<{1}><status><{2}/></status></{1}></imdn>",
      xmlns, notification, status);
}
std::string error_of(std::string_view text) {
  const auto imdn = parse_imdn(text);
  return imdn ? "" : imdn.error().text;
}

TEST(ImdnTest, Fields) {  // 1
  const auto imdn = parse_imdn(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n"
      "<imdn xmlns=\"urn:ietf:params:xml:ns:imdn\">\r\n"
      " <message-id> 34jk&lt;324j </message-id>\r\n"
      " <datetime>2008-04-04T12:16:49-05:00</datetime>\r\n"
      " <recipient-uri>im:bob@example.com</recipient-uri>\r\n"
      " <original-recipient-uri\n>im:bob@example.org</original-recipient-uri>\r\n"
      " <subject>weather</subject>\r\n"
      " <display-notification>\r\n  <status>\r\n   <displayed/>\r\n  </status>\r\n"
      " </display-notification>\r\n</imdn>\r\n");
  ASSERT_TRUE(imdn) << imdn.error().text;
  EXPECT_EQ(imdn->message_id, "34jk<324j");
  EXPECT_EQ(imdn->datetime, "2008-04-04T12:16:49-05:00");
  EXPECT_EQ(imdn->recipient_uri, "im:bob@example.com");
  EXPECT_EQ(imdn->original_recipient_uri, "im:bob@example.org");
  EXPECT_EQ(imdn->notification, Notification::display);
  EXPECT_EQ(imdn->disposition, Disposition::displayed);

  const std::vector<std::pair<std::string_view, std::vector<std::string_view>>> all{
      {"delivery-notification", {"delivered", "failed", "forbidden", "error"}},
      {"processing-notification", {"processed", "stored", "forbidden", "error"}},
      {"display-notification", {"displayed", "forbidden", "error"}}};
  for (const auto& [notification, statuses] : all) {
    for (const auto status : statuses) {
      const auto read = parse_imdn(document(notification, status));
      ASSERT_TRUE(read) << read.error().text;
      EXPECT_EQ(name_of(read->notification), notification);
      EXPECT_EQ(name_of(read->disposition), status);
    }
  }
}

TEST(ImdnTest, Namespaces) {  // 2
  const auto id_of = [](std::string_view text) {
    const auto imdn = parse_imdn(text);
    return imdn ? imdn->message_id : imdn.error().text;
  };
  EXPECT_EQ(id_of("<i:imdn xmlns:i='urn:ietf:params:xml:ns:imdn'><message-id>no</message-id>"
                  "<i:message-id>1</i:message-id><i:delivery-notification><i:status><i:delivered/>"
                  "</i:status></i:delivery-notification></i:imdn>"),
            "1");
  EXPECT_EQ(id_of("<imdn><message-id><![CDATA[2]]></message-id><delivery-notification><status>"
                  "<delivered/></status></delivery-notification></imdn>"),
            "2");
  EXPECT_EQ(id_of("\xEF\xBB\xBF<!-- a --><imdn><x:message-id>no</x:message-id><message-id>3"
                  "</message-id><x:delivery-notification/><delivery-notification><status>"
                  "<!-- b --><x:failed/><delivered/></status></delivery-notification></imdn>"),
            "3");
  EXPECT_THAT(id_of("<imdn xmlns='urn:other'><message-id>4</message-id></imdn>"),
              HasSubstr("not 'imdn' of urn:ietf:params:xml:ns:imdn"));
}

TEST(ImdnTest, Defects) {  // 3
  EXPECT_THAT(error_of(""), HasSubstr("XML at octet 0"));
  EXPECT_THAT(error_of("hello"), HasSubstr("XML at octet"));
  EXPECT_THAT(error_of("<imdn><message-id>1</message-id>"), HasSubstr("XML at octet"));
  EXPECT_THAT(error_of("<html/>"), HasSubstr("is 'html', not 'imdn'"));
  EXPECT_THAT(error_of("<imdn/>"), HasSubstr("message-id is missing"));
  EXPECT_THAT(error_of("<imdn><message-id> </message-id></imdn>"), HasSubstr("message-id"));
  EXPECT_THAT(error_of("<imdn><message-id>" + std::string(257, 'x') + "</message-id></imdn>"),
              HasSubstr("longer than 256"));
  EXPECT_THAT(error_of("<imdn><message-id>1</message-id></imdn>"), HasSubstr("neither delivery"));
  EXPECT_THAT(error_of("<imdn><message-id>1</message-id><delivery-notification/></imdn>"),
              HasSubstr("a delivery-notification without a status of its kind"));
  for (const auto& [notification, status] : {std::pair{"delivery-notification", "displayed"},
                                             {"display-notification", "delivered"},
                                             {"processing-notification", "failed"},
                                             {"delivery-notification", "seen"}}) {
    EXPECT_THAT(error_of(document(notification, status)),
                HasSubstr("without a status of its kind"));
  }
  for (const auto* reference : {"a&#10;b", "&#1;a", "&#xD800;"}) {
    auto text = document("delivery-notification", "delivered");
    text.replace(text.find("34jk324j"), 8, reference);
    EXPECT_THAT(error_of(text), HasSubstr("control character, or what is no UTF-8")) << reference;
  }
}

TEST(ImdnTest, Bounds) {  // 4
  const auto good = document("delivery-notification", "delivered");
  EXPECT_EQ(error_of(good), "");
  EXPECT_EQ(error_of(good + std::string(16384 - good.size(), ' ')), "");
  EXPECT_THAT(error_of(good + std::string(16385 - good.size(), ' ')), HasSubstr("at most 16384"));

  const auto nested = [](int depth) {
    std::string open, close;
    for (int i = 0; i < depth; ++i) {
      open += "<a>";
      close += "</a>";
    }
    return "<imdn><message-id>1</message-id>" + open + close +
           "<delivery-notification><status><failed/></status></delivery-notification></imdn>";
  };
  EXPECT_EQ(error_of(nested(15)), "");
  EXPECT_THAT(error_of(nested(16)), HasSubstr("more than 16 elements deep"));
  EXPECT_THAT(error_of(nested(2000)), HasSubstr("more than 16 elements deep"));

  EXPECT_THAT(error_of("<!DOCTYPE imdn [<!ENTITY a \"b\">]>" + good), HasSubstr("DOCTYPE"));
  EXPECT_THAT(error_of("<!DOCTYPE imdn SYSTEM \"file:///etc/passwd\">" + good),
              HasSubstr("DOCTYPE"));
  auto entity = good;
  entity.replace(entity.find("34jk324j"), 8, "&a;");
  EXPECT_EQ(parse_imdn(entity)->message_id, "&a;");  // nothing is expanded
  EXPECT_THAT(error_of(good + '\0'), HasSubstr("not UTF-8"));
  EXPECT_THAT(error_of(good + "\xff"), HasSubstr("not UTF-8"));
}

TEST(ImdnTest, Written) {  // 5
  Imdn imdn;
  imdn.message_id = "<a>&amp;\"'</message-id>]]>\xc3\xa4";
  imdn.datetime = "2026-01-02T00:00:00Z";
  imdn.disposition = Disposition::failed;
  for (const auto* uri : {"", "sip:bob@example.com;a=b&c"}) {
    imdn.recipient_uri = uri;
    imdn.original_recipient_uri = uri;
    std::string out = "before";
    append_imdn(out, imdn);
    ASSERT_TRUE(out.starts_with("before<?xml"));
    const auto read = parse_imdn(out.substr(6));
    ASSERT_TRUE(read) << read.error().text << "\n" << out;
    EXPECT_EQ(*read, imdn);
  }
  imdn.message_id = std::string("a\0b\nc", 5);
  std::string out;
  append_imdn(out, imdn);
  EXPECT_EQ(parse_imdn(out)->message_id, "a b c");
}

TEST(ImdnTest, Says) {  // 6
  const auto state = [](Disposition disposition) {
    Imdn imdn;
    imdn.disposition = disposition;
    return state_of(imdn);
  };
  EXPECT_EQ(state(Disposition::delivered), Status::State::delivered);
  EXPECT_EQ(state(Disposition::displayed), Status::State::displayed);
  EXPECT_EQ(state(Disposition::failed), Status::State::failed);
  for (const auto other :
       {Disposition::processed, Disposition::stored, Disposition::forbidden, Disposition::error}) {
    EXPECT_EQ(state(other), std::nullopt);
  }
}

TEST(ImdnTest, WhoMaySend) {  // 7
  EXPECT_TRUE(is_receipt_of("pjsip:alice", "alice"));
  EXPECT_TRUE(is_receipt_of("pjsip:alice/home", "alice"));
  EXPECT_TRUE(is_receipt_of("alice", "alice"));
  for (const auto* other :
       {"pjsip:alice2", "pjsip:bob", "pjsip:bob/alice", "pjsip:", "", "pjsip:Alice",
        "pjsip:alice@example.com", "pjsip:sip:alice@example.com"}) {
    EXPECT_FALSE(is_receipt_of(other, "alice")) << other;
  }
  EXPECT_FALSE(is_receipt_of("pjsip:", ""));
  EXPECT_FALSE(is_receipt_of("pjsip:/home", ""));
}

}  // namespace
}  // namespace missive::message

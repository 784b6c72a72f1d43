// MESSAGE from an endpoint: what is refused, and what an accepted one becomes.
//
//  1. an accepted one: 202, and an Incoming with sender, recipient, context, extension and body
//  2. content types: as message_accept says, without case and parameters, with wildcards; 415 with
//     Accept; a body without a type; neither type nor body
//  3. Content-Encoding: 415 with Accept-Encoding
//  4. size: as large as max_body, 413 over it
//  5. text/plain is UTF-8: charsets, bad sequences and cut ones; NUL and line ends stay
//  6. Require: 420 with all that is required; Max-Forwards 0: 483
//  7. the extension: without escapes, `s` without a user, user options, tel:, control characters
//  8. 404 where nobody has the extension; message_context before context
//  9. MESSAGE(to) and MESSAGE(from); a foreign From is replaced, the header stays readable
// 10. data: source, transport and endpoint, then all headers by their long names; none of them
//     can be forged, and no credentials are among them
// 11. overload: dropped over UDP, 503 with Retry-After over a connection
// 12. what was accepted is reported, once and nothing else
// 13. the order in which defects are found
// 14. receipts: 200 before anything is refused; what is no receipt goes the usual way
//   With a store, through the transaction layer
// 15. no answer before the message is on disk, then 202; a retransmission meanwhile changes nothing
// 16. the same request in a new transaction: 202, not handled and not told of again; what makes it
//     another one; over another transport it is the same
// 17. overload as before, also when too many answers are postponed
// 18. the disk is full: 503 with Retry-After over UDP and over a connection
// 19. refusals are not postponed
//   The key
// 20. what counts for it, and what does not
#include "pjsip/message_uas.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <set>

#include "pjsip/message_key.h"
#include "store/database.h"
#include "unit/pjsip/incoming_lab.h"
#include "unit/store/temporary_folder.h"

namespace missive::pjsip {
namespace {

using test::configured;
using test::Parsed;
using test::RequestText;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

// Has the extensions it is told, and keeps what it is given.
class RecordingHandler final : public message::Handler {
 public:
  std::string_view name() const override { return "test"; }
  bool has_destination(std::string_view context, std::string_view exten) const override {
    return known.count(std::string(exten) + "@" + std::string(context)) != 0;
  }
  void handle(std::shared_ptr<const message::Incoming> message, message::Done done) override {
    handled.push_back(std::move(message));
    if (hold) {
      waiting.push_back(std::move(done));
    } else {
      done();
    }
  }
  std::set<std::string> known{"bob@default"};
  std::vector<std::shared_ptr<const message::Incoming>> handled;
  bool hold = false;  // messages are not done until the test says so
  std::vector<message::Done> waiting;
};

class RecordingListener final : public message::MessageListener {
 public:
  bool wants_message_status() const override { return false; }
  void on_message_status(const message::Message&, const message::Status&) override {}
  void on_message_received(const message::Incoming& message) override {
    received.emplace_back(message.body());
  }
  std::vector<std::string> received;
};

class MessageUasTest : public testing::Test {
 protected:
  MessageUasTest() {
    inbox.add(handler);
    events.add(listener);
  }

  int ask(const RequestText& request) { return ask(request, lab.udp); }
  int ask(const RequestText& request, sip::Transport& transport) {
    const Parsed parsed(request);
    const auto source = sip::test::address("192.0.2.1:5062");
    MessageUas uas(lab.layer, intake, events, options);
    if (receipts != nullptr) uas.use(*receipts);
    EXPECT_TRUE(uas.takes(sip::Method::MESSAGE));
    EXPECT_FALSE(uas.takes(sip::Method::REGISTER));
    response = {};
    uas.on_request({{*parsed, transport, source},
                    configuration,
                    configuration->endpoints()[0],
                    authenticated_as},
                   response);
    return response.drop ? -1 : response.status;
  }
  int with_type(const std::string& headers, const std::string& body = "hello") {
    RequestText request;
    request.headers = headers;
    request.body = body;
    return ask(request);
  }
  int to(const std::string& uri) {
    RequestText request;
    request.uri = uri;
    return ask(request);
  }
  const message::Incoming& last() { return *handler.handled.back(); }

  sip::test::Lab lab;
  message::Inbox inbox{lab.shard, {.messages = 3, .octets = 1 << 20}};
  message::Intake intake{lab.shard, inbox};
  message::MessageEvents events;
  RecordingHandler handler;
  RecordingListener listener;
  conf::MissiveConf::Messaging options;
  std::shared_ptr<const Configuration> configuration = configured("[alice]\ntype=endpoint\n");
  std::string authenticated_as;
  ReceiptHook* receipts = nullptr;
  sip::Response response;
};

TEST_F(MessageUasTest, Accepts) {  // 1
  EXPECT_EQ(ask({}), 202);
  ASSERT_EQ(handler.handled.size(), 1u);
  const auto& message = last();
  EXPECT_EQ(message.technology(), "pjsip");
  EXPECT_EQ(message.endpoint(), "alice");
  EXPECT_EQ(message.context(), "default");
  EXPECT_EQ(message.exten(), "bob");
  EXPECT_EQ(message.from(), "\"Alice\" <sip:alice@example.com>");
  EXPECT_EQ(message.to(), "pjsip:bob@example.com");
  EXPECT_EQ(message.content_type(), "text/plain");
  EXPECT_EQ(message.body(), "hello");
  EXPECT_EQ(message.max_forwards(), 70);
  EXPECT_EQ(message.id().size(), 36u);
}

class ContentTest : public MessageUasTest {
 protected:
  ContentTest() : MessageUasTest() { handler.known.clear(); }
  // 404 is what comes after the content was found good.
  bool good(const std::string& headers, const std::string& body = "hello") {
    return with_type(headers, body) == 404;
  }
};

TEST_F(ContentTest, Types) {  // 2
  EXPECT_TRUE(good("Content-Type: text/plain\r\n"));
  EXPECT_TRUE(good("c: TEXT/Plain ; charset=utf-8;format=flowed\r\n"));
  EXPECT_FALSE(good("Content-Type: text/html\r\n"));
  EXPECT_EQ(response.status, 415);
  EXPECT_EQ(response.headers, "Accept: text/plain\r\n");
  for (const auto* bad :
       {"text", "/", "text/", "/plain", "text/plain/x", "text plain", "\"text/plain\"",
        "text/plain, text/html", "application/text/plain", "text/plainx", "*/*", "text/*"}) {
    EXPECT_EQ(with_type(fmt::format("Content-Type: {}\r\n", bad)), 415) << bad;
  }
  EXPECT_EQ(with_type("Content-Type:\r\n"), 415);
  EXPECT_EQ(with_type(""), 415);
  EXPECT_TRUE(good("", ""));
  EXPECT_TRUE(good("Content-Type: text/plain\r\n", ""));
  EXPECT_EQ(with_type("Content-Type: text/html\r\n", ""), 415);

  options.message_accept = {"text/plain", "message/*", "application/im-iscomposing+xml"};
  EXPECT_TRUE(good("Content-Type: message/CPIM\r\n"));
  EXPECT_TRUE(good("Content-Type: application/im-iscomposing+xml\r\n"));
  EXPECT_EQ(with_type("Content-Type: messages/x\r\n"), 415);
  EXPECT_EQ(response.headers, "Accept: text/plain, message/*, application/im-iscomposing+xml\r\n");
  options.message_accept = {"*/*"};
  EXPECT_TRUE(good("Content-Type: image/png\r\n", "\xFF\x00\xFE"));
  EXPECT_EQ(with_type("Content-Type: png\r\n"), 415);
}

TEST_F(ContentTest, Encodings) {  // 3
  const std::string type = "Content-Type: text/plain\r\n";
  EXPECT_TRUE(good(type + "Content-Encoding: Identity\r\n"));
  EXPECT_TRUE(good(type + "Content-Encoding:\r\n"));
  EXPECT_EQ(with_type(type + "e: gzip\r\n"), 415);
  EXPECT_EQ(response.headers, "Accept-Encoding: identity\r\n");
  EXPECT_EQ(with_type(type + "Content-Encoding: identity\r\nContent-Encoding: gzip\r\n"), 415);
}

TEST_F(ContentTest, Sizes) {  // 4
  const std::string type = "Content-Type: text/plain\r\n";
  EXPECT_TRUE(good(type, std::string(64 * 1024, 'x')));
  EXPECT_EQ(with_type(type, std::string(64 * 1024 + 1, 'x')), 413);
  options.max_body = 3;
  EXPECT_TRUE(good(type, "abc"));
  EXPECT_EQ(with_type(type, "abcd"), 413);
  EXPECT_EQ(response.reason, "Body Over 3 Octets");
}

TEST_F(ContentTest, Characters) {  // 5
  const std::string type = "Content-Type: text/plain";
  for (const auto* charset : {"", ";charset=utf-8", ";charset=\"UTF-8\"", "; charset=us-ascii"}) {
    EXPECT_TRUE(good(type + charset + "\r\n",
                     "Gr\xC3\xBC\xC3\x9F"
                     "e \xF0\x9F\x98\x80"))
        << charset;
  }
  for (const auto* charset : {";charset=iso-8859-1", ";charset=utf-16", ";charset=\"\\u\""}) {
    EXPECT_EQ(with_type(type + charset + "\r\n"), 415) << charset;
    EXPECT_EQ(response.headers, "Accept: text/plain\r\n");
  }
  for (const auto* bad : {"\xFF", "Gr\xFC", "abc\xC3", "\xF0\x9F\x98", "\xC0\x80", "\xED\xA0\x80",
                          "\xF4\x90\x80\x80"}) {
    EXPECT_EQ(with_type(type + "\r\n", bad), 400) << bad;
    EXPECT_EQ(response.reason, "Body Is Not UTF-8");
  }
  handler.known = {"bob@default"};
  const std::string body("a\0b\r\n\r\nc\x01", 10);
  EXPECT_EQ(with_type(type + "\r\n", body), 202);
  EXPECT_EQ(last().body(), body);
}

TEST_F(MessageUasTest, RequireAndMaxForwards) {  // 6
  EXPECT_EQ(with_type("Content-Type: text/plain\r\nRequire: a, b\r\nRequire: c\r\n"), 420);
  EXPECT_EQ(response.headers, "Unsupported: a, b, c\r\n");
  EXPECT_EQ(with_type("Content-Type: text/plain\r\nRequire:\r\n"), 202);
  const auto with_hops = [this](const std::string& hops) {
    auto request = RequestText{};
    auto packet_text = request.str();
    packet_text.replace(packet_text.find("70"), 2, hops);
    sip::Packet packet;
    EXPECT_TRUE(packet.parse(packet_text));
    MessageUas uas(lab.layer, intake, events, options);
    const auto source = sip::test::address("192.0.2.1:5062");
    response = {};
    uas.on_request({{packet, lab.udp, source}, configuration, configuration->endpoints()[0], {}},
                   response);
    return response.status;
  };
  EXPECT_EQ(with_hops("0"), 483);
  EXPECT_EQ(with_hops("1"), 202);
}

TEST_F(MessageUasTest, Extensions) {  // 7
  Global global;
  const auto exten = [&global](std::string_view uri) {
    return extension_of(*sip::parse_uri(uri), global);
  };
  EXPECT_EQ(exten("sip:bob@example.com"), "bob");
  EXPECT_EQ(exten("sip:b%6fb%20x@example.com"), "bob x");
  EXPECT_EQ(exten("sip:example.com"), "s");
  EXPECT_EQ(exten("sip:bob;x=y@example.com"), "bob;x=y");
  EXPECT_EQ(exten("tel:+4930;phone-context=x"), "+4930");
  global.ignore_uri_user_options = true;
  EXPECT_EQ(exten("sip:bob;x=y@example.com"), "bob");
  EXPECT_EQ(exten("sip:bob%3Bx@example.com"), "bob;x");

  handler.known = {"s@default", "a b@default"};
  EXPECT_EQ(to("sip:example.com"), 202);
  EXPECT_EQ(to("sip:a%20b@example.com"), 202);
  handler.known = {std::string("a\0@default", 10), "a\r\nb@default"};
  EXPECT_EQ(to("sip:a%00@example.com"), 404);
  EXPECT_EQ(to("sip:a%0d%0ab@example.com"), 404);
}

TEST_F(MessageUasTest, Destinations) {  // 8
  EXPECT_EQ(to("sip:carol@example.com"), 404);
  EXPECT_EQ(to("sip:Bob@example.com"), 404);
  EXPECT_THAT(handler.handled, IsEmpty());
  configuration = configured("[alice]\ntype=endpoint\ncontext=calls\nmessage_context=texts\n");
  EXPECT_EQ(ask({}), 404);
  handler.known = {"bob@texts"};
  EXPECT_EQ(ask({}), 202);
  EXPECT_EQ(last().context(), "texts");
}

TEST_F(MessageUasTest, SenderAndRecipient) {  // 9
  RequestText request;
  request.from = "\"Bo\tb\" <sip:bob@evil.example:5070;x=y>";
  request.to = "\"B\" <sips:b%6fb@[2001:db8::1]:5061;x=y>";
  EXPECT_EQ(ask(request), 202);
  EXPECT_EQ(last().from(), "<sip:alice@example.com>");
  EXPECT_EQ(last().to(), "pjsip:b%6fb@[2001:db8::1]");
  EXPECT_EQ(last().datum("From"), "\"Bo\tb\" <sip:bob@evil.example:5070;x=y>;tag=a1");
  authenticated_as = "bob";
  request.from = "\"Bo\tb\" <sip:bob@example.com:5070;x=y>";
  request.to = "<sip:example.com>";
  EXPECT_EQ(ask(request), 202);
  EXPECT_EQ(last().from(), "\"Bo b\" <sip:bob@example.com>");
  EXPECT_EQ(last().to(), "pjsip:example.com");
  std::string tel;
  append_recipient(tel, "pjsip", *sip::parse_uri("tel:+49;x=y"));
  EXPECT_EQ(tel, "pjsip:+49");
}

TEST_F(MessageUasTest, Data) {  // 10
  RequestText request;
  request.headers =
      "c: text/plain\r\nX-One: 1\r\nx-two:  2 \r\nX-One: again\r\nPJSIP_ENDPOINT: eve\r\n"
      "pjsip_other: x\r\nAuthorization: Digest username=\"a\"\r\n"
      "Proxy-Authorization: Digest username=\"a\"\r\ns: topic\r\n";
  EXPECT_EQ(ask(request), 202);
  std::vector<std::string> names;
  for (const auto& datum : last().data()) names.emplace_back(datum.name);
  EXPECT_THAT(names, ElementsAre("PJSIP_RECVADDR", "PJSIP_TRANSPORT", "PJSIP_ENDPOINT", "Via",
                                 "Max-Forwards", "From", "To", "Call-ID", "CSeq", "Content-Type",
                                 "X-One", "x-two", "X-One", "Subject", "Content-Length"));
  EXPECT_EQ(last().datum("PJSIP_RECVADDR"), "192.0.2.1:5062");
  EXPECT_EQ(last().datum("PJSIP_TRANSPORT"), "udp");
  EXPECT_EQ(last().datum("pjsip_endpoint"), "alice");
  EXPECT_EQ(last().datum("x-one"), "1");
  EXPECT_EQ(last().datum("X-Two"), "2");
  EXPECT_EQ(last().datum("Subject"), "topic");
  EXPECT_EQ(ask({.from = "<sip:alice@other>"}, lab.tcp), 202);
  EXPECT_EQ(last().datum("PJSIP_TRANSPORT"), "tcp");
}

TEST_F(MessageUasTest, Overload) {  // 11
  handler.hold = true;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ask({}, lab.tcp), 202);
  EXPECT_EQ(ask({}), -1);
  EXPECT_EQ(ask({}, lab.tcp), 503);
  EXPECT_EQ(response.headers, "Retry-After: 5\r\n");
  EXPECT_EQ(listener.received.size(), 3u);
  handler.waiting.front()();
  EXPECT_EQ(ask({}), 202);
}

TEST_F(MessageUasTest, Reports) {  // 12
  EXPECT_EQ(ask({.body = "one"}), 202);
  EXPECT_EQ(to("sip:nobody@example.com"), 404);
  EXPECT_EQ(ask({.body = "two"}), 202);
  EXPECT_THAT(listener.received, ElementsAre("one", "two"));
}

TEST_F(MessageUasTest, TheOrderOfDefects) {  // 13
  options.max_body = 3;
  handler.known.clear();
  RequestText request;
  request.headers = "Content-Type: text/html\r\nContent-Encoding: gzip\r\nRequire: x\r\n";
  request.body = "\xFF\xFF\xFF\xFF";
  EXPECT_EQ(ask(request), 415);
  EXPECT_THAT(response.headers, HasSubstr("Accept:"));
  request.headers = "Content-Type: text/plain\r\nRequire: x\r\n";
  EXPECT_EQ(ask(request), 413);
  request.body = "\xFF";
  EXPECT_EQ(ask(request), 400);
  request.body = "x";
  EXPECT_EQ(ask(request), 420);
  request.headers = "Content-Type: text/plain\r\n";
  EXPECT_EQ(ask(request), 404);
}

// Takes what has the body "receipt".
class Receipts final : public ReceiptHook {
 public:
  bool take(const EndpointRequest& request) override {
    asked.push_back(request.endpoint.name);
    return request.packet().body() == "receipt";
  }
  std::vector<std::string> asked;
};

TEST_F(MessageUasTest, ReceiptsFirst) {  // 14
  Receipts hook;
  receipts = &hook;
  RequestText request;
  request.uri = "sip:nobody@example.com";
  request.headers = "Content-Type: message/cpim\r\nRequire: x\r\n";
  request.body = "receipt";
  EXPECT_EQ(ask(request), 200);
  EXPECT_EQ(response.headers, "");
  request.body = "other";
  EXPECT_EQ(ask(request), 415);
  EXPECT_EQ(ask({}), 202);
  EXPECT_THAT(hook.asked, ElementsAre("alice", "alice", "alice"));
  EXPECT_THAT(handler.handled, SizeIs(1));
  EXPECT_THAT(listener.received, ElementsAre("hello"));
}

// Requests come through the layer; what the Distributor would do is done here.
class StoredTest : public testing::Test, private sip::RequestUser {
 protected:
  StoredTest() {
    inbox.add(handler);
    events.add(listener);
    intake.use(received);
    lab.layer.add(*this);
  }

  bool on_request(const sip::IncomingRequest& request, sip::Response& response) override {
    response.to_source = true;
    uas.on_request({request, configuration, configuration->endpoints()[0], {}}, response);
    return true;
  }
  static std::unique_ptr<store::Database> database_in(const store::test::TemporaryFolder& folder) {
    auto opened = store::Database::open(folder.file("missive.db"));
    if (!opened) throw std::runtime_error(opened.error().text);
    return std::move(*opened);
  }
  void deliver(const std::string& text) { deliver(text, lab.udp); }
  void deliver(const std::string& text, sip::LoopTransport& transport) {
    transport.deliver(text, sip::test::address("192.0.2.1:5062"));
  }
  void settle() {
    for (int i = 0; i < 3; ++i) {
      sip::test::settle(lab.shard);
      database->flush();
    }
    sip::test::settle(lab.shard);
  }
  // The first line of the only answer; "" without one.
  std::string answer_to(const std::string& text) { return answer_to(text, lab.udp); }
  std::string answer_to(const std::string& text, sip::LoopTransport& transport) {
    transport.sent.clear();
    deliver(text, transport);
    settle();
    EXPECT_LE(transport.sent.size(), 1u);
    if (transport.sent.empty()) return "";
    last = transport.sent[0].text;
    return last.substr(0, last.find("\r\n"));
  }
  static std::string in_transaction(const std::string& branch, const std::string& body = "hello",
                                    const std::string& call_id = "call-1") {
    auto text = RequestText{.body = body, .branch = "z9hG4bK" + branch}.str();
    return text.replace(text.find("call-1"), 6, call_id);
  }
  void pragma(const std::string& text) {
    EXPECT_TRUE(database->run(
        [&text](store::Connection& connection) { return connection.execute("PRAGMA " + text); }));
  }

  static constexpr const char* accepted = "SIP/2.0 202 Accepted";
  sip::TransactionLimits limits{.postponed_requests = 4};
  sip::test::Lab lab{limits};
  store::test::TemporaryFolder folder;
  std::unique_ptr<store::Database> database = database_in(folder);
  store::ReceivedStore store{*database};
  message::ReceivedMessages received{store};
  message::Inbox inbox{lab.shard, {.messages = 8, .octets = 300 << 10}};
  message::Intake intake{lab.shard, inbox};
  message::MessageEvents events;
  RecordingHandler handler;
  RecordingListener listener;
  std::shared_ptr<const Configuration> configuration = configured("[alice]\ntype=endpoint\n");
  MessageUas uas{lab.layer, intake, events, {.max_body = 256 << 10}};
  std::string last;
};

TEST_F(StoredTest, OnDiskBeforeTheAnswer) {  // 15
  const auto request = in_transaction("a");
  deliver(request);
  deliver(request);
  EXPECT_THAT(lab.udp.sent, IsEmpty());
  EXPECT_THAT(handler.handled, IsEmpty());
  EXPECT_THAT(listener.received, IsEmpty());
  lab.udp.peer = [this](const sip::LoopTransport::Sent&) {
    EXPECT_THAT(*store.load(), SizeIs(1));
    EXPECT_THAT(listener.received, ElementsAre("hello"));
  };
  settle();
  ASSERT_THAT(lab.udp.sent, SizeIs(1));
  EXPECT_THAT(lab.udp.sent[0].text, StartsWith(accepted));
  EXPECT_EQ(lab.udp.sent[0].to.str(), "192.0.2.1:5062");
  ASSERT_THAT(handler.handled, SizeIs(1));
  EXPECT_EQ(handler.handled[0]->body(), "hello");
  EXPECT_EQ(answer_to(request), accepted);
  EXPECT_THAT(handler.handled, SizeIs(1));
  EXPECT_THAT(listener.received, SizeIs(1));
}

TEST_F(StoredTest, TheSameAgain) {  // 16
  EXPECT_EQ(answer_to(in_transaction("a")), accepted);
  EXPECT_EQ(answer_to(in_transaction("b")), accepted);
  EXPECT_EQ(answer_to(in_transaction("c"), lab.tcp), accepted);
  EXPECT_THAT(handler.handled, SizeIs(1));
  EXPECT_THAT(listener.received, SizeIs(1));
  EXPECT_EQ(answer_to(in_transaction("d", "other", "call-2")), accepted);
  EXPECT_THAT(listener.received, ElementsAre("hello", "other"));
  // Two at once, in one turn.
  lab.udp.sent.clear();
  deliver(in_transaction("e", "third", "call-3"));
  deliver(in_transaction("f", "third", "call-3"));
  settle();
  EXPECT_THAT(lab.udp.sent, SizeIs(2));
  EXPECT_THAT(listener.received, ElementsAre("hello", "other", "third"));
  EXPECT_THAT(handler.handled, SizeIs(3));
}

TEST_F(StoredTest, Overload) {  // 17
  for (int i = 0; i < 5; ++i) {
    const auto name = std::to_string(i);
    deliver(in_transaction("a" + name, name, name));
  }
  deliver(in_transaction("b", "hello", "call-b"), lab.tcp);
  settle();
  EXPECT_THAT(lab.udp.sent, SizeIs(4));
  EXPECT_THAT(listener.received, ElementsAre("0", "1", "2", "3"));
  ASSERT_THAT(lab.tcp.sent, SizeIs(1));
  EXPECT_THAT(lab.tcp.sent[0].text, StartsWith("SIP/2.0 503 "));
  EXPECT_THAT(lab.tcp.sent[0].text, HasSubstr("\r\nRetry-After: 5\r\n"));
  EXPECT_EQ(answer_to(in_transaction("a4", "4", "4")), accepted) << "it was dropped, and is new";

  handler.hold = true;
  const std::string large(160 << 10, 'x');
  EXPECT_EQ(answer_to(in_transaction("c", large, "c")), accepted);
  EXPECT_EQ(answer_to(in_transaction("d", large, "d")), "");
  EXPECT_EQ(answer_to(in_transaction("e", large, "e"), lab.tcp), "SIP/2.0 503 Service Unavailable");
  EXPECT_THAT(last, HasSubstr("\r\nRetry-After: 5\r\n"));
  EXPECT_EQ(lab.layer.postponed(), 0u);
  handler.waiting.front()();
  EXPECT_EQ(answer_to(in_transaction("d", large, "d")), accepted);
}

TEST_F(StoredTest, FullDisk) {  // 18
  EXPECT_EQ(answer_to(in_transaction("a")), accepted);
  pragma("max_page_count=1");
  const std::string large(100 << 10, 'x');
  for (auto* transport : {&lab.udp, &lab.tcp}) {
    const std::string name(transport->protocol());
    EXPECT_EQ(answer_to(in_transaction(name, large, name), *transport),
              "SIP/2.0 503 Service Unavailable");
    EXPECT_THAT(last, HasSubstr("\r\nRetry-After: 30\r\n"));
  }
  EXPECT_THAT(handler.handled, SizeIs(1));
  EXPECT_THAT(listener.received, SizeIs(1));
  pragma("max_page_count=1000000");
  EXPECT_EQ(answer_to(in_transaction("b", large, "UDP")), accepted);
  EXPECT_THAT(handler.handled, SizeIs(2));
}

TEST_F(StoredTest, RefusedAtOnce) {  // 19
  handler.known.clear();
  deliver(in_transaction("a"));
  EXPECT_EQ(lab.layer.postponed(), 0u);
  sip::test::settle(lab.shard);
  ASSERT_THAT(lab.udp.sent, SizeIs(1));
  EXPECT_THAT(lab.udp.sent[0].text, StartsWith("SIP/2.0 404 "));
  EXPECT_THAT(*store.load(), IsEmpty());
}

TEST(MessageKey, WhatCounts) {  // 20
  const auto key = [](const RequestText& request, std::string_view from = {},
                      std::string_view to = {}, std::string_view endpoint = "alice") {
    auto text = request.str();
    if (!from.empty()) text.replace(text.find(from), from.size(), to);
    sip::Packet packet;
    EXPECT_TRUE(packet.parse(text));
    return message_key(endpoint, packet);
  };
  const auto known = key({});
  EXPECT_EQ(known.size(), 16u);
  EXPECT_EQ(key({.from = "<sip:other@example.com>"}), known);
  EXPECT_EQ(key({.to = "<sip:other@example.com>"}), known);
  EXPECT_EQ(key({.uri = "sip:bob@192.0.2.1:5070;transport=tcp"}), known);
  EXPECT_EQ(key({.branch = "z9hG4bKother"}), known);
  EXPECT_EQ(key({.headers = "Content-Type: text/plain\r\nX: 1\r\n"}), known);
  EXPECT_NE(key({.uri = "sip:carol@example.com"}), known);
  EXPECT_NE(key({}, "call-1", "call-2"), known);
  EXPECT_NE(key({}, "CSeq: 7", "CSeq: 8"), known);
  EXPECT_NE(key({}, "tag=a1", "tag=a2"), known);
  EXPECT_NE(key({}, "", "", "bob"), known);
  EXPECT_NE(key({}, "call-1", "1call-", "alice"), known);
  // What is at the end of one text is not at the beginning of the next.
  EXPECT_NE(key({}, "call-1", "x", "alice"), key({}, "call-1", "ex", "alic"));
  EXPECT_NE(key({.uri = "tel:+491"}), key({.uri = "tel:+492"}));
}

}  // namespace
}  // namespace missive::pjsip

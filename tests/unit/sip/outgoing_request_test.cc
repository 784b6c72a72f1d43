// The text of requests, written once and patched for further attempts.
//
//  1. A whole request, octet by octet, in the order it was written.
//  2. The branch has a place of fixed length that can be overwritten.
//  3. The Request-URI, method and body are found again; a body may hold NUL and CRLF.
//  4. A retry has a CSeq one higher and its credentials behind CSeq; those of the attempt before
//  are
//     gone, whether longer or shorter; all else stays.
//  5. A number of five digits stays one, however often it is retried.
//  6. The buffer is used again for another request, of which nothing of the first one is left.
//  7. An empty body, an empty tag, and a value appended in place.
//  8. What was written parses as SIP and validates.
//  9. Credentials for a request that is written anew leave its CSeq as it is.
// 10. A request without a body is followed by nothing, and its body is empty.
#include "sip/outgoing_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sip/parser.h"
#include "unit/sip/sip_text.h"

namespace missive::sip {
namespace {

using test::crlf;
using ::testing::HasSubstr;
using ::testing::Not;

void write(OutgoingRequest& request, std::string_view uri = "sip:bob@192.0.2.2",
           std::string_view body = "hello", std::uint32_t cseq = 12345) {
  RequestWriter writer(request, Method::MESSAGE, uri);
  writer.via("UDP", "192.0.2.1:5060");
  writer.open("From") += "<sip:alice@example.com>";
  writer.close("a1");
  writer.open("To") += "<sip:bob@example.com>";
  writer.close();
  writer.header("Call-ID", "abc");
  writer.cseq(cseq);
  writer.header("X-One", "1");
  writer.number("Max-Forwards", 70);
  writer.body("text/plain", body);
}

const std::string whole = crlf(
    "MESSAGE sip:bob@192.0.2.2 SIP/2.0\n"
    "Via: SIP/2.0/UDP 192.0.2.1:5060;rport;branch=000000000000000000000000000\n"
    "From: <sip:alice@example.com>;tag=a1\n"
    "To: <sip:bob@example.com>\n"
    "Call-ID: abc\n"
    "CSeq: 12345 MESSAGE\n"
    "X-One: 1\n"
    "Max-Forwards: 70\n"
    "Content-Type: text/plain\n"
    "Content-Length: 5\n"
    "\n"
    "hello");

TEST(OutgoingRequest, Whole) {  // 1
  OutgoingRequest request;
  write(request);
  EXPECT_EQ(request.text(), whole);
}

TEST(OutgoingRequest, Branch) {  // 2
  OutgoingRequest request;
  write(request);
  ASSERT_EQ(request.branch().size(), OutgoingRequest::branch_length);
  const std::string branch = "z9hG4bKms00000abcdefghijklm";
  ASSERT_EQ(branch.size(), OutgoingRequest::branch_length);
  branch.copy(request.branch_for_writing(), branch.size());
  EXPECT_EQ(request.branch(), branch);
  EXPECT_EQ(request.text(), test::replaced(whole, "000000000000000000000000000", branch));
}

TEST(OutgoingRequest, Parts) {  // 3
  OutgoingRequest request;
  const std::string body("a\0b\r\n\r\nCSeq: 1 X", 17);
  write(request, "sip:[2001:db8::1]:5062;transport=tcp", body);
  EXPECT_EQ(request.request_uri(), "sip:[2001:db8::1]:5062;transport=tcp");
  EXPECT_EQ(request.method(), Method::MESSAGE);
  EXPECT_EQ(request.body(), body);
  EXPECT_THAT(std::string(request.text()), HasSubstr("Content-Length: 17\r\n\r\na"));
}

TEST(OutgoingRequest, Retry) {  // 4
  OutgoingRequest request;
  write(request);
  request.retry_with("Authorization: Digest long long long\r\n");
  EXPECT_EQ(request.text(), test::replaced(whole, "CSeq: 12345 MESSAGE\r\n",
                                           "CSeq: 12346 MESSAGE\r\n"
                                           "Authorization: Digest long long long\r\n"));
  EXPECT_EQ(request.body(), "hello");
  request.retry_with("Proxy-Authorization: x\r\n");
  EXPECT_EQ(request.text(), test::replaced(whole, "CSeq: 12345 MESSAGE\r\n",
                                           "CSeq: 12347 MESSAGE\r\nProxy-Authorization: x\r\n"));
  EXPECT_EQ(request.body(), "hello");
  request.retry_with("");
  EXPECT_EQ(request.text(), test::replaced(whole, "12345", "12348"));
  EXPECT_EQ(request.body(), "hello");
  EXPECT_EQ(request.request_uri(), "sip:bob@192.0.2.2");
}

TEST(OutgoingRequest, FiveDigits) {  // 5
  for (const std::uint32_t first : {10000u, 59999u, 98000u}) {
    OutgoingRequest request;
    write(request, "sip:bob@192.0.2.2", "hello", first);
    for (int i = 0; i < 1000; ++i) request.retry_with("X: 1\r\n");
    EXPECT_THAT(std::string(request.text()),
                HasSubstr("CSeq: " + std::to_string(first + 1000) + " MESSAGE\r\nX: 1\r\n"));
  }
}

TEST(OutgoingRequest, UsedAgain) {  // 6
  OutgoingRequest request;
  write(request, "sip:somebody.with.a.long.name@a.long.host.example.com", std::string(3000, 'x'));
  request.retry_with("Authorization: Digest of the first\r\n");
  write(request);
  EXPECT_EQ(request.text(), whole);
  request.retry_with("X: 1\r\n");
  EXPECT_EQ(request.text(),
            test::replaced(whole, "12345 MESSAGE\r\n", "12346 MESSAGE\r\nX: 1\r\n"));
}

TEST(OutgoingRequest, EmptyParts) {  // 7
  OutgoingRequest request;
  RequestWriter writer(request, Method::OPTIONS, "sip:a");
  writer.via("TCP", "[::1]:5060");
  writer.open("To") += "x";
  writer.close("");
  writer.cseq(10000);
  writer.body("text/plain", "");
  EXPECT_EQ(request.text(), crlf("OPTIONS sip:a SIP/2.0\n"
                                 "Via: SIP/2.0/TCP [::1]:5060;rport;branch="
                                 "000000000000000000000000000\n"
                                 "To: x\n"
                                 "CSeq: 10000 OPTIONS\n"
                                 "Content-Type: text/plain\n"
                                 "Content-Length: 0\n\n"));
  EXPECT_EQ(request.body(), "");
  EXPECT_EQ(request.method(), Method::OPTIONS);
}

TEST(OutgoingRequest, IsSip) {  // 8
  OutgoingRequest request;
  write(request);
  request.retry_with("Authorization: Digest username=\"a\"\r\n");
  std::string text(request.text());
  Packet packet;
  ASSERT_TRUE(packet.parse(text));
  EXPECT_FALSE(validate_request(packet));
  EXPECT_EQ(packet.cseq()->number, 12346u);
  EXPECT_EQ(packet.top_via()->branch, request.branch());
  EXPECT_TRUE(packet.top_via()->has_rport);
  EXPECT_EQ(packet.body(), "hello");
}

TEST(OutgoingRequest, CredentialsAlone) {  // 9
  OutgoingRequest request;
  write(request);
  request.set_credentials("Authorization: Digest a\r\n");
  EXPECT_THAT(request.text(), HasSubstr("CSeq: 12345 MESSAGE\r\nAuthorization: Digest a\r\nX-One"));
  EXPECT_EQ(request.body(), "hello");
  request.retry_with("Authorization: Digest bb\r\n");
  EXPECT_THAT(request.text(), HasSubstr("CSeq: 12346 MESSAGE\r\nAuthorization: Digest bb\r\nX-"));
}

TEST(OutgoingRequest, NoBody) {  // 10
  OutgoingRequest request;
  write(request);
  RequestWriter writer(request, Method::OPTIONS, "sip:bob@192.0.2.2");
  writer.cseq(12345);
  writer.no_body();
  EXPECT_TRUE(request.text().ends_with("CSeq: 12345 OPTIONS\r\nContent-Length: 0\r\n\r\n"));
  EXPECT_EQ(request.body(), "");
  request.retry_with("Authorization: Digest a\r\n");
  EXPECT_EQ(request.body(), "");
}

}  // namespace
}  // namespace missive::sip

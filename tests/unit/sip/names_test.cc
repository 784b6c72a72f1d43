// Names: headers, methods, reason phrases.
//
//  1. Every known header is found by its own name, in any case.
//  2. Compact forms.
//  3. Names that only look like known ones are not.
//  4. Methods are case-sensitive, and every one round-trips.
//  5. Reason phrases, registered and not.
#include <gtest/gtest.h>

#include <string>

#include "base/text.h"
#include "sip/header.h"
#include "sip/method.h"
#include "sip/status.h"

namespace missive::sip {
namespace {

TEST(HeaderNames, RoundTripInAnyCase) {
  for (int i = 0; i < static_cast<int>(HeaderId::Other); ++i) {
    const auto id = static_cast<HeaderId>(i);
    const std::string name(header_name(id));
    ASSERT_FALSE(name.empty());
    EXPECT_EQ(header_id(name), id) << name;
    EXPECT_EQ(header_id(base::lower(name)), id) << name;
    std::string upper;
    for (const char c : name) upper += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    EXPECT_EQ(header_id(upper), id) << upper;
  }
  EXPECT_EQ(header_name(HeaderId::CallId), "Call-ID");
  EXPECT_EQ(header_name(HeaderId::WwwAuthenticate), "WWW-Authenticate");
  EXPECT_EQ(header_name(HeaderId::Other), "");
}

TEST(HeaderNames, CompactForms) {
  const std::pair<const char*, HeaderId> forms[] = {{"v", HeaderId::Via},
                                                    {"f", HeaderId::From},
                                                    {"t", HeaderId::To},
                                                    {"i", HeaderId::CallId},
                                                    {"m", HeaderId::Contact},
                                                    {"c", HeaderId::ContentType},
                                                    {"l", HeaderId::ContentLength},
                                                    {"e", HeaderId::ContentEncoding},
                                                    {"k", HeaderId::Supported},
                                                    {"s", HeaderId::Subject},
                                                    {"o", HeaderId::Event},
                                                    {"u", HeaderId::AllowEvents},
                                                    {"r", HeaderId::ReferTo},
                                                    {"b", HeaderId::ReferredBy},
                                                    {"a", HeaderId::AcceptContact},
                                                    {"j", HeaderId::RejectContact},
                                                    {"d", HeaderId::RequestDisposition},
                                                    {"n", HeaderId::IdentityInfo},
                                                    {"x", HeaderId::SessionExpires},
                                                    {"y", HeaderId::Identity},
                                                    {"V", HeaderId::Via},
                                                    {"L", HeaderId::ContentLength},
                                                    {"z", HeaderId::Other}};
  for (const auto& [name, id] : forms) EXPECT_EQ(header_id(name), id) << name;
}

TEST(HeaderNames, Others) {
  for (const auto* name : {"", "X-Custom", "Vib", "Ca11-ID", "Call_ID", "Call-IDs", "Tp",
                           "C%6Fntact", "Content-Lengtj", "Max-Forwardz", "Proxy-Authorizatio!"}) {
    EXPECT_EQ(header_id(name), HeaderId::Other) << name;
  }
}

TEST(Methods, RoundTrip) {
  for (int i = 0; i < static_cast<int>(Method::unknown); ++i) {
    const auto method = static_cast<Method>(i);
    ASSERT_FALSE(method_name(method).empty());
    EXPECT_EQ(parse_method(method_name(method)), method) << method_name(method);
  }
  EXPECT_EQ(method_name(Method::MESSAGE), "MESSAGE");
  for (const auto* name :
       {"", "message", "MESSAGES", "Invite", "IN%56ITE", "INVITE ", "PUSH", "X"}) {
    EXPECT_EQ(parse_method(name), Method::unknown) << name;
  }
}

TEST(Reasons, RegisteredAndNot) {
  EXPECT_EQ(default_reason(202), "Accepted");
  EXPECT_EQ(default_reason(416), "Unsupported URI Scheme");
  EXPECT_EQ(default_reason(481), "Call/Transaction Does Not Exist");
  EXPECT_EQ(default_reason(499), default_reason(400));
  EXPECT_EQ(default_reason(299), "OK");
  for (int status = 100; status < 700; ++status) EXPECT_FALSE(default_reason(status).empty());
}

}  // namespace
}  // namespace missive::sip

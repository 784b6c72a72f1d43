// RFC 4475: the messages that must be refused, and with what.
//
// One test a message, named as in the RFC. The verdict is the status and the reason
// of the answer; "unreadable" is dropped (a response is never answered).
#include <gtest/gtest.h>

#include <ostream>

#include "torture/torture_message.h"

namespace missive::sip {
namespace {

struct Case {
  const char* name;
  const char* verdict;
  const char* why;
};

std::ostream& operator<<(std::ostream& out, const Case& refused) { return out << refused.why; }

constexpr Case cases[] = {
    {"badinv01", "400 Malformed Via header", "3.1.2.1: separators with nothing between them"},
    {"clerr", "400 Content-Length is 9999 but the body has 154 octets",
     "3.1.2.2: Content-Length larger than the datagram"},
    {"ncl", "400 Content-Length: '-999' is not a number of octets",
     "3.1.2.3: a negative Content-Length"},
    {"scalar02", "400 Malformed CSeq header", "3.1.2.4: scalars beyond their range"},
    {"quotbal", "400 Malformed To header", "3.1.2.6: a quoted string that does not end"},
    {"ltgtruri", "400 Malformed Request-URI", "3.1.2.7: angle brackets around the Request-URI"},
    {"lwsruri", "400 Malformed Request-URI", "3.1.2.8: white space in the Request-URI"},
    {"lwsstart", "400 Malformed Request-URI", "3.1.2.9: two spaces in the request line"},
    {"trws", "400 Request line does not end with SIP/2.0",
     "3.1.2.10: spaces at the end of the request line"},
    {"escruri", "400 Headers in the Request-URI", "3.1.2.11: escaped headers in the Request-URI"},
    {"regbadct", "400 Malformed Contact header", "3.1.2.13: '?' in a Contact without brackets"},
    {"badaspec", "400 Malformed To header", "3.1.2.14: spaces inside of angle brackets"},
    {"baddn", "400 Malformed From header", "3.1.2.15: a comma in a name without quotes"},
    {"badvers", "505 Version Not Supported", "3.1.2.16: SIP/7.0"},
    {"mismatch01", "400 Method in CSeq is not the method of the request",
     "3.1.2.17: OPTIONS with the CSeq of an INVITE"},
    {"mismatch02", "400 Method in CSeq is not the method of the request",
     "3.1.2.18: an unknown method with the CSeq of an INVITE"},
    {"bigcode", "unreadable", "3.1.2.19: a status beyond three digits"},
    {"badbranch", "400 Malformed Via header", "3.2.1: a branch of the cookie alone"},
    {"insuf", "400 Missing From header", "3.3.1: no Call-ID, From and To"},
    {"unkscm", "416 Unsupported URI Scheme", "3.3.2: an unknown scheme"},
    {"novelsc", "416 Unsupported URI Scheme", "3.3.3: a known scheme that is not SIP's"},
    {"multi01", "400 Repeated CSeq header", "3.3.8: several values in headers that occur once"},
    {"mcl01", "400 Content-Length is given twice, as 13 and 5", "3.3.9: two Content-Length"},
};

class Rfc4475Refused : public testing::TestWithParam<Case> {};

TEST_P(Rfc4475Refused, WithTheRightAnswer) {
  const test::Torture message(GetParam().name);
  EXPECT_EQ(message.verdict(), GetParam().verdict) << GetParam().why;
}

INSTANTIATE_TEST_SUITE_P(, Rfc4475Refused, testing::ValuesIn(cases),
                         [](const auto& refused) { return std::string(refused.param.name); });

// 3.1.2.5: a response with scalars beyond their range can be read, but belongs to no
// transaction, as its CSeq is none.
TEST(Rfc4475, scalarlg) {
  const test::Torture message("scalarlg");
  ASSERT_TRUE(message.parsed);
  EXPECT_EQ(message.packet.status(), 503);
  EXPECT_FALSE(message.packet.cseq());
}

}  // namespace
}  // namespace missive::sip

// PJSIP_PARSE_URI and PJSIP_PARSE_URI_FROM.
//
//  1. Every part, and what stands for a part that is not there.
//  2. A display name may have commas; the variable keeps quotes.
//  3. What is no URI, and a part that does not exist, are errors.
#include <gtest/gtest.h>

#include "unit/dialplan/function_fixture.h"

namespace missive::dialplan {
namespace {

using SipFunctions = FunctionTest;

TEST_F(SipFunctions, Parts) {
  set("uri",
      "sip:bob%20x:pw@example.com:5080;transport=tcp;user=phone;ttl=5;lr;maddr=192.0.2.1;"
      "method=MESSAGE");
  expect({
      {"${PJSIP_PARSE_URI(${uri},scheme)}", "sip"},
      {"${PJSIP_PARSE_URI(${uri},user)}", "bob x"},
      {"${PJSIP_PARSE_URI(${uri},passwd)}", "pw"},
      {"${PJSIP_PARSE_URI(${uri},host)}", "example.com"},
      {"${PJSIP_PARSE_URI(${uri},port)}", "5080"},
      {"${PJSIP_PARSE_URI(${uri},transport_param)}", "tcp"},
      {"${PJSIP_PARSE_URI(${uri},user_param)}", "phone"},
      {"${PJSIP_PARSE_URI(${uri},method_param)}", "MESSAGE"},
      {"${PJSIP_PARSE_URI(${uri},ttl_param)}", "5"},
      {"${PJSIP_PARSE_URI(${uri},lr_param)}", "1"},
      {"${PJSIP_PARSE_URI(${uri},maddr_param)}", "192.0.2.1"},
      {"${PJSIP_PARSE_URI(sips:h,display)}", ""},
      {"${PJSIP_PARSE_URI(sips:h,scheme)}", "sips"},
      {"${PJSIP_PARSE_URI(sip:h,user)}", ""},
      {"${PJSIP_PARSE_URI(sip:h,port)}", "0"},
      {"${PJSIP_PARSE_URI(sip:h,ttl_param)}", "-1"},
      {"${PJSIP_PARSE_URI(sip:h,lr_param)}", "0"},
      {"${PJSIP_PARSE_URI(sip:a@[2001:db8::1]:5060,host)}", "2001:db8::1"},
  });
}

TEST_F(SipFunctions, DisplayNames) {
  set("from", "\"Smith, \\\"Al\\\"\" <sip:al@example.com>;tag=1");
  expect({
      {"${PJSIP_PARSE_URI(${from},display)}", "Smith, \"Al\""},
      {"${PJSIP_PARSE_URI_FROM(from,display)}", "Smith, \"Al\""},
      {"${PJSIP_PARSE_URI_FROM(from,user)}", "al"},
      {"${PJSIP_PARSE_URI(${MESSAGE(from)},host)}", "example.com"},
  });
}

TEST_F(SipFunctions, Errors) {
  for (const auto* text : {"", "sip:h", "sip:h,", "sip:h,nothing", "nonsense,host", ",host",
                           "<sip:h,host", "sip:h:99999999,port"}) {
    EXPECT_FALSE(read("PJSIP_PARSE_URI", text)) << text;
  }
  EXPECT_FALSE(read("PJSIP_PARSE_URI_FROM", "none,host"));
  EXPECT_FALSE(read("PJSIP_PARSE_URI_FROM", "none"));
}

}  // namespace
}  // namespace missive::dialplan

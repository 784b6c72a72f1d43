// message_store and message_expiry.
//
//  1. set nowhere: it may wait, as long as the outbox has it
//  2. the endpoint's hold where the AOR has none; the AOR's go before them, each by itself
//  3. of a message to the endpoint the first AOR that is configured decides, with a contact or not
//  4. of one to an AOR that AOR; of one to a URI the endpoint alone; of nobody none
#include "pjsip/message_terms.h"

#include <gtest/gtest.h>

#include "unit/pjsip/configured.h"
#include "unit/pjsip/location_lab.h"

namespace missive::pjsip {
namespace {

using namespace std::chrono_literals;

TEST(MessageTerms, AreThoseOfTheOutbox) {  // 1
  message::Terms terms;
  terms.may_wait = false;
  terms.expiry = 5s;
  const Aor aor;
  take_terms(Endpoint{}, &aor, terms);
  EXPECT_TRUE(terms.may_wait);
  EXPECT_EQ(terms.expiry, 0s);
}

TEST(MessageTerms, TheAorGoesFirst) {  // 2
  Endpoint endpoint;
  endpoint.message_store = false;
  endpoint.message_expiry = 60s;
  Aor aor;
  message::Terms terms;
  for (const Aor* given : {static_cast<const Aor*>(nullptr), const_cast<const Aor*>(&aor)}) {
    take_terms(endpoint, given, terms);
    EXPECT_FALSE(terms.may_wait);
    EXPECT_EQ(terms.expiry, 60s);
  }
  aor.message_store = true;
  take_terms(endpoint, &aor, terms);
  EXPECT_TRUE(terms.may_wait);
  EXPECT_EQ(terms.expiry, 60s);
  aor.message_store.reset();
  aor.message_expiry = 0s;
  take_terms(endpoint, &aor, terms);
  EXPECT_FALSE(terms.may_wait);
  EXPECT_EQ(terms.expiry, 0s);
}

TEST(MessageTerms, OfDestinations) {  // 3, 4
  const auto configuration = test::configured(
      "[udp]\ntype=transport\n"
      "[bob]\ntype=endpoint\naors=gone,home,work\nmessage_expiry=1h\n"
      "[home]\ntype=aor\nmessage_expiry=2h\n[work]\ntype=aor\nmessage_store=no\n");
  LocationService locations;
  Resolution resolution;
  const auto terms_of = [&](std::string_view address) {
    message::Terms terms;
    static_cast<void>(resolve(*configuration, locations, address, resolution));
    take_terms(resolution, terms);
    return std::pair(terms.may_wait, terms.expiry);
  };
  const std::pair home(true, std::chrono::seconds(2h)), work(false, std::chrono::seconds(1h));
  EXPECT_EQ(terms_of("bob"), home);
  EXPECT_EQ(terms_of("bob/home"), home);
  EXPECT_EQ(terms_of("bob/work"), work);
  EXPECT_EQ(terms_of("PJSIP/1234@bob"), home);
  EXPECT_EQ(terms_of("bob/sip:x@127.0.0.1"), std::pair(true, std::chrono::seconds(1h)));
  EXPECT_EQ(terms_of("nobody/x"), std::pair(true, 0s));
  test::put(locations, test::some_contact("work", "sip:bob@127.0.0.1:5070"));
  EXPECT_EQ(terms_of("bob"), home);
  EXPECT_EQ(terms_of("bob/work"), work);
}

}  // namespace
}  // namespace missive::pjsip

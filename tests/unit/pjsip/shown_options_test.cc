// The options of objects as they are shown, and pjsip_notify.conf.
//  1. one option by its name, without case: what it would show in an event; what is shown in none
//  2. of several values the last one; truths as the default is spelled; what is none stays
//  3. options of an AOR, fields of a contact
//  4. no object shows a password
//  5. the id of a contact is Asterisk's
//  6. pjsip_notify.conf: headers in order; a section twice, one without Event; none of that name
#include "pjsip/shown_options.h"

#include <gmock/gmock.h>

#include "pjsip/contact_shown.h"
#include "unit/pjsip/configured.h"

namespace missive::pjsip {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

TEST(ShownOptions, ByName) {  // 1
  const auto configuration = test::configured(
      "[alice]\ntype=endpoint\ncontext=calls\ncallerid=A <1>\ncontact_user=me\n"
      "follow_redirect_methods=message\n");
  const auto& alice = *configuration->endpoint("alice");
  EXPECT_EQ(shown_option(alice, "Context"), "calls");
  EXPECT_EQ(shown_option(alice, "callerid"), "\"A\" <1>");
  EXPECT_EQ(shown_option(alice, "rewrite_contact"), "false");
  EXPECT_EQ(shown_option(alice, "dtmf_mode"), "rfc4733");
  EXPECT_EQ(shown_option(alice, "contact_user"), "me");
  EXPECT_EQ(shown_option(alice, "follow_redirect_methods"), "message");
  EXPECT_FALSE(shown_option(alice, "colour"));
  std::size_t shown = 0;
  visit_options(alice, [&](std::string_view option, std::string_view value) {
    EXPECT_EQ(shown_option(alice, option), value) << option;
    EXPECT_NE(option, "contact_user");
    ++shown;
  });
  EXPECT_GT(shown, 120u);
}

TEST(ShownOptions, OfCalls) {  // 2
  const auto configuration = test::configured(
      "[base](!)\ndirect_media=no\nmedia_encryption=sdes\n[alice](base)\ntype=endpoint\n"
      "direct_media=1\nwebrtc=on\ndtls_auto_generate_cert=true\ntimers=required\nallow=ulaw\n"
      "allow=!all,opus,g722\n");
  const auto& alice = *configuration->endpoint("alice");
  const std::vector<std::pair<std::string_view, std::string_view>> expected{
      {"direct_media", "true"},           {"webrtc", "yes"},
      {"dtls_auto_generate_cert", "Yes"}, {"timers", "required"},
      {"media_encryption", "sdes"},       {"allow", "(opus|g722)"}};
  for (const auto& [option, value] : expected) EXPECT_EQ(shown_option(alice, option), value);
}

TEST(ShownOptions, OfAorsAndContacts) {  // 3
  const auto configuration =
      test::configured("[a]\ntype=aor\nqualify_timeout=2.25\nqualify_frequency=5\n");
  const auto* aor = configuration->aor("a");
  EXPECT_EQ(shown_option(*aor, "QUALIFY_TIMEOUT"), "2.250000");
  EXPECT_EQ(shown_option(*aor, "support_path"), "false");
  EXPECT_FALSE(shown_option(*aor, "colour"));
  Contact contact;
  contact.aor = "a";
  contact.uri = "sip:a@192.0.2.1";
  contact.via_address = "[2001:db8::1]:5060";
  base::ManualClock clock;
  contact.expires = clock.now() + std::chrono::seconds{10};
  const KnownContact known{std::make_shared<const Contact>(contact), {}};
  const ShownContact shown{known, aor, clock};
  EXPECT_EQ(shown_field(shown, "via_addr"), "[2001:db8::1]");
  EXPECT_EQ(shown_field(shown, "via_port"), "5060");
  EXPECT_EQ(shown_field(shown, "status"), "Unknown");
  EXPECT_EQ(shown_field(shown, "aor"), "a");
  EXPECT_EQ(shown_field(shown, "rtt"), "0");
  EXPECT_EQ(shown_field(shown, "Expiration_Time"),
            std::to_string(std::chrono::system_clock::to_time_t(clock.wall()) + 10));
  EXPECT_EQ(shown_field({known, nullptr, clock}, "status"), "NonQualified");
  EXPECT_FALSE(shown_field(shown, "colour"));
}

TEST(ShownOptions, NoSecrets) {  // 4
  const auto configuration = test::configured(
      "[a]\ntype=auth\nauth_type=google_oauth\nusername=u\npassword=s3cr3t\nrefresh_token=s3cr3t\n"
      "oauth_clientid=s3cr3t\noauth_secret=s3cr3t\n"
      "password_digest=MD5:0123456789abcdef0123456789abcdef\n"
      "[t]\ntype=transport\nprotocol=tls\nbind=127.0.0.1\npassword=s3cr3t\n");
  std::string all;
  const auto collect = [&all](std::string_view option, std::string_view value) {
    all.append(option).append(1, '=').append(value).append(1, '\n');
  };
  visit_options(*configuration->auth("a"), collect);
  visit_options(*configuration->transport("t"), collect);
  EXPECT_THAT(all, HasSubstr("username=u\npassword=\nmd5_cred=\n"));
  EXPECT_THAT(all, testing::Not(HasSubstr("s3cr3t")));
  EXPECT_THAT(all, testing::Not(HasSubstr("0123456789abcdef")));
}

TEST(ShownOptions, ContactIds) {  // 5
  Contact contact;
  contact.aor = "sink";
  contact.uri = "sip:sink@127.0.0.1:5099";
  EXPECT_EQ(contact_id(contact), "sink;@5ff932b5b08955dc50f753c3c9b54d29");
  contact.permanent = true;
  EXPECT_EQ(contact_id(contact), "sink@@5ff932b5b08955dc50f753c3c9b54d29");
}

TEST(NotifyOptions, AreRead) {  // 6
  conf::Problems problems;
  const auto configuration = Configuration::parse(
      "", problems, "", "",
      "[reboot]\nEvent=>check-sync\nContent=>a\nContent=>b\n[reboot]\nEvent=x\n[quiet]\nX-A=1\n");
  ASSERT_TRUE(configuration);
  const auto* reboot = (*configuration)->notify_option("reboot");
  ASSERT_NE(reboot, nullptr);
  EXPECT_THAT(reboot->headers,
              ElementsAre(Pair("Event", "check-sync"), Pair("Content", "a"), Pair("Content", "b")));
  EXPECT_NE((*configuration)->notify_option("quiet"), nullptr);
  EXPECT_EQ((*configuration)->notify_option("Reboot"), nullptr);
  ASSERT_EQ(problems.size(), 2u);
  EXPECT_EQ(problems[0].str(),
            "pjsip_notify.conf:5: warning: [reboot] is there twice; the first one counts");
  EXPECT_EQ(problems[1].str(),
            "pjsip_notify.conf:7: warning: [quiet] has no Event, which every NOTIFY needs");
}

}  // namespace
}  // namespace missive::pjsip

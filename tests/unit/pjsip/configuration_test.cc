// pjsip.conf.
//
//  1. an empty file gives the defaults of Asterisk
//  2. every option of global, system, transport, endpoint, aor, auth, identify, acl,
//     registration and domain_alias lands in its member
//  3. sections of one name and different type, in any order; types without case; templates
//  4. media options are accepted in silence: all that Asterisk 20.7 lists for an endpoint
//  5. caller IDs, types of service, bind addresses, contacts, hashes
//  6. cross references: missing aors warn, missing transports and auths are errors
//  7. duplicates, missing and unknown types, types of calls, two [global]
//  8. auths without what they need; secrets never shown
//  9. a default_outbound_endpoint that is not there
// 10. a file with errors gives no Configuration and says why
// 11. the observed configuration and etc/ load without a problem
#include "pjsip/configuration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "support/source_file.h"

namespace missive::pjsip {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::vector<std::string> texts(const conf::Problems& problems) {
  std::vector<std::string> out;
  for (const auto& problem : problems) out.push_back(problem.str());
  return out;
}

constexpr std::string_view acl_conf = "[a]\n[b]\n[c]\n[x]\n";

std::shared_ptr<const Configuration> parse_good(std::string_view text,
                                                const std::vector<std::string>& warnings = {}) {
  conf::Problems problems;
  auto configuration = Configuration::parse(text, problems, acl_conf);
  EXPECT_EQ(texts(problems), warnings);
  if (!configuration) throw std::runtime_error(configuration.error().text);
  return *configuration;
}

std::vector<std::string> problems_of(std::string_view text) {
  conf::Problems problems;
  const auto configuration = Configuration::parse(text, problems, acl_conf);
  EXPECT_EQ(configuration.has_value(), !conf::has_errors(problems));
  return texts(problems);
}

TEST(PjsipConfiguration, HasTheDefaultsOfAsterisk) {
  const auto c = parse_good("");
  EXPECT_EQ(c->global().max_forwards, 70U);
  EXPECT_EQ(c->global().user_agent, "Missive/" MISSIVE_VERSION);
  EXPECT_EQ(c->global().default_outbound_endpoint, "default_outbound_endpoint");
  EXPECT_EQ(c->global().default_from_user, "asterisk");
  EXPECT_EQ(c->global().default_realm, "asterisk");
  EXPECT_EQ(c->default_outbound_endpoint(), nullptr);
  EXPECT_EQ(c->system().timer_t1.count(), 500);
  EXPECT_EQ(c->system().timer_b.count(), 32'000);
  EXPECT_TRUE(c->system().disable_tcp_switch);
  EXPECT_EQ(c->endpoint("x"), nullptr);
  EXPECT_THAT(c->endpoints(), IsEmpty());

  const auto objects = parse_good(
      "[x]\ntype=endpoint\n[x]\ntype=aor\n[x]\ntype=transport\n"
      "[y]\ntype=transport\nprotocol=tls\n");
  const auto& endpoint = *objects->endpoint("x");
  EXPECT_EQ(endpoint.context, "default");
  EXPECT_EQ(endpoint.context_of_messages(), "default");
  EXPECT_TRUE(endpoint.force_rport);
  EXPECT_THAT(endpoint.identify_by, ElementsAre(IdentifyBy::username, IdentifyBy::ip));
  EXPECT_FALSE(endpoint.hides_callerid());
  EXPECT_FALSE(endpoint.message_store.has_value() || endpoint.message_expiry.has_value());
  EXPECT_EQ(endpoint.message_offline_context, "");
  EXPECT_FALSE(objects->aor("x")->message_store || objects->aor("x")->message_expiry);
  EXPECT_EQ(objects->aor("x")->minimum_expiration.count(), 60);
  EXPECT_EQ(objects->aor("x")->maximum_expiration.count(), 7200);
  EXPECT_EQ(objects->aor("x")->default_expiration.count(), 3600);
  EXPECT_EQ(objects->aor("x")->qualify_timeout.count(), 3000);
  EXPECT_EQ(objects->transport("x")->bind.str(), "0.0.0.0:5060");
  EXPECT_EQ(objects->transport("y")->bind.str(), "0.0.0.0:5061");
}

TEST(PjsipConfiguration, ReadsGlobalAndSystem) {
  const auto c = parse_good(
      "[global]\n"
      "max_forwards=20\nuser_agent=ref\ndefault_outbound_endpoint=out\n"
      "default_from_user=me\ndefault_realm=here\nendpoint_identifier_order=header,auth_username\n"
      "default_auth_algorithms_uac=sha-256,md5\ndefault_auth_algorithms_uas=SHA-512-256\n"
      "keep_alive_interval=30\ncontact_expiration_check_interval=15\n"
      "unidentified_request_count=7\nregcontext=r\ndebug=192.0.2.1\n"
      "use_callerid_contact=yes\nignore_uri_user_options=yes\nmwi_tps_queue_high=1\n"
      "taskprocessor_overload_trigger=none\nall_codecs_on_empty_reinvite=yes\nnorefersub=no\n"
      "[sys]\n"
      "type=SYSTEM\ntimer_t1=200\ntimer_b=6400\ncompact_headers=yes\ndisable_tcp_switch=no\n"
      "disable_rport=yes\nthreadpool_max_size=9\ntaskpool_max_size=9\n"
      "[out]\ntype=endpoint\n");
  const auto& global = c->global();
  EXPECT_EQ(global.max_forwards, 20U);
  EXPECT_EQ(global.user_agent, "ref");
  EXPECT_EQ(global.default_from_user, "me");
  EXPECT_EQ(global.default_realm, "here");
  EXPECT_THAT(global.endpoint_identifier_order,
              ElementsAre(IdentifyBy::header, IdentifyBy::auth_username));
  EXPECT_THAT(global.default_auth_algorithms_uac,
              ElementsAre(DigestAlgorithm::sha256, DigestAlgorithm::md5));
  EXPECT_THAT(global.default_auth_algorithms_uas, ElementsAre(DigestAlgorithm::sha512_256));
  EXPECT_EQ(global.keep_alive_interval.count(), 30);
  EXPECT_EQ(global.contact_expiration_check_interval.count(), 15);
  EXPECT_EQ(global.unidentified_request_count, 7U);
  EXPECT_EQ(global.regcontext, "r");
  EXPECT_EQ(global.debug, "192.0.2.1");
  EXPECT_TRUE(global.use_callerid_contact);
  EXPECT_TRUE(global.ignore_uri_user_options);
  EXPECT_EQ(c->default_outbound_endpoint(), c->endpoint("out"));
  EXPECT_EQ(c->system().timer_t1.count(), 200);
  EXPECT_EQ(c->system().timer_b.count(), 6400);
  EXPECT_TRUE(c->system().compact_headers);
  EXPECT_FALSE(c->system().disable_tcp_switch);
  EXPECT_TRUE(c->system().disable_rport);
}

TEST(PjsipConfiguration, ReadsTransports) {
  const auto c = parse_good(
      "[t]\ntype=transport\nbind=192.0.2.1\nprotocol=TLS\n"
      "external_signaling_address=sip.example.com\nexternal_signaling_port=5071\n"
      "external_media_address=192.0.2.9\nlocal_net=10.0.0.0/8,fe80::/10\n"
      "local_net=192.168.0.0/255.255.0.0\ntos=cs3\ncos=3\ndomain=d\nasync_operations=1\n"
      "cert_file=c.pem\npriv_key_file=k.pem\nca_list_file=ca\nca_list_path=cap\ncipher=X\n"
      "password=p\nmethod=tlsv1_2\nverify_client=yes\nverify_server=yes\n"
      "require_client_cert=yes\nallow_wildcard_certs=yes\nallow_reload=yes\n"
      "symmetric_transport=yes\ntcp_keepalive_enable=yes\ntcp_keepalive_idle_time=40\n"
      "tcp_keepalive_interval_time=11\ntcp_keepalive_probe_count=6\n"
      "websocket_write_timeout=200\n"
      "[six]\ntype=transport\nbind=[::1]:0\nprotocol=tcp\n"
      "[six2]\ntype=transport\nbind=::1\n"
      "[ws]\ntype=transport\nprotocol=ws\nbind=anything\n"
      "[flow]\ntype=transport\nprotocol=flow\n");
  const auto& t = *c->transport("t");
  EXPECT_EQ(t.protocol, Transport::Protocol::tls);
  EXPECT_EQ(name_of(t.protocol), "tls");
  EXPECT_EQ(t.bind.str(), "192.0.2.1:5061");
  EXPECT_EQ(t.external_signaling_address, "sip.example.com");
  EXPECT_EQ(t.external_signaling_port, 5071);
  EXPECT_EQ(t.external_media_address, "192.0.2.9");
  EXPECT_EQ(t.local_net.size(), 3U);
  EXPECT_TRUE(t.is_local(*net::Address::from_ip("10.1.2.3", 5060)));
  EXPECT_TRUE(t.is_local(*net::Address::from_ip("192.168.9.9", 1)));
  EXPECT_FALSE(t.is_local(*net::Address::from_ip("192.0.2.5", 5060)));
  EXPECT_EQ(t.tos, 0x60);
  EXPECT_EQ(t.cos, 3);
  EXPECT_EQ(t.domain, "d");
  EXPECT_EQ(t.tls.cert_file, "c.pem");
  EXPECT_EQ(t.tls.priv_key_file, "k.pem");
  EXPECT_EQ(t.tls.ca_list_file, "ca");
  EXPECT_EQ(t.tls.ca_list_path, "cap");
  EXPECT_EQ(t.tls.cipher, "X");
  EXPECT_EQ(t.tls.password, "p");
  EXPECT_EQ(t.tls.method, "tlsv1_2");
  EXPECT_TRUE(t.tls.verify_client && t.tls.verify_server && t.tls.require_client_cert &&
              t.tls.allow_wildcard_certs);
  EXPECT_TRUE(t.allow_reload && t.symmetric_transport);
  EXPECT_TRUE(t.tcp_keepalive.enable);
  EXPECT_EQ(t.tcp_keepalive.idle_time.count(), 40);
  EXPECT_EQ(t.tcp_keepalive.interval_time.count(), 11);
  EXPECT_EQ(t.tcp_keepalive.probe_count, 6U);
  EXPECT_EQ(t.websocket_write_timeout.count(), 200);
  EXPECT_EQ(c->transport("six")->bind.str(), "[::1]:0");
  EXPECT_EQ(c->transport("six2")->bind.str(), "[::1]:5060");
  EXPECT_FALSE(c->transport("ws")->bind.is_set());
  EXPECT_FALSE(c->transport("flow")->bind.is_set());
  EXPECT_EQ(c->transports().size(), 5U);
}

TEST(PjsipConfiguration, ReadsEndpoints) {
  const auto c = parse_good(
      "[bob]\ntype=endpoint\naors=bob, bob2\nauth=in\noutbound_auth=in,out\n"
      "outbound_proxy=sip:192.0.2.1\\;lr\nfrom_user=bobby\nfrom_domain=example.com\n"
      "callerid=\"Bob B\" <1234>\ncallerid_tag=tag\ncallerid_privacy=prohib\n"
      "trust_id_inbound=yes\ntrust_id_outbound=yes\nsend_pai=yes\nsend_rpid=yes\n"
      "context=ctx\nmessage_context=texts\nsubscribe_context=subs\ntransport=t\n"
      "identify_by=ip,header\nrewrite_contact=yes\nforce_rport=no\nset_var=A=1,2\nset_var=B=3\n"
      "permit=10.0.0.0/8\ndeny=10.1.0.0/16\nacl=a,b\ncontact_acl=c\ncontact_permit=127.0.0.1\n"
      "contact_deny=0.0.0.0/0\naccountcode=acc\nlanguage=de\ntenantid=ten\n"
      "follow_redirect_methods=message\nredirect_method=uri_pjsip\nuser_eq_phone=yes\n"
      "contact_user=cu\nallow_unauthenticated_options=yes\nallow_subscribe=no\n"
      "message_store=no\nmessage_expiry=2d\nmessage_offline_context=push\n"
      "[bob]\ntype=aor\n[bob2]\ntype=aor\n[t]\ntype=transport\n"
      "[in]\ntype=auth\nusername=u\npassword=p\n[out]\ntype=auth\nusername=u\npassword=p\n");
  const auto& bob = *c->endpoint("bob");
  EXPECT_EQ(bob.name, "bob");
  EXPECT_EQ(bob.where.str(), "pjsip.conf:1");
  EXPECT_THAT(bob.aors, ElementsAre("bob", "bob2"));
  EXPECT_THAT(bob.auth, ElementsAre("in"));
  EXPECT_THAT(bob.outbound_auth, ElementsAre("in", "out"));
  EXPECT_EQ(bob.outbound_proxy, "sip:192.0.2.1;lr");
  EXPECT_EQ(bob.from_user, "bobby");
  EXPECT_EQ(bob.from_domain, "example.com");
  EXPECT_EQ(bob.callerid, (CallerId{"Bob B", "1234"}));
  EXPECT_EQ(bob.callerid_tag, "tag");
  EXPECT_TRUE(bob.hides_callerid());
  EXPECT_TRUE(bob.trust_id_inbound && bob.trust_id_outbound && bob.send_pai && bob.send_rpid);
  EXPECT_EQ(bob.context, "ctx");
  EXPECT_EQ(bob.context_of_messages(), "texts");
  EXPECT_EQ(bob.subscribe_context, "subs");
  EXPECT_EQ(bob.transport, "t");
  EXPECT_THAT(bob.identify_by, ElementsAre(IdentifyBy::ip, IdentifyBy::header));
  EXPECT_TRUE(bob.rewrite_contact);
  EXPECT_FALSE(bob.force_rport);
  EXPECT_THAT(bob.set_var, ElementsAre("A=1,2", "B=3"));
  EXPECT_TRUE(bob.access.addresses.permits(*net::Address::from_ip("10.2.0.1", 0)));
  EXPECT_FALSE(bob.access.addresses.permits(*net::Address::from_ip("10.1.0.1", 0)));
  EXPECT_FALSE(bob.access.contacts.permits(*net::Address::from_ip("127.0.0.1", 0)));
  EXPECT_THAT(bob.access.acl, ElementsAre("a", "b"));
  EXPECT_THAT(bob.access.contact_acl, ElementsAre("c"));
  EXPECT_EQ(bob.accountcode + bob.language + bob.tenantid + bob.contact_user, "accdetencu");
  EXPECT_TRUE(bob.follows_redirects("MESSAGE"));
  EXPECT_FALSE(bob.follows_redirects("REGISTER"));
  EXPECT_EQ(bob.redirect_method, "uri_pjsip");
  EXPECT_TRUE(bob.user_eq_phone && bob.allow_unauthenticated_options);
  EXPECT_FALSE(bob.allow_subscribe);
  EXPECT_EQ(bob.message_store, false);
  EXPECT_EQ(bob.message_expiry, std::chrono::hours(48));
  EXPECT_EQ(bob.message_offline_context, "push");
}

TEST(PjsipConfiguration, ReadsAorsAndAuths) {
  const std::string md5(32, 'A'), sha256(64, 'b'), sha512_256(64, 'C');
  const auto c = parse_good(
      "[a]\ntype=aor\ncontact=sip:a@127.0.0.1:5061,sips:a@example.com\ncontact=sip:[::1]\n"
      "outbound_proxy=sip:proxy.example.com\nmax_contacts=5\nminimum_expiration=1\n"
      "maximum_expiration=2\ndefault_expiration=3\nqualify_frequency=4\nqualify_timeout=2.5\n"
      "qualify_2xx_only=yes\nauthenticate_qualify=yes\nremove_existing=yes\n"
      "remove_unavailable=yes\nsupport_path=yes\nmailboxes=m\nvoicemail_extension=v\n"
      "message_store=yes\nmessage_expiry=0\n"
      "[a]\ntype=auth\nauth_type=UserPass\nusername=u\npassword=p\\;w\nrealm=r\n"
      "nonce_lifetime=60\nsupported_algorithms_uac=SHA-256\nsupported_algorithms_uas=md5\n"
      "[m]\ntype=auth\nauth_type=md5\nusername=u\nmd5_cred=" +
      md5 +
      "\n"
      "[d]\ntype=auth\nusername=u\nrealm=*\npassword_digest=sha-256:" +
      sha256 + ",MD5:" + md5 + "\npassword_digest=SHA-512-256: " + sha512_256 +
      "\n"
      "[g]\ntype=auth\nauth_type=google_oauth\nrefresh_token=a\noauth_clientid=b\n"
      "oauth_secret=c\n");
  const auto& aor = *c->aor("a");
  EXPECT_THAT(aor.contacts, ElementsAre("sip:a@127.0.0.1:5061", "sips:a@example.com", "sip:[::1]"));
  EXPECT_EQ(aor.outbound_proxy, "sip:proxy.example.com");
  EXPECT_EQ(aor.max_contacts, 5U);
  EXPECT_EQ(aor.minimum_expiration.count(), 1);
  EXPECT_EQ(aor.maximum_expiration.count(), 2);
  EXPECT_EQ(aor.default_expiration.count(), 3);
  EXPECT_EQ(aor.qualify_frequency.count(), 4);
  EXPECT_EQ(aor.qualify_timeout.count(), 2500);
  EXPECT_TRUE(aor.qualify_2xx_only && aor.authenticate_qualify && aor.remove_existing &&
              aor.remove_unavailable && aor.support_path);
  EXPECT_EQ(aor.mailboxes + aor.voicemail_extension, "mv");
  EXPECT_EQ(aor.message_store, true);
  EXPECT_EQ(aor.message_expiry, std::chrono::seconds(0));

  const auto& auth = *c->auth("a");
  EXPECT_EQ(auth.auth_type, Auth::Type::userpass);
  EXPECT_EQ(auth.username, "u");
  EXPECT_EQ(auth.password, "p;w");
  EXPECT_EQ(auth.realm, "r");
  EXPECT_FALSE(auth.any_realm());
  EXPECT_EQ(auth.nonce_lifetime.count(), 60);
  EXPECT_THAT(auth.supported_algorithms_uac, ElementsAre(DigestAlgorithm::sha256));
  EXPECT_THAT(auth.supported_algorithms_uas, ElementsAre(DigestAlgorithm::md5));
  EXPECT_EQ(auth.hash(DigestAlgorithm::md5), nullptr);
  EXPECT_EQ(c->auth("m")->hash(DigestAlgorithm::md5)->hex, std::string(32, 'a'));
  const auto& hashes = *c->auth("d");
  EXPECT_TRUE(hashes.any_realm());
  EXPECT_EQ(hashes.hash(DigestAlgorithm::md5)->hex, std::string(32, 'a'));
  EXPECT_EQ(hashes.hash(DigestAlgorithm::sha256)->hex, sha256);
  EXPECT_EQ(hashes.hash(DigestAlgorithm::sha512_256)->hex, std::string(64, 'c'));
  EXPECT_EQ(c->auth("g")->oauth_secret, "c");
}

TEST(PjsipConfiguration, ReadsTheOtherObjects) {
  const auto c = parse_good(
      "[i]\ntype=identify\nendpoint=e\nmatch=192.0.2.1,host.example.com\nmatch=10.0.0.0/8\n"
      "match_header=X-Id: 1\nmatch_request_uri=sip:x@y\nsrv_lookups=no\ntransport=t\n"
      "[e]\ntype=endpoint\nidentify_by=ip,header,request_uri\n"
      "[acl]\ntype=acl\npermit=127.0.0.1\ndeny=0.0.0.0/0\nacl=x\n"
      "[r]\ntype=registration\nserver_uri=sip:example.com\nclient_uri=sip:me@example.com\n"
      "contact_user=me\noutbound_auth=a\noutbound_proxy=sip:p\ntransport=t\nendpoint=e\n"
      "line=yes\nexpiration=600\nmax_retries=3\nretry_interval=5\nforbidden_retry_interval=6\n"
      "fatal_retry_interval=7\nauth_rejection_permanent=no\nsupport_path=yes\n"
      "max_random_initial_delay=0\ncontact_header_params=x=y\nuser_agent=ua\n"
      "support_outbound=yes\nsecurity_negotiation=no\n"
      "[a]\ntype=auth\nusername=u\npassword=p\n[t]\ntype=transport\n"
      "[alias.example.com]\ntype=domain_alias\ndomain=example.com\n");
  ASSERT_EQ(c->identifies().size(), 1U);
  const auto& identify = c->identifies()[0];
  EXPECT_EQ(identify.endpoint, "e");
  EXPECT_THAT(identify.match, ElementsAre("192.0.2.1", "host.example.com", "10.0.0.0/8"));
  EXPECT_EQ(identify.match_header, "X-Id: 1");
  EXPECT_EQ(identify.match_request_uri, "sip:x@y");
  EXPECT_FALSE(identify.srv_lookups);
  ASSERT_EQ(c->acls().size(), 1U);
  EXPECT_FALSE(c->acls()[0].rules.addresses.permits(*net::Address::from_ip("127.0.0.1", 0)));
  const auto& registration = *c->registration("r");
  EXPECT_EQ(registration.server_uri, "sip:example.com");
  EXPECT_EQ(registration.client_uri, "sip:me@example.com");
  EXPECT_EQ(registration.contact_user, "me");
  EXPECT_THAT(registration.outbound_auth, ElementsAre("a"));
  EXPECT_EQ(registration.outbound_proxy, "sip:p");
  EXPECT_TRUE(registration.line && registration.support_path && registration.support_outbound);
  EXPECT_FALSE(registration.auth_rejection_permanent);
  EXPECT_EQ(registration.expiration.count(), 600);
  EXPECT_EQ(registration.max_retries, 3U);
  EXPECT_EQ(registration.retry_interval.count(), 5);
  EXPECT_EQ(registration.forbidden_retry_interval.count(), 6);
  EXPECT_EQ(registration.fatal_retry_interval.count(), 7);
  EXPECT_EQ(registration.max_random_initial_delay.count(), 0);
  EXPECT_EQ(registration.contact_header_params, "x=y");
  EXPECT_EQ(registration.user_agent, "ua");
  ASSERT_EQ(c->domain_aliases().size(), 1U);
  EXPECT_EQ(c->domain_aliases()[0].name, "alias.example.com");
  EXPECT_EQ(c->domain_aliases()[0].domain, "example.com");
}

TEST(PjsipConfiguration, AppliesTemplates) {
  const auto c = parse_good(
      "[phone](!)\ntype=Endpoint\ncontext=messages\naors=shared\n"
      "[alice](phone)\naors+=alice\n"
      "[bob](phone)\naors=bob\n"
      "[shared]\ntype=AOR\n[alice]\ntype=aor\n[bob]\ntype=aor\n");
  EXPECT_EQ(c->endpoint("phone"), nullptr);
  EXPECT_THAT(c->endpoint("alice")->aors, ElementsAre("shared", "alice"));
  EXPECT_THAT(c->endpoint("bob")->aors, ElementsAre("bob"));
  EXPECT_EQ(c->endpoint("bob")->context, "messages");
  EXPECT_EQ(c->endpoint("Bob"), nullptr) << "names have case";
}

// What Asterisk 20.7 lists for an endpoint, beside what has its own test above.
TEST(PjsipConfiguration, AcceptsMediaOptionsInSilence) {
  std::string text = "[x]\ntype=endpoint\n";
  for (const auto* option : {"rpid_immediate",
                             "webrtc",
                             "ignore_183_without_sdp",
                             "send_aoc",
                             "device_state_busy_at",
                             "t38_udptl_maxdatagram",
                             "codec_prefs_incoming_answer",
                             "security_negotiation",
                             "dtls_rekey",
                             "named_pickup_group",
                             "direct_media_method",
                             "pickup_group",
                             "sdp_session",
                             "dtls_verify",
                             "mailboxes",
                             "record_on_feature",
                             "dtls_private_key",
                             "dtls_fingerprint",
                             "overlap_context",
                             "outgoing_call_offer_pref",
                             "timers_sess_expires",
                             "named_call_group",
                             "dtls_cipher",
                             "media_encryption_optimistic",
                             "suppress_q850_reason_headers",
                             "mwi_subscribe_replaces_unsolicited",
                             "cos_audio",
                             "follow_early_media_fork",
                             "rtp_symmetric",
                             "moh_suggest",
                             "t38_udptl",
                             "fax_detect",
                             "t38_bind_udptl_to_media_address",
                             "tos_video",
                             "srtp_tag_32",
                             "refer_blind_progress",
                             "max_audio_streams",
                             "bundle",
                             "use_avpf",
                             "call_group",
                             "send_connected_line",
                             "fax_detect_timeout",
                             "sdp_owner",
                             "rtp_timeout_hold",
                             "suppress_moh_on_sendonly",
                             "use_ptime",
                             "media_address",
                             "voicemail_extension",
                             "rtp_timeout",
                             "stir_shaken",
                             "preferred_codec_only",
                             "geoloc_outgoing_call_profile",
                             "force_avp",
                             "record_off_feature",
                             "send_diversion",
                             "send_history_info",
                             "t38_udptl_ipv6",
                             "tone_zone",
                             "rtp_ipv6",
                             "moh_passthrough",
                             "cos_video",
                             "dtls_auto_generate_cert",
                             "asymmetric_rtp_codec",
                             "geoloc_incoming_call_profile",
                             "ice_support",
                             "aggregate_mwi",
                             "one_touch_recording",
                             "mwi_from_user",
                             "codec_prefs_outgoing_answer",
                             "allow",
                             "disallow",
                             "rtp_engine",
                             "notify_early_inuse_ringing",
                             "incoming_mwi_mailbox",
                             "incoming_call_offer_pref",
                             "direct_media_glare_mitigation",
                             "stir_shaken_profile",
                             "bind_rtp_to_media_address",
                             "disable_direct_media_on_nat",
                             "media_encryption",
                             "media_use_received_transport",
                             "allow_overlap",
                             "dtmf_mode",
                             "tos_audio",
                             "dtls_cert_file",
                             "dtls_ca_path",
                             "dtls_setup",
                             "connected_line_method",
                             "g726_non_standard",
                             "100rel",
                             "timers",
                             "direct_media",
                             "timers_min_se",
                             "sub_min_expiry",
                             "rtcp_mux",
                             "max_video_streams",
                             "accept_multiple_sdp_answers",
                             "codec_prefs_incoming_offer",
                             "codec_prefs_outgoing_offer",
                             "trust_connected_line",
                             "rtp_keepalive",
                             "t38_udptl_ec",
                             "t38_udptl_nat",
                             "allow_transfer",
                             "dtls_ca_file",
                             "inband_progress",
                             "security_mechanisms"}) {
    text += std::string(option) + " = anything\n";
  }
  parse_good(text);
}

TEST(PjsipConfiguration, ParsesCallerIds) {
  const auto parsed = [](std::string_view text) {
    const auto id = CallerId::parse(text);
    return id ? id->name + "|" + id->number : id.error().text;
  };
  EXPECT_EQ(parsed("\"Bob B\" <1234>"), "Bob B|1234");
  EXPECT_EQ(parsed("Bob B <1234>"), "Bob B|1234");
  EXPECT_EQ(parsed("\"Bob \\\"B\\\" <x>\"<+49 1>"), "Bob \"B\" <x>|+49 1");
  EXPECT_EQ(parsed("<1234>"), "|1234");
  EXPECT_EQ(parsed("+4912*#"), "|+4912*#");
  EXPECT_EQ(parsed("Bob"), "Bob|");
  EXPECT_EQ(parsed("\"1234\""), "1234|");
  EXPECT_EQ(parsed(""), "|");
  const auto refused = [&](std::string_view text) {
    EXPECT_THAT(parsed(text), HasSubstr("is no caller ID; \"Name\" <number> would be right"));
  };
  refused("Bob <1234");
  refused("\"Bob\" 1234");
  refused("Bob <12> 34");
  refused("Bob <12>34>");
}

TEST(PjsipConfiguration, ParsesTypesOfService) {
  EXPECT_EQ(parse_tos("CS3"), 0x60);
  EXPECT_EQ(parse_tos("af31"), 0x68);
  EXPECT_EQ(parse_tos("ef"), 0xB8);
  EXPECT_EQ(parse_tos("0x68"), 0x68);
  EXPECT_EQ(parse_tos("184"), 184);
  for (const auto* text : {"", "256", "-1", "0x", "0x100", "af5", "12x"}) {
    EXPECT_FALSE(parse_tos(text)) << text;
  }
}

TEST(PjsipConfiguration, ReportsBadValues) {
  EXPECT_THAT(
      problems_of("[t]\ntype=transport\nbind=localhost:5060\nprotocol=sctp\ntos=high\n"
                  "local_net=10.0.0.0/33\n"
                  "[a]\ntype=aor\ncontact=sip:a@127.0.0.1,bob@example.com\nqualify_timeout=x\n"
                  "[e]\ntype=endpoint\ncallerid=Bob <1\ncallerid_privacy=some\nset_var=A\n"
                  "callerdi=x\nidentify_by=name\noutbound_proxy=proxy\nfromuser=x\n"),
      ElementsAre(
          HasSubstr("pjsip.conf:4: error: [t] protocol: 'sctp' is none of udp, tcp, tls, ws, wss, "
                    "flow"),
          HasSubstr("pjsip.conf:5: error: [t] tos: 'high' is no type of service"),
          HasSubstr("pjsip.conf:6: error: [t] local_net: "),
          HasSubstr("pjsip.conf:3: error: [t] bind: 'localhost:5060' is not an IP address"),
          HasSubstr("pjsip.conf:9: error: [a] contact: 'bob@example.com' is no SIP URI like "
                    "sip:alice@192.0.2.1:5060"),
          HasSubstr("pjsip.conf:10: error: [a] qualify_timeout: 'x' is no number of seconds"),
          HasSubstr("pjsip.conf:13: error: [e] callerid: 'Bob <1' is no caller ID"),
          HasSubstr("pjsip.conf:14: error: [e] callerid_privacy: 'some' is none of allowed_not"),
          "pjsip.conf:15: error: [e] set_var: 'A' is not NAME=value",
          "pjsip.conf:16: error: [e] unknown endpoint option 'callerdi'; did you mean "
          "'callerid'?",
          HasSubstr("pjsip.conf:17: error: [e] identify_by: 'name' is none of username, "),
          HasSubstr("pjsip.conf:18: error: [e] outbound_proxy: 'proxy' is no SIP URI"),
          "pjsip.conf:19: error: [e] unknown endpoint option 'fromuser'; did you mean "
          "'from_user'?"));
}

TEST(PjsipConfiguration, ContactsAreSipUris) {
  EXPECT_THAT(problems_of("[a]\ntype=aor\ncontact=tel:+4912\n"),
              ElementsAre(HasSubstr("'tel:+4912' is no SIP URI")));
}

TEST(PjsipConfiguration, ChecksReferences) {
  EXPECT_THAT(problems_of("[bob]\ntype=aor\n[bob]\ntype=endpoint\naors=bob,bobb\n"),
              ElementsAre("pjsip.conf:5: warning: endpoint 'bob' names aor 'bobb', which is not "
                          "defined; did you mean 'bob'?"));
  EXPECT_THAT(problems_of("[bob]\ntype=endpoint\ntransport=upd\noutbound_auth=secret\nauth=in\n"
                          "[udp]\ntype=transport\n"),
              ElementsAre("pjsip.conf:5: error: endpoint 'bob' names auth 'in', which is not "
                          "defined",
                          "pjsip.conf:4: error: endpoint 'bob' names auth 'secret', which is not "
                          "defined",
                          "pjsip.conf:3: error: endpoint 'bob' names transport 'upd', which is "
                          "not defined; did you mean 'udp'?"));
  EXPECT_THAT(problems_of("[r]\ntype=registration\ntransport=t\nendpoint=e\nline=yes\n"
                          "server_uri=sip:a\nclient_uri=sip:b\n"
                          "[i]\ntype=identify\nendpoint=e\nmatch=192.0.2.1\n"),
              ElementsAre(HasSubstr("pjsip.conf:3: error: registration 'r' names transport 't'"),
                          HasSubstr("pjsip.conf:4: warning: registration 'r' names endpoint 'e'"),
                          HasSubstr("pjsip.conf:10: warning: identify 'i' names endpoint 'e'")));
}

TEST(PjsipConfiguration, ReportsAMissingReferenceOfATemplateOnce) {
  EXPECT_THAT(problems_of("[t](!)\ntype=endpoint\ntransport=none\n[a](t)\n[b](t)\n"),
              ElementsAre("pjsip.conf:3: error: endpoint 'a' names transport 'none', which is not "
                          "defined"));
}

TEST(PjsipConfiguration, ChecksSections) {
  EXPECT_THAT(
      problems_of("[a]\ncontext=x\n"
                  "[b]\ntype=enpdoint\n"
                  "[c]\ntype=peer\n"
                  "[d]\ntype=phoneprov\nMAC=1\n"
                  "[e]\ntype=aor\n"
                  "[e]\ntype=AOR\n"
                  "[global]\n"
                  "[g]\ntype=global\n"
                  "[system]\n"
                  "[system]\n"),
      ElementsAre(
          "pjsip.conf:1: error: section [a] has no type; it needs type=endpoint, aor, auth or "
          "another",
          "pjsip.conf:4: error: [b] unknown type 'enpdoint'; did you mean 'endpoint'?",
          "pjsip.conf:6: error: [c] unknown type 'peer'; there are global, system, transport, "
          "endpoint, aor, auth, identify, acl, registration, domain_alias",
          "pjsip.conf:8: warning: [d] type=phoneprov has no meaning in a messaging server; it is "
          "ignored",
          "pjsip.conf:12: error: aor 'e' is defined twice; the first is at pjsip.conf:10",
          "pjsip.conf:15: error: there is one section of type=global only; the first is at "
          "pjsip.conf:14",
          "pjsip.conf:18: error: there is one section of type=system only; the first is at "
          "pjsip.conf:17"));
}

TEST(PjsipConfiguration, ChecksAuths) {
  const auto problems = problems_of(
      "[a]\ntype=auth\nauth_type=userpass\npassword=topsecret\n"
      "[b]\ntype=auth\nauth_type=md5\nusername=b\npassword=topsecret\n"
      "[c]\ntype=auth\nusername=c\n"
      "[d]\ntype=auth\nusername=d\nmd5_cred=topsecret\n"
      "[e]\ntype=auth\nusername=e\npassword=p\npassword_digest=SHA-1:topsecret\n"
      "[f]\ntype=auth\nusername=f\npassword=p\npassword_digest=SHA-256:topsecret\n");
  EXPECT_THAT(
      problems,
      ElementsAre("pjsip.conf:1: error: auth 'a' has no username",
                  "pjsip.conf:5: error: auth 'b' of auth_type=md5 has no md5_cred",
                  "pjsip.conf:10: warning: auth 'c' has neither password nor password_digest; its "
                  "password is empty",
                  "pjsip.conf:16: error: [d] md5_cred: the MD5 hash of username:realm:password "
                  "has 32 hexadecimal digits",
                  HasSubstr("pjsip.conf:13: warning: auth 'd' has neither"),
                  HasSubstr("pjsip.conf:21: error: [e] password_digest: needs ALGORITHM:hash"),
                  "pjsip.conf:26: error: [f] password_digest: the SHA-256 hash of "
                  "username:realm:password has 64 hexadecimal digits"));
  for (const auto& problem : problems) EXPECT_THAT(problem, Not(HasSubstr("topsecret")));
}

TEST(PjsipConfiguration, WarnsOfAMissingDefaultEndpointThatIsNamed) {
  EXPECT_THAT(problems_of("[global]\ndefault_outbound_endpoint=otu\n[out]\ntype=endpoint\n"),
              ElementsAre("pjsip.conf:2: warning: default_outbound_endpoint 'otu' is not defined; "
                          "did you mean 'out'?"));
}

TEST(PjsipConfiguration, AFileWithErrorsGivesNone) {
  conf::Problems problems;
  const auto one = Configuration::parse("[a]\n", problems);
  ASSERT_FALSE(one);
  EXPECT_THAT(one.error().text,
              HasSubstr("pjsip.conf has 1 error: pjsip.conf:1: error: section [a] has no type"));
  const auto two = Configuration::parse("[a]\n[b]\n", problems);
  ASSERT_FALSE(two);
  EXPECT_THAT(two.error().text, HasSubstr("pjsip.conf has 2 errors: pjsip.conf:1: error:"));
  EXPECT_EQ(problems.size(), 3U);

  EXPECT_TRUE(Configuration::parse("", problems)) << "earlier problems are not its own";

  const auto missing = Configuration::load("/nonexistent-folder", problems);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().text, "/nonexistent-folder/pjsip.conf does not exist");
}

std::shared_ptr<const Configuration> load_good(std::string_view folder) {
  conf::Problems problems;
  const auto path = source_file(folder);
  auto configuration = Configuration::load(path, problems);
  EXPECT_THAT(texts(problems), IsEmpty());
  if (!configuration) throw std::runtime_error(configuration.error().text);
  return *configuration;
}

TEST(PjsipConfiguration, LoadsTheObservedFile) {
  const auto c = load_good("tests/data/observed");
  EXPECT_EQ(c->global().user_agent, "ref");
  EXPECT_EQ(c->default_outbound_endpoint(), c->endpoint("default_endpoint"));
  EXPECT_EQ(c->transport("local")->bind.str(), "127.0.0.1:5070");
  EXPECT_THAT(c->endpoint("bob")->aors, ElementsAre("bob", "bob2"));
  EXPECT_EQ(c->endpoint("bob")->callerid, (CallerId{"Bob B", "1234"}));
  EXPECT_THAT(c->aor("bob2")->contacts, ElementsAre("sip:harry@127.0.0.2:5062"));
  EXPECT_THAT(c->endpoint("noaor")->aors, IsEmpty());
}

TEST(PjsipConfiguration, LoadsTheSample) {
  const auto c = load_good("etc");
  ASSERT_NE(c->default_outbound_endpoint(), nullptr);
  EXPECT_EQ(c->transport("udp")->bind.str(), "127.0.0.1:5060");
  EXPECT_EQ(c->transport("tcp")->bind.str(), "127.0.0.1:5060");
  EXPECT_EQ(c->transport("tcp")->protocol, Transport::Protocol::tcp);
  EXPECT_EQ(c->aor("alice")->max_contacts, 5u);
  EXPECT_THAT(c->endpoint("alice")->auth, ElementsAre("alice"));
  EXPECT_THAT(c->aor("desk")->contacts, ElementsAre("sip:desk@127.0.0.1:5061"));
  EXPECT_THAT(c->endpoint("bob")->aors, ElementsAre("bob"));
}

}  // namespace
}  // namespace missive::pjsip

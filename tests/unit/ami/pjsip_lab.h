// A pjsip.conf that has everything, a technology that is made up, and a client that asks: for the
// tests of the PJSIP* actions.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "unit/ami/fake_operations.h"
#include "unit/ami/harness.h"

namespace missive::ami {

inline constexpr std::string_view full_conf = R"(
[udp]
type = transport
bind = 127.0.0.1:5070
local_net = 10.0.0.0/8,192.168.0.0/16
tos = cs3
[tls]
type = transport
protocol = tls
bind = 127.0.0.1
password = s3cr3t-key
verify_server = yes
method = tlsv1_2
[in]
type = auth
username = alice
password = s3cr3t-in
[out]
type = auth
auth_type = md5
username = alice
md5_cred = 0123456789abcdef0123456789abcdef
realm = example.com
[token]
type = auth
auth_type = google_oauth
refresh_token = s3cr3t-refresh
oauth_clientid = s3cr3t-id
oauth_secret = s3cr3t-oauth
[alice]
type = aor
max_contacts = 1
qualify_frequency = 60
qualify_timeout = 2.5
authenticate_qualify = yes
outbound_proxy = sip:192.0.2.99
mailboxes = 100@default
[extra]
type = aor
contact = sip:192.0.2.50
[alice]
type = endpoint
transport = udp
aors = alice,extra
auth = in
outbound_auth = out
context = calls
message_context = messages
callerid = Alice <100>
identify_by = ip,username
set_var = A=1
100rel = peer_supported
allow = !all,ulaw,alaw
direct_media = no
timers = off
dtls_verify = yes
rtp_timeout = 30
send_diversion = 0
device_state_busy_at = 2
[alice-hosts]
type = identify
endpoint = alice
match = 192.0.2.0/24,198.51.100.7
srv_lookups = no
[lonely]
type = endpoint
)";

struct PjsipActions : testing::Test {
  explicit PjsipActions(std::string_view conf = full_conf, std::string_view notify = "")
      : operations(conf, notify) {
    world.shared.pjsip = &operations;
    client.login("admin", "s3cret-AMI");
  }

  std::string ask(std::string_view action, std::string_view headers = "") {
    return client.ask(fmt::format("Action: {}\r\nActionID: a\r\n{}\r\n", action, headers));
  }
  // The packets of an answer that are of one event.
  std::vector<std::string> events(const std::string& text, std::string_view name) {
    std::vector<std::string> found;
    for (std::size_t at = 0; at < text.size();) {
      const auto end = text.find("\r\n\r\n", at);
      const auto packet = text.substr(at, end - at + 2);
      if (packet.starts_with(fmt::format("Event: {}\r\n", name))) found.push_back(packet);
      at = end + 4;
    }
    return found;
  }
  static std::vector<std::string> fields(const std::string& packet) {
    std::vector<std::string> names;
    for (const auto line : base::split_list(packet, '\n')) {
      names.emplace_back(line.substr(0, line.find(':')));
    }
    return names;
  }
  static std::string value(const std::string& packet, std::string_view field) {
    const auto mark = fmt::format("\n{}: ", field);
    const auto at = packet.find(mark);
    if (at == packet.npos) return "nothing";
    return packet.substr(at + mark.size(), packet.find("\r\n", at + 1) - at - mark.size());
  }
  void register_alice() {
    pjsip::Contact contact;
    contact.aor = contact.endpoint = "alice";
    contact.uri = contact.given = "sip:alice@192.0.2.7:5062";
    contact.user_agent = "Phone/1.0";
    contact.via_address = "192.0.2.7:5062";
    contact.call_id = "call-1";
    contact.path = {"<sip:proxy;lr>"};
    contact.expires = world.clock.now() + std::chrono::seconds{100};
    operations.set_contact(std::move(contact));
  }
  void alice_is(pjsip::Reachability reachability, std::chrono::microseconds took) {
    operations.service.set_status("alice", "sip:alice@192.0.2.7:5062", {reachability, took});
  }

  World world;
  FakeOperations operations;
  Client client{world};
};

}  // namespace missive::ami

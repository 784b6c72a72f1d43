#include "chan_sip/registrations.h"

#include <algorithm>
#include <limits>

#include "base/text.h"
#include "chan_sip/auths.h"
#include "chan_sip/transports.h"
#include "conf/nearest.h"
#include "sip/uri.h"

namespace missive::chan_sip {
namespace {

using base::printable;
using Definition = pjsip::Configuration::Definition;
using Severity = conf::Problem::Severity;

std::vector<std::string_view> names_of_peers(const SipConf& conf) {
  std::vector<std::string_view> names;
  for (const auto& peer : conf.peers) names.push_back(peer.name);
  return names;
}

// One line on its way to a Registration.
class Builder {
 public:
  Builder(const SipConf& conf, Definition& out, conf::Problems& problems)
      : conf_(conf), out_(out), problems_(problems) {}

  void add(const RegisterLine& line, const conf::Location& where) {
    where_ = &where;
    const auto* peer = conf_.peer(line.host);
    if (!line.peer.empty() && conf_.peer(line.peer) == nullptr) {
      return error(fmt::format("names the peer '{}', which is not defined{}",
                               printable(line.peer, 80),
                               conf::did_you_mean(line.peer, names_of_peers(conf_))));
    }
    if (peer != nullptr && peer->host.empty()) {
      return error(fmt::format("names the peer '{}', which has no fixed host", line.host));
    }
    const auto* transport = transport_for(line, peer);
    if (transport == nullptr) return;

    pjsip::Registration made;
    made.where = where;
    if (!set_uris(line, peer, *transport, made)) return;
    const bool known = std::any_of(out_.registrations.begin(), out_.registrations.end(),
                                   [&](const auto& other) { return other.name == made.name; });
    if (known) return error(fmt::format("registers {} a second time", made.name));
    made.contact_user = line.extension;
    made.endpoint = !line.peer.empty() ? line.peer : peer != nullptr ? peer->name : "";
    made.transport = transport->name;
    made.outbound_proxy = peer != nullptr ? peer->outboundproxy : conf_.general.outboundproxy;
    set_times(line, made);
    set_auths(line, peer, made);
    out_.registrations.push_back(std::move(made));
  }

 private:
  void error(const std::string& text) {
    problems_.push_back({Severity::error, *where_, "register: " + text});
  }

  const pjsip::Transport* transport_for(const RegisterLine& line, const Peer* peer) {
    auto protocol = line.transport;
    if (!protocol && peer != nullptr) protocol = peer->transport.front();
    const auto wanted = protocol.value_or(conf_.general.transport.front());
    const auto* found = chan_sip::transport_of(out_.transports, wanted);
    if (found != nullptr && found->has_own_socket()) return found;
    // Without a word about it, whatever there is will do.
    if (!line.transport) {
      const Device& device = peer != nullptr ? static_cast<const Device&>(*peer) : conf_.general;
      if (const auto* any = sending_transport(out_.transports, device)) return any;
    }
    error(fmt::format("goes by {0}, which is not enabled ({0}enable=yes in [general])",
                      sip::name_of(wanted)));
    return nullptr;
  }

  bool set_uris(const RegisterLine& line, const Peer* peer, const pjsip::Transport& transport,
                pjsip::Registration& out) {
    const auto& host = peer != nullptr ? peer->host : line.host;
    auto port = line.port.value_or(0);
    if (port == 0 && peer != nullptr) port = peer->port;
    // With a port no SRV record is asked for.
    if (port == 0 && !conf_.general.srvlookup) port = sip::default_port_of(transport.protocol);
    out.server_uri = "sip:" + host;
    if (port != 0) out.server_uri += fmt::format(":{}", port);
    if (transport.protocol != sip::Protocol::udp) {
      out.server_uri += fmt::format(";transport={}", sip::name_of(transport.protocol));
    }
    const auto& domain = line.domain.empty() ? host : line.domain;
    out.client_uri = fmt::format("sip:{}@{}", sip::escape_user(line.user), domain);
    out.name = fmt::format("{}@{}", line.user, domain);
    for (const auto& uri : {out.server_uri, out.client_uri}) {
      if (const auto parsed = sip::parse_uri(uri); !parsed) {
        error(parsed.error().text);
        return false;
      }
    }
    return true;
  }

  void set_times(const RegisterLine& line, pjsip::Registration& out) const {
    const auto& general = conf_.general;
    out.expiration = line.expiry.value_or(general.defaultexpiry);
    out.retry_interval = general.registertimeout;
    out.max_retries = general.registerattempts == 0 ? std::numeric_limits<unsigned>::max()
                                                    : general.registerattempts;
    out.max_random_initial_delay = std::chrono::seconds{0};
    if (general.register_retry_403) {
      out.forbidden_retry_interval = general.registertimeout;
      out.auth_rejection_permanent = false;
    }
  }

  // As with messages: what is for one realm goes first.
  void set_auths(const RegisterLine& line, const Peer* peer, pjsip::Registration& out) {
    out.outbound_auth = names_of_authentication(conf_);
    std::string secret = line.secret;
    std::string md5secret;
    if (secret.empty() && peer != nullptr) {
      secret = peer->remotesecret.empty() ? peer->secret : peer->remotesecret;
      if (peer->remotesecret.empty()) md5secret = peer->md5secret;
    }
    if (secret.empty() && md5secret.empty()) return;
    const auto name = "register/" + out.name;
    out.outbound_auth.push_back(name);
    const auto& user = line.authuser.empty() ? line.user : line.authuser;
    out_.auths.push_back(make_auth(name, *where_, user, secret, md5secret));
  }

  const SipConf& conf_;
  Definition& out_;
  conf::Problems& problems_;
  const conf::Location* where_ = nullptr;
};

RegisterLine line_of(const Peer& peer) {
  RegisterLine line;
  line.peer = peer.name;
  line.user = peer.fromuser.empty() ? outbound_user(peer) : peer.fromuser;
  line.authuser = outbound_user(peer);
  line.host = peer.name;
  line.extension = peer.callbackextension;
  return line;
}

}  // namespace

void define_registrations(const SipConf& conf, Definition& out, conf::Problems& problems) {
  Builder builder(conf, out, problems);
  for (const auto& each : conf.general.registrations) builder.add(each.line, each.where);
  for (const auto& peer : conf.peers) {
    if (!peer.callbackextension.empty()) builder.add(line_of(peer), peer.where);
  }
}

}  // namespace missive::chan_sip

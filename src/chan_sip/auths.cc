#include "chan_sip/auths.h"

namespace missive::chan_sip {
namespace {

using Definition = pjsip::Configuration::Definition;

pjsip::Auth make_auth(std::string name, const CredentialsLine& line) {
  auto out =
      chan_sip::make_auth(std::move(name), line.where, line.user, line.secret, line.md5secret);
  out.realm = line.realm;
  return out;
}

}  // namespace

pjsip::Auth make_auth(std::string name, const conf::Location& where, std::string user,
                      std::string secret, const std::string& md5secret) {
  pjsip::Auth out;
  out.name = std::move(name);
  out.where = where;
  out.username = std::move(user);
  if (md5secret.empty()) {
    out.password = std::move(secret);
    return out;
  }
  out.auth_type = pjsip::Auth::Type::md5;
  out.password_digest.push_back({pjsip::DigestAlgorithm::md5, md5secret});
  return out;
}

const std::string& outbound_user(const Peer& peer) {
  if (!peer.defaultuser.empty()) return peer.defaultuser;
  return peer.fromuser.empty() ? peer.name : peer.fromuser;
}

std::vector<std::string> names_of_authentication(const SipConf& conf) {
  std::vector<std::string> names;
  for (std::size_t i = 1; i <= conf.authentication.size(); ++i) {
    names.push_back(fmt::format("authentication/{}", i));
  }
  return names;
}

void define_authentication(const SipConf& conf, Definition& out) {
  const auto names = names_of_authentication(conf);
  for (std::size_t i = 0; i < names.size(); ++i) {
    out.auths.push_back(make_auth(names[i], conf.authentication[i]));
  }
}

void define_auths(const Peer& peer, const SipConf& conf, pjsip::Endpoint& endpoint,
                  Definition& out) {
  if (!peer.secret.empty() || !peer.md5secret.empty()) {
    endpoint.auth.push_back(peer.name);
    out.auths.push_back(make_auth(peer.name, peer.where, peer.name, peer.secret, peer.md5secret));
  }
  auto& answers = endpoint.outbound_auth;
  for (std::size_t i = 0; i < peer.auth.size(); ++i) {
    answers.push_back(fmt::format("{}/auth{}", peer.name, i + 1));
    out.auths.push_back(make_auth(answers.back(), peer.auth[i]));
  }
  for (auto& name : names_of_authentication(conf)) answers.push_back(std::move(name));
  const auto& secret = peer.remotesecret.empty() ? peer.secret : peer.remotesecret;
  const auto md5secret = peer.remotesecret.empty() ? peer.md5secret : std::string();
  if (secret.empty() && md5secret.empty()) return;
  answers.push_back(peer.name + "/outbound");
  out.auths.push_back(
      make_auth(answers.back(), peer.where, outbound_user(peer), secret, md5secret));
}

}  // namespace missive::chan_sip

#include "chan_sip/sip_conf.h"

#include <algorithm>
#include <unordered_map>

#include "base/text.h"
#include "conf/binder.h"

namespace missive::chan_sip {
namespace {

using Severity = conf::Problem::Severity;

conf::Binder<SipConf> authentication_binder() {
  conf::Binder<SipConf> binder("sip.conf [authentication]");
  binder.custom("auth", [](SipConf& conf, const conf::Option& option) {
    return CredentialsLine::parse(option.value).map([&](CredentialsLine line) {
      line.where = option.where;
      conf.authentication.push_back(std::move(line));
    });
  });
  return binder;
}

bool is_peer(const conf::Section& section) {
  return !base::iequals(section.name, "general") && !base::iequals(section.name, "authentication");
}

void report_twice(const conf::Section& section, const conf::Location& first,
                  conf::Problems& problems) {
  problems.push_back({Severity::error, section.where,
                      fmt::format("[{}] is defined twice; the first is at {} (type=friend is peer"
                                  " and user in one)",
                                  base::printable(section.name, 80), first.str())});
}

}  // namespace

const Peer* SipConf::peer(std::string_view name) const {
  const auto found = std::find_if(peers.begin(), peers.end(),
                                  [name](const Peer& peer) { return peer.name == name; });
  return found == peers.end() ? nullptr : &*found;
}

SipConf read_sip_conf(const conf::File& file, const net::AclFile& acls, conf::Problems& problems) {
  static const auto binder = authentication_binder();
  SipConf conf;
  const conf::Section* general = nullptr;
  for (const auto& section : file.sections) {
    if (section.is_template || is_peer(section)) continue;
    if (base::iequals(section.name, "authentication")) {
      binder.bind(section, conf, problems);
    } else if (general != nullptr) {
      problems.push_back({Severity::error, section.where,
                          fmt::format("there is one section [general] only; the first is at {}",
                                      general->where.str())});
    } else {
      general = &section;
      read_general(section, acls, conf.general, problems);
    }
  }
  std::unordered_map<std::string_view, conf::Location> known;
  for (const auto& section : file.sections) {
    if (section.is_template || !is_peer(section)) continue;
    const auto [place, first] = known.try_emplace(section.name, section.where);
    if (!first) {
      report_twice(section, place->second, problems);
      continue;
    }
    conf.peers.push_back(read_peer(section, conf.general, acls, problems));
  }
  return conf;
}

}  // namespace missive::chan_sip

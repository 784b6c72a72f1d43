// pjsip.conf as one immutable value: what the SIP side is told to be.
//
// Built whole or not at all: a file with an error gives no Configuration, so that the
// one in force stays. Everybody who works with it holds the shared_ptr; the pointers that
// the look-ups return live as long. Any number of threads may read it.
//
// Sections of one name and different type go together ([bob] type=aor and [bob]
// type=endpoint) and may come in any order. [global] and [system] need no type=. An
// endpoint that names an AOR which is not there is a warning, as in Asterisk; a
// missing transport, auth or list of acl.conf is an error. Source: Asterisk documentation,
// res_pjsip.
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "base/text.h"
#include "conf/conf.h"
#include "pjsip/aor.h"
#include "pjsip/auth.h"
#include "pjsip/endpoint.h"
#include "pjsip/global.h"
#include "pjsip/identify.h"
#include "pjsip/notify_options.h"
#include "pjsip/objects.h"
#include "pjsip/registration.h"
#include "pjsip/transport_options.h"

namespace missive::pjsip {

class Dialect;

class Configuration {
 public:
  // Reads folder/pjsip.conf, and pjsip_wizard.conf (wizard.h), acl.conf and pjsip_notify.conf where
  // they are there. Fails when a file cannot be read or has an error; then `problems` says all that
  // is wrong, each with its line.
  static base::Result<std::shared_ptr<const Configuration>> load(
      const std::filesystem::path& folder, conf::Problems& problems);
  // The same from text, for tests and demonstrations.
  static base::Result<std::shared_ptr<const Configuration>> parse(std::string_view text,
                                                                  conf::Problems& problems,
                                                                  std::string_view acl = {},
                                                                  std::string_view wizards = {},
                                                                  std::string_view notify = {});

  // What another file than pjsip.conf describes; whoever reads that file has checked it.
  struct Definition {
    const Dialect* dialect = nullptr;  // lives as long as the program
    Global global;
    System system;
    std::vector<Endpoint> endpoints;
    std::vector<Aor> aors;
    std::vector<Auth> auths;
    std::vector<Transport> transports;
    std::vector<Identify> identifies;
    std::vector<AclObject> acls;
    std::vector<Registration> registrations;
    std::vector<DomainAlias> domain_aliases;
  };
  // Of objects of one kind and name the first counts.
  static std::shared_ptr<const Configuration> make(Definition definition);

  // How its destinations are read and its messages written.
  const Dialect& dialect() const { return *dialect_; }
  // The prefix of its destinations: "pjsip".
  std::string_view technology() const;

  const Global& global() const { return global_; }
  const System& system() const { return system_; }

  // nullptr when there is none of that name.
  const Endpoint* endpoint(std::string_view name) const { return endpoints_.find(name); }
  const Aor* aor(std::string_view name) const { return aors_.find(name); }
  const Auth* auth(std::string_view name) const { return auths_.find(name); }
  const Transport* transport(std::string_view name) const { return transports_.find(name); }
  const Registration* registration(std::string_view name) const {
    return registrations_.find(name);
  }
  const NotifyOption* notify_option(std::string_view name) const {
    return notify_options_.find(name);
  }
  // Those that name the AOR, in file order.
  const std::vector<const Endpoint*>& endpoints_of(std::string_view aor) const;
  // The endpoint for destinations that name none; nullptr when it is not configured.
  const Endpoint* default_outbound_endpoint() const {
    return endpoint(global_.default_outbound_endpoint);
  }

  // In file order.
  const std::vector<Endpoint>& endpoints() const { return endpoints_.all(); }
  const std::vector<Aor>& aors() const { return aors_.all(); }
  const std::vector<Auth>& auths() const { return auths_.all(); }
  const std::vector<Transport>& transports() const { return transports_.all(); }
  const std::vector<Identify>& identifies() const { return identifies_.all(); }
  const std::vector<AclObject>& acls() const { return acls_.all(); }
  const std::vector<Registration>& registrations() const { return registrations_.all(); }
  const std::vector<DomainAlias>& domain_aliases() const { return domain_aliases_.all(); }
  const std::vector<NotifyOption>& notify_options() const { return notify_options_.all(); }

 private:
  friend class ConfigurationBuilder;
  Configuration();
  void link_aors();

  const Dialect* dialect_;  // at first that of pjsip.conf
  Global global_;
  System system_;
  Objects<Endpoint> endpoints_;
  Objects<Aor> aors_;
  Objects<Auth> auths_;
  Objects<Transport> transports_;
  Objects<Identify> identifies_;
  Objects<AclObject> acls_;
  Objects<Registration> registrations_;
  Objects<DomainAlias> domain_aliases_;
  Objects<NotifyOption> notify_options_;
  std::unordered_map<std::string, std::vector<const Endpoint*>, base::StringHash, std::equal_to<>>
      endpoints_of_;
};

}  // namespace missive::pjsip

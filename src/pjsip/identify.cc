#include "pjsip/identify.h"

#include "conf/binder.h"
#include "pjsip/option_types.h"

namespace missive::pjsip {

void read_identify(const conf::Section& section, Identify& identify, conf::Problems& problems) {
  static const auto binder = conf::Binder<Identify>("identify")
                                 .text("endpoint", &Identify::endpoint)
                                 .several("match", &Identify::match)
                                 .text("match_header", &Identify::match_header)
                                 .text("match_request_uri", &Identify::match_request_uri)
                                 .text("transport", &Identify::transport)
                                 .boolean("srv_lookups", &Identify::srv_lookups)
                                 .ignored({"type"});
  identify.name = section.name;
  identify.where = section.where;
  binder.bind(section, identify, problems);
}

void read_acl(const conf::Section& section, AclObject& acl, conf::Problems& problems) {
  static const auto binder = [] {
    conf::Binder<AclObject> made("acl");
    add_access_options(made, &AclObject::rules);
    made.ignored({"type"});
    return made;
  }();
  acl.name = section.name;
  acl.where = section.where;
  binder.bind(section, acl, problems);
}

void read_domain_alias(const conf::Section& section, DomainAlias& alias, conf::Problems& problems) {
  static const auto binder = conf::Binder<DomainAlias>("domain_alias")
                                 .text("domain", &DomainAlias::domain)
                                 .ignored({"type"});
  alias.name = section.name;
  alias.where = section.where;
  binder.bind(section, alias, problems);
}

}  // namespace missive::pjsip

// acl.conf: lists of permit and deny under a name, for the acl= options of other files.
//
// Immutable once loaded. A missing file holds no lists. Names are matched without case; of two
// sections of one name the first counts; templates are no lists. What is wrong goes to
// `problems` with file and line, and the AclFile is then not to be used.
// Source: Asterisk documentation, "Named ACLs", acl.conf.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "conf/conf.h"
#include "net/acl.h"

namespace missive::net {

class AclFile {
 public:
  // Reads folder/acl.conf if it is there; fails where it is and cannot be read.
  static base::Result<AclFile> load(const std::filesystem::path& folder, conf::Problems& problems);
  static AclFile from(const conf::File& file, conf::Problems& problems);

  // nullptr when there is none of that name.
  const Acl* find(std::string_view name) const;
  // The list, or "there is no list 'gone' in acl.conf; there are office, lan".
  base::Result<Acl> get(std::string_view name) const;

 private:
  struct Named {
    std::string name;
    Acl acl;
  };
  std::vector<Named> lists_;
};

}  // namespace missive::net

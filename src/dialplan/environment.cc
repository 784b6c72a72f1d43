#include "dialplan/environment.h"

#include "dialplan/locks.h"
#include "dialplan/workers.h"

namespace missive::dialplan {

Shared::Shared(const base::Clock& the_clock, conf::MissiveConf::Dialplan the_options,
               store::AstDb& astdb)
    : clock(the_clock),
      options(std::move(the_options)),
      database(astdb),
      locks(std::make_unique<Locks>()),
      workers(std::make_unique<Workers>(options.workers)) {
  add_functions(functions);
  add_applications(applications);
}

Shared::~Shared() {
  locks->close();
  workers->stop();
}

}  // namespace missive::dialplan

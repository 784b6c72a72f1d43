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

void Shared::set_global(std::string_view name, std::string value) {
  if (events != nullptr && events->wants_dialplan()) events->on_var_set(nullptr, name, value);
  globals.set(name, std::move(value));
}

Shared::~Shared() {
  locks->close();
  workers->stop();
}

}  // namespace missive::dialplan

// The options of `missive explain` that only it has.
#pragma once

#include <CLI/CLI.hpp>

#include "app/commands.h"

namespace missive::app {

// What is explained: a destination, or a MESSAGE that comes in.
inline void add_incoming_options(CLI::App* command, CLI::Option* outgoing,
                                 ExplainOptions& options) {
  auto* incoming = command->add_option("--incoming", options.incoming,
                                       "FROM RURI: a MESSAGE that comes in from FROM for RURI");
  incoming->expected(2)->excludes(outgoing);
  command->add_option("--source", options.source, "ADDRESS[:PORT] it comes from")->needs(incoming);
  command->add_option("--transport", options.transport, "section it comes in by")->needs(incoming);
}

}  // namespace missive::app

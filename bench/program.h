// The main() of a bench program: reads its options, runs it, says what went wrong.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <string>
#include <utility>

namespace missive::bench {

template <class Options>
int run_program(int argc, char** argv, const std::string& name, const std::string& about,
                void (*declare)(CLI::App&, Options&), int (*run)(Options)) {
  CLI::App app{about};
  Options options;
  declare(app, options);
  CLI11_PARSE(app, argc, argv);
  try {
    return run(std::move(options));
  } catch (const std::exception& error) {
    std::fflush(stdout);
    std::fprintf(stderr, "%s: %s\n", name.c_str(), error.what());
    return 1;
  }
}

}  // namespace missive::bench

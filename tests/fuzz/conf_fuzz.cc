// Configuration files from anywhere: the syntax, the binders and the checks behind them.
//
// What must hold for every input: no crash, every section and option has a name and a
// place in the file, and pjsip.conf gives a Configuration exactly when nothing is an error.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "conf/missive_conf.h"
#include "pjsip/configuration.h"

namespace {

void check(bool holds) {
  if (!holds) std::abort();
}

void check_file(const missive::conf::File& file) {
  for (const auto& section : file.sections) {
    check(!section.name.empty() && section.where.line > 0);
    for (const auto& option : section.options) {
      check(!option.name.empty() && option.where.line > 0);
      check(section.find(option.name) != nullptr);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  missive::conf::Problems problems;
  const auto file = missive::conf::parse(text, "fuzz.conf", problems);
  check_file(file);
  missive::conf::MissiveConf::from(file, problems);

  missive::conf::Problems pjsip_problems;
  const auto configuration = missive::pjsip::Configuration::parse(text, pjsip_problems);
  check(configuration.has_value() != missive::conf::has_errors(pjsip_problems));
  return 0;
}

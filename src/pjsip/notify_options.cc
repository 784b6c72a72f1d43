#include "pjsip/notify_options.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace missive::pjsip {
namespace {

constexpr std::string_view file_name = "pjsip_notify.conf";

bool has_event(const NotifyOption& option) {
  return std::any_of(option.headers.begin(), option.headers.end(),
                     [](const auto& header) { return base::iequals(header.first, "Event"); });
}

}  // namespace

Objects<NotifyOption> read_notify_options(const conf::File& file, conf::Problems& problems) {
  using Severity = conf::Problem::Severity;
  Objects<NotifyOption> options;
  for (const auto& section : file.sections) {
    if (section.is_template) continue;
    NotifyOption option{section.name, section.where, {}};
    for (const auto& line : section.options) option.headers.emplace_back(line.name, line.value);
    const auto shown = base::printable(section.name, 80);
    if (!has_event(option)) {
      problems.push_back({Severity::warning, section.where,
                          fmt::format("[{}] has no Event, which every NOTIFY needs", shown)});
    }
    if (options.add(std::move(option))) continue;
    problems.push_back({Severity::warning, section.where,
                        fmt::format("[{}] is there twice; the first one counts", shown)});
  }
  return options;
}

base::Result<Objects<NotifyOption>> load_notify_options(const std::filesystem::path& folder,
                                                        conf::Problems& problems) {
  std::error_code missing;
  if (!std::filesystem::exists(folder / file_name, missing)) return Objects<NotifyOption>();
  const auto file = conf::load(folder, file_name, problems);
  if (!file) return tl::unexpected(file.error());
  return read_notify_options(*file, problems);
}

}  // namespace missive::pjsip

#include "conf/asterisk_conf.h"

namespace missive::conf {

base::Result<AsteriskConf> AsteriskConf::load(const std::filesystem::path& folder,
                                              Problems& problems) {
  static constexpr std::string_view name = "asterisk.conf";
  std::error_code missing;
  if (!std::filesystem::exists(folder / name, missing) && !missing) return AsteriskConf{};
  return conf::load(folder, name, problems).map([](const File& file) {
    AsteriskConf out;
    const auto* options = file.find("options");
    const auto* named = options == nullptr ? nullptr : options->find("systemname");
    if (named != nullptr) out.system_name = named->value;
    return out;
  });
}

}  // namespace missive::conf

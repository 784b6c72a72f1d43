#include "config_files.h"

#include <fmt/format.h>

#include <fstream>
#include <stdexcept>
#include <string>

namespace missive::bench {
namespace {

void write(const std::filesystem::path& path, const std::string& text) {
  std::ofstream file(path);
  file << text;
  file.close();
  if (!file) throw std::runtime_error(fmt::format("cannot write {}", path.string()));
}

std::string pjsip_conf(const ServerPorts& ports) {
  std::string text = fmt::format(
      "[transport-udp]\ntype = transport\nprotocol = udp\nbind = 127.0.0.1:{}\n", ports.sip);
  for (std::size_t i = 0; i < ports.phones.size(); ++i) {
    text += fmt::format(
        "\n[phone{0}]\ntype = endpoint\ncontext = messages\naors = phone{0}\n"
        "\n[phone{0}]\ntype = aor\ncontact = sip:phone{0}@127.0.0.1:{1}\n",
        i, ports.phones[i]);
  }
  return text;
}

}  // namespace

void write_config(const std::filesystem::path& folder, const ServerPorts& ports,
                  std::optional<std::uint32_t> shards) {
  std::filesystem::create_directories(folder);
  write(folder / "manager.conf",
        fmt::format("[general]\nenabled = yes\nport = {}\nbindaddr = 127.0.0.1\n\n"
                    "[bench]\nsecret = bench\nread = all\nwrite = all\n",
                    ports.ami));
  write(folder / "pjsip.conf", pjsip_conf(ports));
  if (shards) write(folder / "missive.conf", fmt::format("[general]\nshards = {}\n", *shards));
}

}  // namespace missive::bench

#include "ami/tls_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "base/text.h"
#include "conf/binder.h"

namespace missive::ami {
namespace {

constexpr std::uint16_t default_port = 5039;

struct Lines {
  bool enable = false;
  std::string bind_address;
  std::string certificate_file;
  std::string private_key_file;
  std::string authorities_file;
  std::string authorities_path;
  std::string cipher;
  bool verify_client = false;
  bool disable_v1 = true;
  bool disable_v11 = true;
  bool disable_v12 = false;
};

const conf::Binder<Lines>& binder() {
  static const auto binder =
      conf::Binder<Lines>("manager")
          .boolean("tlsenable", &Lines::enable)
          .text("tlsbindaddr", &Lines::bind_address)
          .text("tlscertfile", &Lines::certificate_file)
          .text("tlsprivatekey", &Lines::private_key_file)
          .text("tlscafile", &Lines::authorities_file)
          .text("tlscapath", &Lines::authorities_path)
          .text("tlscipher", &Lines::cipher)
          .boolean("tlsverifyclient", &Lines::verify_client)
          .boolean("tlsdisablev1", &Lines::disable_v1)
          .boolean("tlsdisablev11", &Lines::disable_v11)
          .boolean("tlsdisablev12", &Lines::disable_v12)
          .ignored({"tlsdontverifyserver", "tlsclientmethod", "tlsservercipherorder"})
          .alias("tlscadir", "tlscapath")
          .deprecated("sslenable", "tlsenable")
          .deprecated("sslbindaddr", "tlsbindaddr")
          .deprecated("sslcert", "tlscertfile")
          .deprecated("sslprivatekey", "tlsprivatekey")
          .deprecated("sslcipher", "tlscipher");
  return binder;
}

std::string_view lowest_version(const Lines& lines) {
  if (!lines.disable_v1) return "tlsv1";
  if (!lines.disable_v11) return "tlsv1_1";
  return lines.disable_v12 ? "tlsv1_3" : "tlsv1_2";
}

// What net::TlsContext says of its options, by the names they have here.
struct Name {
  std::string_view there, here;
};
constexpr std::array<Name, 6> names{{{"require_client_cert", "tlsverifyclient"},
                                     {"cert_file", "tlscertfile"},
                                     {"priv_key_file", "tlsprivatekey"},
                                     {"ca_list_file", "tlscafile"},
                                     {"ca_list_path", "tlscapath"},
                                     {"cipher ", "tlscipher "}}};

std::string in_our_names(std::string text) {
  for (const auto& name : names) {
    for (auto at = text.find(name.there); at != std::string::npos;
         at = text.find(name.there, at + name.here.size())) {
      text.replace(at, name.there.size(), name.here);
    }
  }
  return text;
}

class Reader {
 public:
  Reader(const conf::Section& section, const std::filesystem::path& folder,
         conf::Problems& problems)
      : section_(section), folder_(folder), problems_(problems) {
    binder().bind(section, lines_, problems);
  }

  TlsDoor read(const net::Address& plain) {
    TlsDoor door;
    if (!lines_.enable) return door;
    const auto bind = read_bind(plain);
    if (plain.is_set() && bind == plain && plain.port() != 0) {
      report("tlsbindaddr", fmt::format("{} is taken by TCP (bindaddr and port)", plain.str()));
      return door;
    }
    auto context = net::TlsContext::create(options());
    if (!context) {
      const auto text = in_our_names(context.error().text);
      const std::string option = text.substr(0, text.find(' '));
      report(section_.find(option) != nullptr ? std::string_view(option) : "tlsenable", text);
      return door;
    }
    door.bind = bind;
    door.context = std::move(*context);
    return door;
  }

 private:
  net::TlsOptions options() const {
    net::TlsOptions out;
    out.cert_file = from_folder(lines_.certificate_file);
    out.priv_key_file = from_folder(lines_.private_key_file);
    out.ca_list_file = from_folder(lines_.authorities_file);
    out.ca_list_path = from_folder(lines_.authorities_path);
    out.cipher = lines_.cipher;
    out.method = lowest_version(lines_);
    out.require_client_cert = lines_.verify_client;
    return out;
  }

  net::Address read_bind(const net::Address& plain) {
    const auto& text = lines_.bind_address;
    if (text.empty()) return plain.with_port(default_port);
    if (auto ip = net::Address::from_ip(text, default_port)) return *ip;
    if (auto parsed = net::Address::parse(text, default_port)) return *parsed;
    report("tlsbindaddr", fmt::format("'{}' is no IP address; 127.0.0.1, 0.0.0.0:5039 or :: would "
                                      "be",
                                      base::printable(text, 80)));
    return plain.with_port(default_port);
  }

  std::string from_folder(const std::string& file) const {
    return file.empty() ? file : (folder_ / file).string();
  }

  void report(std::string_view option, std::string_view text) {
    const auto* found = section_.find(option);
    const auto what =
        text.starts_with(option) ? std::string(text) : fmt::format("{}: {}", option, text);
    problems_.push_back({conf::Problem::Severity::error,
                         found == nullptr ? section_.where : found->where,
                         fmt::format("[general] {}", what)});
  }

  const conf::Section& section_;
  const std::filesystem::path& folder_;
  conf::Problems& problems_;
  Lines lines_;
};

bool is_ours(const conf::Option& option) {
  return base::istarts_with(option.name, "tls") || base::istarts_with(option.name, "ssl");
}

}  // namespace

conf::Section take_tls_options(conf::Section& general) {
  auto ours = general;
  std::erase_if(ours.options, [](const auto& option) { return !is_ours(option); });
  std::erase_if(general.options, is_ours);
  return ours;
}

TlsDoor tls_door(const conf::Section& options, const net::Address& plain,
                 const std::filesystem::path& folder, conf::Problems& problems) {
  return Reader(options, folder, problems).read(plain);
}

}  // namespace missive::ami

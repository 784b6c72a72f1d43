// The configuration files as AMI shows and changes them: which files, which categories, which
// values.
//
// Only files inside of the configuration folder are anybody's business: `..`, absolute paths and
// links that lead out of it are refused, whatever live_dangerously says. Pure but for reading
// files; any thread, though never a shard's for long. Source: Asterisk documentation, actions
// GetConfig and UpdateConfig.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/regex.h"
#include "base/result.h"
#include "conf/document.h"

namespace missive::ami {

// Why an action is refused, as its Message and Reason.
struct Refusal {
  std::string message;
  std::string reason = {};
};

// Where the file is; nothing, and why, when it is not to be touched.
std::optional<std::filesystem::path> config_path(const std::filesystem::path& folder,
                                                 std::string_view name, Refusal& why);
std::optional<conf::Document> load_config(const std::filesystem::path& folder,
                                          std::string_view name, Refusal& why);

// Whether an option's value is a secret by its name (secret, password, md5_cred, ...), or has one
// in it (`register` of sip.conf).
bool is_secret(const conf::Document::Variable& variable);
inline constexpr std::string_view hidden_value = "(hidden)";

// What those may see that may not see secrets: the value, or hidden_value.
std::string_view visible_value(const conf::Document::Variable& variable, bool with_secrets);

// "name_regex=value_regex,TEMPLATES=include": categories whose variables match each expression.
// Templates match only where TEMPLATES says `include` or `restrict` (nothing but templates).
class CategoryFilter {
 public:
  static base::Result<CategoryFilter> parse(std::string_view text);
  bool matches(const conf::Document::Category& category, bool with_secrets) const;
  // The places of those that match and have the name, in any case of letters; any, when it is
  // empty.
  std::vector<std::size_t> find(const conf::Document& document, std::string_view name,
                                bool with_secrets) const;

 private:
  struct Term {
    base::Regex name, value;
  };
  enum class Templates { none, included, alone };

  std::vector<Term> terms_;
  Templates templates_ = Templates::none;
};

}  // namespace missive::ami

// CreateConfig, UpdateConfig.
//
// Source: Asterisk documentation, actions of these names.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>

#include "ami/actions/handlers.h"
#include "ami/config_files.h"
#include "ami/config_update.h"
#include "ami/later_work.h"
#include "ami/wire.h"
#include "base/log.h"
#include "base/text.h"
#include "console/host.h"

namespace missive::ami {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view danger =
    "missive.conf says what is dangerous: without live_dangerously it is changed by hand only";

struct Update {
  fs::path folder;
  std::string source, target, account;
  bool preserve_inherited;
  bool live_dangerously;
  std::vector<ConfigChange> changes;
};

// -1 where there is one already, or it cannot be made: errno says.
int open_new(const fs::path& path) {
  return ::open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0640);
}

// An empty file where there is none, as long as this lives: what includes `conf.d/*` counts it in.
class Placeholder {
 public:
  explicit Placeholder(const fs::path& path) : path_(path), fd_(open_new(path)) {}
  ~Placeholder() {
    if (fd_ < 0) return;
    ::close(fd_);
    ::unlink(path_.c_str());
  }
  Placeholder(const Placeholder&) = delete;
  Placeholder& operator=(const Placeholder&) = delete;

 private:
  const fs::path path_;
  const int fd_;
};

fs::path real(const fs::path& path) {
  std::error_code ignored;
  return fs::weakly_canonical(path, ignored);
}

// Who may change files is not to give himself live_dangerously: whether one of them is
// missive.conf, or a part of it.
bool says_what_is_dangerous(const fs::path& folder, const std::vector<fs::path>& changed) {
  std::set<fs::path> dangerous{real(folder / "missive.conf")};
  if (const auto conf = conf::Document::load(folder, "missive.conf")) {
    for (const auto& file : conf->files()) dangerous.insert(real(file));
  }
  return std::any_of(changed.begin(), changed.end(),
                     [&](const auto& file) { return dangerous.contains(real(file)); });
}

std::optional<Refusal> make(const Update& update) {
  if (update.source.empty() || update.target.empty()) return Refusal{"Filename not specified"};
  Refusal why;
  const auto target = config_path(update.folder, update.target, why);
  if (!target) return why;
  auto document = load_config(update.folder, update.source, why);
  if (!document) return why;
  if (auto failed = apply_changes(*document, update.changes)) return failed;
  if (update.preserve_inherited) document->preserve_inherited();
  if (!update.live_dangerously) {
    const Placeholder placeholder(*target);
    if (says_what_is_dangerous(update.folder, document->to_save(*target))) {
      return Refusal{"File requires escalated privileges", std::string(danger)};
    }
  }
  const auto saved = document->save(update.folder, *target);
  if (!saved) return Refusal{"Save of config failed", saved.error().text};
  log::info("AMI user '{}' has changed {}", base::printable(update.account), update.target);
  return std::nullopt;
}

// `Reload: yes`, or the name of a part. The reply does not wait for it.
void reload_after(Shared& shared, net::Shard& shard, std::string_view reload) {
  const auto yes_or_no = base::parse_bool(reload);
  if (shared.host == nullptr || reload.empty() || yes_or_no == false) return;
  shared.host->reload(yes_or_no ? std::string() : std::string(reload), shard,
                      [](const console::Reloaded&) {});
}

}  // namespace

void actions::create_config(Session& session, const ActionView& action) {
  reply_from_worker(
      session, action,
      [folder = session.environment().shared.folder, name = std::string(action.header("Filename"))](
          std::string& out, std::string_view id) {
        Refusal why;
        const auto path = config_path(folder, name, why);
        if (!path) return append_failure(out, id, why.message, why.reason);
        if (path->filename() == "missive.conf") {
          return append_failure(out, id, "File requires escalated privileges", danger);
        }
        const int fd = open_new(*path);
        if (fd < 0) return append_reply(out, "Error", id, std::strerror(errno));
        ::close(fd);
        append_reply(out, "Success", id, "New configuration file created successfully");
      });
}

void actions::update_config(Session& session, const ActionView& action) {
  auto& shared = session.environment().shared;
  Update update{shared.folder,
                std::string(action.header("SrcFilename")),
                std::string(action.header("DstFilename")),
                std::string(session.account()),
                base::parse_bool(action.header("PreserveEffectiveContext")).value_or(true),
                shared.dialplan != nullptr && shared.dialplan->options.live_dangerously,
                read_changes(action)};
  reply_from_worker(
      session, action,
      [update = std::move(update), &shared, &shard = session.environment().shard,
       reload = std::string(action.header("Reload"))](std::string& out, std::string_view id) {
        std::optional<Refusal> failed;
        {
          // A change of the same file at the same time would be lost.
          const std::lock_guard lock(shared.editing);
          failed = make(update);
        }
        if (!failed) {
          begin_reply(out, "Success", id);
          end_packet(out);
          reload_after(shared, shard, reload);
        } else {
          append_failure(out, id, failed->message, failed->reason);
        }
      });
}

}  // namespace missive::ami

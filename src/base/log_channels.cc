#include "base/log_channels.h"

#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/dist_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <mutex>
#include <utility>

#include "base/log.h"
#include "base/text.h"

namespace missive::base {
namespace {

constexpr auto line_format = "%Y-%m-%dT%H:%M:%S.%e%z %^%l%$ %v";

constexpr auto level_names =
    std::to_array<std::pair<std::string_view, LogLevels>>({{"DEBUG", LogLevels::debug},
                                                           {"NOTICE", LogLevels::notice},
                                                           {"WARNING", LogLevels::warning},
                                                           {"ERROR", LogLevels::error},
                                                           {"VERBOSE", LogLevels::verbose}});

LogLevels levels_from(spdlog::level::level_enum lowest) {
  auto levels = LogLevels::none;
  for (const auto level :
       {spdlog::level::debug, spdlog::level::info, spdlog::level::warn, spdlog::level::err}) {
    if (level >= lowest) levels = levels | log_levels_of(level);
  }
  return levels;
}

// Passes on what its levels let through.
class Channel final : public spdlog::sinks::sink {
 public:
  Channel(std::shared_ptr<spdlog::sinks::sink> target, LogLevels levels)
      : target_(std::move(target)), levels_(levels) {}

  LogLevels levels() const { return levels_.load(std::memory_order_relaxed); }
  void set_levels(LogLevels levels) { levels_.store(levels, std::memory_order_relaxed); }

  void log(const spdlog::details::log_msg& entry) override {
    if (any_of(levels(), log_levels_of(entry.level))) target_->log(entry);
  }
  void flush() override { target_->flush(); }
  void set_pattern(const std::string& pattern) override { target_->set_pattern(pattern); }
  void set_formatter(std::unique_ptr<spdlog::formatter> formatter) override {
    target_->set_formatter(std::move(formatter));
  }

 private:
  const std::shared_ptr<spdlog::sinks::sink> target_;
  std::atomic<LogLevels> levels_;
};

class File final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit File(std::string path) : path_(std::move(path)) {}

  const std::string& path() const { return path_; }

  Result<void> open() {
    const std::lock_guard lock(mutex_);
    return open_locked();
  }
  Result<void> rotate() {
    const std::lock_guard lock(mutex_);
    std::error_code failed;
    unsigned number = 0;
    const auto older = [&] { return fmt::format("{}.{}", path_, number); };
    while (std::filesystem::exists(older(), failed)) ++number;
    std::filesystem::rename(path_, older(), failed);
    return open_locked();  // where somebody moved the file away, nothing else was to do
  }

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  Result<void> open_locked() {
    std::error_code failed;
    std::filesystem::create_directories(std::filesystem::path(path_).parent_path(), failed);
    std::unique_ptr<std::FILE, Close> opened(std::fopen(path_.c_str(), "ae"));
    if (!opened) {
      return fail("cannot write the log {}: {}", path_, std::generic_category().message(errno));
    }
    file_ = std::move(opened);
    return {};
  }
  void sink_it_(const spdlog::details::log_msg& entry) override {
    if (!file_) return;
    spdlog::memory_buf_t line;
    formatter_->format(entry, line);
    std::fwrite(line.data(), 1, line.size(), file_.get());
  }
  void flush_() override {
    if (file_) std::fflush(file_.get());
  }

  const std::string path_;
  std::unique_ptr<std::FILE, Close> file_;
};

// Where the log goes.
class Log {
 public:
  static Log& get() {
    static Log log;
    return log;
  }

  void set_up(LogLevels levels) {
    const std::lock_guard lock(mutex_);
    console_->set_levels(levels);
    if (!spdlog::get("missive")) {
      sinks_->add_sink(console_);
      spdlog::set_default_logger(std::make_shared<spdlog::logger>("missive", sinks_));
    }
    spdlog::set_pattern(line_format);
    spdlog::flush_on(spdlog::level::info);
    follow();
  }
  void add(std::shared_ptr<File> file, LogLevels levels) {
    const std::lock_guard lock(mutex_);
    auto channel = std::make_shared<Channel>(file, levels);
    channel->set_pattern(line_format);
    sinks_->add_sink(channel);
    files_.emplace_back(std::move(file), std::move(channel));
    follow();
  }
  void listen(std::shared_ptr<spdlog::sinks::sink> listener) {
    const std::lock_guard lock(mutex_);
    if (listener_) sinks_->remove_sink(std::exchange(listener_, nullptr));
    if (!listener) return follow();
    listener_ = std::make_shared<Channel>(std::move(listener), LogLevels::none);
    sinks_->add_sink(listener_);
  }
  void set_listener_levels(LogLevels levels) {
    const std::lock_guard lock(mutex_);
    if (listener_) listener_->set_levels(levels);
    follow();
  }
  void set(LogLevels levels) {
    const std::lock_guard lock(mutex_);
    console_->set_levels(levels);
    follow();
  }
  void show(LogLevels levels, bool on) {
    const std::lock_guard lock(mutex_);
    const auto now = console_->levels();
    console_->set_levels(on ? now | levels : without(now, levels));
    follow();
  }
  std::vector<LogChannel> channels() const {
    const std::lock_guard lock(mutex_);
    std::vector<LogChannel> channels{{"Console", "Console", console_->levels()}};
    for (const auto& [file, channel] : files_) {
      channels.push_back({file->path(), "File", channel->levels()});
    }
    return channels;
  }
  Result<void> rotate() {
    const std::lock_guard lock(mutex_);
    Result<void> good;
    for (const auto& [file, channel] : files_) {
      auto rotated = file->rotate();
      if (good && !rotated) good = std::move(rotated);
    }
    return good;
  }

 private:
  // Entries that no channel wants are not even made.
  void follow() {
    auto wanted = console_->levels();
    if (listener_) wanted = wanted | listener_->levels();
    for (const auto& [file, channel] : files_) wanted = wanted | channel->levels();
    for (const auto level :
         {spdlog::level::debug, spdlog::level::info, spdlog::level::warn, spdlog::level::err}) {
      if (any_of(wanted, log_levels_of(level))) return spdlog::set_level(level);
    }
    spdlog::set_level(spdlog::level::off);
  }

  mutable std::mutex mutex_;
  const std::shared_ptr<spdlog::sinks::dist_sink_mt> sinks_ =
      std::make_shared<spdlog::sinks::dist_sink_mt>();
  const std::shared_ptr<Channel> console_ = std::make_shared<Channel>(
      std::make_shared<spdlog::sinks::stderr_color_sink_mt>(), LogLevels::none);
  std::vector<std::pair<std::shared_ptr<File>, std::shared_ptr<Channel>>> files_;
  std::shared_ptr<Channel> listener_;
};

}  // namespace

std::optional<LogLevels> log_level_named(std::string_view name) {
  if (name == "*") return LogLevels::all;
  for (const auto& [known, level] : level_names) {
    if (iequals(known, name)) return level;
  }
  return std::nullopt;
}

std::string log_level_names(LogLevels levels) {
  std::string out;
  for (const auto& [name, level] : level_names) {
    if (any_of(levels, level)) out += fmt::format("{} ", name);
  }
  return out;
}

LogLevels log_levels_of(spdlog::level::level_enum level) {
  switch (level) {
    case spdlog::level::trace:
    case spdlog::level::debug:
      return LogLevels::debug;
    case spdlog::level::info:
      return LogLevels::notice | LogLevels::verbose;
    case spdlog::level::warn:
      return LogLevels::warning;
    default:
      return LogLevels::error;
  }
}

Result<void> set_up_log(std::string_view level) {
  const auto parsed = spdlog::level::from_str(std::string(level));
  if (parsed == spdlog::level::off && level != "off") {
    return fail("log level '{}' is unknown; debug, info, warning or error would be right", level);
  }
  Log::get().set_up(levels_from(parsed));
  return {};
}

Result<void> add_log_file(const std::string& path, LogLevels levels) {
  auto file = std::make_shared<File>(path);
  if (auto opened = file->open(); !opened) return opened;
  Log::get().add(std::move(file), levels);
  return {};
}

void set_log_levels(LogLevels levels) { Log::get().set(levels); }
void add_log_listener(std::shared_ptr<spdlog::sinks::sink> listener) {
  Log::get().listen(std::move(listener));
}
void set_log_listener_levels(LogLevels levels) { Log::get().set_listener_levels(levels); }
std::vector<LogChannel> log_channels() { return Log::get().channels(); }
void show_log_levels(LogLevels levels, bool on) { Log::get().show(levels, on); }
Result<void> rotate_logs() { return Log::get().rotate(); }

}  // namespace missive::base

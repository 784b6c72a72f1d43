// What a dialplan does with calls, of which a message has none: taken, noticed, without effect.
#include <fmt/format.h>

#include <memory>
#include <mutex>
#include <unordered_set>

#include "dialplan/applications/parts.h"

namespace missive::dialplan {
namespace {

// The places that have been told of.
class Told {
 public:
  bool is_new(std::string place) {
    const std::lock_guard lock(mutex_);
    return places_.size() < most && places_.insert(std::move(place)).second;
  }

 private:
  static constexpr std::size_t most = 10'000;
  std::mutex mutex_;
  std::unordered_set<std::string> places_;
};

}  // namespace

void add_call_applications(ApplicationTable& table) {
  auto told = std::make_shared<Told>();
  for (const std::string_view name :
       {"Answer", "Ringing", "Progress", "Proceeding", "PreAnswer", "MusicOnHold",
        "StartMusicOnHold", "StopMusicOnHold", "ResetCDR", "NoCDR", "CELGenUserEvent"}) {
    table.add({name, [told, name](Run& run, std::string_view) {
                 if (told->is_new(run.place())) {
                   run.notice(fmt::format("{}() does nothing here: a message is no call", name));
                 }
                 return Outcome::next;
               }});
  }
  for (const std::string_view name : {"Busy", "Congestion"}) {
    table.add({name, [](Run&, std::string_view) { return Outcome::hang_up; }});
  }
}

}  // namespace missive::dialplan

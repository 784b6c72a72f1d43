// A line from a person at a terminal: with a prompt, history and completion (libedit), while what
// the server has to say is shown above it.
//
// Blocking, one thread, one of them at a time. The history is kept in the file from one console to
// the next.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "app/console_link.h"

namespace missive::app {

class ConsoleEditor {
 public:
  // Shows a frame that came by itself.
  using Show = std::function<void(const ConsoleLink::Frame& frame)>;

  ConsoleEditor(ConsoleLink& link, std::string prompt, std::filesystem::path history, Show show);
  ~ConsoleEditor();
  ConsoleEditor(const ConsoleEditor&) = delete;
  ConsoleEditor& operator=(const ConsoleEditor&) = delete;

  // Nothing when the person wants no more; an error when the server is gone.
  base::Result<std::optional<std::string>> line();

 private:
  struct Library;  // libedit's
  std::unique_ptr<Library> library_;
};

}  // namespace missive::app

// From the options of a command to a session with the server's AMI.
//
// What the options leave out comes from manager.conf, if that can be read. Blocking; errors are
// one line.
#pragma once

#include "ami/classes.h"
#include "app/ami_client.h"
#include "app/commands.h"

namespace missive::app {

struct AmiAccess {
  AmiOptions options;          // complete
  bool hears_messages = true;  // the user may read class message, as far as is known
};

// The user, if none is named, is the first who may write `needed`.
base::Result<AmiAccess> complete(AmiOptions options, ami::Class needed);

// Connects and logs in; `events` is the session's mask.
base::Result<void> open(AmiClient& client, const AmiOptions& options, const std::string& events);

// Header lines of one action. Values that are empty are left out; one that holds a line end
// makes it an error.
class ActionLines {
 public:
  explicit ActionLines(std::string_view action);
  ActionLines& add(std::string_view name, std::string_view value);
  base::Result<std::string> lines() const;

 private:
  std::string text_;
  std::string problem_;
};

}  // namespace missive::app

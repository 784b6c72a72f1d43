// The state of an extension: what its hint's devices are together, as the numbers of
// AMI's ExtensionState.
//
// Pure; any thread. Source: Asterisk documentation, AMI action ExtensionState, "Extension State and
// Hints".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "states/device_state.h"

namespace missive::dialplan {

// Numbers are Asterisk's; in_use goes with ringing and with on_hold.
enum class ExtensionState {
  none = -1,  // there is no hint
  idle = 0,
  in_use = 1,
  busy = 2,
  unavailable = 4,
  ringing = 8,
  in_use_ringing = 9,
  on_hold = 16,
  in_use_on_hold = 17,
};

struct ExtensionStatus {
  std::string context;
  std::string exten;
  std::string hint;  // its variables filled in
  std::string name;  // that the hint gives
  ExtensionState state = ExtensionState::none;
};

// "Idle", "InUse&Ringing"; "Unknown" where there is no hint.
std::string_view text_of(ExtensionState state);
// As EXTENSION_STATE() says it: "NOT_INUSE", "HOLDINUSE"; "UNKNOWN" where there is no hint.
std::string_view function_text_of(ExtensionState state);
ExtensionState extension_state_of(states::DeviceState state);

// A hint taken apart: "PJSIP/alice&Custom:desk,CustomPresence:alice".
struct HintParts {
  explicit HintParts(std::string_view text);
  std::vector<std::string_view> devices;  // views into the text
  std::string_view presentity;            // empty: none
};

}  // namespace missive::dialplan

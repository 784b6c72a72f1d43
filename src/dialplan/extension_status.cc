#include "dialplan/extension_status.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace missive::dialplan {
namespace {

using states::DeviceState;

struct Row {
  ExtensionState state;
  std::string_view text;
  std::string_view function_text;
};

constexpr auto rows = std::to_array<Row>({
    {ExtensionState::none, "Unknown", "UNKNOWN"},
    {ExtensionState::idle, "Idle", "NOT_INUSE"},
    {ExtensionState::in_use, "InUse", "INUSE"},
    {ExtensionState::busy, "Busy", "BUSY"},
    {ExtensionState::unavailable, "Unavailable", "UNAVAILABLE"},
    {ExtensionState::ringing, "Ringing", "RINGING"},
    {ExtensionState::in_use_ringing, "InUse&Ringing", "RINGINUSE"},
    {ExtensionState::on_hold, "Hold", "ONHOLD"},
    {ExtensionState::in_use_on_hold, "InUse&Hold", "HOLDINUSE"},
});

const Row& row_of(ExtensionState state) {
  return *std::find_if(rows.begin(), rows.end(),
                       [state](const Row& row) { return row.state == state; });
}

}  // namespace

std::string_view text_of(ExtensionState state) { return row_of(state).text; }

std::string_view function_text_of(ExtensionState state) { return row_of(state).function_text; }

ExtensionState extension_state_of(DeviceState state) {
  switch (state) {
    case DeviceState::unknown:
    case DeviceState::not_in_use:
      return ExtensionState::idle;
    case DeviceState::in_use:
      return ExtensionState::in_use;
    case DeviceState::busy:
      return ExtensionState::busy;
    case DeviceState::ringing:
      return ExtensionState::ringing;
    case DeviceState::ring_in_use:
      return ExtensionState::in_use_ringing;
    case DeviceState::on_hold:
      return ExtensionState::on_hold;
    case DeviceState::invalid:
    case DeviceState::unavailable:
      break;
  }
  return ExtensionState::unavailable;
}

HintParts::HintParts(std::string_view text) {
  const auto comma = std::min(text.find(','), text.size());
  devices = base::split_list(text.substr(0, comma), '&');
  presentity = base::trim(text.substr(std::min(comma + 1, text.size())));
}

}  // namespace missive::dialplan

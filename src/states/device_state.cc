#include "states/device_state.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace missive::states {
namespace {

struct Row {
  DeviceState state;
  std::string_view name;
  std::string_view text;
  int weight;  // the heavier one is what several are together
};

constexpr auto rows = std::to_array<Row>({
    {DeviceState::unknown, "UNKNOWN", "Unknown", 1},
    {DeviceState::not_in_use, "NOT_INUSE", "Not in use", 3},
    {DeviceState::in_use, "INUSE", "In use", 6},
    {DeviceState::busy, "BUSY", "Busy", 7},
    {DeviceState::invalid, "INVALID", "Invalid", 0},
    {DeviceState::unavailable, "UNAVAILABLE", "Unavailable", 2},
    {DeviceState::ringing, "RINGING", "Ringing", 5},
    {DeviceState::ring_in_use, "RINGINUSE", "Ring+Inuse", 8},
    {DeviceState::on_hold, "ONHOLD", "On Hold", 4},
});

const Row& row_of(DeviceState state) { return rows[static_cast<std::size_t>(state)]; }

}  // namespace

std::string_view name_of(DeviceState state) { return row_of(state).name; }

std::string_view text_of(DeviceState state) { return row_of(state).text; }

std::optional<DeviceState> device_state_named(std::string_view name) {
  const auto* const found = std::find_if(
      rows.begin(), rows.end(), [name](const Row& row) { return base::iequals(row.name, name); });
  if (found == rows.end()) return std::nullopt;
  return found->state;
}

void DeviceStateSum::add(DeviceState state) {
  ringing_ = ringing_ || state == DeviceState::ringing;
  in_use_ = in_use_ || state == DeviceState::in_use || state == DeviceState::on_hold ||
            state == DeviceState::busy;
  if (ringing_ && in_use_) {
    state_ = DeviceState::ring_in_use;
  } else if (row_of(state).weight > row_of(state_).weight) {
    state_ = state;
  }
}

}  // namespace missive::states

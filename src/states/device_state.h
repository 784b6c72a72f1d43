// The states a device can be in, in Asterisk's words.
//
// Pure; any thread. Of a server without calls a device is there (not_in_use) or not (unavailable);
// the rest is what the dialplan says of Custom: devices. Source: Asterisk documentation, "Device
// State", function DEVICE_STATE.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace missive::states {

enum class DeviceState : std::uint8_t {
  unknown,
  not_in_use,
  in_use,
  busy,
  invalid,  // there is no such device
  unavailable,
  ringing,
  ring_in_use,
  on_hold,
};

// "NOT_INUSE": of functions and events.
std::string_view name_of(DeviceState state);
// "Not in use": for people, and in EndpointList.
std::string_view text_of(DeviceState state);
// By that name, without case.
std::optional<DeviceState> device_state_named(std::string_view name);

// What several devices of one person are together: the state that matters most.
class DeviceStateSum {
 public:
  void add(DeviceState state);
  DeviceState state() const { return state_; }  // invalid: none was added

 private:
  DeviceState state_ = DeviceState::invalid;
  bool ringing_ = false;
  bool in_use_ = false;
};

}  // namespace missive::states

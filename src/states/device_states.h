// Which devices are there: of the technologies, and the Custom: ones that the dialplan sets.
//
// A device is "TECHNOLOGY/resource" (PJSIP/alice, SIP/alice) and asked of the technology's
// DeviceProvider, or "Custom:name" and kept in astdb, family CustomDevstate, as Asterisk keeps it:
// it survives a restart. Observers hear a state when it is another than the one told last, one
// change after the other, on the thread that made it. Any thread. Source: Asterisk documentation,
// function DEVICE_STATE, "Custom Device States".
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "base/text.h"
#include "states/device_state.h"
#include "store/ast_db.h"

namespace missive::states {

inline constexpr std::string_view custom_device_family = "CustomDevstate";

class DeviceProvider {
 public:
  using Visit = std::function<void(std::string_view resource, DeviceState state)>;

  virtual ~DeviceProvider() = default;
  virtual std::string_view technology() const = 0;  // "PJSIP"
  // Invalid where there is no such device. Any thread.
  virtual DeviceState state(std::string_view resource) const = 0;
  virtual void visit(const Visit& visit) const = 0;
};

// May ask for states, but change none, from inside the call.
class DeviceObserver {
 public:
  virtual ~DeviceObserver() = default;
  virtual void on_device_state(std::string_view device, DeviceState state) = 0;
};

class DeviceStates {
 public:
  using Visit = std::function<void(std::string_view device, DeviceState state)>;

  // The database outlives it.
  explicit DeviceStates(store::AstDb& database) : database_(database) {}

  // Both before the shards start, and outlive it.
  void add(DeviceProvider& provider) { providers_.push_back(&provider); }
  void add(DeviceObserver& observer) { observers_.push_back(&observer); }

  DeviceState state(std::string_view device) const;
  // Custom: devices only; what is no state makes it unknown, as in Asterisk.
  base::Result<void> set(std::string_view device, std::string_view state);
  // A technology has reason to think that it is another now.
  void changed(std::string_view device);
  // All devices of all technologies, then the Custom: ones.
  void visit(const Visit& visit) const;

 private:
  void tell(std::string_view device);

  store::AstDb& database_;
  std::vector<DeviceProvider*> providers_;
  std::vector<DeviceObserver*> observers_;
  std::mutex changing_;  // held while observers are told, so that they hear in order
  std::unordered_map<std::string, DeviceState, base::StringHash, std::equal_to<>> told_;
};

}  // namespace missive::states

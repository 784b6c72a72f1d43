// The classes of AMI events and actions: what a user may read and write.
//
// A Class is a set of them as a bit mask; `all` holds every class there is or will be. A
// user's `read` says which events it gets, `write` which actions it may ask for, and
// the mask of the action Events narrows `read` for one session.
// Source: Asterisk documentation, manager.conf, "Authorization for various classes".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace missive::ami {

enum class Class : std::uint32_t {
  none = 0,
  system = 1u << 0,
  call = 1u << 1,
  log = 1u << 2,
  verbose = 1u << 3,
  command = 1u << 4,
  agent = 1u << 5,
  user = 1u << 6,
  config = 1u << 7,
  dtmf = 1u << 8,
  reporting = 1u << 9,
  cdr = 1u << 10,
  dialplan = 1u << 11,
  originate = 1u << 12,
  agi = 1u << 13,
  cc = 1u << 14,
  aoc = 1u << 15,
  test = 1u << 16,
  security = 1u << 17,
  message = 1u << 18,
  all = 0xFFFFFFFF,
};
constexpr unsigned class_count = 19;

constexpr std::uint32_t bits(Class classes) { return static_cast<std::uint32_t>(classes); }
constexpr Class operator|(Class a, Class b) { return Class{bits(a) | bits(b)}; }
constexpr Class operator&(Class a, Class b) { return Class{bits(a) & bits(b)}; }
constexpr bool any(Class classes) { return classes != Class::none; }
constexpr bool holds(Class set, Class classes) { return (set & classes) == classes; }

// "system,reporting,all", the form of `Privilege:`; "<none>" for none.
std::string privilege_text(Class classes);

// A comma list as manager.conf has it; an unknown name is an error that lists the known ones.
base::Result<Class> parse_classes(std::string_view list);

// The value of EventMask: on, off, a number or a comma list, in which unknown names count
// for nothing. Nothing when it is empty.
std::optional<Class> parse_event_mask(std::string_view text);

}  // namespace missive::ami

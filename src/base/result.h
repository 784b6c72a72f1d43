// Errors as values.
//
// Every operation that can fail on input returns Result<T>. Exceptions are
// kept for start-up configuration and for what std:: throws. An Error's text is
// one sentence a person can act on: what is wrong, where, and what would be
// right. This is the only header that includes tl/.
#pragma once

#include <fmt/format.h>

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace missive::base {

struct Error {
  std::string text;

  bool operator==(const Error&) const = default;
};

template <class T>
using Result = tl::expected<T, Error>;

// fail("port {} is in use", port) makes the error half of any Result<T>.
template <class... Args>
[[nodiscard]] tl::unexpected<Error> fail(fmt::format_string<Args...> text, Args&&... args) {
  return tl::unexpected<Error>(Error{fmt::format(text, std::forward<Args>(args)...)});
}

}  // namespace missive::base

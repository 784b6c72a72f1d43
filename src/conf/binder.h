// From the options of a Section to a typed struct, by a table of what there is.
//
//   static const auto binder = Binder<Aor>("aor")
//       .list("mailboxes", &Aor::mailboxes)
//       .number("max_contacts", &Aor::max_contacts, 0, 1000)
//       .boolean("support_path", &Aor::support_path)
//       .ignored({"type"});
//   binder.bind(section, aor, problems);
//
// Options come in file order, so the last one of a name wins, as in Asterisk. Names
// are matched without case. Whatever is wrong becomes a Problem at the option's line
// that names the section and what would be right; the member then keeps its value.
// An unknown option is an error that suggests the nearest known one. A line that
// many sections inherit is reported once.
//
// A Binder is immutable once built; any number of threads may use it.
#pragma once

#include <chrono>
#include <concepts>
#include <functional>
#include <initializer_list>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/text.h"
#include "conf/conf.h"

namespace missive::conf {

// The names and what to do with each; the part that no struct's type matters to.
class OptionTable {
 public:
  using Setter = std::function<base::Result<void>(void* target, const Option& option)>;

  // `what` the sections describe: "endpoint", "manager user".
  explicit OptionTable(std::string_view what) : what_(what) {}

  void add(std::string_view name, Setter setter);
  void add_alias(std::string_view old_name, std::string_view name, bool deprecated);
  void bind(const Section& section, void* target, Problems& problems) const;

 private:
  struct Entry {
    Setter setter;  // empty: accepted and ignored
    std::string deprecated_for;
  };

  void bind_one(const Section& section, const Option& option, void* target,
                Problems& problems) const;
  std::vector<std::string_view> names() const;

  std::string what_;
  std::map<std::string, Entry, base::ILess> entries_;
};

// Adds a problem, unless the line has one of that severity already.
void report(Problems& problems, Problem::Severity severity, const Location& where,
            std::string text);
// A problem with one option of a section. What a section inherits is reported once, for
// the first section that has it.
void report(Problems& problems, Problem::Severity severity, const Section& section,
            const Option& option, std::string text);

// The readers of single values, for custom options that need one; the errors quote the
// text and say what would be right.
base::Result<bool> read_boolean(std::string_view text);
base::Result<long long> read_number(std::string_view text, long long min, long long max,
                                    std::string_view unit = {});
// Octets: a number, or one with k, M or G (times 1024, 1024 * 1024 and so on).
base::Result<long long> read_size(std::string_view text, long long min, long long max);
// A time: a number of seconds, or a number with s, m, h or d.
base::Result<std::chrono::seconds> read_duration(std::string_view text, std::chrono::seconds min,
                                                 std::chrono::seconds max);
// As read_duration() takes it, in the largest unit that divides it: "90s", "2h", "0s".
std::string show_duration(std::chrono::seconds time);
// The place of `text` among `accepted`, without case.
base::Result<std::size_t> read_choice(std::string_view text,
                                      const std::vector<std::string_view>& accepted);
std::vector<std::string> read_list(std::string_view text);

// An accepted value and what it means.
template <class E>
using Choice = std::pair<std::string_view, E>;

template <class T>
class Binder {
 public:
  template <class E>
  using Choices = std::initializer_list<Choice<std::type_identity_t<E>>>;
  template <class E>
  using ChoiceTable = std::span<const Choice<std::type_identity_t<E>>>;
  using CustomSetter = std::function<base::Result<void>(T&, const Option&)>;

  explicit Binder(std::string_view what) : table_(what) {}

  Binder& text(std::string_view name, std::string T::*member) {
    return custom(name, [member](T& target, const Option& option) -> base::Result<void> {
      target.*member = option.value;
      return {};
    });
  }

  Binder& boolean(std::string_view name, bool T::*member) {
    return assign(name, member, read_boolean);
  }
  // One that knows whether it was set.
  Binder& boolean(std::string_view name, std::optional<bool> T::*member) {
    return assign(name, member, read_boolean);
  }

  template <std::integral N>
  Binder& number(std::string_view name, N T::*member, std::type_identity_t<N> min,
                 std::type_identity_t<N> max) {
    return assign(name, member, [min, max](std::string_view value) {
      return read_number(value, static_cast<long long>(min), static_cast<long long>(max));
    });
  }

  // A number in the duration's own unit.
  template <class Rep, class Period>
  Binder& number(std::string_view name, std::chrono::duration<Rep, Period> T::*member,
                 std::type_identity_t<std::chrono::duration<Rep, Period>> min,
                 std::type_identity_t<std::chrono::duration<Rep, Period>> max) {
    return assign(name, member, [min, max](std::string_view value) {
      return read_number(value, min.count(), max.count(), unit_name<Period>());
    });
  }

  Binder& size(std::string_view name, std::size_t T::*member, std::size_t min, std::size_t max) {
    return assign(name, member, [min, max](std::string_view value) {
      return read_size(value, static_cast<long long>(min), static_cast<long long>(max));
    });
  }

  // A time with its unit: 30, 30s, 5m, 2h, 7d. For members that count no seconds there is number().
  template <class Member>
  Binder& duration(std::string_view name, Member T::*member, std::chrono::seconds min,
                   std::chrono::seconds max) {
    return assign(name, member,
                  [min, max](std::string_view value) { return read_duration(value, min, max); });
  }

  template <class E>
  Binder& choice(std::string_view name, E T::*member, ChoiceTable<E> table) {
    const auto names = names_of<E>(table);
    const auto values = values_of<E>(table);
    return custom(name, [member, names, values](T& target, const Option& option) {
      return read_choice(option.value, names).map([&, member](std::size_t place) {
        target.*member = values[place];
      });
    });
  }
  template <class E>
  Binder& choice(std::string_view name, E T::*member, Choices<E> table) {
    return choice(name, member, ChoiceTable<E>(table.begin(), table.size()));
  }

  // A comma list of choices.
  template <class E>
  Binder& choices(std::string_view name, std::vector<E> T::*member, ChoiceTable<E> table) {
    const auto names = names_of<E>(table);
    const auto values = values_of<E>(table);
    const auto setter = [member, names, values](T& target,
                                                const Option& option) -> base::Result<void> {
      std::vector<E> chosen;
      for (const auto part : base::split_list(option.value)) {
        const auto place = read_choice(part, names);
        if (!place) return tl::unexpected(place.error());
        chosen.push_back(values[*place]);
      }
      target.*member = std::move(chosen);
      return {};
    };
    return custom(name, setter);
  }

  template <class E>
  Binder& choices(std::string_view name, std::vector<E> T::*member, Choices<E> table) {
    return choices(name, member, ChoiceTable<E>(table.begin(), table.size()));
  }

  // A comma list; a later option of the name replaces it.
  Binder& list(std::string_view name, std::vector<std::string> T::*member) {
    return assign(name, member,
                  [](std::string_view value) -> base::Result<std::vector<std::string>> {
                    return read_list(value);
                  });
  }

  // A comma list that every option of the name adds to.
  Binder& several(std::string_view name, std::vector<std::string> T::*member) {
    return custom(name, [member](T& target, const Option& option) -> base::Result<void> {
      for (auto& part : read_list(option.value)) (target.*member).push_back(std::move(part));
      return {};
    });
  }

  // Every option of the name adds its whole value, commas and all.
  Binder& lines(std::string_view name, std::vector<std::string> T::*member) {
    return custom(name, [member](T& target, const Option& option) -> base::Result<void> {
      (target.*member).push_back(option.value);
      return {};
    });
  }

  // The setter's error is reported behind the option's name.
  Binder& custom(std::string_view name, CustomSetter setter) {
    table_.add(name, [setter = std::move(setter)](void* target, const Option& option) {
      return setter(*static_cast<T*>(target), option);
    });
    return *this;
  }

  // Accepted, without any effect.
  Binder& ignored(std::span<const std::string_view> names) {
    for (const auto name : names) table_.add(name, nullptr);
    return *this;
  }
  Binder& ignored(std::initializer_list<std::string_view> names) {
    return ignored(std::span(names.begin(), names.size()));
  }

  // Another name of an option that is in the table already.
  Binder& alias(std::string_view other, std::string_view name) {
    table_.add_alias(other, name, false);
    return *this;
  }
  // The same, with a warning that says the present name.
  Binder& deprecated(std::string_view old_name, std::string_view name) {
    table_.add_alias(old_name, name, true);
    return *this;
  }

  void bind(const Section& section, T& target, Problems& problems) const {
    table_.bind(section, &target, problems);
  }

 private:
  template <class M, class Reader>
  Binder& assign(std::string_view name, M T::*member, Reader reader) {
    return custom(name, [member, reader](T& target, const Option& option) {
      return reader(option.value).map([&target, member](auto value) {
        target.*member = M(std::move(value));
      });
    });
  }

  template <class E>
  static std::vector<std::string_view> names_of(ChoiceTable<E> table) {
    std::vector<std::string_view> names;
    for (const auto& row : table) names.push_back(row.first);
    return names;
  }

  template <class E>
  static std::vector<E> values_of(ChoiceTable<E> table) {
    std::vector<E> values;
    for (const auto& row : table) values.push_back(row.second);
    return values;
  }

  template <class Period>
  static constexpr std::string_view unit_name() {
    static_assert(std::same_as<Period, std::milli> || std::same_as<Period, std::ratio<1>>);
    return std::same_as<Period, std::milli> ? "milliseconds" : "seconds";
  }

  OptionTable table_;
};

}  // namespace missive::conf

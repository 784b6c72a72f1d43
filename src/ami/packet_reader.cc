#include "ami/packet_reader.h"

#include <algorithm>
#include <cstring>

namespace missive::ami {

ActionView::Header ActionView::operator[](std::size_t index) const {
  const auto& field = fields_[index];
  return {{octets_ + field.name, field.name_size}, {octets_ + field.value, field.value_size}};
}

std::size_t ActionView::find(std::string_view name, std::size_t from) const {
  for (; from < fields_.size(); ++from) {
    const auto& field = fields_[from];
    if (same_name({octets_ + field.name, field.name_size}, name)) break;
  }
  return std::min(from, fields_.size());
}

std::string_view ActionView::header(std::string_view name) const {
  const auto found = find(name);
  return found == fields_.size() ? std::string_view{} : (*this)[found].value;
}

std::string_view PacketReader::problem() const {
  switch (problem_) {
    case Problem::none:
      break;
    case Problem::nul:
      return "NUL in a header";
    case Problem::action_too_long:
      return "action too long";
    case Problem::too_many_headers:
      return "too many headers";
    case Problem::line_too_long:
      return "line too long";
  }
  return {};
}

PacketReader::Outcome PacketReader::next(std::string_view data) {
  if (finished_) start_over();
  for (;;) {
    const auto* newline = static_cast<const char*>(
        std::memchr(data.data() + searched_, '\n', data.size() - searched_));
    if (newline == nullptr) return wait(data);
    auto end = static_cast<std::size_t>(newline - data.data());
    const auto next_line = end + 1;
    if (end > line_begin_ && data[end - 1] == '\r') --end;
    const bool empty = end == line_begin_ && !in_long_line_;
    if (!empty) take_line(data, end);
    line_begin_ = searched_ = next_line;
    if (empty) return finish(data);
  }
}

void PacketReader::start_over() {
  finished_ = false;
  action_.fields_.clear();
  line_begin_ = searched_ = lines_ = dropped_ = 0;
  if (problem_ != Problem::none) {
    problem_ = Problem::none;
    lost_id_.clear();
  }
}

void PacketReader::take_line(std::string_view data, std::size_t end) {
  ++lines_;
  if (in_long_line_ || end - line_begin_ > limits_.max_line) {
    action_.octets_ = data.data();
    set_problem(Problem::line_too_long);
    in_long_line_ = false;
    return;
  }
  if (lines_ > limits_.max_headers) {
    action_.octets_ = data.data();
    set_problem(Problem::too_many_headers);
  }
  if (problem_ == Problem::none) {
    add_header(data, line_begin_, end);
  } else {
    look_for_id(data.substr(line_begin_, end - line_begin_));
  }
}

void PacketReader::add_header(std::string_view data, std::size_t begin, std::size_t end) {
  const auto* found = static_cast<const char*>(std::memchr(data.data() + begin, ':', end - begin));
  if (found == nullptr) return;
  const auto colon = static_cast<std::size_t>(found - data.data());
  auto value = colon + 1;
  while (value < end && base::is_blank(data[value])) ++value;
  auto name_end = colon;
  while (name_end > begin && base::is_blank(data[name_end - 1])) --name_end;
  if (name_end == begin) return;
  action_.fields_.push_back(
      {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(name_end - begin),
       static_cast<std::uint32_t>(value), static_cast<std::uint32_t>(end - value)});
}

// The greatest problem is reported, whichever is met first: that depends on how input is cut.
void PacketReader::set_problem(Problem problem) {
  if (problem_ == Problem::none) {
    lost_id_ = action_.id();
    action_.fields_.clear();
  }
  problem_ = std::max(problem_, problem);
}

void PacketReader::look_for_id(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || !lost_id_.empty()) return;
  auto name = line.substr(0, colon);
  while (!name.empty() && base::is_blank(name.back())) name.remove_suffix(1);
  if (!same_name(name, "ActionID")) return;
  auto value = line.substr(colon + 1);
  while (!value.empty() && base::is_blank(value.front())) value.remove_prefix(1);
  lost_id_ = value;
}

PacketReader::Outcome PacketReader::wait(std::string_view data) {
  searched_ = data.size();
  action_.octets_ = data.data();
  // One octet more than the limit may still be the CR of the line end.
  if (!in_long_line_ && data.size() - line_begin_ > limits_.max_line + 1) {
    set_problem(Problem::line_too_long);
    in_long_line_ = true;
  }
  if (dropped_ + data.size() > limits_.max_action) set_problem(Problem::action_too_long);
  if (problem_ == Problem::none) return {Kind::need_more, 0};
  const auto drop = in_long_line_ ? data.size() : line_begin_;
  dropped_ += drop;
  line_begin_ = 0;
  searched_ -= drop;
  return {Kind::need_more, drop};
}

PacketReader::Outcome PacketReader::finish(std::string_view data) {
  finished_ = true;
  action_.octets_ = data.data();
  if (dropped_ + line_begin_ > limits_.max_action) set_problem(Problem::action_too_long);
  if (problem_ == Problem::none && std::memchr(data.data(), '\0', line_begin_) != nullptr) {
    set_problem(Problem::nul);
  }
  return {problem_ == Problem::none ? Kind::action : Kind::malformed, line_begin_};
}

}  // namespace missive::ami

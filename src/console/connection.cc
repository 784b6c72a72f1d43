#include "console/connection.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace missive::console {

using base::LogLevels;

namespace {

constexpr LogLevels at_first =
    LogLevels::notice | LogLevels::verbose | LogLevels::warning | LogLevels::error;

std::string_view name_of(LogLevels level) {
  if (base::any_of(level, LogLevels::error)) return "ERROR";
  if (base::any_of(level, LogLevels::warning)) return "WARNING";
  return base::any_of(level, LogLevels::debug) ? "DEBUG" : "NOTICE";
}

}  // namespace

Connection::Connection(const Registry& registry, Feed& feed, std::shared_ptr<net::Stream> stream,
                       Closed closed)
    : registry_(registry), feed_(feed), stream_(std::move(stream)), closed_(std::move(closed)) {}

Connection::~Connection() {
  if (follows_) feed_.remove(*this);
  stream_->close_now();
}

void Connection::start(std::string_view hello) {
  send("hello", hello);
  stream_->start(*this);
}

std::size_t Connection::on_data(std::string_view data) {
  const auto all = data.size();
  while (!busy_ && stream_->is_open()) {
    const auto frame = take_frame(data, longest_line);
    if (!frame) {
      send("output", frame.error().text + '\n');
      send("done", "error");
      stream_->close_after_flush();
      return all;
    }
    if (!*frame) break;
    take(**frame);
  }
  return all - data.size();
}

void Connection::on_closed(std::string_view) {
  if (std::exchange(follows_, false)) feed_.remove(*this);
  closed_(*this);
}

void Connection::take(const Frame& frame) {
  if (frame.kind == "run") {
    run(frame.text);
  } else if (frame.kind == "complete") {
    complete(frame.text);
  } else if (frame.kind == "follow") {
    follow();
  }  // what a later console may ask for is not for us
}

void Connection::run(std::string_view line) {
  busy_ = true;
  stream_->pause_reading(true);
  registry_.run(
      line,
      [weak = weak_from_this()](const Result& result) {
        if (const auto self = weak.lock()) self->answer(result);
      },
      this);
}

void Connection::answer(const Result& result) {
  if (!stream_->is_open()) return;
  // What strangers sent is in it, and no terminal is to obey that.
  auto text = base::printable_lines(result.text);
  if (!text.empty() && text.back() != '\n') text += '\n';
  send("output", text);
  send("done", result.ok ? "ok" : "error");
  busy_ = false;
  stream_->pause_reading(false);
}

void Connection::complete(std::string_view line) {
  send("choices", fmt::format("{}", fmt::join(registry_.complete(line), "\n")));
}

void Connection::follow() {
  if (std::exchange(follows_, true)) return;
  levels_ = at_first;
  feed_.add(*this);
}

void Connection::show_levels(LogLevels levels, bool on) {
  levels_ = on ? levels_ | levels : base::without(levels_, levels);
  if (follows_) feed_.levels_changed();
}

void Connection::on_log(LogLevels level, std::string_view line) {
  send_if_room("log", fmt::format("{} {}", name_of(level), line));
}

void Connection::on_packet(std::string_view text) { send_if_room("packet", text); }

void Connection::send_if_room(std::string_view kind, std::string_view text) {
  if (stream_->unsent() > most_unsent) {
    ++left_out_;
    return;
  }
  if (const auto lost = std::exchange(left_out_, 0); lost > 0) {
    send("log", fmt::format("WARNING ({} entries were left out here)\n", lost));
  }
  send(kind, text);
}

void Connection::send(std::string_view kind, std::string_view text) {
  append_frame(stream_->output(), kind, text);
  stream_->flush_later();
}

}  // namespace missive::console

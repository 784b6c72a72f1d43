#include "app/console_editor.h"

#include <fmt/format.h>
#include <histedit.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cwchar>

#include "base/text.h"

namespace missive::app {
namespace {

constexpr int history_length = 1000;
// A key nobody has, for libedit to draw the line again.
constexpr wchar_t draw_again = 0x1F;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (const auto line : base::split_list(text, '\n')) lines.emplace_back(line);
  return lines;
}

// What all of them begin with.
std::string common_beginning(const std::vector<std::string>& words) {
  std::string_view common = words.front();
  for (const auto& word : words) {
    const auto length = std::min(common.size(), word.size());
    const auto [end, ignored] = std::mismatch(
        common.begin(), common.begin() + static_cast<std::ptrdiff_t>(length), word.begin(),
        [](char a, char b) { return base::to_lower(a) == base::to_lower(b); });
    common = common.substr(0, static_cast<std::size_t>(end - common.begin()));
  }
  return std::string(common);
}

// Side by side, as many as a line of 80 has room for.
std::string columns_of(const std::vector<std::string>& words) {
  std::size_t width = 0;
  for (const auto& word : words) width = std::max(width, word.size() + 2);
  const auto per_line = std::max<std::size_t>(1, 80 / width);
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool last = (i + 1) % per_line == 0 || i + 1 == words.size();
    out += last ? words[i] + '\n' : fmt::format("{:<{}}", words[i], width);
  }
  return out;
}

}  // namespace

struct ConsoleEditor::Library {
  Library(ConsoleLink& the_link, std::string the_prompt, std::filesystem::path the_file, Show how)
      : link(the_link),
        prompt(std::move(the_prompt)),
        file(std::move(the_file)),
        show(std::move(how)) {
    HistEvent event;
    ::history(past, &event, H_SETSIZE, history_length);
    ::history(past, &event, H_SETUNIQUE, 1);
    ::history(past, &event, H_LOAD, file.c_str());
    el_set(editor, EL_CLIENTDATA, this);
    el_set(editor, EL_PROMPT, &Library::give_prompt);
    el_set(editor, EL_EDITOR, "emacs");
    el_set(editor, EL_SIGNAL, 1);
    el_set(editor, EL_HIST, &::history, past);
    el_set(editor, EL_ADDFN, "complete", "Completes the command", &Library::complete_key);
    el_set(editor, EL_BIND, "^I", "complete", nullptr);
    el_set(editor, EL_BIND, "^_", "ed-redisplay", nullptr);
    el_set(editor, EL_GETCFN, &Library::read_key);
  }
  ~Library() {
    HistEvent event;
    ::history(past, &event, H_SAVE, file.c_str());
    el_end(editor);
    history_end(past);
  }

  static Library& of(EditLine* editor) {
    void* library = nullptr;
    el_get(editor, EL_CLIENTDATA, &library);
    return *static_cast<Library*>(library);
  }
  static char* give_prompt(EditLine* editor) { return of(editor).prompt.data(); }
  static int read_key(EditLine* editor, wchar_t* key) { return of(editor).wait_for_key(key); }
  static unsigned char complete_key(EditLine* editor, int) { return of(editor).complete(); }

  // 1: there is a key, 0: there will be none, -1: an error.
  int wait_for_key(wchar_t* key) {
    for (;;) {
      std::array<pollfd, 2> ready{{{STDIN_FILENO, POLLIN, 0}, {link.fd(), POLLIN, 0}}};
      if (::poll(ready.data(), ready.size(), -1) < 0) {
        if (errno != EINTR) return -1;
        *key = draw_again;  // the window has another size, or is back
        return 1;
      }
      if (ready[1].revents != 0 && show_news()) {
        *key = draw_again;
        return 1;
      }
      if (lost) return 0;
      if (ready[0].revents != 0) return read_character(key);
    }
  }

  // What came by itself, in place of the line, which is to be drawn again below it.
  bool show_news() {
    bool shown = false;
    for (;;) {
      const auto frame = link.take();
      if (!frame) lost = frame.error();
      if (!frame || !*frame) return shown;
      if (!std::exchange(shown, true)) std::fputs("\r\033[K", stdout);
      show(**frame);
    }
  }

  static int read_character(wchar_t* key) {
    std::mbstate_t state{};
    for (;;) {
      char octet = 0;
      const auto count = ::read(STDIN_FILENO, &octet, 1);
      if (count <= 0) return static_cast<int>(count);
      const auto used = std::mbrtowc(key, &octet, 1, &state);
      if (used == static_cast<std::size_t>(-2)) continue;  // there is more of it
      if (used == static_cast<std::size_t>(-1)) state = {};
      if (used <= 1) return 1;
    }
  }

  unsigned char complete() {
    const auto* line = el_line(editor);
    const std::string before(line->buffer, static_cast<std::size_t>(line->cursor - line->buffer));
    const auto choices = ask(before);
    if (choices.empty()) return CC_REFRESH_BEEP;
    const auto blank = before.find_last_of(" \t");
    const auto begun = blank == std::string::npos ? before : before.substr(blank + 1);
    auto word = common_beginning(choices);
    if (word.size() > begun.size() || choices.size() == 1) {
      if (choices.size() == 1) word += ' ';
      el_insertstr(editor, word.substr(std::min(begun.size(), word.size())).c_str());
      return CC_REFRESH;
    }
    fmt::print("\n{}", columns_of(choices));
    std::fflush(stdout);
    return CC_REDISPLAY;
  }

  std::vector<std::string> ask(const std::string& before) {
    if (!link.send("complete", before)) return {};
    for (;;) {
      const auto frame = link.next();
      if (!frame) lost = frame.error();
      if (!frame) return {};
      if (frame->kind == "choices") return lines_of(frame->text);
      show(*frame);
    }
  }

  ConsoleLink& link;
  std::string prompt;
  const std::filesystem::path file;
  const Show show;
  std::optional<base::Error> lost;
  EditLine* const editor = el_init("missive", stdin, stdout, stderr);
  History* const past = history_init();
};

ConsoleEditor::ConsoleEditor(ConsoleLink& link, std::string prompt, std::filesystem::path history,
                             Show show)
    : library_(std::make_unique<Library>(link, std::move(prompt), std::move(history),
                                         std::move(show))) {}

ConsoleEditor::~ConsoleEditor() = default;

base::Result<std::optional<std::string>> ConsoleEditor::line() {
  int length = 0;
  const char* text = el_gets(library_->editor, &length);
  if (library_->lost) return tl::unexpected(*library_->lost);
  if (text == nullptr || length <= 0) return std::nullopt;
  std::string line(base::trim(std::string_view(text, static_cast<std::size_t>(length))));
  if (!line.empty()) {
    HistEvent event;
    ::history(library_->past, &event, H_ENTER, line.c_str());
  }
  return line;
}

}  // namespace missive::app

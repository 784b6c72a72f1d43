// GetConfig, GetConfigJSON, ListCategories.
//
// Values that are secrets are shown to users whose write has the class config; to others that may
// use GetConfig (class system alone) they are hidden, and their Filter does not see them either.
// Source: Asterisk documentation, actions of these names.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "ami/actions/handlers.h"
#include "ami/config_files.h"
#include "ami/later_work.h"
#include "ami/list_reply.h"
#include "ami/wire.h"

namespace missive::ami {
namespace {

using Category = conf::Document::Category;
using Json = nlohmann::ordered_json;

struct Request {
  std::filesystem::path folder;
  std::string name, category, filter;
  bool with_secrets;
};

Request request_of(Session& session, const ActionView& action) {
  return {session.environment().shared.folder, std::string(action.header("Filename")),
          std::string(action.header("Category")), std::string(action.header("Filter")),
          any(session.user()->write & Class::config)};
}

using Write = void (*)(std::string& out, const Request& request,
                       const std::vector<const Category*>& categories);

void show(Session& session, const ActionView& action, Write write) {
  reply_from_worker(
      session, action,
      [request = request_of(session, action), write, limit = longest_reply(session)](
          std::string& out, std::string_view id) {
        Refusal why;
        const auto document = load_config(request.folder, request.name, why);
        if (!document) return append_failure(out, id, why.message, why.reason);
        const auto filter = CategoryFilter::parse(request.filter);
        if (!filter) {
          why = {"Filter did not compile.  Check the syntax of the filter given.",
                 filter.error().text};
          return append_failure(out, id, why.message, why.reason);
        }
        std::vector<const Category*> categories;
        for (const auto place : filter->find(*document, request.category, request.with_secrets)) {
          categories.push_back(&document->categories()[place]);
        }
        std::string lines;
        write(lines, request, categories);
        if (lines.size() > limit) {
          return append_failure(out, id, "Config file is too large",
                                fmt::format("the reply would have {} octets, {} are the most; ask "
                                            "for a Category, or by a Filter",
                                            lines.size(), limit));
        }
        begin_reply(out, "Success", id);
        out += lines;
        end_packet(out);
      });
}

void write_lines(std::string& out, const Request& request,
                 const std::vector<const Category*>& categories) {
  for (std::size_t i = 0; i < categories.size(); ++i) {
    const auto& category = *categories[i];
    append_header(out, fmt::format("Category-{:06}", i), category.name);
    if (category.is_template) append_header(out, fmt::format("IsTemplate-{:06}", i), "1");
    if (!category.bases.empty()) {
      append_header(out, fmt::format("Templates-{:06}", i),
                    fmt::format("{}", fmt::join(category.bases, ",")));
    }
    for (std::size_t line = 0; line < category.variables.size(); ++line) {
      const auto& variable = category.variables[line];
      append_header(
          out, fmt::format("Line-{:06}-{:06}", i, line),
          fmt::format("{}={}", variable.name, visible_value(variable, request.with_secrets)));
    }
  }
  // Asterisk's line, which is no header.
  if (!request.category.empty() && categories.empty()) out += "No categories found\r\n";
}

// A second value of a name makes a list of them.
void add(Json& object, const std::string& name, Json value) {
  const auto found = object.find(name);
  if (found == object.end()) {
    object[name] = std::move(value);
  } else if (found->is_array()) {
    found->push_back(std::move(value));
  } else {
    *found = Json::array({*found, std::move(value)});
  }
}

void write_json(std::string& out, const Request& request,
                const std::vector<const Category*>& categories) {
  auto all = Json::object();
  for (const auto* category : categories) {
    auto object = Json::object();
    if (category->is_template) object["istemplate"] = 1;
    if (!category->bases.empty()) {
      object["templates"] = fmt::format("{}", fmt::join(category->bases, ","));
    }
    for (const auto& variable : category->variables) {
      add(object, variable.name, std::string(visible_value(variable, request.with_secrets)));
    }
    add(all, category->name, std::move(object));
  }
  append_header(out, "JSON", all.dump(-1, ' ', false, Json::error_handler_t::replace));
}

void write_names(std::string& out, const Request&, const std::vector<const Category*>& categories) {
  for (std::size_t i = 0; i < categories.size(); ++i) {
    append_header(out, fmt::format("Category-{:06}", i), categories[i]->name);
  }
  if (categories.empty()) append_header(out, "Error", "no categories found");
}

}  // namespace

void actions::get_config(Session& session, const ActionView& action) {
  show(session, action, write_lines);
}

void actions::get_config_json(Session& session, const ActionView& action) {
  show(session, action, write_json);
}

void actions::list_categories(Session& session, const ActionView& action) {
  show(session, action, write_names);
}

}  // namespace missive::ami

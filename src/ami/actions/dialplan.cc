// DialplanExtensionAdd, DialplanExtensionRemove, ShowDialPlan.
//
// Changes count until the next reload of extensions.conf. Source: Asterisk documentation, actions
// of these names.
#include <fmt/format.h>

#include "ami/actions/handlers.h"
#include "ami/list_reply.h"
#include "ami/wire.h"
#include "base/log.h"
#include "base/text.h"
#include "dialplan/pattern.h"

namespace missive::ami {
namespace {

using dialplan::Changed;
using Outcome = Changed::Outcome;

constexpr std::string_view registrar = "pbx_config";

void answer(Session& session, const ActionView& action, const Changed& changed,
            std::string_view success) {
  switch (changed.outcome) {
    case Outcome::done:
      log::info("AMI user '{}': {} {}@{}", base::printable(session.account()), action.name(),
                base::printable(action.header("Extension"), 80),
                base::printable(action.header("Context"), 80));
      return session.acknowledge(action, success);
    case Outcome::exists:
      return session.refuse(action, "That extension and priority already exist at that context");
    case Outcome::no_context:
    case Outcome::no_extension:
    case Outcome::no_priority:
      return session.refuse(action, "Extension and priority not found in the context");
    case Outcome::refused:
      return append_failure(session.output(), action.id(), "Failed to change the dialplan",
                            changed.problem);
  }
}

// --- ShowDialPlan

class Show {
 public:
  Show(ListReply& reply, const dialplan::Dialplan& dialplan, std::string_view exten)
      : reply_(reply), dialplan_(dialplan), exten_(exten) {}

  void show(const dialplan::Context& context) {
    if (std::find(seen_.begin(), seen_.end(), &context) != seen_.end()) return;
    seen_.push_back(&context);
    ++contexts_;
    for (const auto& extension : context.extensions) {
      if (is_wanted(extension)) show(context, extension);
    }
    for (const auto& include : context.includes) show(context, include);
    if (exten_.empty()) seen_.pop_back();
  }

  bool found_extension() const { return extensions_ > 0; }
  void complete() {
    reply_.complete("ShowDialPlanComplete", [this](std::string& out) {
      append_header(out, "ListExtensions", fmt::to_string(extensions_));
      append_header(out, "ListPriorities", fmt::to_string(priorities_));
      append_header(out, "ListContexts", fmt::to_string(contexts_));
    });
  }

 private:
  bool is_wanted(const dialplan::Extension& extension) const {
    if (exten_.empty() || extension.name == exten_) return true;
    return extension.is_pattern
               ? dialplan::matches_pattern(extension.name, exten_)
               : dialplan::without_dashes(extension.name) == dialplan::without_dashes(exten_);
  }

  void show(const dialplan::Context& context, const dialplan::Extension& extension) {
    ++extensions_;
    const auto begin = [&](std::string& out) {
      append_header(out, "Context", context.name);
      append_header(out, "Extension", extension.name);
    };
    if (extension.hint) {
      ++priorities_;
      reply_.add("ListDialplan", [&](std::string& out) {
        begin(out);
        append_header(out, "Priority", "hint");
        append_header(out, "Application", extension.hint->text);
        append_header(out, "Registrar", registrar);
      });
    }
    for (const auto& priority : extension.priorities) {
      ++priorities_;
      reply_.add("ListDialplan", [&](std::string& out) {
        begin(out);
        if (!priority.label.empty()) append_header(out, "ExtensionLabel", priority.label);
        append_header(out, "Priority", fmt::to_string(priority.number));
        append_header(out, "Application", priority.application);
        append_header(out, "AppData", priority.arguments.text());
        append_header(out, "Registrar", registrar);
      });
    }
  }

  // Asked for an extension, what is included is searched too.
  void show(const dialplan::Context& context, const dialplan::Include& include) {
    if (!exten_.empty()) {
      if (const auto* included = dialplan_.context(include.context)) show(*included);
      return;
    }
    reply_.add("ListDialplan", [&](std::string& out) {
      append_header(out, "Context", context.name);
      append_header(out, "IncludeContext", include.context);
      append_header(out, "Registrar", registrar);
    });
  }

  ListReply& reply_;
  const dialplan::Dialplan& dialplan_;
  const std::string_view exten_;
  std::vector<const dialplan::Context*> seen_;
  std::size_t contexts_ = 0, extensions_ = 0, priorities_ = 0;
};

}  // namespace

void actions::dialplan_extension_add(Session& session, const ActionView& action) {
  auto& shared = session.environment().shared;
  dialplan::NewPriority added{
      .context = action.header("Context"),
      .exten = action.header("Extension"),
      .application = action.header("Application"),
      .arguments = action.header("ApplicationData"),
      .replace = base::parse_bool(action.header("Replace")).value_or(false)};
  const auto priority = action.header("Priority");
  if (added.context.empty() || added.exten.empty() || priority.empty() ||
      added.application.empty()) {
    return session.refuse(action,
                          "Context, Extension, Priority, and Application must be defined for "
                          "DialplanExtensionAdd.");
  }
  const auto number = dialplan::priority_number(priority);
  if (!number) return session.refuse(action, "The priority specified was invalid.");
  added.number = *number;
  answer(session, action, shared.in_force->change([&](const dialplan::Dialplan& current) {
    return add_priority(current, added, shared.dialplan->applications, shared.dialplan->functions);
  }),
         "Added requested extension");
}

void actions::dialplan_extension_remove(Session& session, const ActionView& action) {
  const auto context = action.header("Context");
  const auto exten = action.header("Extension");
  if (context.empty() || exten.empty()) {
    return session.refuse(action,
                          "Context and Extension must be provided for DialplanExtensionRemove");
  }
  const auto priority = action.header("Priority");
  const auto number = dialplan::priority_number(priority);
  if (!priority.empty() && !number) {
    return session.refuse(action, "The priority specified was invalid.");
  }
  auto& in_force = *session.environment().shared.in_force;
  answer(session, action, in_force.change([&](const dialplan::Dialplan& current) {
    return remove_extension(current, context, exten, number);
  }),
         "Removed the requested extension");
}

void actions::show_dialplan(Session& session, const ActionView& action) {
  const auto dialplan = session.environment().shared.in_force->get();
  const auto name = action.header("Context");
  const auto exten = action.header("Extension");
  const auto* one = name.empty() ? nullptr : dialplan->context(name);
  if (!name.empty() && one == nullptr) {
    return session.refuse(action, fmt::format("Did not find context {}", name));
  }
  std::string text;
  ListReply reply(text, action.id(), "DialPlan list will follow",
                  session.environment().shared.limits.max_unsent / 2);
  Show show(reply, *dialplan, exten);
  if (one != nullptr) {
    show.show(*one);
  } else {
    for (const auto& context : dialplan->contexts()) show.show(context);
  }
  if (!exten.empty() && !show.found_extension()) {
    return session.refuse(
        action, name.empty() ? fmt::format("Did not find extension {} in any context", exten)
                             : fmt::format("Did not find extension {}@{}", exten, name));
  }
  show.complete();
  session.output() += text;
}

}  // namespace missive::ami

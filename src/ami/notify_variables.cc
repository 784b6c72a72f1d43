#include "ami/notify_variables.h"

namespace missive::ami {

base::Result<void> read_variables(VariableList& list, const ActionView& action,
                                  pjsip::NotifyOrder& order) {
  base::Result<void> good;
  action.headers("Variable", [&](std::string_view value) {
    if (!good) return;
    list.clear(VariableList::Again::stands_beside);
    good = list.add(value);
    if (!good) return;
    for (const auto& item : list.items()) order.headers.emplace_back(item.name, item.value);
  });
  return good;
}

}  // namespace missive::ami

#include "http/request.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"

namespace missive::http {

std::string_view Request::field(std::string_view name) const {
  for (const auto& field : fields) {
    if (base::iequals(field.name, name)) return field.value;
  }
  return {};
}

bool Request::has_token(std::string_view name, std::string_view token) const {
  for (const auto& field : fields) {
    if (!base::iequals(field.name, name)) continue;
    for (const auto part : base::split_list(field.value)) {
      if (base::iequals(part, token)) return true;
    }
  }
  return false;
}

std::string_view reason_of(unsigned status) {
  static constexpr std::array<std::pair<unsigned, std::string_view>, 22> reasons{{
      {200, "OK"},
      {201, "Created"},
      {202, "Accepted"},
      {204, "No Content"},
      {302, "Found"},
      {304, "Not Modified"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {408, "Request Timeout"},
      {409, "Conflict"},
      {412, "Precondition Failed"},
      {413, "Payload Too Large"},
      {415, "Unsupported Media Type"},
      {422, "Unprocessable Entity"},
      {426, "Upgrade Required"},
      {431, "Request Header Fields Too Large"},
      {500, "Internal Server Error"},
      {501, "Not Implemented"},
      {503, "Service Unavailable"},
  }};
  const auto* const found = std::find_if(reasons.begin(), reasons.end(),
                                         [status](const auto& row) { return row.first == status; });
  return found == reasons.end() ? std::string_view("Unknown") : found->second;
}

Response Response::error(unsigned status, std::string_view text) {
  Response out;
  out.status = status;
  out.body = fmt::format("{} {}: {}\n", status, reason_of(status), text);
  return out;
}

Responder::~Responder() {
  answer(Response::error(500, "the server has no answer to this request"));
}

void Responder::answer(Response response) {
  if (const auto who = std::exchange(who_, {}).lock()) who->answer(std::move(response));
}

}  // namespace missive::http

// What a web client of AMI sends and gets: any query and form, any cookie and Authorization; the
// same octets as packets to be shown.
//
// An action that is made of parameters is exactly one action with exactly those headers; nobody is
// let in by a digest; whatever the packets, the XML is well-formed and a page shows no markup of
// theirs.
#include <cstdint>
#include <pugixml.hpp>
#include <string>
#include <string_view>

#include "ami/packet_reader.h"
#include "ami/web/digest.h"
#include "ami/web/form.h"
#include "ami/web/format.h"
#include "base/clock.h"
#include "base/text.h"
#include "fuzz_check.h"

namespace {

using namespace missive;
using namespace missive::ami;
using fuzz::check;

// AMI has no blanks before a value, nor behind a name, and no name that is blank.
std::string_view of_header(std::string_view value) {
  while (!value.empty() && base::is_blank(value.front())) value.remove_prefix(1);
  return value;
}

void check_action(const http::Request& request) {
  const auto parameters = web::parameters_of(request);
  if (!parameters) return;
  const auto action = web::action_of(*parameters);
  if (!action) return;
  PacketReader reader({1 << 20, 1 << 16, 4 << 20});
  const auto outcome = reader.next(*action);
  check(outcome.kind == PacketReader::Kind::action);
  check(outcome.consumed == action->size());
  std::size_t at = 0;
  for (const auto& [name, value] : *parameters) {
    if (base::trim_right(name).empty()) continue;
    check(at < reader.action().size());
    check(reader.action()[at].value == of_header(value));
    ++at;
  }
  check(at == reader.action().size());
}

void check_digest(http::Request request) {
  static const base::ManualClock clock;
  static web::DigestGate gate(clock, "asterisk");
  static const auto configuration = [] {
    conf::Problems problems;
    return Configuration::from(
        conf::parse("[admin]\nsecret = p8Zq1xVt0\n", "manager.conf", problems), {}, problems);
  }();
  request.fields.push_back({"Authorization", "Digest " + request.body});
  const auto verdict = gate.look_at(request, *configuration);
  check(verdict.result != web::DigestGate::Result::admitted);
  check(verdict.result != web::DigestGate::Result::stale);
}

void check_rendering(std::string_view packets) {
  const auto view = web::view_of(web::Format::xml, {{"ajaxdest", std::string(packets)},
                                                    {"ajaxobjtype", std::string(packets)}});
  const auto text = web::render(view, packets);
  pugi::xml_document document;
  check(document.load_buffer(text.data(), text.size(), pugi::parse_default, pugi::encoding_utf8)
            .status == pugi::status_ok);
  check(std::string_view(document.document_element().name()) == "ajax-response");
  const auto page = web::render({web::Format::html}, packets);
  check(page.find("<script") == std::string::npos);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  http::Request request;
  request.method = "POST";
  request.path = "/arawman";
  request.query = input.substr(0, size / 2);
  request.body = input.substr(size / 2);
  request.fields.push_back({"Content-Type", "application/x-www-form-urlencoded"});
  request.fields.push_back({"Cookie", std::string(input)});
  check(web::cookie_of(request, "mansession_id").size() <= input.size());
  check_action(request);
  check_digest(request);
  check_rendering(input);
  return 0;
}

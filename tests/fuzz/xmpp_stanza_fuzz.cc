// Stanzas of any octets: libstrophe's parser, and what is understood of a message.
//
// Checked: reading ends; what is no XML gives nothing; a text that can be carried is written and
// read again as the same.
#include <cstddef>
#include <cstdint>
#include <string>

#include "fuzz_check.h"
#include "xmpp/characters.h"
#include "xmpp/message_stanza.h"
#include "xmpp/queries.h"
#include "xmpp/stream_log.h"

using namespace missive;
using fuzz::check;

namespace {

void read_as_stanza(xmpp_ctx_t* context, const std::string& text) {
  const xmpp::Stanza stanza(xmpp_stanza_new_from_string(context, text.c_str()));
  if (!stanza) return;
  const auto message = xmpp::read_message(stanza.get(), "gw@example.com");
  check(!message.body || message.body->size() <= text.size() * 4);
  (void)xmpp::answer_query(stanza.get());
}

void write_and_read(xmpp_ctx_t* context, const std::string& text) {
  if (!xmpp::check_characters(text)) return;
  xmpp::OutgoingText outgoing;
  outgoing.id = "i";
  outgoing.to = "a@b";
  outgoing.body = text;
  const auto xml = xmpp::xml_of(xmpp::message_stanza(context, outgoing).get());
  const xmpp::Stanza again(xmpp_stanza_new_from_string(context, xml.c_str()));
  check(again != nullptr);
  // XML makes one line end of another.
  if (text.find('\r') != std::string::npos) return;
  check(xmpp::read_message(again.get(), "").body.value_or("") == text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const xmpp::Context context(xmpp_ctx_new(nullptr, nullptr));
  const std::string text(reinterpret_cast<const char*>(data), size);
  (void)xmpp::read_stream_log("RECV: " + text);
  (void)xmpp::read_stream_log(text);
  read_as_stanza(context.get(), text);
  write_and_read(context.get(), text);
  return 0;
}

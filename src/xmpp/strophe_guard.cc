// A guard for libstrophe 0.12.2, which dies of an empty <stream:error/>: it asks for the sibling of
// the first child, and there is none. Its call comes here, as the symbols of a program go before
// those of its libraries.
#include <dlfcn.h>
#include <strophe.h>

extern "C" xmpp_stanza_t* xmpp_stanza_get_next(xmpp_stanza_t* stanza) {
  using Next = xmpp_stanza_t* (*)(xmpp_stanza_t*);
  static const auto next = reinterpret_cast<Next>(::dlsym(RTLD_NEXT, "xmpp_stanza_get_next"));
  return stanza != nullptr ? next(stanza) : nullptr;
}

// CURL CURLOPT, with libcurl
#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "base/text.h"
#include "dialplan/functions/arguments.h"
#include "dialplan/functions/curl_options.h"
#include "dialplan/functions/hash.h"
#include "sip/uri.h"

namespace missive::dialplan {
namespace {

using Text = base::Result<std::string>;

struct FreeEasy {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, FreeList>;

// One request and its answer.
class Exchange {
 public:
  Exchange(Run& run, std::size_t limit) : run_(run), limit_(limit), easy_(curl_easy_init()) {
    if (easy_ == nullptr) return;
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_ERRORBUFFER, error_.data());
    set(CURLOPT_WRITEFUNCTION, &Exchange::write);
    set(CURLOPT_WRITEDATA, this);
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_XFERINFOFUNCTION, &Exchange::progress);
    set(CURLOPT_XFERINFODATA, this);
#if LIBCURL_VERSION_NUM >= 0x075500
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
#else
    set(CURLOPT_PROTOCOLS, CURLPROTO_HTTP | CURLPROTO_HTTPS);
    set(CURLOPT_REDIR_PROTOCOLS, CURLPROTO_HTTP | CURLPROTO_HTTPS);
#endif
  }

  void set_up(const CurlOptions& options, std::chrono::milliseconds timeout);
  void post(const std::string& data) {
    set(CURLOPT_POST, 1L);
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(data.size()));
    set(CURLOPT_POSTFIELDS, data.c_str());
  }
  base::Result<std::string> perform(const std::string& url);
  long status() const {
    long status = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
    return status;
  }

 private:
  template <class Value>
  void set(CURLoption option, Value value) {
    curl_easy_setopt(easy_.get(), option, value);
  }
  void set_text(CURLoption option, const std::string& value) {
    if (!value.empty()) set(option, value.c_str());
  }
  void set_proxy(const CurlOptions& options);

  static std::size_t write(const char* data, std::size_t size, std::size_t count, void* self) {
    auto& exchange = *static_cast<Exchange*>(self);
    if (size * count > exchange.limit_ - exchange.answer_.size()) {
      exchange.too_large_ = true;
      return 0;
    }
    exchange.answer_.append(data, size * count);
    return size * count;
  }
  static int progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<Exchange*>(self)->run_.gives_up() ? 1 : 0;
  }

  Run& run_;
  std::size_t limit_;
  std::unique_ptr<CURL, FreeEasy> easy_;
  HeaderList headers_;
  std::array<char, CURL_ERROR_SIZE> error_{};
  std::string answer_;
  bool too_large_ = false;
};

void Exchange::set_up(const CurlOptions& options, std::chrono::milliseconds timeout) {
  if (easy_ == nullptr) return;
  const long most = static_cast<long>(timeout.count());
  const auto bounded = [most](long wanted) { return wanted <= 0 ? most : std::min(wanted, most); };
  set(CURLOPT_TIMEOUT_MS, bounded(options.number("httptimeout", most)));
  // A name that is not resolved in time is a connection that is not there in time.
  set(CURLOPT_CONNECTTIMEOUT_MS, std::min(bounded(options.number("conntimeout", most)),
                                          bounded(options.number("dnstimeout", most))));
  set(CURLOPT_FOLLOWLOCATION, options.flag("followlocation", false) ? 1L : 0L);
  const long redirects = options.number("maxredirs", 10);
  set(CURLOPT_MAXREDIRS, redirects < 0 ? 10L : std::min(redirects, 50L));
  set(CURLOPT_HEADER, options.flag("header", false) ? 1L : 0L);
  set(CURLOPT_SSL_VERIFYPEER, options.flag("ssl_verifypeer", true) ? 1L : 0L);
  set(CURLOPT_SSL_VERIFYHOST, options.flag("ssl_verifyhost", true) ? 2L : 0L);
  const auto agent = options.text("useragent");
  set_text(CURLOPT_USERAGENT, agent.empty() ? "missive/" MISSIVE_VERSION : agent);
  set_text(CURLOPT_REFERER, options.text("referer"));
  set_text(CURLOPT_USERPWD, options.text("userpwd"));
  std::string cookies;
  for (const auto& cookie : options.list("cookie")) {
    if (!cookies.empty()) cookies += "; ";
    cookies += cookie;
  }
  set_text(CURLOPT_COOKIE, cookies);
  for (const auto& line : options.list("httpheader")) {
    if (auto* list = curl_slist_append(headers_.get(), line.c_str())) {
      headers_.release();
      headers_.reset(list);
    }
  }
  if (headers_) set(CURLOPT_HTTPHEADER, headers_.get());
  set_proxy(options);
}

void Exchange::set_proxy(const CurlOptions& options) {
  set_text(CURLOPT_PROXY, options.text("proxy"));
  set_text(CURLOPT_PROXYUSERPWD, options.text("proxyuserpwd"));
  if (const long port = options.number("proxyport", 0); port > 0 && port < 65536) {
    set(CURLOPT_PROXYPORT, port);
  }
  const auto type = options.text("proxytype");
  if (base::istarts_with(type, "socks4")) set(CURLOPT_PROXYTYPE, long{CURLPROXY_SOCKS4});
  if (base::istarts_with(type, "socks5")) set(CURLOPT_PROXYTYPE, long{CURLPROXY_SOCKS5});
}

base::Result<std::string> Exchange::perform(const std::string& url) {
  if (easy_ == nullptr) return base::fail("CURL cannot begin: libcurl has no memory");
  set(CURLOPT_URL, url.c_str());
  const CURLcode code = curl_easy_perform(easy_.get());
  const auto shown = base::printable(url, 100);
  if (too_large_) return base::fail("the answer of {} has more than {} octets", shown, limit_);
  if (code != CURLE_OK) {
    return base::fail("CURL cannot get {}: {}", shown,
                      error_[0] != '\0' ? error_.data() : curl_easy_strerror(code));
  }
  return std::move(answer_);
}

// "a=1&b=2" as the values "1,2", with the names where HASH(name)= finds them.
std::string as_hash(Run& run, std::string_view answer, bool plus_is_space) {
  const auto decoded = [plus_is_space](std::string_view item) {
    std::string text(item);
    if (plus_is_space) std::replace(text.begin(), text.end(), '+', ' ');
    return sip::unescape(text);
  };
  std::string names, values;
  bool first = true;
  for (const auto pair : base::split_list(answer, '&')) {
    const auto equals = std::min(pair.find('='), pair.size());
    append_item(names, decoded(pair.substr(0, equals)), first);
    append_item(values, decoded(pair.substr(std::min(equals + 1, pair.size()))), first);
    first = false;
  }
  run.variables().set(hash_fields, std::move(names));
  return values;
}

bool is_failure(const CurlOptions& options, long status) {
  const std::string codes = options.text("failurecodes");
  const auto list = base::split_list(codes);
  return std::find(list.begin(), list.end(), std::to_string(status)) != list.end();
}

void start_libcurl() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

Text read_curl(Run& run, std::string_view text) {
  const auto arguments = Arguments::raw(text, 2);
  const std::string url(base::trim(arguments.text(0)));
  if (url.empty()) return base::fail("CURL wants a URL: CURL(https://example.com/)");
  if (url.find('\0') != std::string::npos) return base::fail("the URL of CURL has a NUL in it");
  start_libcurl();
  const CurlOptions options(run);
  Exchange exchange(run, run.shared().options.curl_max_size);
  exchange.set_up(options, run.shared().options.curl_timeout);
  const std::string& data = arguments[1];
  if (arguments.size() > 1) exchange.post(data);
  auto answer = exchange.perform(url);
  if (!answer) return answer;
  if (is_failure(options, exchange.status())) {
    return base::fail("{} answered {}, which CURLOPT(failurecodes) calls a failure",
                      base::printable(url, 100), exchange.status());
  }
  if (answer->ends_with('\n')) answer->pop_back();
  if (!options.flag("hashcompat", false)) return answer;
  return as_hash(run, *answer, base::iequals(options.text("hashcompat"), "legacy"));
}

Text read_curlopt(Run& run, std::string_view name) { return CurlOptions(run).get(name); }

base::Result<void> write_curlopt(Run& run, std::string_view name, std::string_view value) {
  return CurlOptions(run).set(name, value);
}

}  // namespace

void add_web_functions(FunctionTable& table) {
  table.add({"CURL", read_curl, nullptr, true});
  table.add({"CURLOPT", read_curlopt, write_curlopt});
}

}  // namespace missive::dialplan

// AMI over HTTP: /manager (a page), /rawman (text), /mxml (XML), and the same with HTTP Digest at
// /amanager, /arawman and /amxml.
//
// The first three find their session by the cookie mansession_id, which Login sets; the others by
// the nonce that the client uses. One action a request, in the query or in a form. Where
// webenabled is not set there is nothing at these paths.
//
// Each session lives on the shard that its key hashes to, whichever connection a request came by;
// answers go back to the shard of the connection. A cookie is good for the address that it was
// given to. Credentials of a digest take a place among the sessions that have not logged in before
// they are looked at: right ones leave it at once, others are answered a second later, as a failed
// Login is. Who gets no place gets 503, whatever he sent.
//
// Made with the server; its functions may be called from any thread, and the routes it adds may be
// asked as long as it lives. Source: Asterisk documentation, "Allow Manager Access via HTTP".
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "ami/environment.h"
#include "ami/web/digest.h"
#include "ami/web/format.h"
#include "http/routes.h"

namespace missive::ami::web {

class WebManager {
 public:
  // One environment for each shard, in the order of their index.
  WebManager(const std::vector<Environment*>& environments, std::string realm);
  ~WebManager();
  WebManager(const WebManager&) = delete;
  WebManager& operator=(const WebManager&) = delete;

  void add_routes(http::Routes& routes);

  // On the shard's thread. pause(): no new sessions and requests; what waits for recipients that
  // are away is answered. close(): the sessions end.
  void pause(std::size_t shard);
  void close(std::size_t shard);

  std::size_t sessions() const { return sessions_; }

 private:
  struct Place;
  struct Asked;
  class Refusal;
  class ReplyTo;

  void handle(Format format, bool digest, net::Shard& shard, http::Request request,
              http::Responder responder);
  void run_by_cookie(Place& here, Asked asked, const http::Request& request);
  void run_by_digest(Place& here, Asked asked, const http::Request& request);
  void ask_who(Place& here, Asked asked, const http::Request& request);
  void refuse(Place& here, Asked asked, const http::Request& request,
              const DigestGate::Verdict& verdict, Admission admission);
  void tell_refusal(Place& here, const http::Request& request, const DigestGate::Verdict& verdict,
                    const std::string& nonce) const;
  void run(std::string key, Asked asked);
  void work(Place& place, std::string key, Asked asked);
  bool begin(Place& place, const std::string& key, Asked& asked);
  static void end_spare_sessions(Place& place);
  Place& owner_of(std::string_view key) const;
  std::string new_key(Place& place, base::RandomSource& random) const;

  std::vector<std::unique_ptr<Place>> places_;
  DigestGate gate_;
  std::atomic<std::size_t> sessions_{0};
};

}  // namespace missive::ami::web

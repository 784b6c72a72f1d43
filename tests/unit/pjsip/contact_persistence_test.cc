// Registered contacts across a restart.
//
//  1. Registered contacts come back with all that was known of them, but for their flow.
//  2. Time goes on while the server is down; what has expired does not come back and is forgotten.
//  3. What only a connection led to does not come back; what a connection came from does.
//  4. Updates, removals and expiry are kept; permanent contacts and what qualifying showed are not.
//  5. Coming back is told to observers, in the order they registered; nothing is written again.
//  6. The clock on the wall may jump: nobody stays longer than was granted.
//  7. A source that cannot be read is left out of the contact, not the contact.
#include "pjsip/contact_persistence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/database.h"
#include "unit/pjsip/configured.h"
#include "unit/pjsip/location_lab.h"
#include "unit/store/temporary_folder.h"

namespace missive::pjsip {
namespace {

using namespace std::chrono_literals;
using test::put;
using test::some_contact;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// A wall clock that can be set apart from the monotonic one, which begins anew with a start.
class Clock final : public base::Clock {
 public:
  base::TimePoint now() const override { return base::TimePoint{running}; }
  base::WallTime wall() const override {
    return base::WallTime{1767225600s} + std::chrono::duration_cast<base::WallTime::duration>(date);
  }
  void advance(base::Duration by) { running += by, date += by; }

  base::Duration running = 100h;
  base::Duration date{};
};

class ContactPersistenceTest : public testing::Test {
 protected:
  ContactPersistenceTest() { start(); }

  // A new server with the same file.
  std::size_t start() {
    server.reset();
    server.emplace(folder.file("missive.db"), clock);
    return *server->persistence.restore(server->locations);
  }
  std::size_t restart_after(base::Duration down) {
    server.reset();
    clock.date += down;
    clock.running = 1h;
    return start();
  }
  LocationService& locations() { return server->locations; }
  std::vector<std::string> uris() { return test::uris(locations(), "alice"); }

  std::shared_ptr<Contact> contact(const std::string& uri = "sip:a@192.0.2.1") {
    auto out = some_contact("alice", uri);
    out->updated = clock.now();
    out->expires = clock.now() + out->expiration;
    return out;
  }

  struct Server {
    Server(const std::string& file, const base::Clock& clock)
        : database(*store::Database::open(file)),
          contacts(*database),
          persistence(contacts, clock) {
      locations.add(persistence);
      locations.add(log);
    }
    std::unique_ptr<store::Database> database;
    store::ContactStore contacts;
    ContactPersistence persistence;
    LocationService locations;
    test::ContactLog log;
  };

  store::test::TemporaryFolder folder;
  Clock clock;
  std::optional<Server> server;
};

TEST_F(ContactPersistenceTest, AllThatWasKnown) {  // 1
  auto before = contact("sip:a@192.0.2.1:5070");
  before->given = "sip:a@10.0.0.1";
  before->q = 300;
  before->path = {"<sip:p;lr>", "\"Q, R\" <sip:q;lr>;x=1"};
  before->instance = "<urn:uuid:1>";
  before->reg_id = "2";
  before->call_id = "id@host";
  before->cseq = 42;
  before->user_agent = "phone";
  before->via_address = "10.0.0.1:5060";
  before->transport = "udp";
  before->source = *net::Address::parse("[2001:db8::1]:5070", 0);
  before->flow = pjsip::Flow{1, before->source};
  put(locations(), before);
  EXPECT_EQ(restart_after(10min), 1u);
  const auto after = locations().choose("alice");
  ASSERT_NE(after, nullptr);
  EXPECT_EQ(after->uri, before->uri);
  EXPECT_EQ(after->given, before->given);
  EXPECT_EQ(after->q, before->q);
  EXPECT_EQ(after->path, before->path);
  EXPECT_EQ(after->instance, before->instance);
  EXPECT_EQ(after->reg_id, before->reg_id);
  EXPECT_EQ(after->call_id, before->call_id);
  EXPECT_EQ(after->cseq, before->cseq);
  EXPECT_EQ(after->user_agent, before->user_agent);
  EXPECT_EQ(after->via_address, before->via_address);
  EXPECT_EQ(after->transport, before->transport);
  EXPECT_EQ(after->source, before->source);
  EXPECT_EQ(after->endpoint, before->endpoint);
  EXPECT_EQ(after->expiration, before->expiration);
  EXPECT_FALSE(after->permanent);
  EXPECT_EQ(after->flow, std::nullopt);
  EXPECT_EQ(after->expires, clock.now() + 50min);
  EXPECT_EQ(after->updated, clock.now() - 10min);
}

TEST_F(ContactPersistenceTest, Expired) {  // 2
  put(locations(), contact());
  auto brief = contact("sip:b@192.0.2.1");
  brief->expires = clock.now() + 5min;
  put(locations(), brief);
  EXPECT_EQ(restart_after(5min), 1u);
  EXPECT_THAT(uris(), ElementsAre("sip:a@192.0.2.1"));
  EXPECT_THAT(*server->contacts.load_all(), SizeIs(1));
  EXPECT_EQ(restart_after(1h), 0u);
  EXPECT_THAT(*server->contacts.load_all(), IsEmpty());
}

TEST_F(ContactPersistenceTest, FlowOnly) {  // 3
  auto bound = contact("sip:a@192.0.2.1:40000;transport=tcp");
  bound->flow = pjsip::Flow{0, *net::Address::parse("192.0.2.1:40000", 0)};
  bound->flow_only = true;
  put(locations(), bound);
  auto direct = contact("sip:b@192.0.2.1;transport=tcp");
  direct->flow = bound->flow;
  put(locations(), direct);
  EXPECT_EQ(restart_after(1s), 1u);
  EXPECT_THAT(uris(), ElementsAre(direct->uri));
  EXPECT_THAT(*server->contacts.load_all(), SizeIs(1));
}

TEST_F(ContactPersistenceTest, Changes) {  // 4
  put(locations(), contact("sip:stays@h"));
  put(locations(), contact("sip:goes@h"));
  put(locations(), contact("sip:expires@h"));
  locations().configure(*test::configured("[alice]\ntype=aor\ncontact=sip:static@h\n"));
  locations().set_status("alice", "sip:stays@h", {Reachability::unreachable, {}});
  auto updated = contact("sip:stays@h");
  updated->cseq = 9;
  put(locations(), updated);
  test::remove(locations(), "alice", "sip:goes@h");
  for (const auto& known : locations().contacts("alice")) {
    if (known.contact->uri == "sip:expires@h") locations().expire(*known.contact);
  }
  EXPECT_EQ(restart_after(1s), 1u);
  EXPECT_THAT(uris(), ElementsAre("sip:stays@h"));
  const auto after = locations().contacts("alice")[0];
  EXPECT_EQ(after.contact->cseq, 9u);
  EXPECT_EQ(after.status.reachability, Reachability::unknown);
}

TEST_F(ContactPersistenceTest, Told) {  // 5
  for (const char* uri : {"sip:z@h", "sip:m@h", "sip:a@h"}) {
    put(locations(), contact(uri));
    clock.advance(1s);
  }
  restart_after(1s);
  EXPECT_THAT(server->log.take(), ElementsAre("created alice sip:z@h 1", "created alice sip:m@h 2",
                                              "created alice sip:a@h 3"));
  // What restore() left unwritten would show as rows changed since the file was opened.
  server->database->run([](store::Connection& connection) -> base::Result<void> {
    EXPECT_EQ(*connection.number("SELECT total_changes()"), 0);
    return {};
  });
}

TEST_F(ContactPersistenceTest, ClockJumps) {  // 6
  put(locations(), contact());
  EXPECT_EQ(restart_after(-100h), 1u);
  EXPECT_EQ(locations().choose("alice")->expires, clock.now() + 1h);
}

TEST_F(ContactPersistenceTest, Unreadable) {  // 7
  server->contacts.put({.aor = "alice",
                        .uri = "sip:a@h",
                        .given = "sip:a@h",
                        .expires = clock.wall() + 1h,
                        .expiration = 3600s,
                        .updated = clock.wall(),
                        .path = "",
                        .source = "nowhere"});
  EXPECT_EQ(restart_after(1s), 1u);
  EXPECT_FALSE(locations().choose("alice")->source.is_set());
  EXPECT_THAT(locations().choose("alice")->path, IsEmpty());
}

}  // namespace
}  // namespace missive::pjsip

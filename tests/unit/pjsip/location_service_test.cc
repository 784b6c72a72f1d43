// The contacts of each AOR.
//
//  1. Added, updated, removed contacts are seen and told, with the count from then on.
//  2. One step that adds and removes: additions first, each counted.
//  3. A contact keeps its place and its status when it is updated; nothing changed tells nothing.
//  4. choose(): reachability before q before permanent before the last update; none. ranked():
//     all of them in that order.
//  5. configure(): permanent contacts come, stay the same, change and go; those registered at
//     AORs that are gone go with them.
//  6. expire(): only that very one; holds().
//  7. set_status(): told when the reachability changes, stored always; unknown names do nothing.
//  8. flow_lost(): contacts that only it led to go, others lose their flow; other flows stay.
//  9. A flow that a contact has left does not concern it.
// 10. Observers may ask from inside the call and see the change.
// 11. Many threads at one AOR: every change is told, in an order that makes sense.
// 12. A hundred thousand contacts: counted and found.
#include "pjsip/location_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "unit/pjsip/configured.h"
#include "unit/pjsip/location_lab.h"

namespace missive::pjsip {
namespace {

using namespace std::chrono_literals;
using test::put;
using test::remove;
using test::some_contact;
using test::uris;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class LocationServiceTest : public testing::Test {
 protected:
  LocationServiceTest() { locations.add(log); }

  void set(std::string_view uri, Reachability reachability) {
    locations.set_status("alice", uri, {reachability, 5ms});
  }
  std::string chosen() {
    const auto contact = locations.choose("alice");
    return contact != nullptr ? contact->uri : "";
  }

  test::ContactLog log;
  LocationService locations;
};

TEST_F(LocationServiceTest, AddUpdateRemove) {  // 1
  EXPECT_EQ(locations.registered("alice"), 0u);
  put(locations, some_contact("alice", "sip:a"));
  put(locations, some_contact("alice", "sip:b"));
  EXPECT_EQ(locations.registered("alice"), 2u);
  EXPECT_EQ(locations.size(), 2u);
  EXPECT_THAT(uris(locations, "alice"), ElementsAre("sip:a", "sip:b"));
  EXPECT_THAT(uris(locations, "bob"), IsEmpty());
  put(locations, some_contact("alice", "sip:a"));
  EXPECT_TRUE(remove(locations, "alice", "sip:a"));
  EXPECT_TRUE(remove(locations, "alice", "sip:b"));
  EXPECT_FALSE(remove(locations, "alice", "sip:b"));
  EXPECT_THAT(log.take(),
              ElementsAre("created alice sip:a 1", "created alice sip:b 2", "updated alice sip:a 2",
                          "removed alice sip:a 1", "removed alice sip:b 0"));
  EXPECT_EQ(locations.size(), 0u);
}

TEST_F(LocationServiceTest, OneStep) {  // 2
  put(locations, some_contact("alice", "sip:a"));
  put(locations, some_contact("alice", "sip:b"));
  log.take();
  const int result = locations.change("alice", [](LocationService::Contacts& contacts) {
    contacts.erase(contacts.begin());
    contacts.front().contact = some_contact("alice", "sip:b");
    contacts.push_back({some_contact("alice", "sip:c"), {}});
    return 42;
  });
  EXPECT_EQ(result, 42);
  EXPECT_THAT(log.take(), ElementsAre("updated alice sip:b 2", "created alice sip:c 3",
                                      "removed alice sip:a 2"));
}

TEST_F(LocationServiceTest, UpdateKeepsPlaceAndStatus) {  // 3
  put(locations, some_contact("alice", "sip:a"));
  put(locations, some_contact("alice", "sip:b"));
  set("sip:a", Reachability::unreachable);
  put(locations, some_contact("alice", "sip:a"));
  const auto contacts = locations.contacts("alice");
  EXPECT_EQ(contacts[0].contact->uri, "sip:a");
  EXPECT_EQ(contacts[0].status.reachability, Reachability::unreachable);
  log.take();
  locations.change("alice", [](LocationService::Contacts&) { return true; });
  locations.change("nobody", [](LocationService::Contacts&) { return true; });
  EXPECT_THAT(log.take(), IsEmpty());
}

TEST_F(LocationServiceTest, Choose) {  // 4
  EXPECT_EQ(chosen(), "");
  const auto add = [this](const char* uri, unsigned q, base::Duration updated) {
    auto contact = some_contact("alice", uri);
    contact->q = q;
    contact->updated = base::TimePoint{1h + updated};
    put(locations, contact);
  };
  add("sip:old", 500, 1s);
  EXPECT_EQ(chosen(), "sip:old");
  add("sip:new", 500, 2s);
  EXPECT_EQ(chosen(), "sip:new");
  add("sip:older-better", 501, 0s);
  EXPECT_EQ(chosen(), "sip:older-better");
  set("sip:older-better", Reachability::unreachable);
  EXPECT_EQ(chosen(), "sip:new");
  set("sip:old", Reachability::reachable);
  EXPECT_EQ(chosen(), "sip:old");
  locations.configure(*test::configured(
      "[alice]\ntype=aor\ncontact=sip:alice@192.0.2.1\ncontact=sip:alice@192.0.2.2\n"));
  EXPECT_EQ(chosen(), "sip:old") << "it is known to answer";
  set("sip:old", Reachability::unknown);
  EXPECT_EQ(chosen(), "sip:alice@192.0.2.1") << "q is 1";
  add("sip:new", 1000, 3s);
  EXPECT_EQ(chosen(), "sip:alice@192.0.2.1") << "permanent ones first";
  set("sip:alice@192.0.2.1", Reachability::unreachable);
  EXPECT_EQ(chosen(), "sip:alice@192.0.2.2");
  for (const auto& uri : uris(locations, "alice")) set(uri, Reachability::unreachable);
  EXPECT_EQ(chosen(), "sip:alice@192.0.2.1") << "better than none";
}

TEST_F(LocationServiceTest, Ranked) {  // 4
  EXPECT_THAT(locations.ranked("alice"), IsEmpty());
  for (const auto& [uri, q] : std::vector<std::pair<const char*, unsigned>>{
           {"sip:low", 100}, {"sip:high", 900}, {"sip:gone", 1000}, {"sip:middle", 500}}) {
    auto contact = some_contact("alice", uri);
    contact->q = q;
    put(locations, contact);
  }
  set("sip:gone", Reachability::unreachable);
  std::vector<std::string> order;
  for (const auto& contact : locations.ranked("alice")) order.push_back(contact->uri);
  EXPECT_THAT(order, ElementsAre("sip:high", "sip:middle", "sip:low", "sip:gone"));
  EXPECT_EQ(order.front(), chosen());
}

TEST_F(LocationServiceTest, Configure) {  // 5
  const auto aor = [](const char* name, const char* contacts) {
    return fmt::format("[{0}]\ntype=endpoint\naors={0}\n[{0}]\ntype=aor\n{1}", name, contacts);
  };
  locations.configure(*test::configured(aor("alice", "contact=sip:h1\ncontact=sip:h2\n") +
                                        aor("bob", "contact=sip:h3\n")));
  EXPECT_THAT(log.take(), ElementsAre("created alice sip:h1 0", "created alice sip:h2 0",
                                      "created bob sip:h3 0"));
  EXPECT_EQ(locations.size(), 0u) << "none registered";
  const auto first = locations.contacts("alice")[0].contact;
  EXPECT_TRUE(first->permanent);
  EXPECT_EQ(first->endpoint, "alice");
  set("sip:h1", Reachability::reachable);
  put(locations, some_contact("alice", "sip:r"));
  put(locations, some_contact("bob", "sip:r"));
  EXPECT_THAT(uris(locations, "alice"), ElementsAre("sip:h1", "sip:h2", "sip:r"));
  log.take();

  locations.configure(
      *test::configured(aor("alice", "contact=sip:h4\ncontact=sip:h1\ncontact=sip:h1\n")));
  EXPECT_THAT(log.take(), ElementsAre("created alice sip:h4 1", "removed alice sip:h2 1",
                                      "removed bob sip:h3 1", "removed bob sip:r 0"));
  EXPECT_THAT(uris(locations, "alice"), ElementsAre("sip:h4", "sip:h1", "sip:r"));
  EXPECT_EQ(locations.contacts("alice")[1].contact, first) << "the same as before";
  EXPECT_EQ(locations.contacts("alice")[1].status.reachability, Reachability::reachable);

  locations.configure(
      *test::configured(aor("alice", "contact=sip:h1\ncontact=sip:h4\ncontact=sip:h1\n")));
  EXPECT_THAT(log.take(), IsEmpty());
  EXPECT_THAT(uris(locations, "alice"), ElementsAre("sip:h1", "sip:h4", "sip:r"));
}

TEST_F(LocationServiceTest, Expire) {  // 6
  put(locations, some_contact("alice", "sip:a"));
  const auto old = locations.choose("alice");
  EXPECT_TRUE(locations.holds(*old));
  put(locations, some_contact("alice", "sip:a"));
  EXPECT_FALSE(locations.holds(*old));
  log.take();
  locations.expire(*old);
  EXPECT_THAT(log.take(), IsEmpty());
  const auto now = locations.choose("alice");
  locations.expire(*now);
  locations.expire(*now);
  EXPECT_THAT(log.take(), ElementsAre("expired alice sip:a 0"));
  EXPECT_FALSE(locations.holds(*now));
  EXPECT_EQ(locations.size(), 0u);
}

TEST_F(LocationServiceTest, Status) {  // 7
  put(locations, some_contact("alice", "sip:a"));
  log.take();
  locations.set_status("alice", "sip:a", {Reachability::reachable, 5ms});
  locations.set_status("alice", "sip:a", {Reachability::reachable, 7ms});
  EXPECT_EQ(locations.contacts("alice")[0].status.round_trip, 7ms);
  locations.set_status("alice", "sip:none", {Reachability::reachable, 5ms});
  locations.set_status("nobody", "sip:a", {Reachability::reachable, 5ms});
  locations.set_status("alice", "sip:a", {Reachability::unreachable, {}});
  EXPECT_THAT(log.take(),
              ElementsAre("status reachable alice sip:a 1", "status unreachable alice sip:a 1"));
}

Flow flow_of(unsigned shard, const char* peer) { return {shard, *net::Address::parse(peer, 0)}; }

TEST_F(LocationServiceTest, FlowLost) {  // 8
  const auto add = [this](const char* uri, const Flow& flow, bool only) {
    auto contact = some_contact("alice", uri);
    contact->flow = flow;
    contact->flow_only = only;
    put(locations, contact);
  };
  const auto lost = flow_of(0, "192.0.2.1:7000");
  add("sip:only", lost, true);
  add("sip:direct", lost, false);
  add("sip:other-port", flow_of(0, "192.0.2.1:7001"), true);
  add("sip:other-shard", flow_of(1, "192.0.2.1:7000"), true);
  log.take();
  locations.flow_lost(lost);
  EXPECT_THAT(log.take(), ElementsAre("updated alice sip:direct 4", "removed alice sip:only 3"));
  EXPECT_EQ(locations.contacts("alice")[0].contact->flow, std::nullopt);
  locations.flow_lost(lost);
  EXPECT_THAT(log.take(), IsEmpty());
  add("sip:only", lost, true);
  log.take();
  locations.flow_lost(lost);
  EXPECT_THAT(log.take(), ElementsAre("removed alice sip:only 3"));
}

TEST_F(LocationServiceTest, FlowLeft) {  // 9
  auto contact = some_contact("alice", "sip:a");
  contact->flow = flow_of(0, "192.0.2.1:7000");
  contact->flow_only = true;
  put(locations, contact);
  auto moved = std::make_shared<Contact>(*contact);
  moved->flow = flow_of(0, "192.0.2.1:7001");
  put(locations, moved);
  log.take();
  locations.flow_lost(*contact->flow);
  EXPECT_THAT(log.take(), IsEmpty());
  locations.flow_lost(*moved->flow);
  EXPECT_THAT(log.take(), ElementsAre("removed alice sip:a 0"));
}

TEST_F(LocationServiceTest, ObserverAsks) {  // 10
  struct Asking final : LocationObserver {
    void on_contact(ContactChange, const KnownContact& known, std::size_t registered) override {
      EXPECT_EQ(locations->registered(known.contact->aor), registered);
      EXPECT_EQ(locations->contacts(known.contact->aor).size(), registered);
      ++calls;
    }
    LocationService* locations = nullptr;
    int calls = 0;
  } asking;
  asking.locations = &locations;
  locations.add(asking);
  put(locations, some_contact("alice", "sip:a"));
  locations.set_status("alice", "sip:a", {Reachability::reachable, 5ms});
  locations.expire(*locations.choose("alice"));
  EXPECT_EQ(asking.calls, 3);
}

TEST_F(LocationServiceTest, ManyThreads) {  // 11
  constexpr int rounds = 300;
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([this, uri = fmt::format("sip:{}", t)] {
      for (int i = 0; i < rounds; ++i) {
        put(locations, some_contact("alice", uri));
        locations.choose("alice");
        locations.set_status("alice", uri, {Reachability::reachable, 1ms});
        remove(locations, "alice", uri);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(locations.size(), 0u);
  // The log has no lock: the service tells of one AOR one after the other. The count follows.
  ASSERT_EQ(log.lines.size(), 3u * rounds * 3);
  int count = 0;
  for (const auto& line : log.lines) {
    count += line.starts_with("created") ? 1 : line.starts_with("removed") ? -1 : 0;
    ASSERT_TRUE(line.ends_with(fmt::format(" {}", count))) << line;
  }
}

TEST_F(LocationServiceTest, Many) {  // 12
  for (int i = 0; i < 100'000; ++i) {
    put(locations, some_contact(fmt::format("u{}", i), "sip:a"));
  }
  EXPECT_EQ(locations.size(), 100'000u);
  EXPECT_NE(locations.choose("u99999"), nullptr);
  EXPECT_EQ(locations.choose("u100000"), nullptr);
}

}  // namespace
}  // namespace missive::pjsip

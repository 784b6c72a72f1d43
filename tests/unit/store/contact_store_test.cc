// Registered contacts on disk.
//
//  1. A contact comes back with every member as it was.
//  2. The same AOR and URI replace; another URI or another AOR is another contact.
//  3. Removed ones are gone, also when they were written before; removing nothing is no error.
//  4. Order: by AOR, then by `updated`.
//  5. A burst for one contact leaves its last state.
#include "store/contact_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/database.h"
#include "unit/store/temporary_folder.h"

namespace missive::store {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const base::WallTime day{1767225600s};

StoredContact some(const std::string& aor, const std::string& uri, base::Duration later = {}) {
  return {.aor = aor,
          .uri = uri,
          .given = "sip:given@192.0.2.1",
          .q = 500,
          .expires = day + 1h,
          .expiration = 4294967295s,
          .updated = day + std::chrono::duration_cast<base::WallTime::duration>(later),
          .path = "<sip:a;lr>, <sip:b;lr>",
          .instance = "<urn:uuid:1>",
          .reg_id = "1",
          .endpoint = "alice",
          .call_id = "c@d",
          .cseq = 2147483647,
          .user_agent = "phone \xC3\xA4 'quoted'",
          .via_address = "192.0.2.1:5060",
          .transport = "udp",
          .source = "[2001:db8::1]:5060",
          .flow_only = true};
}

class ContactStoreTest : public testing::Test {
 protected:
  ContactStoreTest() { open(); }
  void open() {
    contacts.reset();
    database.reset();
    database = std::move(*Database::open(folder.file("missive.db")));
    contacts = std::make_unique<ContactStore>(*database);
  }
  std::vector<StoredContact> all() {
    open();
    auto read = contacts->load_all();
    EXPECT_TRUE(read);
    return *read;
  }

  test::TemporaryFolder folder;
  std::unique_ptr<Database> database;
  std::unique_ptr<ContactStore> contacts;
};

TEST_F(ContactStoreTest, EveryMember) {  // 1
  contacts->put(some("alice", "sip:a@192.0.2.1", 123456us));
  EXPECT_THAT(all(), ElementsAre(some("alice", "sip:a@192.0.2.1", 123456us)));
}

TEST_F(ContactStoreTest, Keys) {  // 2
  auto again = some("alice", "sip:a", 2s);
  again.q = 1;
  contacts->put(some("alice", "sip:a"));
  contacts->put(some("alice", "sip:b", 1s));
  contacts->put(some("bob", "sip:a"));
  database->flush();
  contacts->put(again);
  EXPECT_THAT(all(), ElementsAre(some("alice", "sip:b", 1s), again, some("bob", "sip:a")));
}

TEST_F(ContactStoreTest, Removed) {  // 3
  contacts->put(some("alice", "sip:a"));
  database->flush();
  contacts->remove("alice", "sip:a");
  contacts->remove("alice", "sip:never");
  contacts->put(some("alice", "sip:b"));
  contacts->remove("alice", "sip:b");
  EXPECT_THAT(all(), IsEmpty());
}

TEST_F(ContactStoreTest, Order) {  // 4
  contacts->put(some("bob", "sip:1", 1s));
  contacts->put(some("alice", "sip:late", 2s));
  contacts->put(some("alice", "sip:soon", 1s));
  EXPECT_THAT(all(), ElementsAre(some("alice", "sip:soon", 1s), some("alice", "sip:late", 2s),
                                 some("bob", "sip:1", 1s)));
}

TEST_F(ContactStoreTest, Burst) {  // 5
  for (int i = 0; i < 1000; ++i) {
    contacts->put(some("alice", "sip:a", std::chrono::seconds(i)));
    if (i % 3 == 0) contacts->remove("alice", "sip:a");
  }
  // The last of all is i = 999, which was removed.
  EXPECT_THAT(all(), IsEmpty());
  contacts->put(some("alice", "sip:a", 7s));
  EXPECT_THAT(all(), ElementsAre(some("alice", "sip:a", 7s)));
}

}  // namespace
}  // namespace missive::store

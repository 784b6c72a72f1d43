// The hosts file.
//
//  1. Addresses by name, without case, IPv4 first, each once; comments and nonsense are passed by.
//  2. localhost is there without any file, and may be elsewhere by the file.
//  3. A file that changes, goes and comes is read again, a second later at most.
#include "net/hosts_file.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

namespace missive::net {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;
using Strings = std::vector<std::string>;

class HostsFileTest : public testing::Test {
 protected:
  static fs::path make_folder() {
    auto name = (fs::temp_directory_path() / "missive-hosts-XXXXXX").string();
    return ::mkdtemp(name.data());
  }
  ~HostsFileTest() override { fs::remove_all(folder); }

  // Each time with a later date, however fast the test is.
  void write(std::string_view text) {
    now += 1s;
    std::ofstream(folder / "hosts") << text;
    fs::last_write_time(folder / "hosts", fs::file_time_type::clock::now() + ++writes_ * 1h);
  }
  Strings find(std::string_view name) {
    Strings out;
    for (const auto& address : hosts.find(name, now)) out.push_back(address.str());
    return out;
  }

  const fs::path folder = make_folder();
  base::TimePoint now{};
  HostsFile hosts{folder / "hosts"};

 private:
  int writes_ = 0;
};

TEST_F(HostsFileTest, Names) {  // 1
  write(
      "# 192.0.2.9 commented\n"
      "2001:db8::1 Gate gate.lan. # 192.0.2.8 commented\r\n"
      "\t192.0.2.1\tgate.lan   gate\n"
      "192.0.2.1 gate\n"
      "192.0.2.2 gate\n"
      "192.0.2.300 bad\nbad 192.0.2.1\n192.0.2.7\n\n"
      "192.0.2.3 last");
  EXPECT_EQ(find("gate"), (Strings{"192.0.2.1:0", "192.0.2.2:0", "[2001:db8::1]:0"}));
  EXPECT_EQ(find("GATE.lan"), (Strings{"192.0.2.1:0", "[2001:db8::1]:0"}));
  EXPECT_EQ(find("gate.lan."), (Strings{"192.0.2.1:0", "[2001:db8::1]:0"}));
  EXPECT_EQ(find("last"), Strings{"192.0.2.3:0"});
  for (const auto* name : {"commented", "bad", "192.0.2.1", "", ".", "lan"}) {
    EXPECT_TRUE(find(name).empty()) << name;
  }
}

TEST_F(HostsFileTest, Localhost) {  // 2
  const Strings loopback{"127.0.0.1:0", "[::1]:0"};
  EXPECT_EQ(find("localhost"), loopback);
  EXPECT_EQ(find("phone.LocalHost."), loopback);
  EXPECT_TRUE(find("notlocalhost").empty());
  write("127.0.0.2 localhost\n");
  EXPECT_EQ(find("localhost"), Strings{"127.0.0.2:0"});
}

TEST_F(HostsFileTest, Changes) {  // 3
  EXPECT_TRUE(find("gate").empty());
  write("192.0.2.1 gate\n");
  EXPECT_EQ(find("gate"), Strings{"192.0.2.1:0"});
  write("192.0.2.2 gate\n");
  EXPECT_EQ(find("gate"), Strings{"192.0.2.2:0"});
  fs::remove(folder / "hosts");
  now += 999ms;
  EXPECT_EQ(find("gate"), Strings{"192.0.2.2:0"});
  now += 1ms;
  EXPECT_TRUE(find("gate").empty());
  write("192.0.2.2 gate\n");
  EXPECT_EQ(find("gate"), Strings{"192.0.2.2:0"});
}

}  // namespace
}  // namespace missive::net

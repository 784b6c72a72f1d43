// GetConfig, GetConfigJSON, ListCategories, CreateConfig, UpdateConfig, in a folder of their own.
//
// 1. GetConfig: categories, templates, inherited lines; by Category; by Filter; none found.
// 2. GetConfigJSON is JSON: repeated options and categories become lists.
// 3. ListCategories leaves templates out.
// 4. Secrets: with the class config they are shown, without it hidden, also from the Filter.
// 5. Errors: no Filename, no such file, one that does not parse, a bad filter.
// 6. Files outside of the folder: by `..`, an absolute path, a link; for each of the actions.
// 7. CreateConfig: made, there already, no such folder.
// 8. UpdateConfig: every action, in one packet and in turn; comments stay.
// 9. NewCat with template, inherit, allowdups and before another; catfilter chooses one of several.
// 10. UpdateConfig's errors, after which the file is as it was.
// 11. Another DstFilename; PreserveEffectiveContext.
// 12. missive.conf is not changed, not even as an included file. Neither `#include` nor a section
// can be smuggled in.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "unit/ami/harness.h"

namespace missive::ami {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view users = R"(
[general]
enabled = yes
displayconnects = no
[admin]
secret = s3cret-AMI
read = all
write = config
[viewer]
secret = viewer
read = all
write = system
[nobody]
secret = nobody
read = all
write = message
)";

constexpr std::string_view pjsip = R"(; our phones
[phone](!)
type = endpoint
allow = ulaw

; Alice's
[alice](phone)
aors = alice ; hers
[alice]
type = aor
max_contacts = 2
[alice]
type = auth
password = opensesame
)";

class ConfigActions : public testing::Test {
 protected:
  ConfigActions() {
    std::string name = (fs::temp_directory_path() / "missive-config-XXXXXX").string();
    top = ::mkdtemp(name.data());
    world.shared.folder = top / "etc";
    fs::create_directory(world.shared.folder);
    write("pjsip.conf", pjsip);
    EXPECT_THAT(client.login("admin", "s3cret-AMI"), HasSubstr("accepted"));
  }
  ~ConfigActions() override { fs::remove_all(top); }

  void write(const fs::path& file, std::string_view text) {
    std::ofstream(world.shared.folder / file, std::ios::binary) << text;
  }
  std::string text_of(const fs::path& file) {
    std::ifstream in(world.shared.folder / file, std::ios::binary);
    return in ? std::string(std::istreambuf_iterator<char>(in), {}) : "missing";
  }
  std::string ask(std::string_view action, std::string_view headers) {
    return client.ask(fmt::format("Action: {}\r\n{}\r\n", action, headers));
  }
  // One packet with changes of pjsip.conf; each "action|cat|var|value|match|line|options".
  std::string update(std::initializer_list<std::string_view> changes, std::string_view more = "") {
    std::string headers = "SrcFilename: pjsip.conf\r\nDstFilename: pjsip.conf\r\n";
    headers += more;
    constexpr std::array names{"Action", "Cat", "Var", "Value", "Match", "Line", "Options"};
    int number = 0;
    for (auto change : changes) {
      for (const auto* name : names) {
        const auto end = std::min(change.find('|'), change.size());
        if (end > 0)
          headers += fmt::format("{}-{:06}: {}\r\n", name, number, change.substr(0, end));
        change.remove_prefix(std::min(end + 1, change.size()));
      }
      ++number;
    }
    return ask("UpdateConfig", headers);
  }
  static std::string error(std::string_view message) {
    return fmt::format("Response: Error\r\nMessage: {}\r\n", message);
  }

  fs::path top;
  World world{conf::MissiveConf::Ami{}, users};
  Client client{world};
};

const std::string done = "Response: Success\r\n\r\n";

TEST_F(ConfigActions, GetConfigShowsCategories) {
  EXPECT_EQ(ask("GetConfig", "ActionID: 1\r\nFilename: pjsip.conf\r\n"),
            "Response: Success\r\nActionID: 1\r\n"
            "Category-000000: alice\r\nTemplates-000000: phone\r\n"
            "Line-000000-000000: type=endpoint\r\nLine-000000-000001: allow=ulaw\r\n"
            "Line-000000-000002: aors=alice\r\n"
            "Category-000001: alice\r\nLine-000001-000000: type=aor\r\n"
            "Line-000001-000001: max_contacts=2\r\n"
            "Category-000002: alice\r\nLine-000002-000000: type=auth\r\n"
            "Line-000002-000001: password=opensesame\r\n\r\n");
  EXPECT_EQ(ask("GetConfig",
                "Filename: pjsip.conf\r\nCategory: ALICE\r\nFilter: type=^a,max.*=[0-9]\r\n"),
            "Response: Success\r\nCategory-000000: alice\r\nLine-000000-000000: type=aor\r\n"
            "Line-000000-000001: max_contacts=2\r\n\r\n");
  EXPECT_EQ(ask("GetConfig", "Filename: pjsip.conf\r\nFilter: TEMPLATES=restrict\r\n"),
            "Response: Success\r\nCategory-000000: phone\r\nIsTemplate-000000: 1\r\n"
            "Line-000000-000000: type=endpoint\r\nLine-000000-000001: allow=ulaw\r\n\r\n");
  EXPECT_THAT(ask("GetConfig", "Filename: pjsip.conf\r\nFilter: TEMPLATES=include\r\n"),
              HasSubstr("Category-000003: alice\r\n"));
  EXPECT_EQ(ask("GetConfig", "Filename: pjsip.conf\r\nCategory: bob\r\n"),
            "Response: Success\r\nNo categories found\r\n\r\n");
}

TEST_F(ConfigActions, GetConfigJsonIsJson) {
  write("x.conf", "[a](!)\nb = 1\n[c](a)\nb = \"2\\\nexten => 1\nexten => 2\n[d]\n[d]\ne = \xFF\n");
  const auto reply = ask("GetConfigJSON", "Filename: x.conf\r\n");
  const auto begin = reply.find("JSON: ") + 6;
  const auto json = nlohmann::json::parse(reply.substr(begin, reply.find("\r\n", begin) - begin));
  EXPECT_EQ(json["c"]["templates"], "a");
  EXPECT_EQ(json["c"]["b"], nlohmann::json::array({"1", "\"2\\"}));
  EXPECT_EQ(json["c"]["exten"], nlohmann::json::array({"1", "2"}));
  ASSERT_EQ(json["d"].size(), 2u);
  EXPECT_TRUE(json["d"][0].empty());
  EXPECT_EQ(json.count("a"), 0u);
}

TEST_F(ConfigActions, ListCategoriesLeavesTemplatesOut) {
  EXPECT_EQ(ask("ListCategories", "Filename: pjsip.conf\r\n"),
            "Response: Success\r\nCategory-000000: alice\r\nCategory-000001: alice\r\n"
            "Category-000002: alice\r\n\r\n");
  write("empty.conf", "");
  EXPECT_EQ(ask("ListCategories", "Filename: empty.conf\r\n"),
            "Response: Success\r\nError: no categories found\r\n\r\n");
}

TEST_F(ConfigActions, SecretsNeedTheClassConfig) {
  write("s.conf",
        "[a]\nsecret=x1\nmd5_cred = x2\nPassword=x3\noutbound_auth/password=x4\ntoken=x5\n"
        "register => user:x6@host\nusername=shown\nauth=alice\nsecret=\n");
  Client viewer(world), nobody(world);
  viewer.login("viewer", "viewer");
  nobody.login("nobody", "nobody");
  const auto request = [](std::string_view action, std::string_view more = "") {
    return fmt::format("Action: {}\r\nFilename: s.conf\r\n{}\r\n", action, more);
  };
  for (const auto* action : {"GetConfig", "GetConfigJSON"}) {
    EXPECT_THAT(client.ask(request(action)), testing::ContainsRegex("x1.*x2.*x3.*x4.*x5.*x6"));
    const auto seen = viewer.ask(request(action));
    EXPECT_THAT(seen, Not(HasSubstr("x"))) << seen;
    EXPECT_THAT(seen, HasSubstr("(hidden)"));
    EXPECT_THAT(seen, HasSubstr("shown"));
    EXPECT_THAT(nobody.ask(request(action)), HasSubstr("Permission denied"));
  }
  EXPECT_THAT(viewer.ask(request("GetConfig", "Filter: secret=^x\r\n")),
              Not(HasSubstr("Category")));
  EXPECT_THAT(client.ask(request("GetConfig", "Filter: secret=^x\r\n")), HasSubstr("Category"));
  for (const auto* action : {"ListCategories", "UpdateConfig", "CreateConfig"}) {
    EXPECT_THAT(viewer.ask(request(action)), HasSubstr("Permission denied"));
  }
}

TEST_F(ConfigActions, ErrorsOfReading) {
  write("bad.conf", "[a]\nfoo\n");
  for (const auto* action : {"GetConfig", "GetConfigJSON", "ListCategories"}) {
    EXPECT_EQ(ask(action, ""), error("Filename not specified") + "\r\n");
    EXPECT_EQ(ask(action, "Filename: none.conf\r\n"), error("Config file not found") + "\r\n");
    EXPECT_EQ(ask(action, "Filename: bad.conf\r\n"),
              error("Config file has invalid format") +
                  "Reason: bad.conf:2: 'foo' is neither '[section]' nor 'name = value'\r\n\r\n");
    EXPECT_THAT(ask(action, "Filename: pjsip.conf\r\nFilter: (=x\r\n"),
                HasSubstr("Filter did not compile"));
  }
}

TEST_F(ConfigActions, TouchesNothingOutsideOfTheFolder) {
  std::ofstream(top / "outside.conf") << "[o]\nx=1\n";
  fs::create_symlink(top / "outside.conf", world.shared.folder / "link.conf");
  fs::create_directory_symlink(top, world.shared.folder / "up");
  const auto absolute = (top / "outside.conf").string();
  for (const std::string& name :
       std::vector<std::string>{"../outside.conf", absolute, "link.conf", "up/outside.conf",
                                "/etc/passwd", ".", "sub/../.."}) {
    for (const auto* action : {"GetConfig", "GetConfigJSON", "ListCategories", "CreateConfig"}) {
      EXPECT_THAT(ask(action, fmt::format("Filename: {}\r\n", name)),
                  HasSubstr("File requires escalated privileges"))
          << action << " " << name;
    }
    for (const auto& headers :
         {fmt::format("SrcFilename: {}\r\nDstFilename: x.conf\r\n", name),
          fmt::format("SrcFilename: pjsip.conf\r\nDstFilename: {}\r\n", name)}) {
      EXPECT_THAT(ask("UpdateConfig", headers + "Action-000000: NewCat\r\nCat-000000: evil\r\n"),
                  HasSubstr("File requires escalated privileges"))
          << headers;
    }
  }
  EXPECT_THAT(ask("CreateConfig", "Filename: ../new.conf\r\n"), HasSubstr("Error"));
  EXPECT_FALSE(fs::exists(top / "new.conf"));
  std::ifstream outside(top / "outside.conf");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(outside), {}), "[o]\nx=1\n");
}

TEST_F(ConfigActions, CreateConfigMakesAFile) {
  EXPECT_EQ(ask("CreateConfig", "Filename: new.conf\r\n"),
            "Response: Success\r\nMessage: New configuration file created successfully\r\n\r\n");
  EXPECT_EQ(text_of("new.conf"), "");
  EXPECT_EQ(ask("CreateConfig", "Filename: new.conf\r\n"), error("File exists") + "\r\n");
  EXPECT_EQ(ask("CreateConfig", "Filename: none/new.conf\r\n"),
            error("No such file or directory") + "\r\n");
  EXPECT_EQ(ask("CreateConfig", ""), error("Filename not specified") + "\r\n");
}

TEST_F(ConfigActions, UpdateConfigDoesAllOfIt) {
  EXPECT_EQ(update({"newcat|bob", "append|bob|type|aor", "append|bob|max_contacts|1",
                    "Insert|bob|qualify_frequency|60||1", "append|bob|exten|>1,1,NoOp",
                    "UPDATE|bob|Max_Contacts|5|1", "delete|bob|type", "Update|alice|aors|alice;2"}),
            done);
  EXPECT_EQ(text_of("pjsip.conf"),
            R"(; our phones
[phone](!)
type = endpoint
allow = ulaw

; Alice's
[alice](phone)
aors = alice\;2 ; hers
[alice]
type = aor
max_contacts = 2
[alice]
type = auth
password = opensesame

[bob]
qualify_frequency = 60
max_contacts = 5
exten => 1,1,NoOp
)");
  EXPECT_EQ(update({"renamecat|bob||carol", "delete|carol||||x", "delete|carol||||1"}),
            error("Update did not complete successfully") + "Reason: Line is no number\r\n\r\n");
  EXPECT_EQ(update({"renamecat|bob||carol", "delete|carol||||1",
                    "emptycat|phone|||||"
                    "catfilter=\"TEMPLATES=include\""},
                   "PreserveEffectiveContext: no\r\n"),
            done);
  EXPECT_THAT(text_of("pjsip.conf"), HasSubstr("[phone](!)\n\n; Alice's\n[alice](phone)\naors"));
  EXPECT_THAT(text_of("pjsip.conf"),
              HasSubstr("\n[carol]\nqualify_frequency = 60\nexten => 1,1,NoOp\n"));
  EXPECT_EQ(update({"delcat|alice", "delcat|carol"}), done);
  EXPECT_EQ(text_of("pjsip.conf"), "; our phones\n[phone](!)\n\n");
}

TEST_F(ConfigActions, NewCatAndCatfilter) {
  EXPECT_EQ(update({"newcat|desk||||| template, inherit=\"phone\"",
                    "newcat|dave|||alice||inherit=\"phone\"", "newcat|alice|||||allowdups",
                    "append|alice|type|identify|||catfilter=\"type=aor\"",
                    "update|alice|max_contacts|9|||catfilter=\"type=aor,max_contacts=2\""}),
            done);
  const auto text = text_of("pjsip.conf");
  EXPECT_THAT(text, HasSubstr("[dave](phone)\n\n; Alice's\n[alice](phone)\n"));
  EXPECT_THAT(text, HasSubstr("type = aor\nmax_contacts = 9\ntype = identify\n[alice]\n"));
  EXPECT_THAT(text, testing::EndsWith("\n[desk](!,phone)\n\n[alice]\n"));
}

TEST_F(ConfigActions, IgnoresErrorsWhereAsked) {
  EXPECT_EQ(update({"newcat|alice|||||ignoreerror", "delcat|nosuch|||||ignoreerror",
                    "delete|alice|nosuch||||ignoreerror", "newcat|carol|||||ignoreerror"}),
            done);
  EXPECT_EQ(text_of("pjsip.conf"), std::string(pjsip) + "\n[carol]\n");
}

TEST_F(ConfigActions, UpdateConfigErrorsChangeNothing) {
  const std::string missing = "Problem with category, value, or line (if required)";
  for (const auto& [change, message] : std::vector<std::pair<std::string_view, std::string>>{
           {"frobnicate|alice", "Unknown action command"},
           {"update||x|y", "Category not specified"},
           {"update|nosuch|x|y", "Given category does not exist"},
           {"delcat|phone", "Given category does not exist"},  // a template
           {"newcat|alice", "Create category did not complete successfully"},
           {"newcat|a]b", "Create category did not complete successfully"},
           {"newcat|x|||nosuch", "Create category did not complete successfully"},
           {"newcat|x|||||inherit=\"alice\"", "Template category not found"},
           {"renamecat|alice", missing},
           {"append|alice", missing},
           {"append|alice|#include|/etc/passwd", missing},
           {"append|alice|[evil]|x", missing},
           {"insert|alice|x|y", missing},
           {"insert|alice|x|y||z", missing},
           {"delete|alice", missing},
           {"update|alice||y", missing},
           {"update|alice|x|y|||catfilter=\"((=x\"", missing},
           {"update|alice|nosuch|y", "Update did not complete successfully"},
           {"update|alice|aors|y|bob", "Update did not complete successfully"},
           {"update|alice|nosuch|y|||ignoreerror", "Update did not complete successfully"},
           {"delete|nosuch|x||||ignoreerror", "Given category does not exist"},
           {"delete|alice|nosuch", "Update did not complete successfully"},
           {"delete|alice|allow", "Update did not complete successfully"}}) {  // inherited
    EXPECT_THAT(update({"append|alice|first|1", change}), HasSubstr(error(message))) << change;
    EXPECT_EQ(text_of("pjsip.conf"), pjsip) << change;
  }
  EXPECT_EQ(ask("UpdateConfig", "SrcFilename: pjsip.conf\r\n"),
            error("Filename not specified") + "\r\n");
  EXPECT_EQ(ask("UpdateConfig", "SrcFilename: none.conf\r\nDstFilename: pjsip.conf\r\n"),
            error("Config file not found") + "\r\n");
  write("block.conf", "[a]\nb = 1 ;-- from here\n--;\n");
  EXPECT_THAT(ask("UpdateConfig",
                  "SrcFilename: block.conf\r\nDstFilename: block.conf\r\nAction-000000: append\r\n"
                  "Cat-000000: a\r\nVar-000000: c\r\nValue-000000: 2\r\n"),
              HasSubstr(error("Save of config failed") + "Reason: "));
  EXPECT_EQ(text_of("block.conf"), "[a]\nb = 1 ;-- from here\n--;\n");
}

TEST_F(ConfigActions, NobodyGivesHimselfLiveDangerously) {
  write("missive.conf", "[dialplan]\nlive_dangerously = no\n");
  write("via.conf", "#include missive.conf\n");
  fs::create_directory(world.shared.folder / "sub");
  for (const auto* file : {"missive.conf", "via.conf", "sub/../missive.conf"}) {
    EXPECT_THAT(ask("UpdateConfig",
                    fmt::format("SrcFilename: {0}\r\nDstFilename: {0}\r\nAction-000000: update\r\n"
                                "Cat-000000: dialplan\r\nVar-000000: live_dangerously\r\n"
                                "Value-000000: yes\r\n",
                                file)),
                HasSubstr("File requires escalated privileges"))
        << file;
  }
  EXPECT_EQ(text_of("missive.conf"), "[dialplan]\nlive_dangerously = no\n");
}

TEST_F(ConfigActions, NorByWhatMissiveConfIncludes) {
  const std::string conf =
      "#tryinclude local.conf\n#include parts/*.conf\n#tryinclude later.conf\n";
  write("real.conf", conf);
  write("local.conf", "[dialplan]\n");
  write("harmless.conf", "[dialplan]\n");
  fs::create_directory(world.shared.folder / "parts");
  fs::create_symlink("real.conf", world.shared.folder / "missive.conf");
  const auto append = [&](std::string_view to) {
    return ask("UpdateConfig", fmt::format("SrcFilename: harmless.conf\r\nDstFilename: {}\r\n"
                                           "Action-000000: append\r\nCat-000000: dialplan\r\n"
                                           "Var-000000: live_dangerously\r\nValue-000000: yes\r\n",
                                           to));
  };
  for (const auto* file : {"local.conf", "real.conf", "parts/new.conf", "later.conf"}) {
    EXPECT_THAT(append(file), HasSubstr("File requires escalated privileges")) << file;
  }
  EXPECT_FALSE(fs::exists(world.shared.folder / "later.conf"));
  EXPECT_EQ(text_of("real.conf"), conf);
  EXPECT_THAT(append("another.conf"), HasSubstr("Response: Success"));
}

TEST_F(ConfigActions, AnotherTargetAndTemplates) {
  EXPECT_EQ(ask("UpdateConfig",
                "SrcFilename: pjsip.conf\r\nDstFilename: other.conf\r\nAction-000000: update\r\n"
                "Cat-000000: phone\r\nVar-000000: allow\r\nValue-000000: alaw\r\n"
                "Options-000000: catfilter=\"TEMPLATES=restrict\"\r\n"),
            done);
  EXPECT_EQ(text_of("pjsip.conf"), pjsip);
  EXPECT_THAT(text_of("other.conf"),
              HasSubstr("allow = alaw\n\n; Alice's\n[alice](phone)\nallow = ulaw\naors = alice"));
  EXPECT_EQ(update({"update|phone|allow|alaw|||catfilter=\"TEMPLATES=restrict\""},
                   "PreserveEffectiveContext: no\r\n"),
            done);
  EXPECT_THAT(text_of("pjsip.conf"), HasSubstr("[alice](phone)\naors = alice"));
}

}  // namespace
}  // namespace missive::ami

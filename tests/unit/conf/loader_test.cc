// Reading configuration files.
//
//  1. sections, options, => and +=; values and names trimmed
//  2. comments: `;`, `\;`, `;---`, blocks on one line, over lines, nested, never closed
//  3. CRLF, a byte order mark, no line end at the end, a line of a million octets
//  4. templates: options come first, several bases, a base of a base, chains of sections
//  5. additions (+), with a filter, to what is not there
//  6. what is wrong has file and line, and the rest is read all the same
//  7. options after a broken header belong to nobody
//  8. sections that inherit themselves again and again stop growing
//  9. #include: quoted three ways, in folders, with patterns, missing, in a loop
// 10. the section goes on in an included file, and is open again after it
// 11. #exec and unknown directives are refused; parse() has no folder to include from
// 12. the sample manager.conf in etc/ reads without a problem, and listens on loopback
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "conf/conf.h"
#include "support/source_file.h"

namespace missive::conf {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> texts(const Problems& problems) {
  std::vector<std::string> out;
  for (const auto& problem : problems) out.push_back(problem.str());
  return out;
}

// "name=value" of every option.
std::vector<std::string> options(const Section& section) {
  std::vector<std::string> out;
  for (const auto& option : section.options) out.push_back(option.name + "=" + option.value);
  return out;
}

File parse_good(std::string_view text) {
  Problems problems;
  auto file = parse(text, "test.conf", problems);
  EXPECT_THAT(texts(problems), IsEmpty());
  return file;
}

std::vector<std::string> problems_of(std::string_view text) {
  Problems problems;
  parse(text, "test.conf", problems);
  return texts(problems);
}

TEST(Loader, ReadsSectionsAndOptions) {
  const auto file = parse_good(
      "[ general ]\n"
      "  port =  5038  \n"
      "exten => 100,1,NoOp(a=b)\n"
      "empty =\n"
      "\n"
      "[admin]\n"
      "secret=a b\n");
  ASSERT_EQ(file.sections.size(), 2U);
  EXPECT_EQ(file.sections[0].name, "general");
  EXPECT_THAT(options(file.sections[0]),
              ElementsAre("port=5038", "exten=100,1,NoOp(a=b)", "empty="));
  EXPECT_FALSE(file.sections[0].options[0].object);
  EXPECT_TRUE(file.sections[0].options[1].object);
  EXPECT_EQ(file.sections[0].options[1].where, (Location{"test.conf", 3}));
  EXPECT_EQ(file.find("ADMIN")->where.str(), "test.conf:6");
  EXPECT_EQ(file.find("Admin")->find("SECRET")->value, "a b");
  EXPECT_EQ(file.find("nobody"), nullptr);
  EXPECT_EQ(file.sections[0].find("none"), nullptr);
}

TEST(Loader, TheLastValueIsFound) {
  const auto file = parse_good("[a]\nx=1\nx=2\n");
  EXPECT_EQ(file.find("a")->find("x")->value, "2");
}

TEST(Loader, AppendsWithAComma) {
  const auto file = parse_good(
      "[base](!)\n"
      "aors = a\n"
      "[x](base)\n"
      "aors += b\n"
      "aors+=c\n"
      "new += n\n"
      "empty =\n"
      "empty += e\n");
  EXPECT_THAT(options(*file.find("x")), ElementsAre("aors=a,b,c", "new=n", "empty=e"));
  EXPECT_EQ(file.find("x")->find("aors")->where.line, 5);
  EXPECT_EQ(file.find("base")->find("aors")->value, "a");
}

TEST(Loader, TakesCommentsOut) {
  const auto file = parse_good(
      "; first\n"
      "[a] ; a section\n"
      "x = 1 ; one\n"
      "contact = sip:a@h\\;transport=tcp ; escaped\n"
      ";--- a plain comment\n"
      "y = 2 ;--- plain too\n"
      "z = 3 ;-- in between --; 4\n"
      ";-- opens\n"
      "x = hidden\n"
      ";-- nested --;\n"
      "x = hidden ; --\n"
      "--; w = 5\n"
      ";--;\n"
      "v = 6\n");
  EXPECT_THAT(options(*file.find("a")),
              ElementsAre("x=1", "contact=sip:a@h;transport=tcp", "y=2", "z=3  4", "w=5", "v=6"));
}

TEST(Loader, ReportsABlockThatIsNeverClosed) {
  EXPECT_THAT(problems_of("[a]\nx=1\n;-- here\n;-- there\n--;\ny=2\n"),
              ElementsAre("test.conf:3: error: the comment that ';--' opens here is never closed "
                          "by '--;'"));
}

TEST(Loader, ToleratesForeignLineEndsAndMarks) {
  const auto file = parse_good("\xEF\xBB\xBF[a]\r\nx = 1\r\n\r\ny = 2");
  EXPECT_THAT(options(*file.find("a")), ElementsAre("x=1", "y=2"));
}

TEST(Loader, ReadsAVeryLongLine) {
  const std::string value(1'000'000, 'v');
  const auto file = parse_good("[a]\nx = " + value + "\n");
  EXPECT_EQ(file.find("a")->find("x")->value, value);
}

TEST(Loader, AppliesTemplates) {
  const auto file = parse_good(
      "[t](!)\n"
      "x = t\n"
      "[u](!,t)\n"
      "y = u\n"
      "[w](!)\n"
      "z = w\n"
      "[a]( u , w )\n"
      "x = a\n"
      "[b](A)\n"
      "[c]()\n");
  EXPECT_TRUE(file.find("t")->is_template);
  EXPECT_TRUE(file.find("u")->is_template);
  EXPECT_FALSE(file.find("a")->is_template);
  EXPECT_THAT(options(*file.find("a")), ElementsAre("x=t", "y=u", "z=w", "x=a"));
  EXPECT_EQ(file.find("a")->options[0].where.line, 2);
  EXPECT_EQ(options(*file.find("b")), options(*file.find("a")));
  EXPECT_THAT(file.find("c")->options, IsEmpty());
}

TEST(Loader, KeepsSectionsOfOneNameApart) {
  const auto file = parse_good("[a]\ntype=aor\n[a]\ntype=endpoint\n");
  ASSERT_EQ(file.sections.size(), 2U);
  EXPECT_EQ(file.sections[1].find("type")->value, "endpoint");
}

TEST(Loader, AddsToSections) {
  const auto file = parse_good(
      "[a]\n"
      "type = endpoint\n"
      "[a]\n"
      "type = aor\n"
      "[a](+)\n"
      "x = 1\n"
      "[A](+type=aor)\n"
      "y = 2\n"
      "[a](+type=aor&y=2)\n"
      "z = 3\n");
  ASSERT_EQ(file.sections.size(), 2U);
  EXPECT_THAT(options(file.sections[0]), ElementsAre("type=endpoint", "x=1"));
  EXPECT_THAT(options(file.sections[1]), ElementsAre("type=aor", "y=2", "z=3"));
}

TEST(Loader, ReportsWhatIsWrongAndReadsTheRest) {
  Problems problems;
  const auto file = parse(
      "early = 1\n"
      "[phone](!)\n"
      "[a](phoen)\n"
      "just words\n"
      "= value\n"
      "+= value\n"
      "x = 1\n"
      "[b](+)\n"
      "[self](self)\n"
      "[c] junk\n"
      "[d](!\n"
      "[e\n"
      "[]\n"
      "[f]\n"
      "y = 2\n",
      "test.conf", problems);
  EXPECT_THAT(
      texts(problems),
      ElementsAre(
          "test.conf:1: error: option 'early' stands before the first [section]",
          "test.conf:3: error: section [a] is based on [phoen], which does not stand above it; "
          "did you mean 'phone'?",
          "test.conf:4: error: 'just words' is neither '[section]' nor 'name = value'",
          "test.conf:5: error: '= value' has no name before its '='",
          "test.conf:6: error: '+= value' has no name before its '='",
          "test.conf:8: error: [b](+) adds to a section that does not stand above it; did you "
          "mean 'a'?",
          "test.conf:9: error: section [self] is based on [self], which does not stand above it",
          "test.conf:10: error: 'junk' after section [c] means nothing; put it on a line of its "
          "own",
          "test.conf:11: error: section [d] has a '(' without its ')'",
          "test.conf:12: error: section '[e' has no ']'",
          "test.conf:13: error: a section needs a name between '[' and ']'"));
  EXPECT_TRUE(has_errors(problems));
  EXPECT_THAT(options(*file.find("a")), ElementsAre("x=1"));
  EXPECT_THAT(options(*file.find("f")), ElementsAre("y=2"));
}

TEST(Loader, OptionsAfterABrokenHeaderBelongToNobody) {
  Problems problems;
  const auto file = parse("[a]\nx=1\n[broken\ny=2\n[none](+)\ny=2\n", "test.conf", problems);
  EXPECT_EQ(problems.size(), 2U);
  EXPECT_THAT(options(*file.find("a")), ElementsAre("x=1"));
}

TEST(Loader, InheritanceDoesNotGrowWithoutEnd) {
  std::string text = "[s0]\nx=1\n";
  for (int i = 1; i <= 40; ++i) {
    const auto previous = "s" + std::to_string(i - 1);
    text += "[s" + std::to_string(i) + "](" + previous + "," + previous + ")\n";
  }
  Problems problems;
  const auto file = parse(text, "test.conf", problems);
  EXPECT_THAT(texts(problems), ::testing::Contains(HasSubstr("inherits more than 2000 options")));
  for (const auto& section : file.sections) EXPECT_LE(section.options.size(), 2000U);
}

TEST(Loader, ShowsControlOctetsHarmlessly) {
  EXPECT_THAT(problems_of("[a]\nx\x1b[2J\n"),
              ElementsAre("test.conf:2: error: 'x\\x1b[2J' is neither '[section]' nor 'name = "
                          "value'"));
}

TEST(Loader, RefusesOtherDirectives) {
  EXPECT_THAT(problems_of("#exec /bin/true\n#inlcude x\n#include\n#include other.conf\n"),
              ElementsAre(HasSubstr("test.conf:1: error: #exec is not supported"),
                          "test.conf:2: error: unknown directive '#inlcude'; there are #include "
                          "and #tryinclude",
                          "test.conf:3: error: #include needs the name of a file",
                          "test.conf:4: error: #include works in files only"));
}

class LoaderFiles : public ::testing::Test {
 protected:
  LoaderFiles() {
    // A name that glob() would misunderstand.
    auto name = (fs::temp_directory_path() / "missive[conf]XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~LoaderFiles() override { fs::remove_all(folder_); }

  void write(const fs::path& name, std::string_view text) {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }

  File load_file(std::string_view name = "main.conf") {
    auto file = load(folder_, name, problems_);
    EXPECT_TRUE(file) << (file ? "" : file.error().text);
    return file.value_or(File{});
  }

  fs::path folder_;
  Problems problems_;
};

TEST_F(LoaderFiles, IncludesFiles) {
  write("main.conf",
        "#include \"one.conf\"\n"
        "#include <sub/two.conf>\n"
        "#include three.conf ; bare\n"
        "#tryinclude nothing.conf\n"
        "#INCLUDE '" +
            (folder_ / "four.conf").string() + "'\n");
  write("one.conf", "[one]\n");
  write("sub/two.conf", "[two]\n#include sub/deeper.conf\n");
  write("sub/deeper.conf", "[deeper]\nx=1\n");
  write("three.conf", "[three]\n");
  write("four.conf", "[four]\n");
  const auto file = load_file();
  EXPECT_THAT(texts(problems_), IsEmpty());
  ASSERT_EQ(file.sections.size(), 5U);
  EXPECT_EQ(file.sections[0].where.str(), "one.conf:1");
  EXPECT_EQ(file.sections[2].options[0].where.str(), "sub/deeper.conf:2");
  EXPECT_EQ(file.sections[4].where.str(), "four.conf:1");
}

TEST_F(LoaderFiles, IncludesPatternsInOrder) {
  write("main.conf", "#include conf.d/*.conf\n#include {x,y}.inc\n#include empty.d/*.conf\n");
  write("conf.d/b.conf", "[b]\n");
  write("conf.d/a.conf", "[a]\n");
  write("conf.d/notes.txt", "not read\n");
  write("x.inc", "[x]\n");
  const auto file = load_file();
  EXPECT_THAT(texts(problems_), IsEmpty());
  ASSERT_EQ(file.sections.size(), 3U);
  EXPECT_EQ(file.sections[0].name, "a");
  EXPECT_EQ(file.sections[1].name, "b");
  EXPECT_EQ(file.sections[1].where.str(), "conf.d/b.conf:1");
  EXPECT_EQ(file.sections[2].name, "x");
}

TEST_F(LoaderFiles, SectionsGoOnInIncludedFiles) {
  write("main.conf", "[general]\n#include more.conf\ny=2\n");
  write("more.conf", "x=1\n[other]\nz=3\n");
  const auto file = load_file();
  EXPECT_THAT(options(*file.find("general")), ElementsAre("x=1", "y=2"));
  EXPECT_THAT(options(*file.find("other")), ElementsAre("z=3"));
}

TEST_F(LoaderFiles, ReportsBadIncludes) {
  write("main.conf",
        "[a]\n"
        "#include missing.conf\n"
        "#include sub\n"
        "#include loop.conf\n"
        "x=1\n");
  write("loop.conf", "\n#include main.conf\n#include sub/../loop.conf\n");
  fs::create_directory(folder_ / "sub");
  const auto file = load_file();
  EXPECT_THAT(
      texts(problems_),
      ElementsAre(EndsWith("/missing.conf does not exist"), EndsWith("/sub is not a file"),
                  "loop.conf:2: error: main.conf includes itself, directly or through another file",
                  "loop.conf:3: error: loop.conf includes itself, directly or through another "
                  "file"));
  EXPECT_EQ(problems_[0].where.str(), "main.conf:2");
  EXPECT_THAT(options(*file.find("a")), ElementsAre("x=1"));
}

TEST_F(LoaderFiles, AFileMayBeIncludedTwice) {
  write("main.conf", "[a]\n#include x.conf\n[b]\n#include x.conf\n");
  write("x.conf", "x=1\n");
  const auto file = load_file();
  EXPECT_THAT(texts(problems_), IsEmpty());
  EXPECT_THAT(options(*file.find("b")), ElementsAre("x=1"));
}

TEST_F(LoaderFiles, AMissingFileIsAnError) {
  const auto file = load(folder_, "absent.conf", problems_);
  ASSERT_FALSE(file);
  EXPECT_THAT(file.error().text, EndsWith("/absent.conf does not exist"));
  EXPECT_THAT(problems_, IsEmpty());
}

TEST(Loader, ReadsTheSampleManagerConf) {
  Problems problems;
  const auto file = load(source_file("etc"), "manager.conf", problems);
  ASSERT_TRUE(file) << file.error().text;
  EXPECT_THAT(texts(problems), IsEmpty());
  EXPECT_EQ(file->find("general")->find("bindaddr")->value, "127.0.0.1");
  EXPECT_EQ(file->find("general")->find("port")->value, "5038");
  EXPECT_EQ(file->find("admin")->find("permit")->value, "127.0.0.1");
}

}  // namespace
}  // namespace missive::conf

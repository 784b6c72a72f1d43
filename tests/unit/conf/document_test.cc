// A configuration file that is changed, and what stays of it.
//
// 1. Categories as GetConfig shows them: templates, inherited variables, additions, `+=`, `=>`.
// 2. An unchanged file stays octet for octet: comments, blank lines, CRLF, a byte order mark.
// 3. A value is changed in its place, with the comment behind it; `;` is escaped.
// 4. Variables are added at the end and before others, and removed.
// 5. Categories are added at the end and before another one, with templates; renamed; emptied;
//    removed with their comments, not with those of the next one.
// 6. An inherited variable becomes one's own; what a template gave is preserved when it changes.
// 7. Names and values that would read as something else are refused.
// 8. Comments of several lines stay; a change that would fall into one is refused by check().
// 9. Included files are changed where the line stands, and only written when they changed.
// 10. Nothing is written outside of the folder, by `..`, links or includes; permissions stay.
// 11. What does not parse is an error with its place.
#include "conf/document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "conf/atomic_file.h"
#include "conf/lines.h"

namespace missive::conf {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

Document parse_good(std::string_view text) {
  auto document = Document::parse(text);
  EXPECT_TRUE(document.has_value()) << (document ? "" : document.error().text);
  return std::move(*document);
}

// "name(!,base):a=1,b>2,(c=3);" with inherited variables in parentheses.
std::string shown(const Document& document) {
  std::string out;
  for (const auto& category : document.categories()) {
    out += category.name;
    if (category.is_template) out += "!";
    for (const auto& base : category.bases) out += "<" + base;
    out += ":";
    for (const auto& variable : category.variables) {
      const auto text = variable.name + (variable.object ? ">" : "=") + variable.value;
      out += variable.is_inherited() ? "(" + text + ")" : text;
      out += ",";
    }
    out += ";";
  }
  return out;
}

constexpr std::string_view sample = R"(; the phones
[phone](!)           ; a template
type = endpoint
allow = ulaw

; Alice
[alice](phone)
aors = alice   ; hers
exten => 1,1,NoOp

; Bob
[bob]
type=aor
[alice](+)
context = x
[bob](+type=aor)
max += 1
max += 2
)";

TEST(Document, ShowsCategories) {
  const auto document = parse_good(sample);
  EXPECT_EQ(shown(document),
            "phone!:type=endpoint,allow=ulaw,;"
            "alice<phone:(type=endpoint),(allow=ulaw),aors=alice,exten>1,1,NoOp,context=x,;"
            "bob:type=aor,max=1,2,;");
}

TEST(Document, KeepsWhatIsNotChanged) {
  for (const std::string_view text :
       {sample, std::string_view("\xEF\xBB\xBF[a]\r\nb=1 ; c\r\n\r\n"),
        std::string_view("[a]\nb=1"), std::string_view(""), std::string_view("\n"),
        std::string_view("\n\n; x\n"),
        std::string_view("[a]\n;-- long\ncomment --; b = 2 ;-- and\nmore\n--;\n")}) {
    EXPECT_EQ(parse_good(text).text(), text);
  }
}

TEST(Document, ChangesAValueInItsPlace) {
  auto document = parse_good(sample);
  ASSERT_TRUE(document.set_variable(1, 2, "al;ice\\", false));
  EXPECT_THAT(document.text(), HasSubstr("\naors = al\\;ice\\   ; hers\nexten => 1,1,NoOp\n"));
  ASSERT_TRUE(document.set_variable(1, 3, "2,1,Hangup", false));
  EXPECT_THAT(document.text(), HasSubstr("\nexten => 2,1,Hangup\n"));
  ASSERT_TRUE(document.set_variable(2, 1, "3", true));
  EXPECT_THAT(document.text(), testing::EndsWith("[bob](+type=aor)\nmax => 3\n"));
  EXPECT_TRUE(document.check({}));
  auto short_one = parse_good("[a]\r\nb=1;c\r\n");
  ASSERT_TRUE(short_one.set_variable(0, 0, "x\\", false));
  EXPECT_EQ(short_one.text(), "[a]\r\nb = x\\ ;c\r\n");
  EXPECT_TRUE(short_one.check({}));
}

TEST(Document, AddsAndRemovesVariables) {
  auto document = parse_good("[a]\n; first\nb = 1\nc = 2\n\n; next\n[d]\n");
  ASSERT_TRUE(document.add_variable(0, "z", "9", false, 99));
  ASSERT_TRUE(document.add_variable(0, "y", "8", true, 1));
  ASSERT_TRUE(document.add_variable(0, "x", "7", false, 0));
  ASSERT_TRUE(document.add_variable(1, "e", "", false, 0));
  EXPECT_EQ(document.text(),
            "[a]\n; first\nx = 7\nb = 1\ny => 8\nc = 2\nz = 9\n\n; next\n[d]\ne = \n");
  EXPECT_TRUE(document.check({}));
  document.remove_variable(0, 1);
  document.remove_variable(1, 0);
  EXPECT_EQ(document.text(), "[a]\n; first\nx = 7\ny => 8\nc = 2\nz = 9\n\n; next\n[d]\n");
  EXPECT_TRUE(document.check({}));
}

TEST(Document, AddsCategories) {
  auto document = parse_good("; all\n[t](!)\nx = 1\n\n; Bob\n[bob]\ny = 2");
  ASSERT_TRUE(document.add_category("new", false, {0}, std::nullopt));
  ASSERT_TRUE(document.add_category("u", true, {}, 1));
  ASSERT_TRUE(document.add_variable(1, "z", "3", false, 0));
  EXPECT_EQ(document.text(),
            "; all\n[t](!)\nx = 1\n\n[u](!)\nz = 3\n\n; Bob\n[bob]\ny = 2\n\n[new](t)\n");
  EXPECT_EQ(shown(document), "t!:x=1,;u!:z=3,;bob:y=2,;new<t:(x=1),;");
  EXPECT_TRUE(document.check({}));
  EXPECT_FALSE(document.add_category("early", false, {1}, 0));
  auto empty = parse_good("");
  ASSERT_TRUE(empty.add_category("a", false, {}, std::nullopt));
  EXPECT_EQ(empty.text(), "[a]\n");
}

TEST(Document, RenamesEmptiesAndRemovesCategories) {
  auto document = parse_good(sample);
  ASSERT_TRUE(document.rename_category(0, "desk"));
  EXPECT_THAT(document.text(), HasSubstr("[desk](!)           ; a template\n"));
  EXPECT_THAT(document.text(), HasSubstr("[alice](desk)\n"));
  ASSERT_TRUE(document.rename_category(1, "carol"));
  EXPECT_THAT(document.text(), HasSubstr("[carol](desk)\n"));
  EXPECT_THAT(document.text(), HasSubstr("[carol](+)\n"));
  EXPECT_TRUE(document.check({}));
  document.empty_category(2);
  EXPECT_THAT(document.text(),
              testing::EndsWith("[bob]\n[carol](+)\ncontext = x\n[bob](+type=aor)\n"));
  document.remove_category(1);
  EXPECT_EQ(document.text(),
            "; the phones\n[desk](!)           ; a template\ntype = endpoint\nallow = ulaw\n\n"
            "; Bob\n[bob]\n[bob](+type=aor)\n");
  EXPECT_EQ(shown(document), "desk!:type=endpoint,allow=ulaw,;bob:;");
  auto of_template = parse_good("[t](!)\na=1\n[b](t)\n");
  of_template.remove_category(0);
  of_template.preserve_inherited();
  EXPECT_EQ(of_template.text(), "[b]\na = 1\n");
}

TEST(Document, KeepsWhatTemplatesGive) {
  auto document = parse_good(sample);
  ASSERT_TRUE(document.set_variable(1, 1, "alaw", false));  // inherited
  EXPECT_THAT(document.text(), HasSubstr("context = x\nallow = alaw\n"));
  ASSERT_TRUE(document.set_variable(0, 0, "aor", false));  // what alice inherits
  document.preserve_inherited();
  EXPECT_THAT(document.text(), HasSubstr("[alice](phone)\ntype = endpoint\naors = alice"));
  auto other = parse_good("[t](!)\na=1\n[b](t)\nc=2\n");
  other.remove_variable(1, 0);  // inherited: nothing to remove
  EXPECT_EQ(other.text(), "[t](!)\na=1\n[b](t)\nc=2\n");
}

TEST(Document, RefusesWhatWouldReadOtherwise) {
  auto document = parse_good("[a]\nb=1\n");
  for (const std::string_view name :
       {"", "#include x", "[b]", "a=b", "a;b", "c+", " d", "e\nf", "g\x7F"}) {
    EXPECT_FALSE(document.add_variable(0, name, "1", false, 0)) << name;
  }
  for (const std::string_view name : {"", "a]b", "a[b", "a;b", " a", "a\rb"}) {
    EXPECT_FALSE(document.add_category(name, false, {}, std::nullopt)) << name;
    EXPECT_FALSE(document.rename_category(0, name)) << name;
  }
  EXPECT_FALSE(document.set_variable(0, 0, "1\n[evil]", false));
  EXPECT_EQ(document.text(), "[a]\nb=1\n");
  ASSERT_TRUE(document.add_variable(0, "x", ";-- not a comment", false, 9));
  ASSERT_TRUE(document.add_variable(0, "y", "> 5", false, 9));
  EXPECT_TRUE(document.check({}));
  EXPECT_EQ(parse_good(document.text()).categories()[0].variables[1].value, ";-- not a comment");
}

TEST(Document, KeepsCommentsOfSeveralLines) {
  auto document = parse_good("[a]\n;-- one\ntwo --; b = 1 ;-- three\nfour\n--; c = 2\n");
  EXPECT_EQ(shown(document), "a:b=1,c=2,;");
  ASSERT_TRUE(document.set_variable(0, 0, "x", false));
  document.remove_variable(0, 1);
  EXPECT_EQ(document.text(), "[a]\n;-- one\ntwo --; b = x ;-- three\nfour\n--; \n");
  EXPECT_TRUE(document.check({}));
  ASSERT_TRUE(document.add_variable(0, "d", "3", false, 9));  // behind b: inside of the comment
  EXPECT_FALSE(document.check({}));
}

class InFolder : public testing::Test {
 protected:
  InFolder() {
    std::string name = (fs::temp_directory_path() / "missive-document-XXXXXX").string();
    top_ = ::mkdtemp(name.data());
    folder_ = top_ / "etc";
    fs::create_directory(folder_);
  }
  ~InFolder() override { fs::remove_all(top_); }

  void write(const fs::path& path, std::string_view text) { std::ofstream(path) << text; }
  std::string text_of(const fs::path& path) { return read_file(path).value_or("missing"); }

  fs::path top_, folder_;
};

TEST_F(InFolder, ChangesIncludedFilesWhereTheyStand) {
  write(folder_ / "main.conf", "[t](!)\nx=1\n#include part.conf\n#tryinclude none.conf\n[z](t)\n");
  write(folder_ / "part.conf", "y=2\n[a](t)\nb=3 ; c\n");
  write(folder_ / "other.conf", "[o]\n");
  auto document = Document::load(folder_, "main.conf");
  ASSERT_TRUE(document) << document.error().text;
  EXPECT_EQ(shown(*document), "t!:x=1,y=2,;a<t:(x=1),(y=2),b=3,;z<t:(x=1),(y=2),;");
  ASSERT_TRUE(document->set_variable(1, 2, "4", false));
  ASSERT_TRUE(document->save(folder_, folder_ / "main.conf"));
  EXPECT_EQ(text_of(folder_ / "part.conf"), "y=2\n[a](t)\nb = 4 ; c\n");
  EXPECT_EQ(text_of(folder_ / "main.conf"),
            "[t](!)\nx=1\n#include part.conf\n#tryinclude none.conf\n[z](t)\n");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()), 3);
}

TEST_F(InFolder, WritesNowhereElse) {
  write(folder_ / "a.conf", "[a]\nb=1\n");
  ::chmod((folder_ / "a.conf").c_str(), 0604);
  write(top_ / "outside.conf", "[o]\nb=1\n");
  fs::create_symlink(top_ / "outside.conf", folder_ / "link.conf");
  fs::create_directory_symlink(top_, folder_ / "up");
  EXPECT_TRUE(is_inside(folder_, folder_ / "a.conf"));
  EXPECT_TRUE(is_inside(folder_, folder_ / "new.conf"));
  EXPECT_TRUE(is_inside(folder_, folder_ / "sub/../new.conf"));
  for (const auto& path :
       {folder_ / "../outside.conf", folder_ / "link.conf", folder_ / "up/outside.conf",
        top_ / "outside.conf", folder_, fs::path("/etc/passwd"), top_ / "etcetera/x.conf"}) {
    EXPECT_FALSE(is_inside(folder_, path)) << path;
    auto document = Document::load(folder_, "a.conf");
    EXPECT_FALSE(document->save(folder_, path)) << path;
  }
  EXPECT_EQ(text_of(top_ / "outside.conf"), "[o]\nb=1\n");
  write(folder_ / "b.conf", "#include ../outside.conf\n");
  auto document = Document::load(folder_, "b.conf");
  ASSERT_TRUE(document->set_variable(0, 0, "2", false));
  EXPECT_FALSE(document->save(folder_, folder_ / "b.conf"));
  EXPECT_EQ(text_of(top_ / "outside.conf"), "[o]\nb=1\n");
  auto again = Document::load(folder_, "a.conf");
  ASSERT_TRUE(again->set_variable(0, 0, "2", false));
  ASSERT_TRUE(again->save(folder_, folder_ / "a.conf"));
  EXPECT_EQ(text_of(folder_ / "a.conf"), "[a]\nb = 2\n");
  EXPECT_EQ(fs::status(folder_ / "a.conf").permissions(), fs::perms{0604});
}

TEST(Document, SaysWhatDoesNotParse) {
  for (const auto& [text, problem] :
       {std::pair{"x=1\n", "1: option 'x' stands before the first [section]"},
        {"[a\n", "1: section '[a' has no ']'"},
        {"[a]\nfoo\n", "2: 'foo' is neither '[section]' nor 'name = value'"},
        {"[a](b)\n", "1: section [a] is based on [b], which does not stand above it"},
        {"[a](+)\n", "1: [a](+) adds to a section that does not stand above it"},
        {"#include x\n", "1: #include works in files only"},
        {"[a]\n;-- x\n", "2: the comment that ';--' opens here is never closed"}}) {
    const auto document = Document::parse(text);
    ASSERT_FALSE(document) << text;
    EXPECT_THAT(document.error().text, HasSubstr(problem));
  }
  EXPECT_FALSE(Document::load("/nonexistent", "a.conf"));
}

}  // namespace
}  // namespace missive::conf

// Functions of time. The clock stands at 2026-01-02T00:00:00Z, a Friday.
//
//  1. STRFTIME: zones, formats, fractions of a second.
//  2. STRPTIME, with the example of Asterisk's documentation, and back.
//  3. IFTIME.
//  4. Numbers out of range, zones that are files, and long formats are errors.
#include <gtest/gtest.h>

#include "unit/dialplan/function_fixture.h"

namespace missive::dialplan {
namespace {

using TimeFunctions = FunctionTest;

TEST_F(TimeFunctions, Strftime) {
  expect({
      {"${STRFTIME(,UTC,%Y-%m-%d %H:%M:%S)}", "2026-01-02 00:00:00"},
      {"${STRFTIME(,America/New_York,%F %T %Z)}", "2026-01-01 19:00:00 EST"},
      {"${STRFTIME(1141219835,America/Chicago,%Y-%m-%d %H:%M:%S)}", "2006-03-01 07:30:35"},
      {"${STRFTIME(1751371200,Europe/Berlin,%T %Z %z)}", "14:00:00 CEST +0200"},
      {"${STRFTIME(1767225600,Australia/Sydney,%T %Z)}", "11:00:00 AEDT"},
      {"${STRFTIME(1767225600.789,UTC,%S.%3q)}", "00.789"},
      {"${STRFTIME(1767225600.789,UTC,%1q %q %6q %%q)}", "7 789 789000 %q"},
      {"${STRFTIME(1767225600,Asia/Tokyo,%s)}", "1767225600"},
      {"${STRFTIME(0,UTC,%c)}", "Thu Jan  1 00:00:00 1970"},
      {"${STRFTIME(0,UTC)}", "Thu Jan  1 00:00:00 1970"},
      {"${STRFTIME(-1,UTC,%F %T)}", "1969-12-31 23:59:59"},
      {"${STRFTIME(253402300799,UTC,%F)}", "9999-12-31"},
      {"${STRFTIME(4102444800,America/New_York,%F %T %Z)}", "2099-12-31 19:00:00 EST"},
      {"${STRFTIME(4118083200,America/New_York,%T %Z)}", "20:00:00 EDT"},
      {"${STRFTIME(0,UTC,%a\\, %d)}", "Thu, 01"},
  });
  clock_.advance(std::chrono::milliseconds(1234));
  EXPECT_EQ(expand("${STRFTIME(,UTC,%S.%3q)}"), "01.234");
}

TEST_F(TimeFunctions, Strptime) {
  expect({
      {"${STRPTIME(2006-03-01 07:30:35,America/Chicago,%Y-%m-%d %H:%M:%S)}", "1141219835"},
      {"${STRPTIME(2026-01-02,UTC,%Y-%m-%d)}", "1767312000"},
      {"${STRPTIME(1960-01-01,UTC,%Y-%m-%d)}", "-315619200"},
      {"${STRPTIME(no time,UTC,%Y)}", ""},
      {"${STRPTIME(2026-01-02,UTC)}", ""},
  });
}

TEST_F(TimeFunctions, Iftime) {
  expect({
      {"${IFTIME(*,fri,*,*,UTC?friday:other)}", "friday"},
      {"${IFTIME(9:00-17:00,*,*,*,UTC?open:closed)}", "closed"},
      {"${IFTIME(*,*,2,jan,UTC?yes:no)}", "yes"},
      {"${IFTIME(*,thu,*,*,America/New_York?yes:no)}", "yes"},
      {"${IFTIME(nonsense?yes:no)}", ""},
      {"${IFTIME(*)}", ""},
  });
}

TEST_F(TimeFunctions, Errors) {
  for (const auto* arguments : {"x,UTC,%F", "99999999999999999999,UTC,%F", "253402300800,UTC,%F",
                                "-9223372036854775808,UTC,%F", "0,../../../etc/passwd,%F",
                                "0,/etc/passwd,%F", "0,No/Such,%F", "0,UTC,%99999d"}) {
    EXPECT_FALSE(read("STRFTIME", arguments)) << arguments;
  }
  EXPECT_FALSE(read("STRFTIME", "0,UTC," + std::string(2000, 'x')));
  EXPECT_FALSE(read("STRPTIME", "1,UTC," + std::string(2000, 'x')));
}

}  // namespace
}  // namespace missive::dialplan

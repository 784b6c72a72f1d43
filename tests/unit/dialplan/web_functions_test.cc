// CURL and CURLOPT, against a server of this process on loopback; SHELL.
//
//  1. GET and POST; a line end at the end of the answer is taken off.
//  2. Headers, cookies, user agent, referer and credentials go out as set.
//  3. Redirects are followed when wanted, up to a number, and never to another scheme.
//  4. An answer that is too large, fails or comes too late is an error.
//  5. hashcompat: HASH(name)= takes the answer apart.
//  6. Options: checked when set, read back, without regard to case; no line gets into a request.
//  7. SHELL gives what the command prints, to a limit; it is off unless live_dangerously.
#include <gtest/gtest.h>

#include <cstdlib>

#include "unit/dialplan/function_fixture.h"
#include "unit/dialplan/http_stub.h"

namespace missive::dialplan {
namespace {

conf::MissiveConf::Dialplan small() {
  conf::MissiveConf::Dialplan options;
  options.curl_max_size = 1000;
  options.curl_timeout = std::chrono::seconds(5);
  return options;
}

class WebFunctions : public FunctionTest {
 protected:
  WebFunctions() : FunctionTest(small()) {
    // libcurl would ask the proxy of whoever runs the tests.
    for (const auto* name : {"http_proxy", "all_proxy", "ALL_PROXY"}) ::unsetenv(name);
  }
  std::string url(std::string_view path) {
    return fmt::format("http://127.0.0.1:{}{}", server_.port(), path);
  }
  bool sent(std::string_view text) { return server_.last().find(text) != std::string::npos; }

  HttpStub server_;
};

TEST_F(WebFunctions, GetAndPost) {
  server_.answer("200 OK", "hello\n");
  EXPECT_EQ(read("CURL", url("/a?b=c")), "hello");
  EXPECT_TRUE(sent("GET /a?b=c HTTP/1.1\r\n"));
  EXPECT_TRUE(sent("User-Agent: missive/"));
  server_.answer("200 OK", "posted");
  EXPECT_EQ(read("CURL", url("/p") + ",{\"a\":\"b\",\"c\":1}"), "posted");
  EXPECT_TRUE(sent("POST /p HTTP/1.1\r\n"));
  EXPECT_TRUE(server_.last().ends_with("\r\n\r\n{\"a\":\"b\",\"c\":1}"));
  EXPECT_TRUE(sent("Content-Type: application/x-www-form-urlencoded"));
  server_.answer("200 OK", "quoted");
  EXPECT_EQ(expand("${CURL(\"" + url("/x,y") + "\")}"), "quoted");
  EXPECT_TRUE(sent("GET /x,y "));
}

TEST_F(WebFunctions, WhatGoesOut) {
  ASSERT_TRUE(write("CURLOPT", "useragent", "tester/1"));
  ASSERT_TRUE(write("CURLOPT", "referer", "http://example.com/"));
  ASSERT_TRUE(write("CURLOPT", "userpwd", "alice:secret"));
  ASSERT_TRUE(write("CURLOPT", "cookie", "a=1"));
  ASSERT_TRUE(write("CURLOPT", "cookie", "b=2"));
  ASSERT_TRUE(write("CURLOPT", "httpheader", "X-One: 1"));
  ASSERT_TRUE(write("CURLOPT", "httpheader", "X-Two: 2"));
  ASSERT_TRUE(write("CURLOPT", "header", "yes"));
  server_.answer("200 OK", "body");
  const auto answer = read("CURL", url("/"));
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_TRUE(answer->ends_with("body"));
  for (const auto* line : {"User-Agent: tester/1\r\n", "Referer: http://example.com/\r\n",
                           "Authorization: Basic YWxpY2U6c2VjcmV0\r\n", "Cookie: a=1; b=2\r\n",
                           "X-One: 1\r\n", "X-Two: 2\r\n"}) {
    EXPECT_TRUE(sent(line)) << line;
  }
}

TEST_F(WebFunctions, Redirects) {
  server_.answer("302 Found", "moved", "Location: " + url("/there") + "\r\n");
  EXPECT_EQ(read("CURL", url("/here")), "moved");
  ASSERT_TRUE(write("CURLOPT", "followlocation", "yes"));
  server_.answer("302 Found", "moved", "Location: " + url("/there") + "\r\n");
  server_.answer("200 OK", "there");
  EXPECT_EQ(read("CURL", url("/here")), "there");
  ASSERT_TRUE(write("CURLOPT", "maxredirs", "0"));
  server_.answer("302 Found", "moved", "Location: " + url("/there") + "\r\n");
  EXPECT_FALSE(read("CURL", url("/here")));
  ASSERT_TRUE(write("CURLOPT", "maxredirs", "-1"));
  server_.answer("302 Found", "moved", "Location: file:///etc/passwd\r\n");
  EXPECT_FALSE(read("CURL", url("/here")));
  EXPECT_FALSE(read("CURL", "file:///etc/passwd"));
  EXPECT_FALSE(read("CURL", "ftp://127.0.0.1:1/"));
}

TEST_F(WebFunctions, Failures) {
  server_.answer("200 OK", std::string(1001, 'x'));
  const auto large = read("CURL", url("/"));
  ASSERT_FALSE(large);
  EXPECT_NE(large.error().text.find("1000"), std::string::npos) << large.error().text;
  server_.answer("200 OK", std::string(1000, 'x'));
  EXPECT_TRUE(read("CURL", url("/")));
  server_.answer("503 Unavailable", "sorry");
  EXPECT_EQ(read("CURL", url("/")), "sorry");
  ASSERT_TRUE(write("CURLOPT", "failurecodes", "500,503"));
  server_.answer("503 Unavailable", "sorry");
  EXPECT_FALSE(read("CURL", url("/")));
  ASSERT_TRUE(write("CURLOPT", "httptimeout", "0.05"));
  server_.silence();
  EXPECT_FALSE(read("CURL", url("/")));
  EXPECT_FALSE(read("CURL", ""));
  EXPECT_FALSE(read("CURL", "http://"));
  EXPECT_FALSE(read("CURL", "http://127.0.0.1/ a\r\nX: y"));
}

TEST_F(WebFunctions, HashCompat) {
  ASSERT_TRUE(write("CURLOPT", "hashcompat", "yes"));
  server_.answer("200 OK", "name=Al%2C+Jr&city=Any%20town&empty=");
  const auto values = read("CURL", url("/"));
  ASSERT_TRUE(values);
  ASSERT_TRUE(write("HASH", "result", *values));
  expect({{"${HASH(result,name)}", "Al,+Jr"},
          {"${HASH(result,city)}", "Any town"},
          {"${HASH(result,empty)}", ""},
          {"${HASHKEYS(result)}", "name,city,empty"}});
  ASSERT_TRUE(write("CURLOPT", "hashcompat", "legacy"));
  server_.answer("200 OK", "name=A+B");
  EXPECT_EQ(read("CURL", url("/")), "A B");
}

TEST_F(WebFunctions, Options) {
  ASSERT_TRUE(write("CURLOPT", "ConnTimeout", "1.5"));
  EXPECT_EQ(read("CURLOPT", "conntimeout"), "1.5");
  EXPECT_EQ(read("CURLOPT", "useragent"), "");
  ASSERT_TRUE(write("CURLOPT", "cookie", "a=1"));
  ASSERT_TRUE(write("CURLOPT", "cookie", "b=2"));
  EXPECT_EQ(read("CURLOPT", "cookie"), "a=1,b=2");
  EXPECT_FALSE(read("CURLOPT", "nosuch"));
  for (const auto& [option, value] :
       std::vector<std::pair<std::string, std::string>>{{"nosuch", "1"},
                                                        {"conntimeout", "soon"},
                                                        {"conntimeout", "-1"},
                                                        {"httptimeout", "1e9"},
                                                        {"followlocation", "maybe"},
                                                        {"maxredirs", "99999999999"},
                                                        {"failurecodes", "500,x"},
                                                        {"proxytype", "gopher"},
                                                        {"hashcompat", "perhaps"},
                                                        {"httpheader", "X: 1\r\nY: 2"},
                                                        {"useragent", "a\nb"}}) {
    EXPECT_FALSE(write("CURLOPT", option, value)) << option << " " << value;
  }
  const auto other = dialplan::Run::create(environment_, incoming());
  EXPECT_EQ(dialplan::expand(*other, "${CURLOPT(conntimeout)}"), "");
}

TEST_F(WebFunctions, Shell) {
  EXPECT_EQ(read("SHELL", "printf 'a b'; echo no >&2"), "a b");
  EXPECT_EQ(read("SHELL", "echo line"), "line\n");
  EXPECT_EQ(read("SHELL", "cat"), "");
  EXPECT_EQ(read("SHELL", "yes")->size(), 64u * 1024);
  EXPECT_FALSE(read("SHELL", " "));
  EXPECT_EQ(expand("${SHELL(echo x)}"), "");
  const auto* shell = shared_.functions.find("SHELL");
  EXPECT_TRUE(shell->dangerous && shell->blocks);
  EXPECT_TRUE(shared_.functions.find("CURL")->blocks);
}

}  // namespace
}  // namespace missive::dialplan

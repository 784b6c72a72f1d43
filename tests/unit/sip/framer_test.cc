// Messages on a stream.
//
//  1. One message, with and without a body; two in one read.
//  2. Octet by octet the frames are the same, and the size is known after the headers.
//  3. Keep-alives: CRLF, CRLFCRLF, more of them, between messages.
//  4. Content-Length in compact form, folded, with blanks; equal twice.
//  5. Streams that cannot be followed: no, bad or two Content-Length; LF alone; rubbish.
//  6. Limits on headers and body, exact to the octet.
//  7. After an error there is nothing but errors.
//  8. A long message in small pieces is scanned once.
#include "sip/framer.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "unit/sip/sip_text.h"

namespace missive::sip {
namespace {

using test::crlf;
using test::message_request;
using test::ok_response;
using test::replaced;
using Kind = Frame::Kind;

// What comes out when `stream` arrives `step` octets at a time: 'm' and the size
// of messages, 'l', 'p', and 'e' at an error.
std::string frames(std::string_view stream, std::size_t step, const FramerLimits& limits = {}) {
  StreamFramer framer(limits);
  std::string out;
  std::string unread;
  while (true) {
    const auto frame = framer.next(unread);
    if (frame.kind == Kind::error) return out + "e";
    if (frame.kind == Kind::need_more) {
      if (stream.empty()) return out + (unread.empty() ? "" : "?");
      unread += stream.substr(0, step);
      stream.remove_prefix(std::min(step, stream.size()));
      continue;
    }
    if (frame.kind == Kind::message) out += "m" + std::to_string(frame.size);
    if (frame.kind == Kind::line_end) out += "l";
    if (frame.kind == Kind::ping) out += "p";
    unread.erase(0, frame.size);
  }
}

const std::string request_frame = "m" + std::to_string(message_request.size());
const std::string response_frame = "m" + std::to_string(ok_response.size());

TEST(Framer, Messages) {
  EXPECT_EQ(frames("", 100), "");
  EXPECT_EQ(frames(message_request, 10000), request_frame);
  EXPECT_EQ(frames(ok_response, 10000), response_frame);
  EXPECT_EQ(frames(message_request + ok_response + message_request, 10000),
            request_frame + response_frame + request_frame);
  EXPECT_EQ(frames(message_request.substr(0, message_request.size() - 1), 10000), "?");
}

TEST(Framer, AnyPieces) {
  const auto stream = "\r\n\r\n" + message_request + "\r\n" + ok_response + ok_response;
  const auto whole = "lp" + request_frame + "l" + response_frame + response_frame;
  for (std::size_t step = 1; step <= stream.size(); ++step) {
    ASSERT_EQ(frames(stream, step), whole) << step;
  }
}

TEST(Framer, SizeIsKnownAfterTheHeaders) {
  StreamFramer framer;
  const auto headers = std::string_view(message_request).substr(0, message_request.size() - 5);
  EXPECT_EQ(framer.next(headers.substr(0, headers.size() - 1)).size, 0u);
  const auto frame = framer.next(headers);
  EXPECT_EQ(frame.kind, Kind::need_more);
  EXPECT_EQ(frame.size, message_request.size());
}

TEST(Framer, KeepAlives) {
  EXPECT_EQ(frames("\r\n", 10), "l");
  EXPECT_EQ(frames("\r\n\r\n", 10), "lp");
  EXPECT_EQ(frames("\r\n\r\n\r\n\r\n\r\n", 10), "lplpl");
  EXPECT_EQ(frames("\r\n" + ok_response + "\r\n\r\n", 3), "l" + response_frame + "lp");
  EXPECT_EQ(frames("\r", 10), "?");
  EXPECT_EQ(frames("\rX", 10), "e");
  EXPECT_EQ(frames("\n", 10), "e");
}

TEST(Framer, ContentLengthForms) {
  for (const auto* line :
       {"l: 5", "L:5", "content-length   :\t5 ", "Content-Length:\r\n 5", "l:\r\n\t \r\n  5",
        "l: 5\r\nl: 05", "X: l: 9\r\nl: 5", "X: y\r\n l: 9\r\nl: 5"}) {
    const auto stream = replaced(message_request, "Content-Length: 5", line);
    EXPECT_EQ(frames(stream, 10000), "m" + std::to_string(stream.size())) << line;
  }
}

TEST(Framer, Errors) {
  for (const auto* line : {"X: 5", "l: -1", "l:", "l: 5x", "l: 5\r\nl: 6", "l: 99999999999", "l 5",
                           "l: 5\r\n 5", "X: y\nl: 5"}) {
    const auto stream = replaced(message_request, "Content-Length: 5", line);
    EXPECT_EQ(frames(stream, 10000), "e") << line;
    EXPECT_EQ(frames(stream, 1), "e") << line;
  }
  EXPECT_EQ(frames("\x16\x03\x01", 1), "e");
  EXPECT_EQ(frames(" ", 1), "e");
  StreamFramer framer;
  EXPECT_EQ(framer.next(replaced(ok_response, "Content-Length: 0\r\n", "")).error,
            "a message on a stream has no Content-Length");
}

TEST(Framer, Limits) {
  FramerLimits limits;
  limits.header_octets = ok_response.size();
  limits.body_octets = 4;
  EXPECT_EQ(frames(ok_response, 7, limits), response_frame);
  limits.header_octets -= 1;
  EXPECT_EQ(frames(ok_response, 7, limits), "e");
  EXPECT_EQ(frames(ok_response, 10000, limits), "e");
  EXPECT_EQ(frames(std::string(ok_response.size(), 'A'), 10000, limits), "e");

  limits.header_octets = 10000;
  EXPECT_EQ(frames(message_request, 10000, limits), "e");
  limits.body_octets = 5;
  EXPECT_EQ(frames(message_request, 10000, limits), request_frame);
}

TEST(Framer, NothingAfterAnError) {
  StreamFramer framer;
  EXPECT_EQ(framer.next("\n").kind, Kind::error);
  EXPECT_EQ(framer.next(ok_response).kind, Kind::error);
}

TEST(Framer, LongMessageInSmallPieces) {
  std::string unread;
  StreamFramer framer;
  const auto more = [&](std::string_view piece) {
    unread += piece;
    return framer.next(unread).kind;
  };
  EXPECT_EQ(more("MESSAGE sip:a@b SIP/2.0\r\n"), Kind::need_more);
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(more("X-Filler: 0123456789\r\n"), Kind::need_more);
    // A line feed where it has looked before: it would stumble, were it to look again.
    unread[unread.size() - 5] = '\n';
  }
  EXPECT_EQ(more("l: 3\r\n\r\nab"), Kind::need_more);
  EXPECT_EQ(more("c"), Kind::message);
}

}  // namespace
}  // namespace missive::sip

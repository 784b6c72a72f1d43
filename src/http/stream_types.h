// The two kinds of stream that connections run over. Internal; includes Boost.Beast.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core/stream_traits.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

namespace missive::http {

namespace asio = boost::asio;
namespace beast = boost::beast;
using ErrorCode = boost::system::error_code;
using PlainStream = asio::basic_stream_socket<asio::ip::tcp, asio::io_context::executor_type>;
using SecureStream = beast::ssl_stream<PlainStream>;
using BeastRequest = beast::http::request<beast::http::string_body>;

template <class Stream>
inline constexpr bool is_secure = std::is_same_v<Stream, SecureStream>;

inline std::string_view view_of(beast::string_view text) { return {text.data(), text.size()}; }

}  // namespace missive::http

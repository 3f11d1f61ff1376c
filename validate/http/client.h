// One exchange of HTTP/1.1 over TCP, TLS or a Unix socket: what http.send and the cache of verdicts need, and no more.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace kubegate::http {

struct HttpHeader {
  std::string name, value;
};

struct TlsSettings {
  bool verify = true;
  bool system_roots = true;        // the machine's certificate authorities count
  std::vector<std::string> roots;  // more of them, in PEM
  std::string certificate, key;    // the client's own, in PEM; empty: none
  std::string server_name;         // whom the certificate must name; empty: the host
};

struct HttpRequest {
  std::string method;  // a token
  bool tls = false;
  std::string host, port;           // where to connect to; the host of an IPv6 address without brackets
  std::string unix_socket;          // a path, instead of host and port; empty: none
  std::string target;               // path and query, without spaces and control characters
  std::vector<HttpHeader> headers;  // all of them, but for Content-Length and Connection
  std::string body;
};

struct HttpResponse {
  int status = 0;
  std::string status_text;          // "200 OK"
  std::vector<HttpHeader> headers;  // as they came, but for Transfer-Encoding
  std::string body;
};

inline constexpr std::size_t kMaxHttpBody = std::size_t{1} << 28;

struct HttpLimits {
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
  std::function<bool()> interrupted;  // asked about every 50 ms; empty: never
  std::size_t body = kMaxHttpBody;    // bytes
};

enum class HttpFault : std::uint8_t { kNone, kFailed, kTimedOut, kInterrupted };

// Connects, asks, reads the whole response (no more of it than the limits let) and hangs up. On a fault `error` says
// why in the words of Go's net, tls and http packages where they have some. Names are resolved by getaddrinfo, which
// knows no deadline.
HttpFault exchange_http(const HttpRequest& request, const TlsSettings& tls, const HttpLimits& limits, HttpResponse& out,
                        std::string& error);

// The certificates of a PEM text are appended; false where it has none, or a broken one.
bool pem_certificates(std::string_view text, std::vector<std::string>& der);
// Whether certificate and key, both in PEM, are readable and belong together.
bool pem_key_pair(std::string_view certificate, std::string_view key, std::string& error);

// A method or the name of a header (RFC 9110's token); the value of a header.
bool is_http_token(std::string_view text);
bool is_http_field(std::string_view text);

}  // namespace kubegate::http

// Requests and responses as bytes (RFC 9112), strictly: what is not a response is an error, not a guess. Every response
// ends the connection, so nothing of one can be taken for the next. Tested by policy/rego/builtins/http_send_test.cc.
#include "validate/http/client.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "validate/base/base64.h"
#include "validate/http/wire.h"

namespace kubegate::http {
namespace {

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 32) : c; };
    return lower(x) == lower(y);
  });
}

// As Go's strconv.Quote has it of ASCII; other bytes by their numbers.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c >= 0x20 && c < 0x7f) {
      out += c;
    } else {
      out += "\\x" + encode_hex({&c, 1});
    }
  }
  return out + "\"";
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

std::string request_text(const HttpRequest& request) {
  std::string out = request.method + " " + request.target + " HTTP/1.1\r\n";
  for (const HttpHeader& header : request.headers) out += header.name + ": " + header.value + "\r\n";
  const bool carries = request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
  if (!request.body.empty() || carries) out += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
  return out + "Connection: close\r\n\r\n" + request.body;
}

class ResponseReader {
 public:
  ResponseReader(Wire& wire, std::size_t most, HttpResponse& out) : wire_(wire), most_(most), out_(out) {}

  bool read(bool head_only) {
    do {
      out_.headers.clear();
      if (!status_line() || !headers()) return false;
    } while (out_.status >= 100 && out_.status < 200 && out_.status != 101);
    const bool chunks = take_transfer_encoding();
    if (failed_) return false;
    if (head_only || out_.status == 204 || out_.status == 304 || out_.status < 200) return true;
    if (chunks) return chunked();
    std::optional<std::uint64_t> length;
    if (!content_length(length)) return false;
    return length ? exactly(*length) : to_the_end();
  }

 private:
  static constexpr std::size_t kMaxHead = std::size_t{1} << 20;

  bool fail(std::string message) {
    failed_ = true;
    return wire_.fail(std::move(message));
  }

  bool more() {
    bool ended = false;
    if (!wire_.read(buffer_, ended)) return false;
    return !ended || fail(head_ == 0 && buffer_.empty() ? "EOF" : "unexpected EOF");
  }

  // A line without its end; it stays valid until the next read.
  bool line(std::string_view& out) {
    std::size_t end, from = at_;
    while ((end = buffer_.find('\n', from)) == std::string::npos) {
      from = buffer_.size();
      if (buffer_.size() - at_ + head_ > kMaxHead) {
        return fail("net/http: server response headers exceeded " + std::to_string(kMaxHead) + " bytes; aborted");
      }
      if (!more()) return false;
    }
    out = std::string_view(buffer_).substr(at_, end - at_);
    head_ += out.size() + 1;
    at_ = end + 1;
    if (out.ends_with('\r')) out.remove_suffix(1);
    if (head_ <= kMaxHead) return true;
    return fail("net/http: server response headers exceeded " + std::to_string(kMaxHead) + " bytes; aborted");
  }

  bool status_line() {
    std::string_view text;
    if (!line(text)) return false;
    const std::string_view rest = text.size() < 9 ? std::string_view() : text.substr(9);
    const bool known = text.starts_with("HTTP/1.") && text.size() >= 12 && text[8] == ' ' &&
                       (rest.size() == 3 || rest[3] == ' ') &&
                       std::all_of(rest.begin(), rest.begin() + 3, [](char c) { return c >= '0' && c <= '9'; });
    if (!known) return fail("net/http: HTTP/1.x transport connection broken: malformed HTTP response " + quoted(text));
    out_.status_text = rest;
    std::from_chars(rest.data(), rest.data() + 3, out_.status);
    return true;
  }

  bool headers() {
    while (true) {
      std::string_view text;
      if (!line(text)) return false;
      if (text.empty()) return true;
      if ((text[0] == ' ' || text[0] == '\t') && !out_.headers.empty()) {
        (out_.headers.back().value += ' ') += trimmed(text);
        continue;
      }
      const std::size_t colon = text.find(':');
      if (colon == std::string_view::npos || !is_http_token(text.substr(0, colon))) {
        return fail("net/http: HTTP/1.x transport connection broken: malformed MIME header line: " + std::string(text));
      }
      out_.headers.push_back({std::string(text.substr(0, colon)), std::string(trimmed(text.substr(colon + 1)))});
    }
  }

  bool take_transfer_encoding() {
    std::vector<HttpHeader>& all = out_.headers;
    const auto is = [](const HttpHeader& header) { return same_name(header.name, "transfer-encoding"); };
    const auto count = std::count_if(all.begin(), all.end(), is);
    if (count == 0) return false;
    const std::string value = std::find_if(all.begin(), all.end(), is)->value;
    if (count > 1 || !same_name(value, "chunked")) fail("net/http: unsupported transfer encoding: " + quoted(value));
    std::erase_if(all, is);
    return true;
  }

  bool content_length(std::optional<std::uint64_t>& out) {
    for (const HttpHeader& header : out_.headers) {
      if (!same_name(header.name, "content-length")) continue;
      std::uint64_t n = 0;
      const char* end = header.value.data() + header.value.size();
      const auto [stop, error] = std::from_chars(header.value.data(), end, n);
      if (error != std::errc() || stop != end || (out && *out != n)) {
        return fail("net/http: HTTP/1.x transport connection broken: bad Content-Length " + quoted(header.value));
      }
      out = n;
    }
    return true;
  }

  bool exactly(std::uint64_t size) {
    if (size > most_ - out_.body.size()) return too_large();
    while (buffer_.size() - at_ < size) {
      if (!more()) return false;
    }
    out_.body.append(buffer_, at_, size);
    at_ += size;
    return true;
  }

  bool too_large() { return fail("the body is larger than " + std::to_string(most_) + " bytes"); }

  bool to_the_end() {
    for (bool ended = false; !ended;) {
      if (buffer_.size() - at_ > most_) return too_large();
      if (!wire_.read(buffer_, ended)) return false;
    }
    out_.body = buffer_.substr(at_);
    return true;
  }

  bool chunked() {
    while (true) {
      std::string_view text;
      head_ = 0;
      if (!line(text)) return false;
      text = trimmed(text.substr(0, text.find(';')));
      std::uint64_t size = 0;
      const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), size, 16);
      if (text.empty() || error != std::errc() || stop != text.data() + text.size()) {
        return fail("invalid byte in chunk length");
      }
      if (size == 0) break;
      if (!exactly(size) || !line(text)) return false;
      if (!text.empty()) return fail("malformed chunked encoding");
      buffer_.erase(0, at_);
      at_ = 0;
    }
    for (std::string_view text = " "; !text.empty();) {  // trailers
      if (!line(text)) return false;
    }
    return true;
  }

  Wire& wire_;
  const std::size_t most_;  // bytes of a body
  HttpResponse& out_;
  std::string buffer_;
  std::size_t at_ = 0;    // what of it was read
  std::size_t head_ = 0;  // bytes of lines so far
  bool failed_ = false;
};

}  // namespace

bool is_http_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

bool is_http_field(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f); });
}

HttpFault exchange_http(const HttpRequest& request, const TlsSettings& tls, const HttpLimits& limits, HttpResponse& out,
                        std::string& error) {
  out = {};
  Wire wire(limits);
  const bool done = (request.unix_socket.empty() ? wire.connect(request.host, request.port)
                                                 : wire.connect_unix(request.unix_socket)) &&
                    (!request.tls || wire.start_tls(tls, request.host)) && wire.write(request_text(request)) &&
                    ResponseReader(wire, limits.body, out).read(request.method == "HEAD");
  if (!done) error = wire.error();
  return wire.fault();
}

}  // namespace kubegate::http

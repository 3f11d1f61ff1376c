// Taking URIs apart: net/url's parse(), with what it refuses and its messages. Tested by the cases of uri.* and of the
// certificates' URIs.
#include "policy/rego/builtins/uri.h"

#include <algorithm>

#include "validate/base/base64.h"
#include "policy/rego/builtins/operands.h"

namespace kubegate::rego {
namespace {

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

}  // namespace

bool is_alnum(char c) { return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z'); }

void append_percent(std::string& out, char c) {
  const auto b = static_cast<unsigned char>(c);
  out += '%';
  out += "0123456789ABCDEF"[b >> 4];
  out += "0123456789ABCDEF"[b & 15];
}

bool unescape_url(std::string_view text, bool query, std::string& out, std::string& error) {
  out.clear();
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (i + 2 >= text.size() || hex_value(text[i + 1]) < 0 || hex_value(text[i + 2]) < 0) {
        error = "invalid URL escape " + quoted(text.substr(i, 3));
        return false;
      }
      out += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
      i += 2;
    } else {
      out += query && text[i] == '+' ? ' ' : text[i];
    }
  }
  return true;
}

namespace {

// The escapes of a host: of bytes that are not ASCII alone, and anything in an IPv6 zone (behind %25).
bool unescape_host(std::string_view host, std::string& out, std::string& error) {
  const std::size_t zone = host.starts_with('[') ? host.find("%25") : std::string_view::npos;
  for (std::size_t i = 0; i < std::min(zone, host.size()); ++i) {
    if (host[i] != '%' || i + 2 >= host.size() || hex_value(host[i + 1]) < 0 || hex_value(host[i + 2]) < 0) continue;
    if (hex_value(host[i + 1]) < 8) {
      error = "invalid URL escape " + quoted(host.substr(i, 3));
      return false;
    }
  }
  return unescape_url(host, false, out, error);
}

}  // namespace

std::string escape_path(std::string_view path) {
  std::string out;
  for (const char c : path) {
    if (is_alnum(c) || std::string_view("-_.~$&+,/:;=@").find(c) != std::string_view::npos) {
      out += c;
    } else {
      append_percent(out, c);
    }
  }
  return out;
}

bool parse_uri(std::string_view text, Uri& out, std::string& error) {
  const auto fail = [&](std::string message) {
    error = std::move(message);
    return false;
  };
  const std::size_t hash = text.find('#');
  if (hash != std::string_view::npos) {
    if (!unescape_url(text.substr(hash + 1), false, out.fragment, error)) return false;
    out.raw_fragment = text.substr(hash + 1);
  }
  text = text.substr(0, hash);
  if (has_control(text)) return fail("net/url: invalid control character in URL");
  std::string_view rest = text;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    const char c = rest[i];
    if (((c | 32) >= 'a' && (c | 32) <= 'z')) continue;
    if ((c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.') {
      if (i == 0) break;
      continue;
    }
    if (c == ':') {
      if (i == 0) return fail("missing protocol scheme");
      for (const char s : rest.substr(0, i)) out.scheme += s >= 'A' && s <= 'Z' ? static_cast<char>(s + 32) : s;
      rest.remove_prefix(i + 1);
    }
    break;
  }
  if (const std::size_t q = rest.find('?'); q != std::string_view::npos) {
    out.query = rest.substr(q + 1);
    out.force_query = out.query.empty();
    rest = rest.substr(0, q);
  }
  if (!rest.starts_with('/')) {
    if (!out.scheme.empty()) {
      out.opaque = rest;  // mailto:a@b
      return true;
    }
    const std::string_view segment = rest.substr(0, rest.find('/'));
    if (segment.find(':') != std::string_view::npos) return fail("first path segment in URL cannot contain colon");
  }
  if (rest.starts_with("//") && (!out.scheme.empty() || !rest.starts_with("///"))) {
    std::string_view authority = rest.substr(2);
    const std::size_t slash = std::min(authority.find('/'), authority.size());
    rest = authority.substr(slash);
    authority = authority.substr(0, slash);
    if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
      for (const char c : authority.substr(0, at)) {
        if (!is_alnum(c) && std::string_view("-._:~!$&'()*+,;=%@").find(c) == std::string_view::npos) {
          return fail("net/url: invalid userinfo");
        }
      }
      out.has_user = true;
      out.user = authority.substr(0, at);
      authority.remove_prefix(at + 1);
    }
    out.has_host = true;
    std::string_view host = authority, port;
    if (authority.starts_with('[')) {
      const std::size_t close = authority.rfind(']');
      if (close == std::string_view::npos) return fail("missing ']' in host");
      host = authority.substr(1, close - 1);
      port = authority.substr(close + 1);
    } else if (const std::size_t colon = authority.rfind(':'); colon != std::string_view::npos) {
      host = authority.substr(0, colon);
      port = authority.substr(colon);
    }
    if (!port.empty() && (port[0] != ':' || port.find_first_not_of("0123456789", 1) != std::string_view::npos)) {
      return fail("invalid port " + quoted(port) + " after host");
    }
    for (const char c : host) {
      if (std::string_view(" \"<>^`{|}\\").find(c) != std::string_view::npos) {
        return fail("invalid character " + quoted(std::string_view(&c, 1)) + " in host name");
      }
    }
    if (!unescape_host(authority, out.authority, error) || !unescape_url(host, false, out.host, error)) return false;
    out.port = port.empty() ? "" : port.substr(1);
  }
  if (!unescape_url(rest, false, out.path, error)) return false;
  out.raw_path = rest;
  return true;
}

}  // namespace kubegate::rego

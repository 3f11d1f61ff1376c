// URIs as Go's net/url parses them.
#pragma once

#include <string>
#include <string_view>

namespace kubegate::rego {

struct Uri {
  std::string scheme, opaque, host, port, path, raw_path, query, fragment, raw_fragment;
  std::string authority;  // host and port as Go's URL.Host has them
  std::string user;       // "name:password", as written
  bool has_user = false, has_host = false, force_query = false;
};

// url.Parse; false with the message behind `parse "…": ` in `error`.
bool parse_uri(std::string_view text, Uri& out, std::string& error);

// url.QueryUnescape, or PathUnescape where `query` is false; false with Go's message in `error`.
bool unescape_url(std::string_view text, bool query, std::string& out, std::string& error);

// A letter or digit of ASCII: what no escape has to hide.
bool is_alnum(char c);
// The byte as an escape, "%2F".
void append_percent(std::string& out, char c);

// url.PathEscape's rules for a whole path: what URL.RawPath is compared with.
std::string escape_path(std::string_view path);

}  // namespace kubegate::rego

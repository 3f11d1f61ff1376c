// JSON, base64, hexadecimal, URL queries and URIs. Rules: topdown/encoding.go, uri.go, and Go's encoding/json, net/url.
#include <algorithm>
#include <map>

#include "policy/rego/builtins/base64.h"
#include "policy/rego/builtins/functions.h"
#include "policy/rego/builtins/operands.h"
#include "policy/value/runes.h"

namespace kubegate::rego {
namespace {

bool is_alnum(char c) { return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z'); }

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if ((c | 32) >= 'a' && (c | 32) <= 'f') return (c | 32) - 'a' + 10;
  return -1;
}

std::string quoted(std::string_view text) {
  std::string out;
  policy::append_quoted(out, text);
  return out;
}

// url.QueryEscape.
std::string query_escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (is_alnum(c) || c == '-' || c == '_' || c == '.' || c == '~') {
      out += c;
    } else if (c == ' ') {
      out += '+';
    } else {
      const auto b = static_cast<unsigned char>(c);
      out += '%';
      out += "0123456789ABCDEF"[b >> 4];
      out += "0123456789ABCDEF"[b & 15];
    }
  }
  return out;
}

// url.QueryUnescape, or PathUnescape where `query` is false; false with Go's message in `error`.
bool unescape(std::string_view text, bool query, std::string& out, std::string& error) {
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

// What stands behind a JSON value where json.unmarshal allows nothing: "" when there is nothing or null, as the token
// null goes by unseen in OPA.
std::string trailing_error(BuiltinContext& context, std::string_view rest) {
  const std::size_t begin = rest.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return "";
  rest.remove_prefix(begin);
  std::string token;
  if (rest[0] == '[' || rest[0] == '{') {
    token = rest[0];
  } else {
    Value v;
    std::string error;
    std::size_t end;
    if (!parse_json(context.arena(), rest, v, error, &end)) return error;
    if (v.is_null()) return "";
    token = v.is_string() ? std::string(v.text()) : v.is_boolean() ? "%!s(bool=" + to_json(v) + ")" : to_json(v);
  }
  return "error: invalid character '" + token + "' after top-level value";
}

// ---- URIs ----------------------------------------------------------------------------------------------------------

struct Uri {
  std::string scheme, host, port, path, raw_path, query, fragment;
};

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

// url.Parse; false with the message behind `parse "…": ` in `error`.
bool parse_uri(std::string_view text, Uri& out, std::string& error) {
  const auto fail = [&](std::string message) {
    error = std::move(message);
    return false;
  };
  const std::size_t hash = text.find('#');
  if (hash != std::string_view::npos && !unescape(text.substr(hash + 1), false, out.fragment, error)) return false;
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
    rest = rest.substr(0, q);
  }
  if (!rest.starts_with('/')) {
    if (!out.scheme.empty()) return true;  // opaque: mailto:a@b
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
      authority.remove_prefix(at + 1);
    }
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
    if (!unescape(host, false, out.host, error)) return false;
    out.port = port.empty() ? "" : port.substr(1);
  }
  if (!unescape(rest, false, out.path, error)) return false;
  out.raw_path = rest;
  return true;
}

}  // namespace

Value eval_json_marshal(BuiltinContext& context, Args args) { return text(context, to_json(args[0])); }

Value eval_json_marshal_with_options(BuiltinContext& context, Args args) {
  if (!check(context, args, 2, Type::kObject)) return Value();
  policy::JsonStyle style;
  style.indent = "\t";
  bool implied = false, said = false;
  int index = 0;
  for (Cursor c(args[1]); c.next(); ++index) {
    if (!c.key().is_string()) {
      return bad_operand(context, 2,
                         "failed to stringify key " + to_term(c.key()) + " at index " + std::to_string(index) +
                             ": operand " + std::to_string(index) + " must be string but got " +
                             std::string(type_name(c.key().type())));
    }
    const std::string_view key = c.key().text();
    const Value v = c.value();
    if (key == "pretty") {
      if (!v.is_boolean()) return bad_operand(context, 2, "key pretty failed cast to bool");
      said = true;
      style.pretty = v.is_true();
    } else if (key == "prefix" || key == "indent") {
      if (!v.is_string()) {
        return bad_operand(context, 2,
                           "key " + std::string(key) + " failed cast to string: operand " + std::to_string(index) +
                               " must be string but got " + std::string(type_name(v.type())));
      }
      (key == "prefix" ? style.prefix : style.indent) = v.text();
      implied = true;
    } else {
      return bad_operand(context, 2, "object contained unknown key " + std::string(key));
    }
  }
  if (!said) style.pretty = implied;
  std::string out(style.pretty ? style.prefix : "");
  append_json(out, args[0], style);
  return text(context, out);
}

Value eval_json_unmarshal(BuiltinContext& context, Args args) {
  if (!check(context, args, 1, Type::kString)) return Value();
  Value v;
  std::string error;
  std::size_t end;
  if (!parse_json(context.arena(), args[0].text(), v, error, &end)) return context.fail(error);
  error = trailing_error(context, args[0].text().substr(end));
  return error.empty() ? v : context.fail(error);
}

Value eval_json_is_valid(BuiltinContext& context, Args args) {
  if (!args[0].is_string()) return Value::boolean(false);
  Value v;
  std::string error;
  return Value::boolean(parse_json(context.arena(), args[0].text(), v, error));
}

Value eval_base64_encode(BuiltinContext& context, Args args) {
  if (!check(context, args, 1, Type::kString)) return Value();
  return text(context, encode_base64(args[0].text(), false, true));
}

Value eval_base64_decode(BuiltinContext& context, Args args) {
  if (!check(context, args, 1, Type::kString)) return Value();
  std::string out;
  std::size_t bad;
  if (!decode_base64(args[0].text(), false, true, out, bad)) return context.fail(base64_error(bad));
  return text(context, out);
}

Value eval_base64_is_valid(BuiltinContext&, Args args) {
  std::string out;
  std::size_t bad;
  return Value::boolean(args[0].is_string() && decode_base64(args[0].text(), false, true, out, bad));
}

Value eval_base64url_encode(BuiltinContext& context, Args args) {
  if (!check(context, args, 1, Type::kString)) return Value();
  return text(context, encode_base64(args[0].text(), true, true));
}

Value eval_base64url_encode_no_pad(BuiltinContext& context, Args args) {
  if (!check(context, args, 1, Type::kString)) return Value();
  return text(context, encode_base64(args[0].text(), true, false));
}

Value eval_base64url_decode(BuiltinContext& context, Args args) {
  if (!check(context, args, 1, Type::kString)) return Value();
  std::string out, error;
  if (!decode_base64url(args[0].text(), out, error)) return context.fail(error);
  return text(context, out);
}

Value eval_hex_encode(BuiltinContext& context, Args args) {
  if (!check(context, args, 1, Type::kString)) return Value();
  return text(context, encode_hex(args[0].text()));
}

Value eval_hex_decode(BuiltinContext& context, Args args) {
  if (!check(context, args, 1, Type::kString)) return Value();
  const std::string_view in = args[0].text();
  std::string out;
  for (std::size_t i = 0; i < in.size(); ++i) {
    if (hex_value(in[i]) < 0) {
      // A byte is named as if it were the code point of that number.
      const auto byte = static_cast<unsigned char>(in[i]);
      std::string message = "encoding/hex: invalid byte: U+00";
      for (const char c : encode_hex(in.substr(i, 1))) message += c >= 'a' ? static_cast<char>(c - 32) : c;
      if (policy::is_printable(byte)) {
        message += " '";
        policy::append_rune(message, byte);
        message += "'";
      }
      return context.fail(message);
    }
    if (i % 2 == 1) out += static_cast<char>(hex_value(in[i - 1]) * 16 + hex_value(in[i]));
  }
  return in.size() % 2 == 1 ? context.fail("encoding/hex: odd length hex string") : text(context, out);
}

Value eval_urlquery_encode(BuiltinContext& context, Args args) {
  if (!check(context, args, 1, Type::kString)) return Value();
  return text(context, query_escape(args[0].text()));
}

Value eval_urlquery_decode(BuiltinContext& context, Args args) {
  if (!check(context, args, 1, Type::kString)) return Value();
  std::string out, error;
  return unescape(args[0].text(), true, out, error) ? text(context, out) : context.fail(error);
}

Value eval_urlquery_encode_object(BuiltinContext& context, Args args) {
  if (!check(context, args, 1, Type::kObject)) return Value();
  const auto fail = [&] { return bad_operand(context, 1, "values must be string, array[string], or set[string]"); };
  std::map<std::string, std::vector<std::string_view>> query;
  for (Cursor c(args[0]); c.next();) {
    auto& values = query[c.key().is_string() ? std::string(c.key().text()) : to_json(c.key())];
    const Value v = c.value();
    if (v.is_string()) {
      values.push_back(v.text());
    } else if (v.is_array() || v.is_set()) {
      for (Cursor item(v); item.next();) {
        if (!item.value().is_string()) return fail();
        values.push_back(item.value().text());
      }
    } else {
      return fail();
    }
  }
  std::string out;
  for (const auto& [key, values] : query) {
    for (const std::string_view value : values) {
      if (!out.empty()) out += '&';
      out += query_escape(key) + "=" + query_escape(value);
    }
  }
  return text(context, out);
}

Value eval_urlquery_decode_object(BuiltinContext& context, Args args) {
  if (!check(context, args, 1, Type::kString)) return Value();
  std::map<std::string, std::vector<Value>> query;
  std::string first_error;
  std::string_view rest = args[0].text();
  while (!rest.empty()) {
    const std::size_t ampersand = std::min(rest.find('&'), rest.size());
    const std::string_view pair = rest.substr(0, ampersand);
    rest.remove_prefix(std::min(ampersand + 1, rest.size()));
    if (pair.empty()) continue;
    std::string key, value, error;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    if (pair.find(';') != std::string_view::npos) {
      error = "invalid semicolon separator in query";
    } else if (unescape(pair.substr(0, equals), true, key, error) &&
               unescape(pair.substr(std::min(equals + 1, pair.size())), true, value, error)) {
      query[key].push_back(text(context, value));
    }
    if (first_error.empty()) first_error = error;
  }
  if (!first_error.empty()) return context.fail(first_error);
  std::vector<Member> members;
  for (const auto& [key, values] : query) members.push_back({text(context, key), make_array(context.arena(), values)});
  return make_object(context.arena(), members, policy::EqualKeys::kLast);
}

Value eval_uri_parse(BuiltinContext& context, Args args) {
  if (!check(context, args, 1, Type::kString)) return Value();
  Uri uri;
  std::string error;
  if (!parse_uri(args[0].text(), uri, error)) {
    return context.fail("parse " + quoted(args[0].text()) + ": " + error);
  }
  std::vector<Member> members;
  const auto add = [&](std::string_view key, const std::string& value) {
    if (!value.empty()) members.push_back({Value::string(key), text(context, value)});
  };
  add("fragment", uri.fragment);
  add("hostname", uri.host);
  add("path", uri.path);
  add("port", uri.port);
  add("raw_path", uri.raw_path);
  add("raw_query", uri.query);
  add("scheme", uri.scheme);
  return make_object(context.arena(), members, policy::EqualKeys::kLast);
}

Value eval_uri_is_valid(BuiltinContext&, Args args) {
  Uri uri;
  std::string error;
  return Value::boolean(args[0].is_string() && !args[0].text().empty() && parse_uri(args[0].text(), uri, error));
}

}  // namespace kubegate::rego

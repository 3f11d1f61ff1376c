// JSON, base64, hexadecimal, URL queries and URIs. Rules: topdown/encoding.go, uri.go, and Go's encoding/json, net/url.
#include <algorithm>
#include <map>

#include "validate/base/base64.h"
#include "policy/rego/builtins/functions.h"
#include "policy/rego/builtins/json_text.h"
#include "policy/rego/builtins/operands.h"
#include "policy/rego/builtins/uri.h"
#include "policy/value/runes.h"

namespace kubegate::rego {
namespace {

// url.QueryEscape.
std::string query_escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (is_alnum(c) || c == '-' || c == '_' || c == '.' || c == '~') {
      out += c;
    } else if (c == ' ') {
      out += '+';
    } else {
      append_percent(out, c);
    }
  }
  return out;
}

// What stands behind a JSON value where json.unmarshal allows nothing: "" when there is nothing or null, as the token
// null goes by unseen in OPA.
std::string trailing_error(ValueArena& arena, std::string_view rest) {
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
    if (!parse_json(arena, rest, v, error, &end)) return error;
    if (v.is_null()) return "";
    token = v.is_string() ? std::string(v.text()) : v.is_boolean() ? "%!s(bool=" + to_json(v) + ")" : to_json(v);
  }
  return "error: invalid character '" + token + "' after top-level value";
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
      if (!v.is_boolean()) return bad_operand(context, 2, "key \"pretty\" failed cast to bool");
      said = true;
      style.pretty = v.is_true();
    } else if (key == "prefix" || key == "indent") {
      if (!v.is_string()) {
        return bad_operand(context, 2,
                           "key " + quoted(key) + " failed cast to string: operand " + std::to_string(index) +
                               " must be string but got " + std::string(type_name(v.type())));
      }
      (key == "prefix" ? style.prefix : style.indent) = v.text();
      implied = true;
    } else {
      return bad_operand(context, 2, "object contained unknown key " + quoted(key));
    }
  }
  if (!said) style.pretty = implied;
  std::string out(style.pretty ? style.prefix : "");
  append_json(out, args[0], style);
  return text(context, out);
}

bool unmarshal_json(ValueArena& arena, std::string_view json, Value& out, std::string& error) {
  std::size_t end;
  if (!parse_json(arena, json, out, error, &end)) return false;
  error = trailing_error(arena, json.substr(end));
  return error.empty();
}

Value eval_json_unmarshal(BuiltinContext& context, Args args) {
  if (!check(context, args, 1, Type::kString)) return Value();
  Value v;
  std::string error;
  return unmarshal_json(context.arena(), args[0].text(), v, error) ? v : context.fail(error);
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
  return unescape_url(args[0].text(), true, out, error) ? text(context, out) : context.fail(error);
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
    } else if (unescape_url(pair.substr(0, equals), true, key, error) &&
               unescape_url(pair.substr(std::min(equals + 1, pair.size())), true, value, error)) {
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
  // What Go's RawPath is where it has one: the path as written, unless that is how it would be written anyway.
  add("raw_path", escape_path(uri.path) == uri.raw_path ? uri.path : uri.raw_path);
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

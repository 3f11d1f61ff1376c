// yaml.marshal, yaml.unmarshal and yaml.is_valid. Rules: topdown/encoding.go and OPA's internal/yaml over go-yaml v3.
// Reading is the reader of manifests (validate/document), whose words for booleans are put right afterwards; its
// messages are its own but for flow collections that are not closed. Writing is block style with sorted keys, each
// level by two columns. A text stands plain where it reads back as itself, in double quotes where it would be another
// type, in a literal block where it has lines. Long lines are not folded.
#include <re2/re2.h>

#include <algorithm>
#include <charconv>
#include <cstdio>

#include "policy/rego/builtins/functions.h"
#include "policy/rego/builtins/go_time.h"
#include "policy/rego/builtins/json_text.h"
#include "policy/rego/builtins/operands.h"
#include "policy/value/document_root.h"
#include "policy/value/runes.h"
#include "validate/document/read.h"
#include "validate/document/resolve.h"

namespace kubegate::rego {
namespace {

using document::ScalarType;

// Whether nothing in `text` would mean something else where a plain scalar stands in a block.
bool plain_allowed(std::string_view text) {
  if (text.empty() || text.front() == ' ' || text.back() == ' ' || text.starts_with("---") || text.starts_with("...")) {
    return false;
  }
  if (std::string_view("#,[]{}&*!|>'\"%@`").find(text[0]) != std::string_view::npos) return false;
  if ((text[0] == '-' || text[0] == '?' || text[0] == ':') && (text.size() == 1 || text[1] == ' ')) return false;
  if (text.find(": ") != std::string_view::npos || text.find(" #") != std::string_view::npos || text.back() == ':') {
    return false;
  }
  return true;
}

// What go-yaml writes as it is: no code points past U+FFFF.
bool yaml_printable(std::uint32_t code) {
  return code == '\n' || (code >= 0x20 && code <= 0x7e) || (code >= 0xa0 && code < 0xd800) ||
         (code >= 0xe000 && code < 0xfffe && code != 0xfeff);
}

bool all_printable(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const policy::Rune rune = policy::decode_rune(text.substr(i));
    if (!rune.valid || !yaml_printable(rune.code)) return false;
    i += rune.size;
  }
  return true;
}

// A text in double quotes with YAML's escapes.
void append_escaped(std::string& out, std::string_view text) {
  static constexpr std::pair<std::uint32_t, char> kShort[] = {
      {0, '0'},    {7, 'a'},   {8, 'b'},     {9, 't'},    {10, 'n'},   {11, 'v'},     {12, 'f'},    {13, 'r'},
      {0x1b, 'e'}, {'"', '"'}, {'\\', '\\'}, {0x85, 'N'}, {0xa0, '_'}, {0x2028, 'L'}, {0x2029, 'P'}};
  out += '"';
  for (std::size_t i = 0; i < text.size();) {
    const policy::Rune rune = policy::decode_rune(text.substr(i));
    const auto* brief = std::find_if(std::begin(kShort), std::end(kShort),
                                     [&](const auto& escape) { return escape.first == rune.code; });
    if (brief != std::end(kShort)) {
      out += '\\';
      out += brief->second;
    } else if (yaml_printable(rune.code)) {
      out += text.substr(i, rune.size);
    } else {
      char hex[16];
      const char* form = rune.code <= 0xff ? "\\x%02X" : rune.code <= 0xffff ? "\\u%04X" : "\\U%08X";
      std::snprintf(hex, sizeof hex, form, rune.code);
      out += hex;
    }
    i += rune.size;
  }
  out += '"';
}

// Dates and numbers to the base 60, which plain would be such to some readers.
bool resembles_another_type(std::string_view text) {
  static constexpr std::string_view kTimes[] = {"2006-1-2T15:4:5.999999999Z07:00", "2006-1-2t15:4:5.999999999Z07:00",
                                                "2006-1-2 15:4:5.999999999", "2006-1-2"};
  if (text.empty() || (text[0] != '+' && text[0] != '-' && (text[0] < '0' || text[0] > '9'))) return false;
  Instant instant;
  std::string error;
  if (text.size() > 4 && text[4] == '-' &&
      std::any_of(std::begin(kTimes), std::end(kTimes),
                  [&](std::string_view time) { return parse_time(time, text, instant, error); })) {
    return true;
  }
  static const re2::RE2 base60("[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\\.[0-9_]*)?");
  return text.find(':') != std::string_view::npos && re2::RE2::FullMatch(text, base60);
}

class YamlWriter {
 public:
  std::string write(Value v) {
    value(v, 0, false);
    return std::move(out_);
  }

 private:
  void line(int indent) { out_.append(static_cast<std::size_t>(indent), ' '); }

  // A value behind `key:` or `-`, or at the top (`after` false), to the end of its line.
  void value(Value v, int indent, bool after) {
    if (v.is_collection() && count(v) > 0) {
      if (after) out_ += '\n';
      return v.is_object() ? mapping(v, indent, true) : sequence(v, indent, true);
    }
    if (after) out_ += ' ';
    scalar(v, indent);
    out_ += '\n';
  }

  // `indented` is false where the first line already has what stands before it.
  void mapping(Value v, int indent, bool indented) {
    bool first = true;
    for (Cursor c(v); c.next(); first = false) {
      if (!first || indented) line(indent);
      text(c.key().is_string() ? std::string(c.key().text()) : to_json(c.key()), indent, true);
      out_ += ':';
      value(c.value(), indent + 2, true);
    }
  }

  void sequence(Value v, int indent, bool indented) {
    bool first = true;
    for (Cursor c(v); c.next(); first = false) {
      if (!first || indented) line(indent);
      out_ += '-';
      const Value item = c.value();
      if (item.is_collection() && count(item) > 0) {
        out_ += ' ';
        item.is_object() ? mapping(item, indent + 2, false) : sequence(item, indent + 2, false);
      } else {
        value(item, indent + 2, true);
      }
    }
  }

  void scalar(Value v, int indent) {
    if (v.is_string()) return text(v.text(), indent, false);
    if (v.is_object()) {
      out_ += "{}";
    } else if (v.is_collection()) {
      out_ += "[]";
    } else if (v.is_number() && !v.is_int()) {
      // Through YAML's own reading of the number: integers up to 64 bits, else floats.
      double d = 0;
      std::int64_t i;
      policy::NumberBuffer buffer;
      const std::string_view digits = policy::number_text(v, buffer);
      std::uint64_t large;
      const auto [end, bad] = std::from_chars(digits.data(), digits.data() + digits.size(), large);
      if (bad == std::errc() && end == digits.data() + digits.size()) {
        out_ += digits;
      } else if (digits.starts_with("-0") && digits.size() > 2 && policy::number_to_double(v, d) && d == 0) {
        out_ += "-0";
      } else if (policy::number_to_int64(v, i)) {
        out_ += std::to_string(i);
      } else if (policy::number_to_double(v, d)) {
        policy::append_go_double(out_, d);
      } else {
        out_ += to_json(v);
      }
    } else {
      out_ += to_json(v);
    }
  }

  void text(std::string_view s, int indent, bool key) {
    const bool lines = s.find('\n') != std::string_view::npos;
    if (lines && !key && all_printable(s) && s.find(" \n") == std::string_view::npos && s.back() != ' ') {
      return literal(s, indent);
    }
    const bool same =
        document::resolve(document::Style::kPlain, "", s).type == ScalarType::kString && !resembles_another_type(s);
    if (same && !lines && all_printable(s)) {
      if (plain_allowed(s)) {
        out_ += s;
      } else {
        out_ += '\'';
        for (const char c : s) out_.append(c == '\'' ? 2 : 1, c);
        out_ += '\'';
      }
      return;
    }
    append_escaped(out_, s);
  }

  void literal(std::string_view s, int indent) {
    out_ += '|';
    if (s[0] == ' ' || s[0] == '\n') out_ += '2';
    if (!s.ends_with('\n')) {
      out_ += '-';
    } else if (s.size() == 1 || s[s.size() - 2] == '\n') {
      out_ += '+';
    }
    std::size_t end = s.size() - s.ends_with('\n');
    for (std::size_t begin = 0; begin <= end;) {
      const std::size_t stop = std::min(s.find('\n', begin), end);
      out_ += '\n';
      if (stop > begin) {
        line(std::max(indent, 2));
        out_ += s.substr(begin, stop - begin);
      }
      begin = stop + 1;
    }
  }

  std::string out_;
};

// A flow collection that is not closed, in go-yaml's words; "" when none is found.
std::string unclosed_flow(std::string_view text) {
  std::string open;
  int line = 1;
  bool value = false;  // something stands in the innermost collection
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n') {
      ++line;
    } else if (c == '[' || c == '{') {
      open += c;
      value = false;
    } else if ((c == ']' || c == '}') && !open.empty()) {
      open.pop_back();
      value = true;
    } else if (c == '"' || c == '\'') {
      i = text.find(c, i + 1);
      if (i == std::string_view::npos) return "";
      value = true;
    } else if (c == ',') {
      value = false;
    } else if (c != ' ') {
      value = true;
    }
  }
  if (open.empty()) return "";
  const std::string missing = !value ? "node content" : open.back() == '[' ? "',' or ']'" : "',' or '}'";
  return "yaml: line " + std::to_string(line) + ": did not find expected " + missing;
}

// The first document of the text, all of which must read; what a key says twice is what it says last.
bool read_yaml(std::string_view text, document::Document& out, std::string& error) {
  const std::vector<document::Slice> slices = document::split(text, document::Syntax::kYaml);
  for (std::size_t i = 0; i < slices.size(); ++i) {
    document::Document other;
    document::Document& read = i == 0 ? out : other;
    document::read(slices[i], document::Syntax::kYaml, document::Limits(), read);
    for (const Finding& fault : read.faults()) {
      if (fault.rule == "document/duplicate-key") continue;
      error = unclosed_flow(text);
      if (error.empty()) error = "yaml: " + fault.message;
      return false;
    }
  }
  return true;
}

// The value of a node with the words of YAML 1.1 for booleans (yes, off) as the texts that they are in YAML 1.2.
Value value_of_node(ValueArena& arena, const policy::DocumentRoot& root, document::NodeIndex index) {
  const document::Document& doc = root.document();
  const document::Node& node = doc[index];
  if (node.kind == document::Kind::kBool) {
    const std::string_view text = doc.text(index);
    const char first = text.empty() ? ' ' : static_cast<char>(text[0] | 32);
    return first == 't' || first == 'f' ? Value::boolean(node.boolean) : make_string(arena, text);
  }
  if (!node.is_collection()) return copy_value(arena, root.value_of(index));
  std::vector<Value> items;
  std::vector<Member> members;
  for (document::NodeIndex at = index + 1; at < node.children.end; at = doc.next(at)) {
    if (node.kind == document::Kind::kSequence) {
      items.push_back(value_of_node(arena, root, at));
    } else {
      const Value key = make_string(arena, doc.text(at));
      at = doc.next(at);
      members.push_back({key, value_of_node(arena, root, at)});
    }
  }
  if (node.kind == document::Kind::kSequence) return make_array(arena, items);
  return make_object(arena, members, policy::EqualKeys::kLast);
}

}  // namespace

Value eval_yaml_marshal(BuiltinContext& context, Args args) { return text(context, YamlWriter().write(args[0])); }

bool unmarshal_yaml(ValueArena& arena, std::string_view yaml, Value& out, std::string& error) {
  document::Document doc;
  if (!read_yaml(yaml, doc, error)) return false;
  const policy::DocumentRoot root(doc, policy::NumberMode::kYaml);
  out = doc.empty() ? Value::null() : value_of_node(arena, root, 0);
  return true;
}

Value eval_yaml_unmarshal(BuiltinContext& context, Args args) {
  if (!check(context, args, 1, Type::kString)) return Value();
  Value out;
  std::string error;
  return unmarshal_yaml(context.arena(), args[0].text(), out, error) ? out : context.fail(error);
}

Value eval_yaml_is_valid(BuiltinContext&, Args args) {
  document::Document doc;
  std::string error;
  return Value::boolean(args[0].is_string() && read_yaml(args[0].text(), doc, error));
}

}  // namespace kubegate::rego

// Values as text: JSON as Go's encoding/json prints it, and Rego's own notation.
//
// Violations are read as text, so the bytes must be the ones that OPA's users know; the rules are those of Go's
// encoding/json and strconv.Quote. Tested by tests/policy/rego/builtins/cases/encoding.txt.
#include <algorithm>
#include <cstdint>

#include "policy/value/number.h"
#include "policy/value/runes.h"
#include "policy/value/value.h"

namespace kubegate::policy {
namespace {

constexpr char kHex[] = "0123456789abcdef";

void append_json_string(std::string& out, std::string_view text, bool escape_html) {
  out += '"';
  for (std::size_t i = 0; i < text.size();) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x80) {
      ++i;
      switch (c) {
        case '"': out += "\\\""; continue;
        case '\\': out += "\\\\"; continue;
        case '\b': out += "\\b"; continue;
        case '\f': out += "\\f"; continue;
        case '\n': out += "\\n"; continue;
        case '\r': out += "\\r"; continue;
        case '\t': out += "\\t"; continue;
        default: break;
      }
      if (c < 0x20 || (escape_html && (c == '<' || c == '>' || c == '&'))) {
        out += "\\u00";
        out += kHex[c >> 4];
        out += kHex[c & 15];
      } else {
        out += static_cast<char>(c);
      }
      continue;
    }
    const Rune rune = decode_rune(text.substr(i));
    if (!rune.valid) {
      out += "\\ufffd";
    } else if (rune.code == 0x2028 || rune.code == 0x2029) {
      out += rune.code == 0x2028 ? "\\u2028" : "\\u2029";
    } else {
      out += text.substr(i, rune.size);
    }
    i += rune.size;
  }
  out += '"';
}

void append_number(std::string& out, Value number) {
  NumberBuffer buffer;
  out += number_text(number, buffer);
}

// A value whose parts are shared is small, and yet its text, or one with prefixes and indents, may have any size.
void check_size(const std::string& out) {
  if (out.size() > kMaxText) throw MemoryLimitReached();
}

class JsonPrinter {
 public:
  JsonPrinter(std::string& out, const JsonStyle& style) : out_(out), style_(style) {}

  void print(Value v) {
    switch (v.type()) {
      case Type::kUndefined:
      case Type::kNull: out_ += "null"; return;
      case Type::kBoolean: out_ += v.is_true() ? "true" : "false"; return;
      case Type::kNumber: append_number(out_, v); return;
      case Type::kString: append_json_string(out_, v.text(), style_.escape_html); return;
      case Type::kArray:
      case Type::kSet: return collection(v, '[', ']');
      case Type::kObject: return collection(v, '{', '}');
    }
  }

 private:
  void line() {
    if (!style_.pretty) return;
    check_size(out_);
    out_ += '\n';
    out_ += style_.prefix;
    for (int i = 0; i < depth_; ++i) out_ += style_.indent;
  }

  // An object whose keys are not all texts: in the order of the texts that they become.
  void object_by_text(Value v) {
    std::vector<std::pair<std::string, Value>> members;
    for (Cursor c(v); c.next();) {
      members.emplace_back(c.key().is_string() ? std::string(c.key().text()) : to_json(c.key()), c.value());
    }
    std::stable_sort(members.begin(), members.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    out_ += '{';
    ++depth_;
    bool first = true;
    for (std::size_t i = 0; i < members.size(); ++i) {
      // Of equal texts (1 and "1") the last counts, as in a map.
      if (i + 1 < members.size() && members[i].first == members[i + 1].first) continue;
      member(members[i].first, members[i].second, first);
      first = false;
    }
    --depth_;
    line();
    out_ += '}';
  }

  void member(std::string_view key, Value value, bool first) {
    if (!first) out_ += ',';
    line();
    append_json_string(out_, key, style_.escape_html);
    check_size(out_);
    out_ += style_.pretty ? ": " : ":";
    print(value);
  }

  void collection(Value v, char open, char close) {
    // Keys stand sorted by type, texts last but for collections: the first and the last tell of all.
    if (v.is_object() && count(v) > 0 && !(key_at(v, 0).is_string() && key_at(v, count(v) - 1).is_string())) {
      return object_by_text(v);
    }
    check_size(out_);
    out_ += open;
    ++depth_;
    bool first = true;
    for (Cursor c(v); c.next(); first = false) {
      if (v.is_object()) {
        member(c.key().text(), c.value(), first);
        continue;
      }
      if (!first) out_ += ',';
      line();
      print(c.value());
    }
    --depth_;
    if (!first) line();
    out_ += close;
  }

  std::string& out_;
  const JsonStyle& style_;
  int depth_ = 0;
};

}  // namespace

void append_json(std::string& out, Value value, const JsonStyle& style) { JsonPrinter(out, style).print(value); }

std::string to_json(Value value, const JsonStyle& style) {
  std::string out;
  append_json(out, value, style);
  return out;
}

void append_quoted(std::string& out, std::string_view text) { append_quoted(out, text, '"', false); }

void append_term(std::string& out, Value v) {
  switch (v.type()) {
    case Type::kUndefined: out += "undefined"; return;
    case Type::kNull: out += "null"; return;
    case Type::kBoolean: out += v.is_true() ? "true" : "false"; return;
    case Type::kNumber: append_number(out, v); return;
    case Type::kString: append_quoted(out, v.text()); return;
    default: break;
  }
  if (v.is_set() && count(v) == 0) {
    out += "set()";
    return;
  }
  check_size(out);
  out += v.is_array() ? '[' : '{';
  bool first = true;
  for (Cursor c(v); c.next(); first = false) {
    if (!first) out += ", ";
    if (v.is_object()) {
      append_term(out, c.key());
      out += ": ";
    }
    append_term(out, c.value());
  }
  out += v.is_array() ? ']' : '}';
}

std::string to_term(Value value) {
  std::string out;
  append_term(out, value);
  return out;
}

}  // namespace kubegate::policy

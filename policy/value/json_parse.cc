// JSON as Go reads it: the syntax and the error messages of encoding/json's scanner, numbers kept as written.
//
// json.unmarshal's errors reach users, so the parser is written around the scanner's states: each place that expects
// something says what it was looking for in Go's words. Nesting is bounded as in Go; the parser's own stack is the
// call stack, of which a level takes little. Tested by
// tests/policy/rego/builtins/cases/encoding.txt.
#include <vector>

#include "policy/value/number.h"
#include "policy/value/runes.h"
#include "policy/value/value.h"

namespace kubegate::policy {
namespace {

class Parser {
 public:
  Parser(ValueArena& arena, std::string_view text, std::string& error) : arena_(arena), text_(text), error_(error) {}

  bool parse(Value& out, std::size_t* end) {
    stream_ = end != nullptr;
    skip_space();
    if (at_ == text_.size()) return fail(stream_ ? "EOF" : "unexpected end of JSON input");
    if (!value(out)) return false;
    if (stream_) {
      *end = at_;
      return true;
    }
    skip_space();
    return at_ == text_.size() || unexpected("after top-level value");
  }

 private:
  bool fail(std::string_view message) {
    error_ = message;
    return false;
  }

  // At the end of the text: that is the error, whatever was looked for.
  bool unexpected(std::string_view where) {
    if (at_ >= text_.size()) return fail(stream_ ? "unexpected EOF" : "unexpected end of JSON input");
    error_ = "invalid character ";
    // A byte is quoted as if it were the code point of that number.
    const auto c = static_cast<unsigned char>(text_[at_]);
    if (c == '\'') {
      error_ += "'\\''";
    } else if (c == '"') {
      error_ += "'\"'";
    } else {
      std::string byte, quoted;
      append_rune(byte, c);
      append_quoted(quoted, byte);
      error_ += "'" + quoted.substr(1, quoted.size() - 2) + "'";
    }
    error_ += ' ';
    error_ += where;
    return false;
  }

  void skip_space() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\r' || text_[at_] == '\n')) {
      ++at_;
    }
  }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool digit() const { return at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; }

  bool value(Value& out) {
    switch (peek()) {
      case '{': return object(out);
      case '[': return array(out);
      case '"': {
        std::string_view text;
        if (!string(text)) return false;
        out = Value::string(text);
        return true;
      }
      case 't': out = Value::boolean(true); return word("true");
      case 'f': out = Value::boolean(false); return word("false");
      case 'n': out = Value::null(); return word("null");
      default:
        if (peek() == '-' || digit()) return number(out);
        return unexpected("looking for beginning of value");
    }
  }

  bool word(std::string_view word) {
    for (std::size_t i = 0; i < word.size(); ++i, ++at_) {
      if (at_ < text_.size() && text_[at_] == word[i]) continue;
      return unexpected("in literal " + std::string(word) + " (expecting '" + word[i] + "')");
    }
    return true;
  }

  bool number(Value& out) {
    const std::size_t begin = at_;
    if (peek() == '-') {
      ++at_;
      if (!digit()) return unexpected("in numeric literal");
    }
    if (peek() == '0') {
      ++at_;
    } else {
      while (digit()) ++at_;
    }
    if (peek() == '.') {
      ++at_;
      if (!digit()) return unexpected("after decimal point in numeric literal");
      while (digit()) ++at_;
    }
    if (peek() == 'e' || peek() == 'E') {
      ++at_;
      if (peek() == '+' || peek() == '-') ++at_;
      if (!digit()) return unexpected("in exponent of numeric literal");
      while (digit()) ++at_;
      if (!exponent_fits(text_.substr(begin, at_ - begin))) return fail("invalid number: number too big");
    }
    out = make_number(arena_, text_.substr(begin, at_ - begin));
    return true;
  }

  // Four hexadecimal digits behind `\u`.
  bool code_unit(std::uint32_t& unit) {
    unit = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      const char c = peek();
      const int d = c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
      if (d < 0) return unexpected("in \\u hexadecimal character escape");
      unit = unit * 16 + static_cast<std::uint32_t>(d);
    }
    return true;
  }

  bool escape(std::string& out) {
    ++at_;
    const char c = peek();
    if (c == 'u') {
      ++at_;
      std::uint32_t unit;
      if (!code_unit(unit)) return false;
      if (unit >= 0xd800 && unit < 0xdc00 && text_.substr(at_, 2) == "\\u") {
        const std::size_t back = at_;
        at_ += 2;
        std::uint32_t low;
        if (!code_unit(low)) return false;
        if (low >= 0xdc00 && low < 0xe000) {
          unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
        } else {
          at_ = back;
        }
      }
      append_rune(out, unit);
      return true;
    }
    static constexpr std::string_view kLetters = "\"\\/bfnrt";
    const std::size_t i = at_ < text_.size() ? kLetters.find(c) : std::string_view::npos;
    if (i == std::string_view::npos) return unexpected("in string escape code");
    out += "\"\\/\b\f\n\r\t"[i];
    ++at_;
    return true;
  }

  bool string(std::string_view& out) {
    const std::size_t begin = ++at_;
    // Plain ASCII is copied in one piece.
    while (at_ < text_.size() && static_cast<unsigned char>(text_[at_]) >= 0x20 &&
           static_cast<unsigned char>(text_[at_]) < 0x80 && text_[at_] != '"' && text_[at_] != '\\') {
      ++at_;
    }
    if (peek() == '"' && at_ < text_.size()) {
      out = arena_.copy(text_.substr(begin, at_ - begin));
      ++at_;
      return true;
    }
    std::string decoded(text_.substr(begin, at_ - begin));
    for (;;) {
      if (at_ >= text_.size()) return unexpected("");
      const auto c = static_cast<unsigned char>(text_[at_]);
      if (c == '"') break;
      if (c == '\\') {
        if (!escape(decoded)) return false;
      } else if (c < 0x20) {
        return unexpected("in string literal");
      } else {
        const Rune rune = decode_rune(text_.substr(at_));
        append_rune(decoded, rune.code);
        at_ += rune.size;
      }
    }
    ++at_;
    out = arena_.copy(decoded);
    return true;
  }

  bool enter() { return ++depth_ <= kMaxJsonDepth || fail("exceeded max depth"); }

  bool array(Value& out) {
    if (!enter()) return false;
    ++at_;
    const std::size_t first = values_.size();
    skip_space();
    if (peek() == ']') {
      ++at_;
    } else {
      for (;;) {
        Value item;
        skip_space();
        if (!value(item)) return false;
        values_.push_back(item);
        skip_space();
        if (peek() == ']') break;
        if (peek() != ',') return unexpected("after array element");
        ++at_;
      }
      ++at_;
    }
    --depth_;
    out = make_array(arena_, {values_.data() + first, values_.size() - first});
    values_.resize(first);
    return true;
  }

  bool object(Value& out) {
    if (!enter()) return false;
    ++at_;
    const std::size_t first = members_.size();
    skip_space();
    if (peek() == '}') {
      ++at_;
    } else {
      for (;;) {
        skip_space();
        if (peek() != '"') return unexpected("looking for beginning of object key string");
        std::string_view key;
        if (!string(key)) return false;
        skip_space();
        if (peek() != ':') return unexpected("after object key");
        ++at_;
        skip_space();
        Value item;
        if (!value(item)) return false;
        members_.push_back({Value::string(key), item});
        skip_space();
        if (peek() == '}') break;
        if (peek() != ',') return unexpected("after object key:value pair");
        ++at_;
      }
      ++at_;
    }
    --depth_;
    out = make_object(arena_, {members_.data() + first, members_.size() - first}, EqualKeys::kLast);
    members_.resize(first);
    return true;
  }

  ValueArena& arena_;
  std::string_view text_;
  std::string& error_;
  std::size_t at_ = 0;
  bool stream_ = false;  // one value of several, as json.Decoder reads them
  int depth_ = 0;
  std::vector<Value> values_;    // items of open arrays
  std::vector<Member> members_;  // members of open objects
};

}  // namespace

bool parse_json(ValueArena& arena, std::string_view text, Value& out, std::string& error, std::size_t* end) {
  return Parser(arena, text, error).parse(out, end);
}

}  // namespace kubegate::policy

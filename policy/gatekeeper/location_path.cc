// A scanner of tokens and a parser with one token of look-ahead, over
//
//   path = [ member { "." member } ]      member = key [ "[" key ":" ( "*" | key | digits ) "]" ]
//
// where a key is a word of letters, digits, `_` and `-` that does not begin with a digit, or any text in single or
// double quotes, in which `\` takes the next character as it is. Blanks between tokens do not count.
//
// Tested in tests/policy/gatekeeper/mutation_test.cc.
#include "policy/gatekeeper/location_path.h"

#include <algorithm>
#include <charconv>

namespace kubegate::gatekeeper {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' || c == '-'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// A key, in quotes where it is no word.
void append_key(std::string& out, std::string_view key) {
  if (!key.empty() && !is_digit(key[0]) && std::all_of(key.begin(), key.end(), is_word)) {
    out += key;
    return;
  }
  out += '"';
  for (const char c : key) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
}

struct Token {
  enum class Kind : std::uint8_t { kEnd, kKey, kInteger, kMark, kBad };
  Kind kind = Kind::kEnd;
  char mark = 0;     // kMark: one of . [ ] : *
  std::string text;  // of a key (without quotes and escapes) or an integer; of kBad: what is wrong
  std::size_t begin = 0;
};

class LocationParser {
 public:
  LocationParser(std::string_view text, LocationPath& out, std::string& error)
      : text_(text), out_(out), error_(error) {}

  bool parse() {
    next();
    if (token_.kind == Token::Kind::kEnd) return true;
    while (true) {
      if (!take_key("a field name")) return false;
      out_.steps.push_back({LocationStep::Kind::kMember, std::move(key_), {}});
      if (is_mark('[') && !parse_list()) return false;
      if (out_.steps.size() > kMaxLocationSteps) {
        error_ = "the path has more than " + std::to_string(kMaxLocationSteps) + " steps";
        return false;
      }
      if (token_.kind == Token::Kind::kEnd) return true;
      if (!is_mark('.')) return fail("'.' or the end");
      next();
    }
  }

 private:
  // [key: value]
  bool parse_list() {
    next();
    if (!take_key("the key of a list")) return false;
    LocationStep step{LocationStep::Kind::kList, std::move(key_), {}};
    if (!is_mark(':')) return fail("':'");
    next();
    if (token_.kind == Token::Kind::kKey) {
      step.value = std::move(token_.text);
    } else if (token_.kind == Token::Kind::kInteger) {
      std::int64_t number = 0;
      const char* end = token_.text.data() + token_.text.size();
      if (std::from_chars(token_.text.data(), end, number).ec != std::errc()) return fail("a number below 2^63");
      step.value = number;
    } else if (!is_mark('*')) {
      return fail("a value or '*'");
    }
    next();
    if (!is_mark(']')) return fail("']'");
    next();
    out_.steps.push_back(std::move(step));
    return true;
  }

  bool is_mark(char mark) const { return token_.kind == Token::Kind::kMark && token_.mark == mark; }

  bool take_key(const char* expected) {
    if (token_.kind != Token::Kind::kKey) return fail(expected);
    key_ = std::move(token_.text);
    next();
    return true;
  }

  bool fail(const char* expected) {
    error_ = "column " + std::to_string(token_.begin + 1) + ": ";
    if (token_.kind == Token::Kind::kBad) {
      error_ += token_.text;
    } else {
      error_ += "expected ";
      error_ += expected;
    }
    return false;
  }

  void next() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
    token_ = {};
    token_.begin = at_;
    if (at_ == text_.size()) return;
    const char c = text_[at_];
    if (is_word(c)) {
      token_.kind = is_digit(c) ? Token::Kind::kInteger : Token::Kind::kKey;
      while (at_ < text_.size() && (is_digit(c) ? is_digit(text_[at_]) : is_word(text_[at_]))) ++at_;
      token_.text = text_.substr(token_.begin, at_ - token_.begin);
    } else if (c == '"' || c == '\'') {
      scan_quoted(c);
    } else if (std::string_view(".[]:*").find(c) != std::string_view::npos) {
      token_.kind = Token::Kind::kMark;
      token_.mark = c;
      ++at_;
    } else {
      token_.kind = Token::Kind::kBad;
      token_.text = "a character that stands in quotes alone";
    }
  }

  void scan_quoted(char quote) {
    token_.kind = Token::Kind::kKey;
    for (++at_; at_ < text_.size() && text_[at_] != quote; ++at_) {
      if (text_[at_] == '\\' && ++at_ == text_.size()) break;
      token_.text += text_[at_];
    }
    if (at_ < text_.size()) {
      ++at_;
    } else {
      token_.kind = Token::Kind::kBad;
      token_.text = "the quotes are not closed";
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  Token token_;
  std::string key_;  // that take_key() took
  LocationPath& out_;
  std::string& error_;
};

}  // namespace

bool LocationPath::is_prefix_of(const LocationPath& longer) const {
  return steps.size() <= longer.steps.size() && std::equal(steps.begin(), steps.end(), longer.steps.begin());
}

std::string LocationPath::text(std::size_t count) const {
  std::string out;
  for (std::size_t i = 0; i < std::min(count, steps.size()); ++i) {
    const LocationStep& step = steps[i];
    if (!step.is_list()) {
      if (i > 0) out += '.';
      append_key(out, step.key);
      continue;
    }
    out += '[';
    append_key(out, step.key);
    out += ": ";
    if (const auto* number = std::get_if<std::int64_t>(&step.value)) {
      out += std::to_string(*number);
    } else if (const auto* text = std::get_if<std::string>(&step.value)) {
      append_key(out, *text);
    } else {
      out += '*';
    }
    out += ']';
  }
  return out;
}

bool parse_location(std::string_view text, LocationPath& out, std::string& error) {
  out.steps.clear();
  return LocationParser(text, out, error).parse();
}

}  // namespace kubegate::gatekeeper

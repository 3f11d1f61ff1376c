// The grammar is text/template/parse's: texts and actions between `{{` and `}}`, whose trim marks (`{{- `, ` -}}`) eat
// white space. One pass over the bytes; what opens (if, range, with) is a call of its own, so nesting is bounded there.
//
// Tested in tests/validate/gitops/go_template_test.cc.
#include <algorithm>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cstdlib>

#include "validate/gitops/go_template_parts.h"

namespace kubegate::gitops::go_template {

namespace {

constexpr int kMaxDepth = 100;

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

void append_rune(std::string& out, std::uint32_t rune) {
  if (rune < 0x80) {
    out += static_cast<char>(rune);
  } else if (rune < 0x800) {
    out += static_cast<char>(0xC0 | rune >> 6);
    out += static_cast<char>(0x80 | (rune & 0x3F));
  } else if (rune < 0x10000) {
    out += static_cast<char>(0xE0 | rune >> 12);
    out += static_cast<char>(0x80 | (rune >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (rune & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | rune >> 18);
    out += static_cast<char>(0x80 | (rune >> 12 & 0x3F));
    out += static_cast<char>(0x80 | (rune >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (rune & 0x3F));
  }
}

class Parser {
 public:
  Parser(std::string_view text, std::string& error, bool& unknown) : text_(text), error_(error), unknown_(unknown) {}

  std::vector<Node> parse() {
    std::string end;
    std::vector<Node> nodes = parse_list(0, end);
    if (error_.empty() && !end.empty()) fail("unexpected {{" + end + "}}");
    return nodes;
  }

 private:
  void fail(std::string message) {
    if (error_.empty()) error_ = std::move(message);
  }

  // Up to the action that ends it: `end`, `else` or "" at the end of the text.
  std::vector<Node> parse_list(int depth, std::string& end) {
    std::vector<Node> nodes;
    if (depth > kMaxDepth) fail("the template is nested too deep");
    while (error_.empty()) {
      const std::size_t open = text_.find("{{", at_);
      std::string_view text = text_.substr(at_, open == text_.npos ? text_.npos : open - at_);
      if (trim_next_) text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
      trim_next_ = false;
      if (open == text_.npos) {
        at_ = text_.size();
        add_text(nodes, text);
        end.clear();
        return nodes;
      }
      at_ = open + 2;
      if (at_ + 1 < text_.size() && text_[at_] == '-' && is_space(text_[at_ + 1])) {
        ++at_;
        const std::size_t last = text.find_last_not_of(" \t\r\n");
        text = text.substr(0, last == text.npos ? 0 : last + 1);
      }
      add_text(nodes, text);
      skip_space();
      if (text_.substr(at_, 2) == "/*") {
        const std::size_t close = text_.find("*/", at_ + 2);
        if (close == text_.npos) return fail("unclosed comment"), nodes;
        at_ = close + 2;
        close_action();
        continue;
      }
      const std::string_view word = peek_word();
      if (word == "end" || word == "else") {
        end = word;
        at_ += word.size();
        if (word == "end") close_action();
        return nodes;
      }
      nodes.push_back(parse_action(word, depth));
      if (nodes.back().kind == Node::Kind::kText) nodes.pop_back();
    }
    return nodes;
  }

  static void add_text(std::vector<Node>& nodes, std::string_view text) {
    if (text.empty()) return;
    Node node;
    node.text = text;
    nodes.push_back(std::move(node));
  }

  Node parse_action(std::string_view word, int depth) {
    Node node;
    if (word == "if" || word == "range" || word == "with") {
      at_ += word.size();
      parse_control(node, word, depth);
    } else if (word == "break" || word == "continue") {
      at_ += word.size();
      node.kind = word == "break" ? Node::Kind::kBreak : Node::Kind::kContinue;
      close_action();
    } else if (word == "define" || word == "template" || word == "block") {
      unknown_ = true;
      fail("{{" + std::string(word) + "}} is not expanded here");
    } else {
      node.kind = Node::Kind::kAction;
      node.pipe = parse_pipe(0);
      close_action();
    }
    return node;
  }

  void parse_control(Node& node, std::string_view word, int depth) {
    node.kind = word == "if" ? Node::Kind::kIf : word == "range" ? Node::Kind::kRange : Node::Kind::kWith;
    node.pipe = parse_pipe(0);
    close_action();
    std::string end;
    node.body = parse_list(depth + 1, end);
    if (error_.empty() && end == "else") {
      skip_space();
      const std::string_view next = peek_word();
      if ((next == "if" && node.kind == Node::Kind::kIf) || (next == "with" && node.kind == Node::Kind::kWith)) {
        at_ += next.size();
        Node inner;
        parse_control(inner, next, depth + 1);
        node.otherwise.push_back(std::move(inner));
        return;
      }
      close_action();
      node.otherwise = parse_list(depth + 1, end);
    }
    if (end != "end") fail("unclosed {{" + std::string(word) + "}}");
  }

  void skip_space() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }

  // "}}" or " -}}".
  bool at_close() const {
    return text_.substr(at_, 2) == "}}" || (text_.substr(at_, 3) == "-}}" && at_ > 0 && is_space(text_[at_ - 1]));
  }

  void close_action() {
    skip_space();
    if (!at_close()) {
      return fail(at_ >= text_.size() ? "unclosed action"
                                      : "unexpected \"" + std::string(text_.substr(at_, 1)) + "\" in an action");
    }
    trim_next_ = text_[at_] == '-';
    at_ += trim_next_ ? 3 : 2;
  }

  std::string_view peek_word() const {
    std::size_t end = at_;
    while (end < text_.size() && is_word(text_[end])) ++end;
    return text_.substr(at_, end - at_);
  }

  Pipe parse_pipe(int depth) {
    Pipe pipe;
    if (depth > kMaxDepth) fail("the template is nested too deep");
    parse_declaration(pipe);
    while (error_.empty()) {
      std::vector<Operand> command;
      while (error_.empty()) {
        const std::size_t before = at_;
        skip_space();
        if (at_ >= text_.size()) return fail("unclosed action"), pipe;
        if (at_close() || text_[at_] == '|' || text_[at_] == ')') break;
        if (!command.empty() && before == at_) return fail("operands without a space between them"), pipe;
        command.push_back(parse_operand(depth));
      }
      if (command.empty()) fail("missing value in an action");
      pipe.commands.push_back(std::move(command));
      if (at_ >= text_.size() || text_[at_] != '|') break;
      ++at_;
    }
    for (std::size_t i = 1; i < pipe.commands.size() && error_.empty(); ++i) {
      if (pipe.commands[i].front().kind != Operand::Kind::kFunction) fail("only functions can stand behind |");
    }
    return pipe;
  }

  // `$x :=`, `$i, $x :=` or `$x =`.
  void parse_declaration(Pipe& pipe) {
    skip_space();
    const std::size_t start = at_;
    while (at_ < text_.size() && text_[at_] == '$') {
      ++at_;
      const std::string_view name = peek_word();
      if (name.empty()) break;
      at_ += name.size();
      pipe.variables.emplace_back(name);
      skip_space();
      if (text_.substr(at_, 2) == ":=") {
        at_ += 2;
        pipe.declares = true;
        return;
      }
      if (text_.substr(at_, 1) == "=" && pipe.variables.size() == 1) {
        ++at_;
        return;
      }
      if (text_.substr(at_, 1) != "," || pipe.variables.size() > 1) break;
      ++at_;
      skip_space();
    }
    at_ = start;
    pipe.variables.clear();
  }

  Operand parse_operand(int depth) {
    Operand operand;
    const char c = text_[at_];
    if (c == '.') {
      if (at_ + 1 < text_.size() && is_word(text_[at_ + 1]) &&
          !std::isdigit(static_cast<unsigned char>(text_[at_ + 1]))) {
        parse_fields(operand);
      } else if (at_ + 1 < text_.size() && std::isdigit(static_cast<unsigned char>(text_[at_ + 1]))) {
        parse_number(operand);
      } else {
        ++at_;
      }
      return operand;
    }
    if (c == '$') {
      ++at_;
      operand.kind = Operand::Kind::kVariable;
      operand.name = peek_word();
      at_ += operand.name.size();
    } else if (c == '(') {
      ++at_;
      operand.kind = Operand::Kind::kPipe;
      operand.pipe = std::make_shared<const Pipe>(parse_pipe(depth + 1));
      skip_space();
      if (error_.empty() && text_.substr(at_, 1) != ")") fail("unclosed parenthesis");
      ++at_;
    } else if (c == '"' || c == '`') {
      parse_quoted(operand);
    } else if (c == '\'') {
      parse_character(operand);
    } else if (std::isdigit(static_cast<unsigned char>(c)) || c == '-' || c == '+') {
      parse_number(operand);
    } else if (is_word(c)) {
      parse_name(operand);
    } else {
      fail("unexpected \"" + std::string(1, c) + "\" in an action");
    }
    if (error_.empty()) parse_fields(operand);
    return operand;
  }

  void parse_fields(Operand& operand) {
    while (at_ + 1 < text_.size() && text_[at_] == '.' && is_word(text_[at_ + 1])) {
      ++at_;
      const std::string_view name = peek_word();
      operand.fields.emplace_back(name);
      at_ += name.size();
    }
  }

  void parse_name(Operand& operand) {
    const std::string name(peek_word());
    at_ += name.size();
    operand.kind = Operand::Kind::kLiteral;
    if (name == "true" || name == "false") {
      operand.literal = Value::boolean(name == "true");
    } else if (name == "nil") {
      operand.kind = Operand::Kind::kNil;
    } else {
      operand.kind = Operand::Kind::kFunction;
      operand.name = name;
      if (is_unknown_function(name)) {
        unknown_ = true;
        fail("the function " + name + " is not expanded here");
      } else if (!is_function(name)) {
        fail("function \"" + name + "\" not defined");
      }
    }
  }

  void parse_number(Operand& operand) {
    std::size_t end = at_;
    while (end < text_.size() && (is_word(text_[end]) || text_[end] == '.' ||
                                  ((text_[end] == '-' || text_[end] == '+') &&
                                   (end == at_ || text_[end - 1] == 'e' || text_[end - 1] == 'E')))) {
      ++end;
    }
    std::string digits(text_.substr(at_, end - at_));
    at_ = end;
    digits.erase(std::remove(digits.begin(), digits.end(), '_'), digits.end());
    operand.kind = Operand::Kind::kLiteral;
    const char* first = digits.c_str() + (digits[0] == '+' ? 1 : 0);
    char* rest = nullptr;
    errno = 0;
    const long long integer = std::strtoll(first, &rest, digits.starts_with("0o") ? 8 : 0);
    if (*rest == '\0' && errno == 0) {
      operand.literal = Value::integer(integer);
      return;
    }
    const double number = std::strtod(first, &rest);
    if (*rest != '\0') return fail("bad number " + digits);
    operand.literal = Value::number(number);
  }

  void parse_character(Operand& operand) {
    if (at_ + 2 >= text_.size() || text_[at_ + 1] == '\\' || text_[at_ + 2] != '\'') {
      unknown_ = true;
      return fail("a character of this kind is not expanded here");
    }
    operand.kind = Operand::Kind::kLiteral;
    operand.literal = Value::integer(static_cast<unsigned char>(text_[at_ + 1]));
    at_ += 3;
  }

  void parse_quoted(Operand& operand) {
    const char quote = text_[at_++];
    std::string out;
    for (;; ++at_) {
      if (at_ >= text_.size() || (quote == '"' && text_[at_] == '\n')) return fail("unclosed quotes");
      const char c = text_[at_];
      if (c == quote) break;
      if (c != '\\' || quote == '`') {
        out += c;
        continue;
      }
      if (!parse_escape(out)) return fail("a bad escape in quotes");
    }
    ++at_;
    operand.kind = Operand::Kind::kLiteral;
    operand.literal = Value::text(std::move(out));
  }

  // At a backslash; stops at the last character of the escape.
  bool parse_escape(std::string& out) {
    constexpr std::string_view kLetters = "abfnrtv\\\"", kMeant = "\a\b\f\n\r\t\v\\\"";
    if (++at_ >= text_.size()) return false;
    const std::size_t simple = kLetters.find(text_[at_]);
    if (simple != kLetters.npos) {
      out += kMeant[simple];
      return true;
    }
    const std::size_t digits = text_[at_] == 'x' ? 2 : text_[at_] == 'u' ? 4 : text_[at_] == 'U' ? 8 : 0;
    if (digits == 0 || at_ + digits >= text_.size()) return false;
    std::uint32_t rune = 0;
    const char* first = text_.data() + at_ + 1;
    const auto [end, failed] = std::from_chars(first, first + digits, rune, 16);
    if (failed != std::errc() || end != first + digits || rune > 0x10FFFF) return false;
    if (digits == 2) {
      out += static_cast<char>(rune);
    } else {
      append_rune(out, rune);
    }
    at_ += digits;
    return true;
  }

  const std::string_view text_;
  std::string& error_;
  bool& unknown_;
  std::size_t at_ = 0;
  bool trim_next_ = false;
};

}  // namespace

std::vector<Node> parse(std::string_view text, std::string& error, bool& unknown) {
  return Parser(text, error, unknown).parse();
}

}  // namespace kubegate::gitops::go_template

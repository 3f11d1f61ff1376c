// Tokens of Rego, by the rules of OPA's scanner: the same tokens, the same faults, the same positions. White space is
// a token, for `a [b]` is no reference and a line break may end an expression.
#include "policy/rego/lexer.h"

namespace kubegate::rego {
namespace {

bool is_letter(std::int32_t c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(std::int32_t c) { return c >= '0' && c <= '9'; }

struct Word {
  std::string_view text;
  TokenKind kind;
};

constexpr Word kWords[] = {
    {"package", TokenKind::kPackage}, {"import", TokenKind::kImport},     {"as", TokenKind::kAs},
    {"default", TokenKind::kDefault}, {"else", TokenKind::kElse},         {"not", TokenKind::kNot},
    {"some", TokenKind::kSome},       {"with", TokenKind::kWith},         {"null", TokenKind::kNull},
    {"true", TokenKind::kTrue},       {"false", TokenKind::kFalse},       {"in", TokenKind::kIn},
    {"every", TokenKind::kEvery},     {"contains", TokenKind::kContains}, {"if", TokenKind::kIf},
    {"and", TokenKind::kLogicalAnd},  {"or", TokenKind::kLogicalOr},
};

// Bytes of the character that begins `text`; 0 when it is no UTF-8.
int character_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  const int length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  if (length == 0 || text.size() < static_cast<std::size_t>(length)) return 0;
  for (int i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  if (first == 0xe0 && byte(1) < 0xa0) return 0;   // too long a form
  if (first == 0xed && byte(1) >= 0xa0) return 0;  // half of a surrogate pair
  if (first == 0xf0 && byte(1) < 0x90) return 0;   // too long a form
  if (first == 0xf4 && byte(1) >= 0x90) return 0;  // above U+10FFFF
  return length;
}

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

}  // namespace

std::string_view token_name(TokenKind kind) {
  switch (kind) {
    case TokenKind::kIllegal: return "illegal";
    case TokenKind::kEnd: return "eof";
    case TokenKind::kSpace: return "whitespace";
    case TokenKind::kComment: return "comment";
    case TokenKind::kIdentifier: return "identifier";
    case TokenKind::kNumber: return "number";
    case TokenKind::kString: return "string";
    case TokenKind::kTemplatePart: return "template-string-part";
    case TokenKind::kTemplateEnd: return "template-string-end";
    case TokenKind::kRawTemplatePart: return "raw-template-string-part";
    case TokenKind::kRawTemplateEnd: return "raw-template-string-end";
    case TokenKind::kLeftBracket: return "[";
    case TokenKind::kRightBracket: return "]";
    case TokenKind::kLeftBrace: return "{";
    case TokenKind::kRightBrace: return "}";
    case TokenKind::kLeftParen: return "(";
    case TokenKind::kRightParen: return ")";
    case TokenKind::kComma: return ",";
    case TokenKind::kColon: return ":";
    case TokenKind::kAdd: return "plus";
    case TokenKind::kSub: return "minus";
    case TokenKind::kMul: return "mul";
    case TokenKind::kQuo: return "div";
    case TokenKind::kRem: return "rem";
    case TokenKind::kAnd: return "and";
    case TokenKind::kOr: return "or";
    case TokenKind::kUnify: return "eq";
    case TokenKind::kEqual: return "equal";
    case TokenKind::kAssign: return "assign";
    case TokenKind::kNeq: return "neq";
    case TokenKind::kGt: return "gt";
    case TokenKind::kLt: return "lt";
    case TokenKind::kGte: return "gte";
    case TokenKind::kLte: return "lte";
    case TokenKind::kDot: return ".";
    case TokenKind::kSemicolon: return ";";
    default:
      for (const Word& word : kWords) {
        if (word.kind == kind) return word.text;
      }
      return "";
  }
}

TokenKind keyword_of(std::string_view word) {
  for (const Word& known : kWords) {
    if (known.text == word) return known.kind;
  }
  return TokenKind::kIdentifier;
}

Lexer::Lexer(std::string_view source, std::uint32_t file) : source_(source), file_(file) {
  if (source_.starts_with(kByteOrderMark)) {
    position_.offset = kByteOrderMark.size();
    position_.column = 2;
  }
}

void Lexer::begin(Token& token) {
  error_ = nullptr;
  token.text.clear();
  token.location = {file_, position_.row, position_.column, position_.offset, 0};
}

void Lexer::finish(Token& token) {
  token.location.length = position_.offset - token.location.begin;
  if (error_ != nullptr) token.kind = TokenKind::kIllegal;
}

// The character ahead: ASCII as it is, all others as 0x80.
std::int32_t Lexer::peek() const {
  if (position_.offset >= source_.size()) return kEndOfText;
  const auto byte = static_cast<unsigned char>(source_[position_.offset]);
  return byte < 0x80 ? byte : 0x80;
}

void Lexer::advance() {
  if (position_.offset >= source_.size()) return;
  const char c = source_[position_.offset];
  if (c == '\n') {
    ++position_.offset;
    ++position_.row;
    position_.column = 1;
    return;
  }
  int length = 1;
  if (c == '\0') {
    fault("illegal null character");
  } else if (static_cast<unsigned char>(c) >= 0x80) {
    length = character_length(source_.substr(position_.offset));
    if (length == 0) {
      fault("illegal utf-8 character");
      length = 1;
    } else if (source_.substr(position_.offset).starts_with(kByteOrderMark)) {
      fault("illegal byte-order mark");
    }
  }
  position_.offset += length;
  ++position_.column;
}

bool Lexer::accept(char c) {
  if (peek() != c) return false;
  advance();
  return true;
}

void Lexer::scan_number() {
  while (is_digit(peek())) advance();
  if (accept('.')) {
    if (!is_digit(peek())) fault("expected fraction");
    while (is_digit(peek())) advance();
  }
  if (peek() == 'e' || peek() == 'E') {
    advance();
    if (peek() == '+' || peek() == '-') advance();
    if (!is_digit(peek())) fault("expected exponent");
    while (is_digit(peek())) advance();
  }
  if (is_letter(peek())) {
    fault("illegal number format");
    while (is_letter(peek()) || is_digit(peek())) advance();
  }
}

// What stands behind a backslash.
void Lexer::scan_escape() {
  switch (peek()) {
    case '\\':
    case '"':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't': advance(); break;
    case 'u':
      for (int i = 0; i < 4; ++i) advance();
      break;
    default: fault("illegal escape sequence");
  }
}

void Lexer::scan_string() {
  while (true) {
    const std::int32_t c = peek();
    if (c == '\n' || c == kEndOfText) return fault("non-terminated string");
    advance();
    if (c == '"') return;
    if (c == '\\') scan_escape();
  }
}

void Lexer::scan_raw_string() {
  while (true) {
    if (peek() == kEndOfText) return fault("non-terminated string");
    if (accept('`')) return;
    advance();
  }
}

void Lexer::scan_template(Token& token, bool raw) {
  token.kind = raw ? TokenKind::kRawTemplatePart : TokenKind::kTemplatePart;
  std::uint32_t from = position_.offset;
  const auto keep = [&](std::uint32_t end) { token.text.append(source_.substr(from, end - from)); };
  while (true) {
    const std::int32_t c = peek();
    if (c == kEndOfText || (c == '\n' && !raw)) return fault("non-terminated string");
    const std::uint32_t at = position_.offset;
    advance();
    if (c == (raw ? '`' : '"')) {
      token.kind = raw ? TokenKind::kRawTemplateEnd : TokenKind::kTemplateEnd;
      return keep(at);
    }
    if (c == '{') return keep(at);
    if (c != '\\') continue;
    if (peek() == '{') {
      keep(at);
      from = position_.offset;
      advance();
    } else if (!raw) {
      scan_escape();
    }
  }
}

void Lexer::next_template(bool raw, Token& token, const char*& error) {
  begin(token);
  scan_template(token, raw);
  finish(token);
  error = error_;
}

void Lexer::next(Keywords keywords, Token& token, const char*& error) {
  begin(token);
  const std::uint32_t start = position_.offset;
  const auto text = [&] { return source_.substr(start, position_.offset - start); };
  const std::int32_t c = peek();
  if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
    advance();
    token.kind = TokenKind::kSpace;
    token.text = text();
  } else if (is_letter(c)) {
    while (is_letter(peek()) || is_digit(peek())) advance();
    token.text = text();
    const TokenKind word = keyword_of(token.text);
    const bool on = word != TokenKind::kIdentifier && (keywords & keyword_bit(word)) != 0;
    token.kind = on ? word : TokenKind::kIdentifier;
  } else if (is_digit(c)) {
    scan_number();
    token.kind = TokenKind::kNumber;
    token.text = text();
  } else {
    advance();
    switch (c) {
      case kEndOfText:
        // OPA's scanner stays in the column of the last character: 0 behind the end of a line.
        token.kind = TokenKind::kEnd;
        --token.location.column;
        break;
      case '#':
        while (peek() != '\n' && peek() != kEndOfText) advance();
        token.kind = TokenKind::kComment;
        token.text = text().substr(1);
        if (token.text.ends_with('\r')) token.text.pop_back();
        break;
      case '"':
        scan_string();
        token.kind = TokenKind::kString;
        token.text = text();
        break;
      case '`':
        scan_raw_string();
        token.kind = TokenKind::kString;
        token.text = text();
        break;
      case '[': token.kind = TokenKind::kLeftBracket; break;
      case ']': token.kind = TokenKind::kRightBracket; break;
      case '{': token.kind = TokenKind::kLeftBrace; break;
      case '}': token.kind = TokenKind::kRightBrace; break;
      case '(': token.kind = TokenKind::kLeftParen; break;
      case ')': token.kind = TokenKind::kRightParen; break;
      case ',': token.kind = TokenKind::kComma; break;
      case ':': token.kind = accept('=') ? TokenKind::kAssign : TokenKind::kColon; break;
      case '+': token.kind = TokenKind::kAdd; break;
      case '-': token.kind = TokenKind::kSub; break;
      case '*': token.kind = TokenKind::kMul; break;
      case '/': token.kind = TokenKind::kQuo; break;
      case '%': token.kind = TokenKind::kRem; break;
      case '&': token.kind = TokenKind::kAnd; break;
      case '|': token.kind = TokenKind::kOr; break;
      case '=': token.kind = accept('=') ? TokenKind::kEqual : TokenKind::kUnify; break;
      case '>': token.kind = accept('=') ? TokenKind::kGte : TokenKind::kGt; break;
      case '<': token.kind = accept('=') ? TokenKind::kLte : TokenKind::kLt; break;
      case '!':
        token.kind = TokenKind::kNeq;
        if (!accept('=')) fault("illegal ! character");
        break;
      case ';': token.kind = TokenKind::kSemicolon; break;
      case '.': token.kind = TokenKind::kDot; break;
      case '$':
        if (accept('"')) {
          scan_template(token, false);
        } else if (accept('`')) {
          scan_template(token, true);
        } else {
          fault("illegal $ character");
        }
        break;
      default: token.kind = TokenKind::kIllegal;
    }
  }
  finish(token);
  error = error_;
}

}  // namespace kubegate::rego

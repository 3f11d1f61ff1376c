// The lexer of Rego: one token at a time, from any place.
//
// The parser goes back and tries again, and what a word means depends on the keywords that the module has imported so
// far; therefore tokens are made on demand from a small state that can be copied and put back.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "policy/rego/error.h"

namespace kubegate::rego {

enum class TokenKind : std::uint8_t {
  kIllegal,
  kEnd,
  kSpace,    // one white-space character
  kComment,  // text: behind the '#'
  kIdentifier,
  kPackage,
  kImport,
  kAs,
  kDefault,
  kElse,
  kNot,
  kSome,
  kWith,
  kNull,
  kTrue,
  kFalse,
  kIn,
  kEvery,
  kContains,
  kIf,
  kLogicalAnd,
  kLogicalOr,
  kNumber,
  kString,           // text: with its quotes
  kTemplatePart,     // $" or } up to an opening brace; text: what stands between, `\{` as `{`
  kTemplateEnd,      // the same up to the closing quote
  kRawTemplatePart,  // with backticks
  kRawTemplateEnd,
  kLeftBracket,
  kRightBracket,
  kLeftBrace,
  kRightBrace,
  kLeftParen,
  kRightParen,
  kComma,
  kColon,
  kAdd,
  kSub,
  kMul,
  kQuo,
  kRem,
  kAnd,
  kOr,
  kUnify,
  kEqual,
  kAssign,
  kNeq,
  kGt,
  kLt,
  kGte,
  kLte,
  kDot,
  kSemicolon,
};

// The token's name in messages; of an operator also the name of the built-in that it calls. Rule: OPA's tokens.go.
std::string_view token_name(TokenKind kind);

// Keywords are known by their bit. Those of v0 are always on.
using Keywords = std::uint32_t;
constexpr Keywords keyword_bit(TokenKind kind) { return Keywords{1} << static_cast<int>(kind); }
inline constexpr Keywords kV0Keywords =
    keyword_bit(TokenKind::kPackage) | keyword_bit(TokenKind::kImport) | keyword_bit(TokenKind::kAs) |
    keyword_bit(TokenKind::kDefault) | keyword_bit(TokenKind::kElse) | keyword_bit(TokenKind::kNot) |
    keyword_bit(TokenKind::kSome) | keyword_bit(TokenKind::kWith) | keyword_bit(TokenKind::kNull) |
    keyword_bit(TokenKind::kTrue) | keyword_bit(TokenKind::kFalse);
inline constexpr Keywords kV1Keywords = keyword_bit(TokenKind::kIn) | keyword_bit(TokenKind::kEvery) |
                                        keyword_bit(TokenKind::kContains) | keyword_bit(TokenKind::kIf);
// Of Rego to come, to be imported in v1 too: `and`, `or`.
inline constexpr Keywords kLogicalKeywords = keyword_bit(TokenKind::kLogicalAnd) | keyword_bit(TokenKind::kLogicalOr);

// The keyword that `word` is when all are on; kIdentifier when none.
TokenKind keyword_of(std::string_view word);

struct Token {
  TokenKind kind = TokenKind::kEnd;
  Location location;
  std::string text;
};

class Lexer {
 public:
  struct Position {
    std::uint32_t offset = 0;
    std::uint32_t row = 1;
    std::uint32_t column = 1;
  };

  Lexer(std::string_view source, std::uint32_t file);

  // The next token. `error` is the first fault inside it, static text or null; the token is kIllegal then.
  void next(Keywords keywords, Token& token, const char*& error);
  // The rest of a template string, right behind the brace that closed an expression.
  void next_template(bool raw, Token& token, const char*& error);

  const Position& position() const { return position_; }
  void set_position(const Position& position) { position_ = position; }

 private:
  static constexpr std::int32_t kEndOfText = -1;

  void begin(Token& token);
  void finish(Token& token);
  std::int32_t peek() const;
  void advance();
  void fault(const char* message) {
    if (error_ == nullptr) error_ = message;
  }
  bool accept(char c);
  void scan_number();
  void scan_escape();
  void scan_string();
  void scan_raw_string();
  void scan_template(Token& token, bool raw);

  std::string_view source_;
  std::uint32_t file_;
  Position position_;
  const char* error_ = nullptr;
};

}  // namespace kubegate::rego

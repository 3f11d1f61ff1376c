// Terms of one token: numbers and strings; and template strings, which hold expressions between the parts of a text.
#include <algorithm>
#include <cstdlib>

#include "policy/rego/parse_state.h"

namespace kubegate::rego {
namespace {

void append_utf8(std::string& out, std::uint32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xc0 | c >> 6);
    out += static_cast<char>(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xe0 | c >> 12);
    out += static_cast<char>(0x80 | (c >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (c & 0x3f));
  } else {
    out += static_cast<char>(0xf0 | c >> 18);
    out += static_cast<char>(0x80 | (c >> 12 & 0x3f));
    out += static_cast<char>(0x80 | (c >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (c & 0x3f));
  }
}

bool read_hex(std::string_view text, std::uint32_t& out) {
  if (text.size() < 4) return false;
  out = 0;
  for (const char c : text.substr(0, 4)) {
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) return false;
    out = out << 4 | static_cast<std::uint32_t>(digit);
  }
  return true;
}

// The inside of a JSON string. Halves of surrogate pairs that stand alone become U+FFFD, as Go has it.
bool unescape(std::string_view text, std::string& out) {
  out.clear();
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (static_cast<unsigned char>(text[i]) < 0x20) return false;
    if (text[i] != '\\') {
      out += text[i];
      continue;
    }
    if (++i == text.size()) return false;
    switch (text[i]) {
      case '"':
      case '\\':
      case '/': out += text[i]; break;
      case 'b': out += '\b'; break;
      case 'f': out += '\f'; break;
      case 'n': out += '\n'; break;
      case 'r': out += '\r'; break;
      case 't': out += '\t'; break;
      case 'u': {
        std::uint32_t c;
        if (!read_hex(text.substr(i + 1), c)) return false;
        i += 4;
        if (c >= 0xd800 && c < 0xdc00 && text.substr(i + 1).starts_with("\\u")) {
          std::uint32_t low;
          if (read_hex(text.substr(i + 3), low) && low >= 0xdc00 && low < 0xe000) {
            c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
            i += 6;
          }
        }
        append_utf8(out, c >= 0xd800 && c < 0xe000 ? 0xfffd : c);
        break;
      }
      default: return false;
    }
  }
  return true;
}

}  // namespace

Term* Parser::parse_number() {
  const Location place = here();
  std::string text;
  if (kind() == TokenKind::kSub) {
    text = "-";
    scan();
    if (!at({TokenKind::kNumber, TokenKind::kDot})) {
      illegal("expected number");
      return nullptr;
    }
  }
  bool fraction = false;
  if (kind() == TokenKind::kDot) {
    text += ".";
    fraction = true;
    scan();
    if (kind() != TokenKind::kNumber) {
      illegal("expected number");
      return nullptr;
    }
  }
  const std::string& digits = state_.token.text;
  if (!fraction && digits.size() > 1 && digits[0] == '0' && digits[1] != '.' && digits[1] != 'e' && digits[1] != 'E') {
    illegal("expected number without leading zero");
    return nullptr;
  }
  if (fraction && digits.find('.') != std::string::npos) {
    illegal("invalid float");
    return nullptr;
  }
  text += digits;
  // OPA bounds the binary exponent by 1e5; here its decimal counterpart.
  const std::size_t e = text.find_first_of("eE");
  const std::size_t mantissa = std::min(e, text.size());
  if (text.find_first_of("123456789") < mantissa) {
    const long exponent = e == std::string::npos ? 0 : std::strtol(text.c_str() + e + 1, nullptr, 10);
    const std::size_t whole = std::min(text.find('.'), mantissa);
    if (exponent > 200000 || exponent < -200000 || exponent + static_cast<long>(whole) > 30103 || exponent < -30103) {
      error(here(), "number too big");
      return nullptr;
    }
  }
  return ast_.number(std::move(text), span(place, place.begin, state_.token_end));
}

Term* Parser::parse_string() {
  const std::string& text = state_.token.text;
  if (text.size() < 2) return nullptr;
  const std::string inner = text.substr(1, text.size() - 2);
  if (text[0] == '`') return ast_.string(inner, here());
  std::string decoded;
  if (!unescape(inner, decoded)) {
    error(here(), "illegal string literal: " + text);
    return nullptr;
  }
  return ast_.string(std::move(decoded), here());
}

Term* Parser::parse_template(bool raw) {
  const Location place = here();
  Term* out = ast_.term(TermKind::kTemplateString, place);
  out->raw = raw;
  while (true) {
    std::string text;
    if (raw) {
      text = state_.token.text;
    } else if (!unescape(state_.token.text, text)) {
      error(here(), "illegal template-string part: " + std::string(ast_.text(here())));
      return nullptr;
    }
    if (!text.empty()) out->parts.push_back({ast_.string(std::move(text), here()), nullptr});
    if (at({TokenKind::kTemplateEnd, TokenKind::kRawTemplateEnd})) break;
    if (!at({TokenKind::kTemplatePart, TokenKind::kRawTemplatePart})) {
      illegal("expected template-string part");
      return nullptr;
    }
    const std::size_t comments = comments_.size();
    scan();
    const bool commented = comments_.size() != comments;
    Expr* expr = parse_literal();
    if (expr == nullptr) {
      error(here(), "invalid template-string expression");
      return nullptr;
    }
    const auto refuse = [&](std::string message) {
      error(expr->location, std::move(message) + " in template-string expression");
      return nullptr;
    };
    if (expr->negated) return refuse("unexpected negation ('not')");
    if (expr->is_call_of("eq")) return refuse("unexpected unification ('=')");
    if (expr->is_call_of("assign")) return refuse("unexpected assignment (':=')");
    if (expr->kind == ExprKind::kEvery) return refuse("unexpected 'every'");
    if (expr->kind == ExprKind::kSome) return refuse("unexpected 'some'");
    if (expr->kind == ExprKind::kAnd) return refuse("unexpected 'and'");
    if (expr->kind == ExprKind::kOr) return refuse("unexpected 'or'");
    if (expr->kind == ExprKind::kTerm && expr->with.empty() && expr->terms[0]->is_scalar() && !commented) {
      out->parts.push_back({expr->terms[0], nullptr});
    } else {
      out->parts.push_back({nullptr, expr});
    }
    if (kind() != TokenKind::kRightBrace) {
      error(here(), "expected } to end template string expression");
      return nullptr;
    }
    scan(false, true, raw);
  }
  out->location = span(place, place.begin, state_.token_end);
  return out;
}

}  // namespace kubegate::rego

// The tree as text, and the order of terms.
//
// Messages quote terms and expressions; tests compare trees by their text. The order decides how sets and objects are
// shown, and where two rules, refs or constants are the same.
#include <algorithm>
#include <cstdlib>

#include "policy/rego/ast.h"

namespace kubegate::rego {
namespace {

// Null < false < true < number < string < var < ref < array < object < set < comprehensions < call < template.
// Rule: ast.sortOrder.
int rank(TermKind kind) {
  switch (kind) {
    case TermKind::kNull: return 0;
    case TermKind::kBool: return 1;
    case TermKind::kNumber: return 2;
    case TermKind::kString: return 3;
    case TermKind::kTemplateString: return 4;
    case TermKind::kVar: return 5;
    case TermKind::kRef: return 6;
    case TermKind::kArray: return 7;
    case TermKind::kObject: return 8;
    case TermKind::kSet: return 9;
    case TermKind::kArrayComprehension: return 10;
    case TermKind::kObjectComprehension: return 11;
    case TermKind::kSetComprehension: return 12;
    case TermKind::kCall: return 13;
  }
  return 14;
}

int sign(int n) { return n < 0 ? -1 : n > 0 ? 1 : 0; }

// A number text as digits d1 d2 … without zeros at either end and the exponent e: 0.d1d2… × 10^e.
struct Decimal {
  bool negative = false;
  std::string digits;  // empty: zero
  long exponent = 0;

  explicit Decimal(std::string_view text) {
    if (text.starts_with('-')) {
      negative = true;
      text.remove_prefix(1);
    }
    const std::size_t e = text.find_first_of("eE");
    if (e != std::string_view::npos) {
      exponent = std::strtol(std::string(text.substr(e + 1)).c_str(), nullptr, 10);
      text = text.substr(0, e);
    }
    const std::size_t dot = std::min(text.find('.'), text.size());
    exponent += static_cast<long>(dot);
    digits = text.substr(0, dot);
    if (dot < text.size()) digits += text.substr(dot + 1);
    const std::size_t first = digits.find_first_not_of('0');
    if (first == std::string::npos) {
      digits.clear();
      exponent = 0;
      negative = false;
      return;
    }
    digits.erase(0, first);
    exponent -= static_cast<long>(first);
    digits.erase(digits.find_last_not_of('0') + 1);
  }
};

int compare_numbers(std::string_view a, std::string_view b) {
  if (a == b) return 0;
  const Decimal x(a), y(b);
  if (x.negative != y.negative) return x.negative ? -1 : 1;
  int order;
  if (x.digits.empty() || y.digits.empty()) {
    order = sign(static_cast<int>(!x.digits.empty()) - static_cast<int>(!y.digits.empty()));
  } else if (x.exponent != y.exponent) {
    order = x.exponent < y.exponent ? -1 : 1;
  } else {
    order = sign(x.digits.compare(y.digits));
  }
  return x.negative ? -order : order;
}

std::vector<const Term*> sorted(const std::vector<Term*>& terms) {
  std::vector<const Term*> out(terms.begin(), terms.end());
  std::sort(out.begin(), out.end(), [](const Term* a, const Term* b) { return compare(a, b) < 0; });
  out.erase(std::unique(out.begin(), out.end(), [](const Term* a, const Term* b) { return compare(a, b) == 0; }),
            out.end());
  return out;
}

// Keys and values of an object by the order of its keys.
std::vector<const Term*> sorted_pairs(const std::vector<Term*>& terms) {
  std::vector<std::pair<const Term*, const Term*>> pairs;
  for (std::size_t i = 0; i + 1 < terms.size(); i += 2) pairs.emplace_back(terms[i], terms[i + 1]);
  std::stable_sort(pairs.begin(), pairs.end(), [](auto& a, auto& b) { return compare(a.first, b.first) < 0; });
  std::vector<const Term*> out;
  for (auto& [key, value] : pairs) {
    out.push_back(key);
    out.push_back(value);
  }
  return out;
}

template <class T>
int compare_lists(const T& a, const T& b) {
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
    if (const int order = compare(a[i], b[i])) return order;
  }
  return a.size() < b.size() ? -1 : a.size() > b.size() ? 1 : 0;
}

int compare_objects(const Term* a, const Term* b) {
  const auto x = sorted_pairs(a->terms), y = sorted_pairs(b->terms);
  for (std::size_t i = 0; i + 1 < x.size() && i + 1 < y.size(); i += 2) {
    if (const int order = compare(x[i], y[i])) return order;
  }
  if (x.size() != y.size()) return x.size() < y.size() ? -1 : 1;
  return compare_lists(x, y);
}

int compare_optional(const Term* a, const Term* b) {
  if (a == nullptr || b == nullptr) return static_cast<int>(a != nullptr) - static_cast<int>(b != nullptr);
  return compare(a, b);
}

}  // namespace

int compare(const Term* a, const Term* b) {
  if (a == b) return 0;
  if (const int order = rank(a->kind) - rank(b->kind)) return sign(order);
  switch (a->kind) {
    case TermKind::kNull: return 0;
    case TermKind::kBool: return static_cast<int>(a->boolean) - static_cast<int>(b->boolean);
    case TermKind::kNumber: return compare_numbers(a->text, b->text);
    case TermKind::kString:
    case TermKind::kVar: return sign(a->text.compare(b->text));
    case TermKind::kSet: return compare_lists(sorted(a->terms), sorted(b->terms));
    case TermKind::kObject: return compare_objects(a, b);
    case TermKind::kTemplateString:
      for (std::size_t i = 0; i < a->parts.size() && i < b->parts.size(); ++i) {
        if (const int order = compare_optional(a->parts[i].text, b->parts[i].text)) return order;
        if (a->parts[i].expr == nullptr || b->parts[i].expr == nullptr) continue;
        if (const int order = compare(a->parts[i].expr, b->parts[i].expr)) return order;
      }
      return sign(static_cast<int>(a->parts.size()) - static_cast<int>(b->parts.size()));
    default: break;
  }
  if (const int order = compare_lists(a->terms, b->terms)) return order;
  return compare_lists(a->body, b->body);
}

int compare(const Ref& a, const Ref& b) { return compare_lists(a, b); }
int compare(const Body& a, const Body& b) { return compare_lists(a, b); }

int compare(const Expr* a, const Expr* b) {
  if (a->index != b->index) return a->index < b->index ? -1 : 1;
  if (a->kind != b->kind) return a->kind < b->kind ? -1 : 1;
  if (a->negated != b->negated) return a->negated ? 1 : -1;
  if (const int order = compare_lists(a->terms, b->terms)) return order;
  if (const int order = compare_optional(a->key, b->key)) return order;
  if (const int order = compare_optional(a->value, b->value)) return order;
  if (const int order = compare_optional(a->domain, b->domain)) return order;
  for (std::size_t i = 0; i < a->operands.size() && i < b->operands.size(); ++i) {
    if (const int order = compare(a->operands[i], b->operands[i])) return order;
  }
  for (std::size_t i = 0; i < a->with.size() && i < b->with.size(); ++i) {
    if (const int order = compare(a->with[i].target, b->with[i].target)) return order;
    if (const int order = compare(a->with[i].value, b->with[i].value)) return order;
  }
  return sign(static_cast<int>(a->with.size()) - static_cast<int>(b->with.size()));
}

std::string quote(std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\t': out += "\\t"; break;
      case '\r': out += "\\r"; break;
      case '\a': out += "\\a"; break;
      case '\b': out += "\\b"; break;
      case '\f': out += "\\f"; break;
      case '\v': out += "\\v"; break;
      default:
        if (byte < 0x20 || byte == 0x7f) {
          out += "\\x";
          out += kHex[byte >> 4];
          out += kHex[byte & 15];
        } else {
          out += c;
        }
    }
  }
  return out += '"';
}

namespace {

bool is_plain_step(std::string_view text) {
  if (text.empty()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    if (!letter && (i == 0 || c < '0' || c > '9')) return false;
  }
  return true;
}

std::string var_name(std::string_view name) { return std::string(is_wildcard(name) ? "_" : name); }

template <class T>
std::string join(const T& items, std::size_t first = 0) {
  std::string out;
  for (std::size_t i = first; i < items.size(); ++i) {
    if (i > first) out += ", ";
    out += to_string(items[i]);
  }
  return out;
}

std::string join_pairs(const std::vector<const Term*>& terms) {
  std::string out;
  for (std::size_t i = 0; i + 1 < terms.size(); i += 2) {
    if (i > 0) out += ", ";
    out += to_string(terms[i]) + ": " + to_string(terms[i + 1]);
  }
  return out;
}

std::string call_text(const std::vector<Term*>& terms) { return to_string(terms[0]) + "(" + join(terms, 1) + ")"; }

// Relations and assignments are shown between their operands, all other calls before them. Rule: Expr.String.
std::string_view infix_of(const Expr* expr) {
  if (expr->kind != ExprKind::kCall || expr->terms.size() != 3) return {};
  static constexpr std::pair<std::string_view, std::string_view> kInfix[] = {
      {"eq", "="}, {"assign", ":="}, {"equal", "=="}, {"neq", "!="},
      {"lt", "<"}, {"gt", ">"},      {"lte", "<="},   {"gte", ">="}};
  for (auto& [name, infix] : kInfix) {
    if (expr->is_call_of(name)) return infix;
  }
  return {};
}

std::string template_text(const Term* term) {
  std::string out = term->raw ? "$`" : "$\"";
  for (const Term::Part& part : term->parts) {
    if (part.expr != nullptr) {
      out += "{" + to_string(part.expr) + "}";
    } else if (part.text->is_string()) {
      std::string text = term->raw ? part.text->text : quote(part.text->text);
      if (!term->raw) text = text.substr(1, text.size() - 2);
      for (const char c : text) {
        if (c == '{') out += '\\';
        out += c;
      }
    } else {
      out += "{" + to_string(part.text) + "}";
    }
  }
  return out += term->raw ? '`' : '"';
}

}  // namespace

std::string to_string(const Ref& ref) {
  std::string out = ref.empty() ? "" : ref[0]->is_var() ? var_name(ref[0]->text) : to_string(ref[0]);
  for (std::size_t i = 1; i < ref.size(); ++i) {
    if (ref[i]->is_string() && is_plain_step(ref[i]->text)) {
      out += "." + ref[i]->text;
    } else {
      out += "[" + to_string(ref[i]) + "]";
    }
  }
  return out;
}

std::string to_string(const Term* term) {
  switch (term->kind) {
    case TermKind::kNull: return "null";
    case TermKind::kBool: return term->boolean ? "true" : "false";
    case TermKind::kNumber: return term->text;
    case TermKind::kString: return quote(term->text);
    case TermKind::kVar: return var_name(term->text);
    case TermKind::kRef: return to_string(term->terms);
    case TermKind::kArray: return "[" + join(term->terms) + "]";
    case TermKind::kObject: return "{" + join_pairs(sorted_pairs(term->terms)) + "}";
    case TermKind::kSet: return term->terms.empty() ? "set()" : "{" + join(sorted(term->terms)) + "}";
    case TermKind::kArrayComprehension: return "[" + to_string(term->terms[0]) + " | " + to_string(term->body) + "]";
    case TermKind::kSetComprehension: return "{" + to_string(term->terms[0]) + " | " + to_string(term->body) + "}";
    case TermKind::kObjectComprehension:
      return "{" + to_string(term->terms[0]) + ": " + to_string(term->terms[1]) + " | " + to_string(term->body) + "}";
    case TermKind::kCall: return call_text(term->terms);
    case TermKind::kTemplateString: return template_text(term);
  }
  return "";
}

std::string to_string(const Expr* expr) {
  std::string out = expr->negated ? "not " : "";
  switch (expr->kind) {
    case ExprKind::kTerm: out += to_string(expr->terms[0]); break;
    case ExprKind::kCall:
      if (const std::string_view infix = infix_of(expr); !infix.empty()) {
        out += to_string(expr->terms[1]) + " ";
        out.append(infix).append(" ") += to_string(expr->terms[2]);
      } else {
        out += call_text(expr->terms);
      }
      break;
    case ExprKind::kSome:
      out += "some ";
      if (const Term* call = expr->terms[0]; call->kind == TermKind::kCall) {
        const bool keyed = call->terms.size() == 4;
        if (keyed) out += to_string(call->terms[1]) + ", ";
        out += to_string(call->terms[keyed ? 2 : 1]) + " in " + to_string(call->terms.back());
      } else {
        out += join(expr->terms);
      }
      break;
    case ExprKind::kEvery:
      out += "every ";
      if (expr->key != nullptr) out += to_string(expr->key) + ", ";
      out += to_string(expr->value) + " in " + to_string(expr->domain) + " { " + to_string(expr->body()) + " }";
      break;
    case ExprKind::kAnd:
    case ExprKind::kOr:
      out += "{ " + to_string(expr->operands[0]) + (expr->kind == ExprKind::kAnd ? " } and { " : " } or { ") +
             to_string(expr->operands[1]) + " }";
      break;
    case ExprKind::kBody: out += "{ " + to_string(expr->body()) + " }"; break;
  }
  for (const With& with : expr->with) out += " with " + to_string(with.target) + " as " + to_string(with.value);
  return out;
}

std::string to_string(const Body& body) {
  std::string out;
  for (const Expr* expr : body) {
    if (!out.empty()) out += "; ";
    out += to_string(expr);
  }
  return out;
}

std::string to_string(const Head& head) {
  std::string out = to_string(head.reference);
  if (head.is_function) out += "(" + join(head.args) + ")";
  if (head.value == nullptr && head.key != nullptr) return out + " contains " + to_string(head.key);
  if (head.value != nullptr) out += (head.assign ? " := " : " = ") + to_string(head.value);
  return out;
}

std::string to_string(const Rule* rule) {
  std::string out = rule->is_default ? "default " : "";
  out += to_string(rule->head);
  if (!rule->is_default) out += " if { " + to_string(rule->body) + " }";
  for (const Rule* branch = rule->otherwise; branch != nullptr; branch = branch->otherwise) {
    out += " else";
    if (branch->head.value != nullptr) out += (branch->head.assign ? " := " : " = ") + to_string(branch->head.value);
    out += " if { " + to_string(branch->body) + " }";
  }
  return out;
}

std::string to_string(const Module* module) {
  // The package is shown as written, without `data`.
  Ref path(module->package.begin() + (module->package.size() > 1 ? 1 : 0), module->package.end());
  std::string out = "package " + path[0]->text + to_string(path).substr(to_string(path[0]).size()) + "\n";
  for (const Import* import : module->imports) {
    out += "import " + to_string(import->path);
    if (!import->alias.empty()) out += " as " + import->alias;
    out += "\n";
  }
  for (const Rule* rule : module->rules) out += to_string(rule) + "\n";
  return out;
}

}  // namespace kubegate::rego

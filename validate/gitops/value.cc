// Tested in tests/validate/gitops/go_template_test.cc.
#include "validate/gitops/value.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "validate/document/read.h"

namespace kubegate::gitops {

namespace {

using document::Document;
using document::Kind;
using document::NodeIndex;

// The digits of a double as strconv 'e' has them with the shortest precision: "1.5e+06".
std::string exponent_form(double number) {
  char buffer[40];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, number, std::chars_format::scientific).ptr;
  return {buffer, end};
}

int exponent_of(const std::string& form) { return std::atoi(form.c_str() + form.find('e') + 1); }

std::string plain_form(double number) {
  char buffer[400];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, number, std::chars_format::fixed).ptr;
  return {buffer, end};
}

// strconv.FormatFloat(number, 'g', -1, 64), whose exponents begin at 21 in JSON and at 6 everywhere else.
std::string float_text(double number, int least, int most) {
  if (number == 0) return std::signbit(number) ? "-0" : "0";
  const std::string form = exponent_form(number);
  const int exponent = exponent_of(form);
  return exponent < least || exponent >= most ? form : plain_form(number);
}

void append_json_text(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '\r') {
      out += "\\r";
    } else if (byte < 0x20 || c == '<' || c == '>' || c == '&') {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", byte);
      out += escape;
    } else {
      out += c;
    }
  }
  out += '"';
}

class Printer {
 public:
  explicit Printer(std::string& out) : out_(out) {}

  void go(const Value& value, int depth) {
    if (is_full(depth)) return;
    if (const List* list = value.as_list()) {
      out_ += '[';
      for (std::size_t i = 0; i < list->size(); ++i) {
        if (i > 0) out_ += ' ';
        go((*list)[i], depth + 1);
      }
      out_ += ']';
    } else if (const Mapping* map = value.as_map()) {
      out_ += "map[";
      bool first = true;
      for (const auto& [name, member] : *map) {
        if (!first) out_ += ' ';
        first = false;
        out_ += name + ":";
        go(member, depth + 1);
      }
      out_ += ']';
    } else {
      scalar(value);
    }
  }

  void json(const Value& value, std::string_view indent, int depth) {
    if (is_full(depth)) return;
    const auto line = [&](int at) {
      if (indent.empty()) return;
      out_ += '\n';
      for (int i = 0; i < at; ++i) out_ += indent;
    };
    bool first = true;
    if (const List* list = value.as_list()) {
      out_ += '[';
      for (const Value& item : *list) {
        if (!first) out_ += ',';
        first = false;
        line(depth + 1);
        json(item, indent, depth + 1);
      }
      if (!first) line(depth);
      out_ += ']';
    } else if (const Mapping* map = value.as_map()) {
      out_ += '{';
      for (const auto& [name, member] : *map) {
        if (!first) out_ += ',';
        first = false;
        line(depth + 1);
        append_json_text(out_, name);
        out_ += indent.empty() ? ":" : ": ";
        json(member, indent, depth + 1);
      }
      if (!first) line(depth);
      out_ += '}';
    } else if (const std::string* text = value.as_text()) {
      append_json_text(out_, *text);
    } else if (const double* number = value.as_float()) {
      out_ += float_text(*number, -6, 21);
    } else if (value.is_nil()) {
      out_ += "null";
    } else {
      scalar(value);
    }
  }

  // Behind a `key:` or `-`, or at the start of a line where `fresh`.
  void yaml(const Value& value, int depth, bool fresh) {
    if (is_full(depth)) return;
    const auto line = [&] {
      if (!fresh) out_ += '\n' + std::string(2 * static_cast<std::size_t>(depth), ' ');
      fresh = false;
    };
    if (const List* list = value.as_list(); list != nullptr && !list->empty()) {
      for (const Value& item : *list) {
        line();
        out_ += '-';
        const bool nested = item.as_list() != nullptr || item.as_map() != nullptr;
        if (nested && !is_empty(item)) out_ += ' ';
        yaml(item, depth + 1, nested && !is_empty(item));
      }
    } else if (const Mapping* map = value.as_map(); map != nullptr && !map->empty()) {
      for (const auto& [name, member] : *map) {
        line();
        yaml_text(name);
        out_ += ':';
        yaml(member, depth + (member.as_list() == nullptr ? 1 : 0), false);
      }
    } else {
      if (!fresh) out_ += ' ';
      if (const std::string* text = value.as_text()) {
        yaml_text(*text);
      } else {
        json(value, "", 0);
      }
    }
  }

 private:
  bool is_full(int depth) const { return depth > kMaxValueDepth || out_.size() > kMaxPrinted; }

  void scalar(const Value& value) {
    if (const std::string* text = value.as_text()) {
      out_ += *text;
    } else if (const bool* boolean = value.as_bool()) {
      out_ += *boolean ? "true" : "false";
    } else if (const std::int64_t* integer = value.as_int()) {
      out_ += std::to_string(*integer);
    } else if (const double* number = value.as_float()) {
      out_ += float_text(*number, -4, 6);
    } else {
      out_ += "<nil>";
    }
  }

  // Plain where nothing else can be read into it.
  void yaml_text(std::string_view text) {
    constexpr std::string_view kWords[] = {"true", "false", "yes", "no", "on", "off", "y", "n", "null", "nan", "inf"};
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const bool letter = !text.empty() && (std::isalpha(static_cast<unsigned char>(text[0])) || text[0] == '/');
    const bool plain = letter && std::find(std::begin(kWords), std::end(kWords), lower) == std::end(kWords) &&
                       std::all_of(text.begin(), text.end(), [](unsigned char c) {
                         return std::isalnum(c) || c == '-' || c == '_' || c == '.' || c == '/';
                       });
    if (plain) {
      out_ += text;
    } else {
      append_json_text(out_, text);
    }
  }

  std::string& out_;
};

}  // namespace

const List* Value::as_list() const {
  const auto* held = std::get_if<std::shared_ptr<const List>>(&held_);
  return held == nullptr ? nullptr : held->get();
}

Mapping* Value::as_map() const {
  const auto* held = std::get_if<std::shared_ptr<Mapping>>(&held_);
  return held == nullptr ? nullptr : held->get();
}

const Value* Value::find(std::string_view name) const {
  const Mapping* map = as_map();
  if (map == nullptr) return nullptr;
  const auto found = map->find(name);
  return found == map->end() ? nullptr : &found->second;
}

std::string Value::text_at(std::string_view name) const {
  const Value* member = find(name);
  const std::string* text = member == nullptr ? nullptr : member->as_text();
  return text == nullptr ? std::string() : *text;
}

Value value_of(const Document& document, NodeIndex node, int depth) {
  if (node == document::kNoNode || depth > kMaxValueDepth) return {};
  const document::Node& at = document[node];
  switch (at.kind) {
    case Kind::kNull: return {};
    case Kind::kBool: return Value::boolean(at.boolean);
    case Kind::kInt: return Value::number(static_cast<double>(at.integer));
    case Kind::kFloat: return Value::number(at.number);
    case Kind::kString: return Value::text(std::string(document.text(node)));
    case Kind::kSequence: {
      List items;
      NodeIndex item = node + 1;
      for (std::uint32_t i = 0; i < at.children.count; ++i, item = document.next(item)) {
        items.push_back(value_of(document, item, depth + 1));
      }
      return Value::list(std::move(items));
    }
    case Kind::kMap: {
      Mapping members;
      NodeIndex key = node + 1;
      for (std::uint32_t i = 0; i < at.children.count; ++i, key = document.next(key + 1)) {
        members[std::string(document.text(key))] = value_of(document, key + 1, depth + 1);
      }
      return Value::map(std::move(members));
    }
  }
  return {};
}

Value parse_yaml(std::string_view text, std::string& error) {
  const auto slices = document::split(text, document::Syntax::kYaml);
  if (slices.empty()) return {};
  Document document;
  document::read(slices.front(), document::Syntax::kYaml, {}, document);
  if (!document.complete()) {
    error = document.faults().empty() ? "it is no YAML" : document.faults().front().message;
    return {};
  }
  return document.empty() ? Value() : value_of(document, 0);
}

std::string printed(const Value& value) {
  std::string out;
  Printer(out).go(value, 0);
  return out;
}

std::string json_of(const Value& value, std::string_view indent) {
  std::string out;
  Printer(out).json(value, indent, 0);
  return out;
}

std::string yaml_of(const Value& value) {
  std::string out;
  Printer(out).yaml(value, 0, true);
  return out;
}

std::string_view kind_name(const Value& value) {
  if (value.as_text() != nullptr) return "string";
  if (value.as_bool() != nullptr) return "bool";
  if (value.as_int() != nullptr) return "int";
  if (value.as_float() != nullptr) return "float64";
  if (value.as_list() != nullptr) return "slice";
  return value.as_map() != nullptr ? "map" : "invalid";
}

bool is_empty(const Value& value) {
  if (const std::string* text = value.as_text()) return text->empty();
  if (const bool* boolean = value.as_bool()) return !*boolean;
  if (const std::int64_t* integer = value.as_int()) return *integer == 0;
  if (const double* number = value.as_float()) return *number == 0;
  if (const List* list = value.as_list()) return list->empty();
  const Mapping* map = value.as_map();
  return map == nullptr || map->empty();
}

bool deep_equal(const Value& a, const Value& b, int depth) {
  if (depth > kMaxValueDepth || kind_name(a) != kind_name(b)) return false;
  if (const List* list = a.as_list()) {
    const List& other = *b.as_list();
    return std::equal(list->begin(), list->end(), other.begin(), other.end(),
                      [&](const Value& x, const Value& y) { return deep_equal(x, y, depth + 1); });
  }
  if (const Mapping* map = a.as_map()) {
    const Mapping& other = *b.as_map();
    return std::equal(map->begin(), map->end(), other.begin(), other.end(), [&](const auto& x, const auto& y) {
      return x.first == y.first && deep_equal(x.second, y.second, depth + 1);
    });
  }
  if (a.as_float() != nullptr) return *a.as_float() == *b.as_float();
  return printed(a) == printed(b);
}

Value merged(const Value& base, const Value& with, bool override, int depth) {
  const Mapping *under = base.as_map(), *over = with.as_map();
  if (under == nullptr || over == nullptr || depth > kMaxValueDepth) {
    if (is_empty(with)) return base;
    return override || is_empty(base) ? with : base;
  }
  Mapping all = *under;
  for (const auto& [name, member] : *over) {
    const auto [place, is_new] = all.emplace(name, member);
    if (!is_new) place->second = merged(place->second, member, override, depth + 1);
  }
  return Value::map(std::move(all));
}

}  // namespace kubegate::gitops

// yaml.marshal, yaml.unmarshal and yaml.is_valid. Rules: topdown/encoding.go and sigs.k8s.io/yaml, which OPA goes
// through: reading is the reader of manifests (validate/document), whose rules are the same; writing is block style with
// sorted keys and sequences at the indent of their key. A text stands plain where it reads back as itself, in double
// quotes where it would be another type, in a literal block where it has lines. Long lines are not folded.
#include "policy/rego/builtins/functions.h"
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

bool all_printable(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const policy::Rune rune = policy::decode_rune(text.substr(i));
    if (!rune.valid || (rune.code != '\n' && !policy::is_printable(rune.code)) || rune.code == 0xfeff) return false;
    i += rune.size;
  }
  return true;
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
      const bool list = c.value().is_array() || c.value().is_set();
      value(c.value(), list ? indent : indent + 2, true);
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
      if (policy::number_to_int64(v, i)) {
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
    const bool same = document::resolve(document::Style::kPlain, "", s).type == ScalarType::kString &&
                      !document::is_merge_key(document::Style::kPlain, "", s);
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
    policy::append_quoted(out_, s);
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

// The first document of the text; an error where it does not read.
bool read_yaml(std::string_view text, document::Document& out, std::string& error) {
  const std::vector<document::Slice> slices = document::split(text, document::Syntax::kYaml);
  if (slices.empty()) return true;
  document::read(slices[0], document::Syntax::kYaml, document::Limits(), out);
  if (out.faults().empty()) return true;
  error = "yaml: " + out.faults()[0].message;
  return false;
}

}  // namespace

Value eval_yaml_marshal(BuiltinContext& context, Args args) { return text(context, YamlWriter().write(args[0])); }

Value eval_yaml_unmarshal(BuiltinContext& context, Args args) {
  if (!check(context, args, 1, Type::kString)) return Value();
  document::Document doc;
  std::string error;
  if (!read_yaml(args[0].text(), doc, error)) return context.fail(error);
  const policy::DocumentRoot root(doc, policy::NumberMode::kYaml);
  const Value v = root.value();
  return v.defined() ? copy_value(context.arena(), v) : Value::null();
}

Value eval_yaml_is_valid(BuiltinContext&, Args args) {
  document::Document doc;
  std::string error;
  return Value::boolean(args[0].is_string() && read_yaml(args[0].text(), doc, error));
}

}  // namespace kubegate::rego

// A bundle as text. The grammar stands in bundle.h, the attributes in bundle_attributes.h.
//
// Two bundles that are equal print alike because nothing here depends on more than the model: maps are walked in
// their order, attributes have one order, numbers are written with the fewest digits that read back as the same
// number, and a set of versions is written as the shortest list of runs. A run that reaches the newest version is
// left open ("1.30.."), so that importing the next version changes no line that still holds.
//
// Tested by tests/validate/schema/bundle_test.cc, over hand-written tables and over every shipped bundle.
#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>

#include "validate/schema/bundle.h"
#include "validate/schema/bundle_attributes.h"
#include "validate/schema/json_text.h"

namespace kubegate::schema {

VersionMask SchemaNode::versions() const {
  VersionMask mask = 0;
  for (const Variant& variant : variants) mask |= variant.versions;
  return mask;
}

namespace {

using namespace bundle_text;

void append_name(std::string& out, std::string_view name) {
  if (!name.empty() && std::all_of(name.begin(), name.end(), is_name_byte)) {
    out += name;
  } else {
    append_json_string(out, name);
  }
}

// Appends " name=value" for each attribute that says something.
class AttributePrinter {
 public:
  explicit AttributePrinter(std::string& out) : out_(out) {}

  void flag(const char* name, bool value) {
    if (value) begin(name);
  }
  void word(const char* name, const std::string& value) {
    if (!value.empty()) append_name(assign(name), value);
  }
  void text(const char* name, const std::string& value) {
    if (!value.empty()) append_json_string(assign(name), value);
  }
  void json(const char* name, const std::string& value) {
    if (!value.empty()) assign(name) += value;
  }
  void names(const char* name, const std::vector<std::string>& values) {
    if (values.empty()) return;
    assign(name);
    for (const std::string& value : values) append_name(separate(&value == &values.front()), value);
  }
  void values(const char* name, const std::vector<std::string>& values) {
    if (values.empty()) return;
    assign(name);
    for (const std::string& value : values) separate(&value == &values.front()) += value;
  }
  void number(const char* name, const std::optional<double>& value) {
    if (value) append_number(assign(name), *value);
  }
  void count(const char* name, const std::optional<std::int64_t>& value) {
    if (value) append_number(assign(name), *value);
  }
  void list(const char* name, const std::optional<ListType>& value) {
    if (value) assign(name) += kListTypeNames[static_cast<int>(*value)];
  }

 private:
  std::string& begin(const char* name) { return out_.append(" ").append(name); }
  std::string& assign(const char* name) { return begin(name).append("="); }
  std::string& separate(bool first) { return first ? out_ : out_.append(","); }

  template <class Number>
  static void append_number(std::string& out, Number value) {
    char buffer[32];
    out.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr);
  }

  std::string& out_;
};

class Printer {
 public:
  explicit Printer(const Bundle& bundle) : bundle_(bundle) {}

  std::string print() {
    out_ = "bundle ";
    append_name(out_, bundle_.project);
    out_ += '\n';
    for (std::size_t i = 0; i < bundle_.versions.size(); ++i) {
      out_ += "version " + bundle_.versions[i] + ' ';
      append_name(out_, bundle_.dates[i]);
      out_ += '\n';
    }
    for (const KindEntry& entry : bundle_.kinds) kind(entry);
    for (const auto& [name, node] : bundle_.types) {
      out_ += "type ";
      append_name(out_, name);
      out_ += '\n';
      print_node(".", node, bundle_.all(), 1);
    }
    return std::move(out_);
  }

 private:
  void kind(const KindEntry& entry) {
    out_ += "kind ";
    append_name(out_, entry.api_version());
    for (const std::string* word : {&entry.kind, &entry.plural}) append_name(out_ += ' ', *word);
    out_ += entry.scope == Scope::kNamespaced ? " namespaced" : " cluster";
    if (entry.served != entry.known) append_versions(out_ += " served=", entry.served);
    if (entry.deprecated != 0) append_versions(out_ += " deprecated=", entry.deprecated);
    at_versions(entry.known, bundle_.all());
    out_ += '\n';
    print_node(".", entry.root, entry.known, 1);
  }

  // The variants of `node` under the token `label`, then its children. `parent` is the versions of the line above.
  void print_node(std::string_view label, const SchemaNode& node, VersionMask parent, int level) {
    const std::string token(label);
    const bool branch = token[0] == '%';
    for (const Variant& variant : node.variants) {
      indent(level) += token;
      if (branch && &variant != &node.variants.front()) out_ += '+';
      facts(variant.facts);
      at_versions(variant.versions, parent);
      out_ += '\n';
      for (const Rule& rule : variant.facts.rules) {
        indent(level + 1) += "%rule ";
        append_json_string(out_, rule.expression);
        visit_rule_attributes(rule, AttributePrinter(out_));
        out_ += '\n';
      }
    }
    children(node, level + 1);
  }

  void children(const SchemaNode& node, int level) {
    const VersionMask versions = node.versions();
    std::string label;
    for (const auto& [name, child] : node.properties) {
      label.clear();
      append_name(label, name);
      print_node(label, child, versions, level);
    }
    const struct {
      const char* label;
      const std::vector<SchemaNode>& nodes;
    } others[] = {{"[]", node.items},      {"{}", node.additional}, {"%allOf", node.all_of},
                  {"%anyOf", node.any_of}, {"%oneOf", node.one_of}, {"%not", node.negated}};
    for (const auto& other : others) {
      for (const SchemaNode& child : other.nodes) print_node(other.label, child, versions, level);
    }
  }

  void facts(const Facts& facts) {
    out_ += ' ';
    if (facts.type == Type::kReference) {
      append_name(out_ += '=', facts.reference);
    } else {
      out_ += kTypeNames[static_cast<int>(facts.type)];
    }
    visit_attributes(facts, AttributePrinter(out_));
  }

  void at_versions(VersionMask mask, VersionMask parent) {
    if (mask != parent) append_versions(out_ += " @", mask);
  }

  void append_versions(std::string& out, VersionMask mask) const {
    if (mask == 0) {
      out += "none";
      return;
    }
    const std::size_t count = bundle_.versions.size();
    bool first = true;
    for (std::size_t i = 0; i < count; ++i) {
      if (!(mask >> i & 1)) continue;
      std::size_t last = i;
      while (last + 1 < count && mask >> (last + 1) & 1) ++last;
      if (!first) out += ',';
      first = false;
      const bool to_newest = last + 1 == count;
      if (i == last && i != 0 && !to_newest) {
        out += bundle_.versions[i];
      } else {
        if (i != 0 || to_newest) out += bundle_.versions[i];
        out += "..";
        if (!to_newest) out += bundle_.versions[last];
      }
      i = last;
    }
  }

  std::string& indent(int level) { return out_.append(static_cast<std::size_t>(2 * level), ' '); }

  const Bundle& bundle_;
  std::string out_;
};

}  // namespace

std::string print_bundle(const Bundle& bundle) { return Printer(bundle).print(); }

}  // namespace kubegate::schema

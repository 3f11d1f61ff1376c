// A bundle from its text. The grammar stands in bundle.h, the attributes in bundle_attributes.h.
//
// The text is a tree by indentation, and it is read by recursive descent over its lines: what stands below a line is
// read by the function that read the line. The one point to watch is that a node may span several lines: lines of
// one name in a row are variants of one node, so a line is judged together with the one behind it. The recursion is
// as deep as the indentation, which is bounded (kMaxDepth); JSON values are scanned by RapidJSON's iterative parser.
// What is read satisfies the model: variants of one node are disjoint and in order, and no line holds outside of the
// versions of the line above it.
//
// Tested by tests/validate/schema/bundle_test.cc; tests/fuzz feeds it arbitrary bytes.
#include <rapidjson/document.h>
#include <rapidjson/memorystream.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "validate/document/utf8.h"
#include "validate/schema/bundle.h"
#include "validate/schema/bundle_attributes.h"

namespace kubegate::schema {
namespace {

using namespace bundle_text;

constexpr int kMaxDepth = 256;  // levels of indentation; published schemas stay below 40
constexpr std::size_t kMaxVersions = 32;

constexpr std::string_view kBranches[] = {"%allOf", "%anyOf", "%oneOf", "%not"};

struct Line {
  int number = 0;         // 1-based
  int level = -1;         // of indentation; -1 behind the last line
  std::string_view text;  // without indentation and line break
};

class Parser {
 public:
  Parser(std::string_view text, std::string_view name) : rest_(text), name_(name) {}

  Result<Bundle> parse() {
    if (next_line() && bundle()) return std::move(bundle_);
    return Error{ErrorCode::kData, "", error_};
  }

 private:
  // Lines.

  bool next_line() {
    line_ = {line_.number + 1, -1, {}};
    if (rest_.empty()) return true;
    const std::size_t end = rest_.find('\n');
    if (end == std::string_view::npos) return fail("the last line does not end with a line break");
    std::string_view text = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    const std::size_t indent = std::min(text.find_first_not_of(' '), text.size());
    text.remove_prefix(indent);
    if (text.empty()) return fail("empty line");
    if (indent % 2 != 0) return fail("indentation is not a multiple of two spaces");
    if (indent / 2 > kMaxDepth) return fail("nested deeper than " + std::to_string(kMaxDepth) + " levels");
    line_.level = static_cast<int>(indent / 2);
    line_.text = text;
    return true;
  }

  // To the next line, when all of this one was read.
  bool end_line() {
    if (!line_.text.empty()) return fail("unexpected " + quoted(line_.text));
    return next_line();
  }

  bool fail(std::string message) {
    error_ = std::string(name_) + ':' + std::to_string(line_.number) + ": " + std::move(message);
    return false;
  }

  static std::string quoted(std::string_view text) {
    constexpr std::size_t kShown = 40;
    return '"' + std::string(text.substr(0, kShown)) + (text.size() > kShown ? "…\"" : "\"");
  }

  // Tokens: each is taken off the front of the line.

  bool skip(std::string_view token) {
    if (!line_.text.starts_with(token)) return false;
    line_.text.remove_prefix(token.size());
    return true;
  }

  bool space() { return skip(" ") || fail("expected a space before " + quoted(line_.text)); }

  std::string_view take(std::size_t size) {
    const std::string_view token = line_.text.substr(0, size);
    line_.text.remove_prefix(token.size());
    return token;
  }

  template <class Predicate>
  std::string_view take_while(Predicate predicate) {
    return take(std::find_if_not(line_.text.begin(), line_.text.end(), predicate) - line_.text.begin());
  }

  // One JSON value at the front of the line; `text` is its source.
  bool json_value(rapidjson::Document& value, std::string_view& text) {
    rapidjson::MemoryStream stream(line_.text.data(), line_.text.size());
    value.ParseStream<rapidjson::kParseStopWhenDoneFlag | rapidjson::kParseIterativeFlag |
                      rapidjson::kParseValidateEncodingFlag>(stream);
    if (value.HasParseError()) return fail("not JSON: " + quoted(line_.text));
    text = take(stream.Tell());
    return true;
  }

  bool json_string(std::string& out) {
    rapidjson::Document value;
    std::string_view source;
    if (!line_.text.starts_with('"')) return fail("expected a JSON string before " + quoted(line_.text));
    if (!json_value(value, source)) return false;
    out.assign(value.GetString(), value.GetStringLength());
    // RapidJSON lets an escaped low surrogate stand alone, and makes bytes of it that are no UTF-8.
    for (std::string_view rest = out; !rest.empty();) {
      const std::size_t size = document::utf8_sequence(rest);
      if (size == 0) return fail("a JSON string with half of a surrogate pair");
      rest.remove_prefix(size);
    }
    return true;
  }

  // A bare name or a JSON string.
  bool word(std::string& out) {
    if (line_.text.starts_with('"')) return json_string(out);
    out = take_while(is_name_byte);
    return !out.empty() || fail("expected a name before " + quoted(line_.text));
  }

  template <class Number>
  bool parse_number(Number& out) {
    const auto [end, error] = std::from_chars(line_.text.data(), line_.text.data() + line_.text.size(), out);
    if (error != std::errc() || !std::isfinite(static_cast<double>(out))) {
      return fail("expected a number before " + quoted(line_.text));
    }
    take(end - line_.text.data());
    return true;
  }

  bool version_index(std::string_view token, std::size_t& index) {
    const auto found = std::find(bundle_.versions.begin(), bundle_.versions.end(), token);
    index = found - bundle_.versions.begin();
    return found != bundle_.versions.end() || fail("unknown version " + quoted(token));
  }

  // VERSIONS, all of them within `parent`.
  bool versions(VersionMask& mask, VersionMask parent) {
    mask = 0;
    do {
      const std::string_view token = take_while(is_version_byte);
      if (token == "none" && mask == 0) return true;
      const std::size_t dots = token.find("..");
      std::size_t first = 0, last = bundle_.versions.size() - 1;
      if (dots == std::string_view::npos) {
        if (!version_index(token, first)) return false;
        last = first;
      } else {
        if (dots != 0 && !version_index(token.substr(0, dots), first)) return false;
        if (dots + 2 != token.size() && !version_index(token.substr(dots + 2), last)) return false;
        if (token.size() == 2 || first > last) return fail("no range of versions: " + quoted(token));
      }
      for (std::size_t i = first; i <= last; ++i) mask |= VersionMask{1} << i;
    } while (skip(","));
    return (mask & ~parent) == 0 || fail("versions outside of those of the line above");
  }

  // "@versions" at the end of a line, or the parent's.
  bool at_versions(VersionMask& mask, VersionMask parent) {
    mask = parent;
    if (!skip(" @")) return true;
    if (!versions(mask, parent)) return false;
    return mask != 0 || fail("a line that holds for no version");
  }

  // Looks for the attribute `name` among those of a line and reads its value.
  class AttributeReader {
   public:
    AttributeReader(Parser& parser, std::string_view name, bool has_value)
        : parser_(parser), name_(name), has_value_(has_value) {}

    void flag(const char* name, bool& value) {
      if (match(name, false)) succeeded_ = value = true;
    }
    void word(const char* name, std::string& value) {
      if (match(name, true)) succeeded_ = parser_.word(value) && present(value);
    }
    void text(const char* name, std::string& value) {
      if (match(name, true)) succeeded_ = parser_.json_string(value) && present(value);
    }
    void json(const char* name, std::string& value) {
      if (match(name, true)) succeeded_ = raw_json(value);
    }
    void names(const char* name, std::vector<std::string>& values) {
      if (match(name, true)) succeeded_ = sequence(values, [&](std::string& value) { return parser_.word(value); });
    }
    void values(const char* name, std::vector<std::string>& values) {
      if (match(name, true)) succeeded_ = sequence(values, [&](std::string& value) { return raw_json(value); });
    }
    void number(const char* name, std::optional<double>& value) {
      if (match(name, true)) succeeded_ = parser_.parse_number(value.emplace());
    }
    void count(const char* name, std::optional<std::int64_t>& value) {
      if (match(name, true)) succeeded_ = parser_.parse_number(value.emplace());
    }
    void list(const char* name, std::optional<ListType>& value) {
      if (!match(name, true)) return;
      const std::string_view type = parser_.take_while(is_name_byte);
      const auto found = std::find(std::begin(kListTypeNames), std::end(kListTypeNames), type);
      succeeded_ = found != std::end(kListTypeNames) || parser_.fail("unknown list type " + quoted(type));
      value = static_cast<ListType>(found - std::begin(kListTypeNames));
    }

    bool matched() const { return matched_; }
    bool succeeded() const { return succeeded_; }

   private:
    bool match(std::string_view name, bool with_value) {
      if (matched_ || name != name_ || with_value != has_value_) return false;
      matched_ = true;
      return true;
    }
    bool present(const std::string& value) { return !value.empty() || parser_.fail("empty value"); }
    bool raw_json(std::string& out) {
      rapidjson::Document value;
      std::string_view source;
      if (!parser_.json_value(value, source)) return false;
      out = source;
      return true;
    }
    template <class Read>
    bool sequence(std::vector<std::string>& values, Read read) {
      do {
        if (!read(values.emplace_back())) return false;
      } while (parser_.skip(","));
      return true;
    }

    Parser& parser_;
    const std::string_view name_;
    const bool has_value_;
    bool matched_ = false, succeeded_ = false;
  };

  // " name=value" as long as there are any; `visit` shows the reader the attributes that the line may have.
  template <class Visit>
  bool attributes(Visit visit) {
    std::set<std::string_view> seen;
    while (!line_.text.empty() && !line_.text.starts_with(" @")) {
      if (!space()) return false;
      const std::string_view name = take_while([](char c) { return c != ' ' && c != '='; });
      AttributeReader reader(*this, name, skip("="));
      if (!seen.insert(name).second) return fail("attribute " + quoted(name) + " given twice");
      visit(reader);
      if (!reader.matched()) return fail("unknown attribute " + quoted(name));
      if (!reader.succeeded()) return false;
    }
    return true;
  }

  // The top level.

  bool bundle() {
    if (line_.level != 0 || !skip("bundle ")) return fail("not a bundle: the first line is not \"bundle PROJECT\"");
    if (!word(bundle_.project) || !end_line()) return false;
    while (line_.level == 0 && skip("version ")) {
      const std::string_view version = take_while(is_version_byte);
      if (!is_version_name(version)) {
        return fail("no name of a version: " + quoted(version));
      }
      if (std::count(bundle_.versions.begin(), bundle_.versions.end(), version)) return fail("version given twice");
      if (bundle_.versions.size() == kMaxVersions) return fail("more than 32 versions");
      bundle_.versions.emplace_back(version);
      if (!space() || !word(bundle_.dates.emplace_back()) || !end_line()) return false;
    }
    if (bundle_.versions.empty()) return fail("a bundle without versions");
    while (line_.level == 0) {
      if (skip("kind ")) {
        if (!kind()) return false;
      } else if (skip("type ")) {
        std::string name;
        if (!word(name)) return false;
        const auto [type, added] = bundle_.types.try_emplace(std::move(name));
        if (!added) return fail("type " + quoted(type->first) + " given twice");
        if (!end_line() || !root(type->second, bundle_.all())) return false;
      } else {
        return fail("expected kind or type before " + quoted(line_.text));
      }
    }
    if (line_.level > 0) return fail("indented too far");
    std::sort(bundle_.kinds.begin(), bundle_.kinds.end(),
              [](const KindEntry& a, const KindEntry& b) { return kind_key(a) < kind_key(b); });
    return true;
  }

  // Can be told from `none` and from the dots of a range.
  static bool is_version_name(std::string_view name) {
    return !name.empty() && name != "none" && !name.starts_with('.') && !name.ends_with('.') &&
           name.find("..") == std::string_view::npos;
  }

  static std::tuple<std::string, std::string, std::string> kind_key(const KindEntry& entry) {
    return {entry.group, entry.version, entry.kind};
  }

  bool kind() {
    KindEntry entry;
    std::string api_version;
    if (!word(api_version) || !space() || !word(entry.kind) || !space() || !word(entry.plural) || !space())
      return false;
    const std::size_t slash = api_version.find('/');
    if (slash == 0 || slash + 1 == api_version.size() || slash != api_version.rfind('/')) {
      return fail("no group and version: " + quoted(api_version));
    }
    if (slash != std::string::npos) entry.group = api_version.substr(0, slash);
    entry.version = api_version.substr(slash == std::string::npos ? 0 : slash + 1);
    if (skip("cluster")) {
      entry.scope = Scope::kCluster;
    } else if (!skip("namespaced")) {
      return fail("expected namespaced or cluster before " + quoted(line_.text));
    }
    const bool has_served = skip(" served=");
    if (has_served && !versions(entry.served, bundle_.all())) return false;
    if (skip(" deprecated=") && !versions(entry.deprecated, bundle_.all())) return false;
    if (!at_versions(entry.known, bundle_.all())) return false;
    if (!has_served) entry.served = entry.known;
    if (((entry.served | entry.deprecated) & ~entry.known) != 0) return fail("served or deprecated where not known");
    if (!kinds_seen_.insert(kind_key(entry)).second) return fail("kind " + quoted(entry.kind) + " given twice");
    if (!end_line() || !root(entry.root, entry.known)) return false;
    bundle_.kinds.push_back(std::move(entry));
    return true;
  }

  // Schema nodes.

  bool root(SchemaNode& node, VersionMask parent) {
    if (line_.level != 1 || !(line_.text.starts_with(". ")))
      return fail("expected the node \".\" below the line above");
    return variants(node, ".", parent);
  }

  // The node that the line at hand begins; `label` is the line's first token, still to be read.
  bool variants(SchemaNode& node, std::string_view label, VersionMask parent) {
    const int level = line_.level;
    const std::string continued = label[0] == '%' ? std::string(label) + "+ " : std::string(label) + ' ';
    take(label.size());
    do {
      Variant variant;
      if (!space() || !type(variant.facts)) return false;
      if (!attributes([&](AttributeReader& reader) { visit_attributes(variant.facts, reader); })) return false;
      if (!at_versions(variant.versions, parent)) return false;
      if ((variant.versions & node.versions()) != 0) return fail("two variants hold for one version");
      if (!end_line()) return false;
      while (line_.level == level + 1 && line_.text.starts_with("%rule ")) {
        if (!rule(variant.facts.rules.emplace_back())) return false;
      }
      node.variants.push_back(std::move(variant));
    } while (line_.level == level && line_.text.starts_with(continued) && skip_to_type(continued));
    std::sort(node.variants.begin(), node.variants.end(), [](const Variant& a, const Variant& b) {
      return (a.versions & ~(a.versions - 1)) < (b.versions & ~(b.versions - 1));
    });
    return children(node, level + 1);
  }

  // Past the label of a continuing line, to the space behind it.
  bool skip_to_type(std::string_view label) {
    take(label.size() - 1);
    return true;
  }

  bool type(Facts& facts) {
    if (skip("=")) {
      facts.type = Type::kReference;
      return word(facts.reference);
    }
    const std::string_view name = take_while([](char c) { return c != ' '; });
    const auto found = std::find(std::begin(kTypeNames), std::end(kTypeNames), name);
    if (found == std::end(kTypeNames)) return fail("unknown type " + quoted(name));
    facts.type = static_cast<Type>(found - std::begin(kTypeNames));
    return true;
  }

  bool rule(Rule& rule) {
    skip("%rule ");
    if (!json_string(rule.expression)) return false;
    if (!attributes([&](AttributeReader& reader) { visit_rule_attributes(rule, reader); })) return false;
    return end_line();
  }

  // The lines of `level` that stand below `parent`.
  bool children(SchemaNode& parent, int level) {
    const VersionMask mask = parent.versions();
    while (line_.level == level) {
      const std::string_view text = line_.text;
      std::string_view label;
      SchemaNode* node = nullptr;
      if (text.starts_with('%')) {
        label = text.substr(0, text.find(' '));
        if (!branch(parent, label, node)) return false;
      } else if (text.starts_with("[] ") || text.starts_with("{} ")) {
        label = text.substr(0, 2);
        if (!single(text[0] == '[' ? parent.items : parent.additional, label, node)) return false;
      } else {
        std::string name;
        if (!word(name)) return false;
        label = text.substr(0, text.size() - line_.text.size());
        line_.text = text;
        const auto [property, added] = parent.properties.try_emplace(std::move(name));
        if (!added) return fail("property " + quoted(property->first) + " given twice");
        node = &property->second;
      }
      if (!variants(*node, label, mask)) return false;
    }
    return line_.level < level || fail("indented too far");
  }

  bool branch(SchemaNode& parent, std::string_view label, SchemaNode*& node) {
    std::vector<SchemaNode>* const lists[] = {&parent.all_of, &parent.any_of, &parent.one_of, &parent.negated};
    const auto found = std::find(std::begin(kBranches), std::end(kBranches), label);
    if (found == std::end(kBranches)) return fail("unexpected " + quoted(label));
    std::vector<SchemaNode>& list = *lists[found - std::begin(kBranches)];
    if (&list == &parent.negated) return single(list, label, node);
    node = &list.emplace_back();
    return true;
  }

  bool single(std::vector<SchemaNode>& list, std::string_view label, SchemaNode*& node) {
    if (!list.empty()) return fail(quoted(label) + " given twice");
    node = &list.emplace_back();
    return true;
  }

  std::string_view rest_;
  const std::string_view name_;
  Line line_;
  Bundle bundle_;
  std::set<std::tuple<std::string, std::string, std::string>> kinds_seen_;
  std::string error_;
};

}  // namespace

Result<Bundle> parse_bundle(std::string_view text, std::string_view name) { return Parser(text, name).parse(); }

}  // namespace kubegate::schema

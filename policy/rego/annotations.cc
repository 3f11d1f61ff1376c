// Annotations: comments that start with METADATA and go on as YAML, attached to the statement behind them.
//
// A block is read by the reader of manifests and brought into the shape that rego.metadata shows right away, as a
// constant term: whoever asks for it later need not know how a policy may write it. Rules: parseAnnotations,
// metadataParser.Parse, attachAnnotationsNodes of OPA's ast. Tested in tests/policy/rego/error_cases_test.cc and by the
// conformance cases of rego.metadata.
#include <algorithm>

#include "policy/rego/compile.h"
#include "policy/rego/parser.h"
#include "policy/value/runes.h"
#include "policy/value/value.h"
#include "validate/document/read.h"

namespace kubegate::rego {
namespace {

using document::Document;
using document::Kind;
using document::kNoNode;
using document::NodeIndex;

constexpr std::string_view kSpace = " \t\r\n\v\f";

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

// One block: its comments behind the one that says METADATA.
struct Block {
  const Comment* head;
  std::vector<const Comment*> lines;
};

std::vector<Block> blocks_of(const Module& module) {
  std::vector<Block> out;
  bool open = false;
  std::uint32_t last_row = 0;
  for (const Comment& comment : module.comments) {
    const Location& place = comment.location;
    open = open && place.row == last_row + 1 && place.column == 1;
    last_row = place.row;
    if (open) {
      out.back().lines.push_back(&comment);
    } else if (place.column == 1 && trimmed(comment.text).starts_with("METADATA")) {
      out.push_back({&comment, {}});
      open = true;
    }
  }
  return out;
}

class BlockReader {
 public:
  BlockReader(Ast& ast, const Block& block, RegoErrors& errors) : ast_(ast), block_(block), errors_(errors) {}

  // Null with an error where the block does not read.
  Annotation* read() {
    place_ = block_.head->location;
    for (const Comment* line : block_.lines) {
      const std::string_view text = line->text;
      yaml_ += text.substr(text.starts_with(' '));
      yaml_ += '\n';
    }
    if (trimmed(yaml_).empty()) return error("expected METADATA block, found whitespace");
    const auto slices = document::split(yaml_, document::Syntax::kYaml);
    if (!slices.empty()) document::read(slices[0], document::Syntax::kYaml, document::Limits(), doc_);
    if (!doc_.faults().empty()) {
      place_ = block_.lines[0]->location;
      return error("yaml: " + doc_.faults()[0].message);
    }
    if (doc_.empty() || doc_[0].kind == Kind::kNull) return finish();
    if (doc_[0].kind != Kind::kMap) return mismatch(0, "ast.rawAnnotation");
    NodeIndex key = 1;
    for (std::uint32_t i = 0; i < doc_[0].children.count; ++i) {
      const NodeIndex value = key + 1;
      if (!field(doc_.text(key), value)) return nullptr;
      key = doc_.next(value);
    }
    return finish();
  }

 private:
  Annotation* finish() {
    Annotation* out = ast_.annotation();
    out->location = block_.head->location;
    out->end_row = block_.lines.empty() ? place_.row : block_.lines.back()->location.row;
    out->scope = scope_;
    out->entrypoint = entrypoint_;
    out->object = ast_.list(TermKind::kObject, std::move(fields_), out->location);
    return out;
  }

  Annotation* error(std::string message) {
    errors_.push_back({kParseError, std::move(message), place_, ast_.source(place_.file).name, {}});
    return nullptr;
  }

  // The node is not of the type that its field wants. Rule: yaml.TypeError.
  Annotation* mismatch(NodeIndex node, std::string_view wanted) {
    static constexpr std::string_view kTags[] = {"null", "bool", "int", "float", "str", "map", "seq"};
    const document::Node& found = doc_[node];
    const auto line = static_cast<std::size_t>(std::count(yaml_.begin(), yaml_.begin() + found.begin, '\n'));
    place_ = block_.lines[std::min(line + 1, block_.lines.size() - 1)]->location;
    std::string text = "yaml: unmarshal errors:\n  line " + std::to_string(line + 1) + ": cannot unmarshal !!" +
                       std::string(kTags[static_cast<int>(found.kind)]);
    if (!found.is_collection()) text += " `" + std::string(doc_.text(node)) + "`";
    return error(text + " into " + std::string(wanted));
  }

  void add(std::string_view name, Term* value) {
    fields_.push_back(ast_.string(std::string(name), block_.head->location));
    fields_.push_back(value);
  }

  bool field(std::string_view name, NodeIndex node) {
    const Kind kind = doc_[node].kind;
    const bool null = kind == Kind::kNull;
    if (name == "scope" || name == "title" || name == "description") {
      if (doc_[node].is_collection()) return mismatch(node, "string") != nullptr;
      const std::string text(null ? "" : doc_.text(node));
      if (name == "scope") {
        scope_ = text;
      } else if (!text.empty()) {
        add(name, string(text));
      }
    } else if (name == "entrypoint") {
      if (null) return true;
      if (kind != Kind::kBool) return mismatch(node, "bool") != nullptr;
      entrypoint_ = doc_[node].boolean;
      if (entrypoint_) add(name, ast_.boolean(true, block_.head->location));
    } else if (name == "organizations") {
      return list(name, node, "[]string", [&](NodeIndex item) {
        if (doc_[item].is_collection()) mismatch(item, "string");
        return string(doc_.text(item));
      });
    } else if (name == "related_resources") {
      return list(name, node, "[]interface {}", [&](NodeIndex item) { return related_resource(item); });
    } else if (name == "authors") {
      return list(name, node, "[]interface {}", [&](NodeIndex item) { return author(item); });
    } else if (name == "schemas") {
      return list(name, node, "[]map[string]interface {}", [&](NodeIndex item) { return schema(item); });
    } else if (name == "custom" && !null) {
      if (kind != Kind::kMap) return mismatch(node, "map[string]interface {}") != nullptr;
      if (doc_[node].children.count > 0) add(name, constant(node));
    }
    return true;
  }

  template <class Item>
  bool list(std::string_view name, NodeIndex node, std::string_view type, const Item& item) {
    if (doc_[node].kind == Kind::kNull) return true;
    if (doc_[node].kind != Kind::kSequence) return mismatch(node, type) != nullptr;
    const std::size_t before = errors_.size();
    std::vector<Term*> items;
    NodeIndex at = node + 1;
    for (std::uint32_t i = 0; i < doc_[node].children.count; ++i, at = doc_.next(at)) {
      items.push_back(item(at));
      if (errors_.size() > before) return false;
    }
    if (!items.empty()) add(name, ast_.list(TermKind::kArray, std::move(items), block_.head->location));
    return true;
  }

  Term* string(std::string_view text) { return ast_.string(std::string(text), block_.head->location); }

  // A constant of the block's YAML. The reader bounds its depth.
  Term* constant(NodeIndex node) {
    const Location& place = block_.head->location;
    switch (doc_[node].kind) {
      case Kind::kNull: return ast_.null(place);
      case Kind::kBool: return ast_.boolean(doc_[node].boolean, place);
      case Kind::kString: return string(doc_.text(node));
      case Kind::kInt: return ast_.number(std::to_string(doc_[node].integer), place);
      case Kind::kFloat: {
        std::string text;
        policy::append_json(text, policy::Value::real(doc_[node].number, policy::RealForm::kJson));
        return ast_.number(std::move(text), place);
      }
      case Kind::kMap:
      case Kind::kSequence: break;
    }
    std::vector<Term*> items;
    for (NodeIndex at = node + 1; at < doc_[node].children.end; at = doc_.next(at)) items.push_back(constant(at));
    return ast_.list(doc_[node].kind == Kind::kMap ? TermKind::kObject : TermKind::kArray, std::move(items), place);
  }

  std::string text_at(NodeIndex map, std::string_view key) const {
    const NodeIndex node = doc_.find(map, key);
    return node == kNoNode || doc_[node].kind != Kind::kString ? "" : std::string(trimmed(doc_.text(node)));
  }

  Term* pairs(std::initializer_list<std::pair<std::string_view, std::string>> members) {
    std::vector<Term*> terms;
    for (const auto& [key, value] : members) {
      if (value.empty()) continue;
      terms.push_back(string(key));
      terms.push_back(string(value));
    }
    return ast_.list(TermKind::kObject, std::move(terms), block_.head->location);
  }

  Term* refuse(std::string_view what, NodeIndex node, std::string_view why) {
    error("invalid " + std::string(what) + " definition " +
          (doc_[node].is_collection() ? to_string(constant(node)) : std::string(doc_.text(node))) + ": " +
          std::string(why));
    return nullptr;
  }

  Term* related_resource(NodeIndex node) {
    if (doc_[node].kind == Kind::kString) {
      if (doc_.text(node).empty()) return refuse("related-resource", node, "ref URL may not be empty string");
      return pairs({{"ref", std::string(doc_.text(node))}});
    }
    if (doc_[node].kind != Kind::kMap) {
      return refuse("related-resource", node, "invalid value type, must be string or map");
    }
    const std::string ref = text_at(node, "ref");
    if (ref.empty()) return refuse("related-resource", node, "'ref' value required in object");
    return pairs({{"ref", ref}, {"description", text_at(node, "description")}});
  }

  // "Jane Doe <jane@example.com>", or an object.
  Term* author(NodeIndex node) {
    if (doc_[node].kind == Kind::kMap) {
      const std::string name = text_at(node, "name"), email = text_at(node, "email");
      if (name.empty() && email.empty()) {
        return refuse("author", node, "'name' and/or 'email' values required in object");
      }
      return pairs({{"name", name}, {"email", email}});
    }
    if (doc_[node].kind != Kind::kString) return refuse("author", node, "invalid value type, must be string or map");
    std::vector<std::string_view> words;
    for (std::string_view rest = trimmed(doc_.text(node)); !rest.empty(); rest = trimmed(rest)) {
      const std::size_t end = std::min(rest.find_first_of(kSpace), rest.size());
      words.push_back(rest.substr(0, end));
      rest.remove_prefix(end);
    }
    if (words.empty()) return refuse("author", node, "author is an empty string");
    std::string name, email;
    if (words.back().size() >= 2 && words.back().front() == '<' && words.back().back() == '>') {
      email = words.back().substr(1, words.back().size() - 2);
      words.pop_back();
    }
    for (const std::string_view word : words) {
      if (!name.empty()) name += ' ';
      name += word;
    }
    return pairs({{"name", name}, {"email", email}});
  }

  // The one reference that a text holds; empty when it is none.
  Ref reference(std::string_view text) {
    RegoErrors faults;
    const Body body = parse_query(ast_, std::string(text), RegoVersion::kV1, faults);
    if (body.size() != 1 || body[0]->kind != ExprKind::kTerm || body[0]->negated || !body[0]->with.empty()) return {};
    Term* term = body[0]->terms[0];
    if (term->is_var()) return {term};
    return term->is_ref() ? term->terms : Ref();
  }

  Term* steps(const Ref& ref) {
    std::vector<Term*> items;
    for (const Term* step : ref) items.push_back(step->is_string() ? string(step->text) : string(to_string(step)));
    return ast_.list(TermKind::kArray, std::move(items), block_.head->location);
  }

  Term* schema(NodeIndex node) {
    if (doc_[node].kind != Kind::kMap) {
      mismatch(node, "map[string]interface {}");
      return nullptr;
    }
    if (doc_[node].children.count == 0) {
      error("invalid document reference");
      return nullptr;
    }
    const Ref path = reference(doc_.text(node + 1));
    if (path.empty()) {
      error("invalid document reference");
      return nullptr;
    }
    std::vector<Term*> members = {string("path"), steps(path)};
    const NodeIndex value = node + 2;
    if (doc_[value].kind == Kind::kString) {
      const Ref target = reference(doc_.text(value));
      if (target.empty() || target[0]->text != "schema") {
        error("invalid schema reference");
        return nullptr;
      }
      members.insert(members.end(), {string("schema"), steps(target)});
    } else if (doc_[value].kind == Kind::kMap) {
      members.insert(members.end(), {string("definition"), constant(value)});
    } else {
      error("invalid schema declaration for path " + quote(doc_.text(node + 1)));
      return nullptr;
    }
    return ast_.list(TermKind::kObject, std::move(members), block_.head->location);
  }

  Ast& ast_;
  const Block& block_;
  RegoErrors& errors_;
  Location place_;
  std::string yaml_;
  Document doc_;
  std::string scope_;
  bool entrypoint_ = false;
  std::vector<Term*> fields_;
};

// Hangs the annotation on the first statement below it. False, with an error, where its scope does not fit there.
bool attach(Ast& ast, Module& module, Annotation& annotation, RegoErrors& errors) {
  const auto below = [&](const Location& place) { return place.row > annotation.location.row; };
  const bool package = below(module.package_location);
  const auto next_import = std::find_if(module.imports.begin(), module.imports.end(),
                                        [&](const Import* one) { return below(one->location); });
  const auto next_rule =
      std::find_if(module.rules.begin(), module.rules.end(), [&](const Rule* one) { return below(one->location); });
  Rule* rule = package || next_rule == module.rules.end() ? nullptr : *next_rule;
  bool import = !package && next_import != module.imports.end();
  if (import && rule != nullptr) {
    import = (*next_import)->location.begin < rule->location.begin;
    if (import) rule = nullptr;
  }
  const std::string found = package ? "package" : rule != nullptr ? "rule" : import ? "import" : "";
  std::string& scope = annotation.scope;
  if (scope.empty()) scope = rule != nullptr && annotation.entrypoint ? "document" : found;
  const auto refuse = [&](std::string message) {
    errors.push_back({kParseError, std::move(message), annotation.location, ast.source(module.file).name, {}});
    return false;
  };
  const bool of_rule = scope == "rule" || scope == "document";
  const bool of_package = scope == "package" || scope == "subpackages";
  if (!of_rule && !of_package) {
    return refuse("invalid annotation scope '" + scope +
                  "'. Use one of 'rule', 'document', 'package', or 'subpackages'");
  }
  if (of_rule ? rule == nullptr : !package) {
    const std::string wanted = of_rule ? "rule" : "package";
    return refuse("annotation scope '" + scope + "' must be applied to " + wanted +
                  (found.empty() ? "" : " (have " + found + ")"));
  }
  if (annotation.entrypoint && scope != "document" && scope != "package") {
    return refuse("annotation entrypoint applied to non-document or package scope '" + scope + "'");
  }
  const Location place = annotation.location;
  std::vector<Term*>& fields = annotation.object->terms;
  fields.insert(fields.begin(), {ast.string("scope", place), ast.string(scope, place)});
  annotation.rule = rule;
  if (package) {
    annotation.target = module.package;
  } else {
    annotation.target = path_of(ast, *rule);
    annotation.target.resize(ground_prefix(annotation.target));
    rule->annotations.push_back(&annotation);
  }
  return true;
}

}  // namespace

void attach_annotations(Ast& ast, Module& module, RegoErrors& errors) {
  for (const Block& block : blocks_of(module)) {
    Annotation* annotation = BlockReader(ast, block, errors).read();
    if (annotation != nullptr && attach(ast, module, *annotation, errors)) module.annotations.push_back(annotation);
  }
}

}  // namespace kubegate::rego

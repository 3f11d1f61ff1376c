#include "policy/gatekeeper/mutation_reader.h"

#include <algorithm>

namespace kubegate::gatekeeper {

using document::Kind;
using document::kNoNode;
using document::NodeIndex;

namespace {

bool has(const std::vector<std::string>& list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

bool overlap(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  return std::any_of(a.begin(), a.end(), [&](const std::string& text) { return has(b, text); });
}

std::uint8_t read_operations(ObjectReader& reader, NodeIndex entry) {
  std::uint8_t bits = 0;
  const NodeIndex at = reader.member(entry, "operations");
  const std::vector<std::string> names = reader.texts(entry, "operations");
  for (auto name = names.begin(); name != names.end(); ++name) {
    const std::uint8_t bit = *name == "*" ? ApplyTo::kAll : operations_of(*name);
    if (name->empty() || bit == 0) {
      reader.fault(at, "\"" + *name + "\" is no operation of a mutator: CREATE, UPDATE or *");
    } else if (std::find(names.begin(), name, *name) != name) {
      reader.fault(at, "the operation " + *name + " is written twice");
    } else if (*name == "*" && names.size() > 1) {
      reader.fault(at, "the operation * stands alone");
    }
    bits |= bit;
  }
  return names.empty() ? ApplyTo::kAll : bits;
}

}  // namespace

NodeIndex ObjectReader::member(NodeIndex from, std::string_view key) const {
  const NodeIndex found = from == kNoNode ? kNoNode : document().find(from, key);
  return found != kNoNode && document()[found].kind == Kind::kNull ? kNoNode : found;
}

NodeIndex ObjectReader::typed(NodeIndex from, std::string_view key, Kind kind) {
  const NodeIndex found = member(from, key);
  if (found == kNoNode || document()[found].kind == kind) return found;
  const char* name = kind == Kind::kMap ? "an object" : kind == Kind::kSequence ? "a list" : "a string";
  fault(found, std::string(key) + " is " + name);
  return kNoNode;
}

std::string_view ObjectReader::text(NodeIndex from, std::string_view key) {
  const NodeIndex found = typed(from, key, Kind::kString);
  return found == kNoNode ? std::string_view() : document().text(found);
}

std::vector<NodeIndex> ObjectReader::items(NodeIndex from, std::string_view key) {
  std::vector<NodeIndex> nodes;
  const NodeIndex found = list(from, key);
  if (found == kNoNode) return nodes;
  for (NodeIndex item = found + 1; item < document()[found].children.end; item = document().next(item)) {
    nodes.push_back(item);
  }
  return nodes;
}

std::vector<std::string> ObjectReader::texts(NodeIndex from, std::string_view key) {
  std::vector<std::string> out;
  for (const NodeIndex item : items(from, key)) {
    if (document()[item].kind == Kind::kString) {
      out.emplace_back(document().text(item));
    } else {
      fault(item, std::string(key) + " is a list of strings");
    }
  }
  return out;
}

void ObjectReader::tell(NodeIndex at, std::string_view rule, Severity severity, std::string message) {
  findings_.push_back(
      policy_finding(item_.source, item_.node, at == kNoNode ? item_.node : at, rule, std::move(message)));
  findings_.back().finding.severity = severity;
  failed_ = failed_ || severity == Severity::kError;
}

bool ApplyTo::covers(std::string_view group, std::string_view version, std::string_view kind) const {
  return has(kinds, kind) && has(groups, group) && has(versions, version);
}

bool ApplyTo::overlaps(const ApplyTo& other) const {
  return (operations & other.operations) != 0 && overlap(kinds, other.kinds) && overlap(groups, other.groups) &&
         overlap(versions, other.versions);
}

std::uint8_t operations_of(std::string_view operation) {
  if (operation.empty()) return ApplyTo::kAll;
  return operation == "CREATE" ? ApplyTo::kCreate : operation == "UPDATE" ? ApplyTo::kUpdate : 0;
}

std::vector<ApplyTo> read_apply_to(ObjectReader& reader, NodeIndex spec, bool is_mutator) {
  std::vector<ApplyTo> out;
  for (const NodeIndex entry : reader.items(spec, "applyTo")) {
    ApplyTo each{reader.texts(entry, "groups"), reader.texts(entry, "versions"), reader.texts(entry, "kinds")};
    if (is_mutator) {
      if (each.groups.empty() || each.versions.empty() || each.kinds.empty()) {
        reader.fault(entry, "applyTo names groups, versions and kinds");
      }
      each.operations = read_operations(reader, entry);
    }
    out.push_back(std::move(each));
  }
  if (out.empty()) {
    const NodeIndex at = reader.member(spec, "applyTo");
    reader.fault(at == kNoNode ? spec : at, "spec.applyTo names the kinds that this is about");
  }
  return out;
}

Match read_match(ObjectReader& reader, NodeIndex spec, const policy::DocumentRoot& root) {
  const NodeIndex match = reader.map(spec, "match");
  if (match == kNoNode) return Match();
  for (const NodeIndex kinds : reader.items(match, "kinds")) {
    reader.texts(kinds, "apiGroups");
    reader.texts(kinds, "kinds");
  }
  for (const char* key : {"namespaces", "excludedNamespaces"}) reader.texts(match, key);
  for (const char* key : {"name", "scope"}) reader.text(match, key);
  for (const char* key : {"labelSelector", "namespaceSelector"}) {
    const NodeIndex selector = reader.map(match, key);
    if (selector == kNoNode) continue;
    if (std::string why = check_selector(root.value_of(selector)); !why.empty()) reader.fault(selector, std::move(why));
  }
  const std::string_view source = reader.text(match, "source");
  if (!source.empty() && source != "All" && source != "Original" && source != "Generated") {
    reader.fault(reader.member(match, "source"),
                 "\"" + std::string(source) + "\" is no source of objects: All, Original or Generated");
  }
  return reader.failed() ? Match() : Match(root.value_of(match));
}

}  // namespace kubegate::gatekeeper

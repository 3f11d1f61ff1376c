// A resultant is the part of an object that its template names (spec.template), dressed as an object: with a kind, a
// name, a namespace and its owner. All of it but these few members is the very bytes of the object it comes from, so
// that what a policy finds in it has a place there.
//
// Tested in tests/policy/gatekeeper/expansion_test.cc, against recorded output of `gator expand`.
#include "policy/gatekeeper/expansion.h"

#include <algorithm>

#include "policy/gatekeeper/expansion_cycle.h"
#include "policy/gatekeeper/form.h"
#include "policy/gatekeeper/mutation_value.h"

namespace kubegate::gatekeeper {

using document::kNoNode;
using document::NodeIndex;
using policy::Cursor;
using policy::Member;
using policy::Value;

namespace {

constexpr std::string_view kRule = "policy/expansion";
constexpr std::size_t kMaxName = 63;

std::vector<std::string> split_keys(std::string_view path) {
  std::vector<std::string> keys;
  while (true) {
    const std::size_t dot = path.find('.');
    keys.emplace_back(path.substr(0, dot));
    if (dot == path.npos) return keys;
    path.remove_prefix(dot + 1);
  }
}

// Rule: ValidateTemplate.
bool read_expansion(const PolicySet::Item& item, std::vector<PolicyFinding>& findings, ExpansionTemplate& out) {
  ObjectReader reader(item, kRule, findings);
  out.source = item.source;
  out.node = item.node;
  const NodeIndex metadata = reader.map(reader.root(), "metadata");
  out.name = reader.text(metadata, "name");
  if (out.name.empty()) reader.fault(metadata, "an ExpansionTemplate has a name");
  if (out.name.size() > kMaxName) {
    reader.fault(reader.member(metadata, "name"), "the name of an ExpansionTemplate has at most 63 characters");
  }
  const NodeIndex spec = reader.map(reader.root(), "spec");
  out.apply_to = read_apply_to(reader, spec, false);
  const std::string_view source = reader.text(spec, "templateSource");
  if (source.empty()) reader.fault(spec, "spec.templateSource names the part of the object that is expanded");
  out.template_source = split_keys(source);
  const NodeIndex generated = reader.map(spec, "generatedGVK");
  out.group = reader.text(generated, "group");
  out.version = reader.text(generated, "version");
  out.kind = reader.text(generated, "kind");
  out.api_version = out.group.empty() ? out.version : out.group + "/" + out.version;
  if (out.group.empty() && out.version.empty() && out.kind.empty()) {
    reader.fault(spec, "spec.generatedGVK names the kind that is generated");
  }
  out.enforcement_action = reader.text(spec, "enforcementAction");
  const bool own = std::any_of(out.apply_to.begin(), out.apply_to.end(),
                               [&](const ApplyTo& each) { return each.covers(out.group, out.version, out.kind); });
  if (own) reader.fault(generated, "an ExpansionTemplate is not about what it generates itself");
  return !reader.failed();
}

// Rule: expandResource and ensureOwnerReference.
class Expander {
 public:
  Expander(policy::ValueArena& arena, const ExpansionTemplate& from, const Review& base)
      : arena_(arena), from_(from), base_(base) {}

  // Undefined, with what is wrong in `error`, where the object has no such part.
  Value make(std::string& error) {
    Value part = base_.object.value;
    for (const std::string& key : from_.template_source) {
      part = policy::lookup(part, key);
      if (part.is_object()) continue;
      error = "ExpansionTemplate " + from_.name + ": " + std::string(base_.object.kind) + " " +
              std::string(base_.object.name) + " has no object at " + text_of_source();
      return Value();
    }
    part = with_member(arena_, part, "apiVersion", Value::string(from_.api_version));
    part = with_member(arena_, part, "kind", Value::string(from_.kind));
    Value metadata = at(part, "metadata");
    if (!metadata.defined() || metadata.is_null()) metadata = Value::empty_object();
    if (!metadata.is_object()) return part;  // nothing can be set in it
    return with_member(arena_, part, "metadata", owned(named(placed(metadata))));
  }

 private:
  std::string text_of_source() const {
    std::string out;
    for (const std::string& key : from_.template_source) out += (out.empty() ? "" : ".") + key;
    return out;
  }

  Value placed(Value metadata) {
    std::string_view name_space;
    if (base_.name_space.defined()) {
      name_space = text_of(at(base_.name_space, "metadata", "name"));
    } else {
      const Value written = at(base_.object.value, "metadata", "namespace");
      if (!written.is_string()) return metadata;
      name_space = written.text();
    }
    return name_space.empty() ? without_member(arena_, metadata, "namespace")
                              : with_member(arena_, metadata, "namespace", Value::string(name_space));
  }

  Value named(Value metadata) {
    std::string name(base_.object.name);
    if (!from_.kind.empty()) name += "-" + from_.kind;
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
    return name.empty() ? without_member(arena_, metadata, "name")
                        : with_member(arena_, metadata, "name", policy::make_string(arena_, name));
  }

  Value owned(Value metadata) {
    const Value api_version = at(base_.object.value, "apiVersion");
    const Value kind = Value::string(base_.object.kind), name = Value::string(base_.object.name);
    if (text_of(api_version).empty() || kind.text().empty() || name.text().empty()) return metadata;
    Value references = at(metadata, "ownerReferences");
    if (!references.is_array()) references = Value::empty_array();
    for (Cursor each(references); each.next();) {
      const auto has = [&](std::string_view key, Value value) { return policy::equal(at(each.value(), key), value); };
      if (has("apiVersion", api_version) && has("kind", kind) && has("name", name)) return metadata;
    }
    Member members[] = {{Value::string("apiVersion"), api_version},
                        {Value::string("kind"), kind},
                        {Value::string("name"), name},
                        {Value::string("uid"), Value::string("")}};
    const Value owner = policy::make_object(arena_, members, policy::EqualKeys::kLast);
    return with_member(arena_, metadata, "ownerReferences",
                       with_item(arena_, references, policy::count(references), owner));
  }

  policy::ValueArena& arena_;
  const ExpansionTemplate& from_;
  const Review& base_;
};

}  // namespace

Review review_of(const Resultant& resultant, const Review& base) {
  Review review;
  review.object = subject_of(resultant.object);
  review.name_space = base.name_space;
  review.namespaced = base.namespaced;  // it lies where what it comes from lies
  review.origin = Origin::kGenerated;
  return review;
}

std::string implied_message(std::string_view template_name, std::string_view message) {
  std::string out = "[Implied by ";
  out += template_name;
  out += "] ";
  return out += message;
}

std::shared_ptr<const Expansions> Expansions::compile(std::span<const PolicySet::Item> items,
                                                      std::vector<PolicyFinding>& findings) {
  std::map<std::string, ExpansionTemplate> by_name;
  for (const PolicySet::Item& item : items) {
    ExpansionTemplate each;
    const bool read = read_expansion(item, findings, each);
    if (FormCheck::built_in().sound(item, findings) && read) by_name.insert_or_assign(each.name, std::move(each));
  }
  std::vector<ExpansionTemplate> all;
  for (auto& [name, each] : by_name) all.push_back(std::move(each));
  const std::vector<bool> in_cycle = find_cycles(all);
  const auto out = std::make_shared<Expansions>();
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!in_cycle[i]) {
      out->templates_.push_back(std::move(all[i]));
      continue;
    }
    ObjectReader reader({all[i].source, all[i].node}, kRule, findings);
    reader.fault(reader.member(reader.map(reader.root(), "spec"), "generatedGVK"),
                 "what this generates leads through other ExpansionTemplates back to it, so none of them is applied");
  }
  return out;
}

bool Expansions::expand(policy::ValueArena& arena, const Review& base, const Mutators& mutators, int depth,
                        std::size_t limit, std::vector<Resultant>& out, std::string& error) const {
  if (depth == kMaxExpansionDepth) {
    error = "what is expanded is expanded again, " + std::to_string(kMaxExpansionDepth) +
            " times: " + std::string(base.object.kind) + " " + std::string(base.object.name);
    return false;
  }
  std::vector<Resultant> own;
  for (const ExpansionTemplate& each : templates_) {
    const bool applies = std::any_of(each.apply_to.begin(), each.apply_to.end(), [&](const ApplyTo& to) {
      return to.covers(base.object.group, base.object.version, base.object.kind);
    });
    if (!applies) continue;
    Resultant resultant{Expander(arena, each, base).make(error), each.name, each.enforcement_action};
    if (!resultant.object.defined()) return false;
    own.push_back(resultant);
  }
  for (Resultant& resultant : own) {
    Review review = review_of(resultant, base);
    resultant.object = mutators.mutate(arena, review, error);
    if (!resultant.object.defined()) return false;
    review.object = subject_of(resultant.object);
    if (!expand(arena, review, mutators, depth + 1, limit, out, error)) return false;
  }
  out.insert(out.end(), own.begin(), own.end());
  if (out.size() <= limit) return true;
  error = std::string(base.object.kind) + " " + std::string(base.object.name) + " expands to more than " +
          std::to_string(kMaxResultants) + " objects";
  return false;
}

bool Expansions::expand(policy::ValueArena& arena, const Review& base, const Mutators& mutators,
                        std::vector<Resultant>& out, std::string& error) const {
  if (templates_.empty() || !base.object.exists()) return true;
  const std::size_t before = out.size();
  bool done = false;
  try {
    done = expand(arena, base, mutators, 0, before + kMaxResultants, out, error);
  } catch (const policy::LimitReached& limit) {
    error =
        "the expansion of " + std::string(base.object.kind) + " " + std::string(base.object.name) + ": " + limit.what();
  }
  if (!done) out.resize(before);
  return done;
}

bool expand(policy::ValueArena& arena, const Review& base, const Mutators& mutators, const Expansions& expansions,
            Expanded& out, std::string& error) {
  Review mutated = base;
  const Value object = mutators.mutate(arena, base, error);
  if (!object.defined() && base.object.exists()) return false;
  if (!identical(object, base.object.value)) mutated.object = subject_of(object);
  out.base = object;
  out.resultants.clear();
  return expansions.expand(arena, mutated, mutators, out.resultants, error);
}

}  // namespace kubegate::gatekeeper

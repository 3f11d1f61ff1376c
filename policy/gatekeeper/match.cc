// Which objects a constraint is about. The tests of one object stand in Gatekeeper's order, since the last ones may
// find that they cannot tell: what an earlier one rules out must not become an unknown.
//
// Tested in tests/policy/gatekeeper/match_test.cc.
#include "policy/gatekeeper/match.h"

#include <algorithm>

namespace kubegate::gatekeeper {

using policy::Cursor;
using policy::Value;

namespace {

std::vector<std::string> texts_of(Value list) {
  std::vector<std::string> texts;
  for (Cursor item(list); item.next();) texts.emplace_back(text_of(item.value()));
  return texts;
}

std::vector<Glob> globs_of(Value list) {
  std::vector<Glob> globs;
  for (Cursor item(list); item.next();) globs.emplace_back(text_of(item.value()));
  return globs;
}

// Whether a list of names, where `*` and the empty list mean all, has this one.
bool is_among(const std::vector<std::string>& list, std::string_view name) {
  return list.empty() ||
         std::any_of(list.begin(), list.end(), [&](const std::string& each) { return each == "*" || each == name; });
}

bool any_matches(const std::vector<Glob>& globs, std::string_view name) {
  return std::any_of(globs.begin(), globs.end(), [&](const Glob& glob) { return glob.matches(name); });
}

}  // namespace

Glob::Glob(std::string_view text) {
  any_before_ = text.starts_with('*');
  any_behind_ = text.ends_with('*');
  if (any_before_) text.remove_prefix(1);
  if (any_behind_ && !text.empty()) text.remove_suffix(1);
  text_ = text;
}

bool Glob::matches(std::string_view name) const {
  if (any_before_ && any_behind_) return name.find(text_) != name.npos;
  if (any_before_) return name.ends_with(text_);
  if (any_behind_) return name.starts_with(text_);
  return name == text_;
}

bool Glob::matches_generate_name(std::string_view name) const { return any_behind_ && matches(name); }

LabelSelector::LabelSelector(Value selector) {
  for (Cursor label(at(selector, "matchLabels")); label.next();) {
    requirements_.push_back({std::string(text_of(label.key())), Operator::kIn, {std::string(text_of(label.value()))}});
  }
  for (Cursor item(at(selector, "matchExpressions")); item.next();) {
    const std::string_view name = text_of(at(item.value(), "operator"));
    const Operator op = name == "In"       ? Operator::kIn
                        : name == "NotIn"  ? Operator::kNotIn
                        : name == "Exists" ? Operator::kExists
                                           : Operator::kDoesNotExist;
    requirements_.push_back({std::string(text_of(at(item.value(), "key"))), op, texts_of(at(item.value(), "values"))});
  }
}

bool LabelSelector::matches(Value labels) const {
  return std::all_of(requirements_.begin(), requirements_.end(), [&](const Requirement& requirement) {
    const Value value = policy::lookup(labels, requirement.key);
    const auto& values = requirement.values;
    const bool listed = value.is_string() && std::find(values.begin(), values.end(), value.text()) != values.end();
    switch (requirement.op) {
      case Operator::kIn: return listed;
      case Operator::kNotIn: return !listed;
      case Operator::kExists: return value.defined();
      case Operator::kDoesNotExist: return !value.defined();
    }
    return false;
  });
}

std::string check_selector(Value selector) {
  for (Cursor item(at(selector, "matchExpressions")); item.next();) {
    const std::string_view name = text_of(at(item.value(), "operator"));
    const bool has_values = policy::count(at(item.value(), "values")) > 0;
    if (name == "In" || name == "NotIn") {
      if (!has_values) return "operator " + std::string(name) + " needs values";
    } else if (name == "Exists" || name == "DoesNotExist") {
      if (has_values) return "operator " + std::string(name) + " takes no values";
    } else {
      return "\"" + std::string(name) + "\" is no operator: In, NotIn, Exists or DoesNotExist";
    }
  }
  return {};
}

Match::Match(Value match) {
  for (Cursor item(at(match, "kinds")); item.next();) {
    kinds_.push_back({texts_of(at(item.value(), "apiGroups")), texts_of(at(item.value(), "kinds"))});
  }
  // What is neither of the two, a misspelt one among it, is any.
  const std::string_view scope = text_of(at(match, "scope"));
  scope_ = scope == "Cluster" ? Scope::kCluster : scope == "Namespaced" ? Scope::kNamespaced : Scope::kAny;
  namespaces_ = globs_of(at(match, "namespaces"));
  excluded_namespaces_ = globs_of(at(match, "excludedNamespaces"));
  if (const Value selector = at(match, "labelSelector"); selector.is_object()) label_selector_.emplace(selector);
  if (const Value selector = at(match, "namespaceSelector"); selector.is_object()) {
    namespace_selector_.emplace(selector);
  }
  if (const std::string_view name = text_of(at(match, "name")); !name.empty()) name_.emplace(name);
  const std::string_view source = text_of(at(match, "source"));
  if (source == "Original") source_ = Origin::kOriginal;
  if (source == "Generated") source_ = Origin::kGenerated;
}

bool Match::covers(std::string_view group, std::string_view kind) const {
  return kinds_.empty() || std::any_of(kinds_.begin(), kinds_.end(), [&](const Kinds& kinds) {
           return is_among(kinds.kinds, kind) && is_among(kinds.groups, group);
         });
}

const char* Match::ruled_out_by_name(const Subject& subject, Value name_space) const {
  if (namespaces_.empty() && excluded_namespaces_.empty()) return nullptr;
  std::string_view name;
  if (subject.is_namespace()) {
    name = subject.name;
  } else if (name_space.defined()) {
    name = text_of(at(name_space, "metadata", "name"));
  } else if (!subject.name_space.empty()) {
    name = subject.name_space;
  } else {
    return nullptr;  // what lies in no namespace is neither in a wanted one nor in an excluded one
  }
  if (!namespaces_.empty() && !any_matches(namespaces_, name)) return "namespaces";
  return any_matches(excluded_namespaces_, name) ? "excludedNamespaces" : nullptr;
}

Match::Answer Match::matches(const Subject& subject, const Review& review) const {
  const auto no = [](const char* by) { return Answer{Matched::kNo, by}; };
  if (!covers(subject.group, subject.kind)) return no("kinds");
  const bool is_namespace = subject.is_namespace();
  if (scope_ != Scope::kAny) {
    const bool says_so = !subject.name_space.empty() || review.name_space.defined();
    const bool inside = !is_namespace && review.namespaced.value_or(says_so);
    if (inside != (scope_ == Scope::kNamespaced)) return no("scope");
  }
  if (const char* by = ruled_out_by_name(subject, review.name_space)) return no(by);
  if (label_selector_ && !label_selector_->matches(subject.labels)) return no("labelSelector");
  if (namespace_selector_) {
    const bool inside = !is_namespace && (review.name_space.defined() || !subject.name_space.empty());
    if (inside && !review.name_space.defined()) return {Matched::kUnknown};
    // What lies in no namespace matches, but for a Namespace, which goes by its own labels.
    const Value labels = is_namespace ? subject.labels : at(review.name_space, "metadata", "labels");
    if ((inside || is_namespace) && !namespace_selector_->matches(labels)) return no("namespaceSelector");
  }
  if (name_ && !name_->matches(subject.name) && !name_->matches_generate_name(subject.generate_name)) {
    return no("name");
  }
  if (source_ && *source_ != review.origin) return no("source");
  return {Matched::kYes};
}

Matched Match::matches(const Review& review, std::string* why) const {
  for (const Subject* subject : {&review.object, &review.old_object}) {
    if (!subject->exists()) continue;
    const Matched matched = matches(*subject, review).matched;
    if (matched == Matched::kNo) continue;
    if (matched == Matched::kUnknown && why != nullptr) {
      *why = "unable to match constraints: error matching the requested object: " + std::string(subject->name) +
             " :failed to run Match criteria: namespace selector for namespace-scoped object but missing Namespace";
    }
    return matched;
  }
  return Matched::kNo;
}

std::string Match::why_not(const Review& review) const {
  const Answer answer = matches(review.object.exists() ? review.object : review.old_object, review);
  return answer.by == nullptr ? std::string() : answer.by;
}

}  // namespace kubegate::gatekeeper

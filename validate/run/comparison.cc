// Sets whose bytes are the same are not read any further: of a change that reaches one overlay in a thousand, one is
// parsed.
//
// Tested in tests/validate/run/comparison_test.cc.
#include "validate/run/comparison.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>
#include <vector>

#include "validate/document/read.h"
#include "validate/run/field_changes.h"
#include "validate/run/object.h"
#include "validate/source/git.h"

namespace kubegate::run {

namespace {

using document::Document;
using report::Action;
using report::ObjectChange;
using report::SetChanges;
using source::Input;

// What makes an object the same; the last tells apart those that should not be there twice.
using Key = std::tuple<std::string, std::string, std::string, std::string, int>;

std::string group_of(std::string_view api_version) {
  const std::size_t slash = api_version.find('/');
  return slash == api_version.npos ? "" : std::string(api_version.substr(0, slash));
}

// One side of a set. Not to be moved: the documents view the text.
class ObjectSet {
 public:
  struct Member {
    std::size_t document;
    document::NodeIndex node;
    std::string api_version;
  };

  ObjectSet() = default;
  ObjectSet(const ObjectSet&) = delete;

  std::string_view text() const { return text_; }
  const std::map<Key, Member>& members() const { return members_; }
  const Document& document(const Member& member) const { return documents_[member.document]; }

  // Reads the bytes. False with `fault` where they cannot be.
  bool load(const Input& input, std::uint64_t limit, std::string& fault) {
    if (input.kind == Input::Kind::kFailed) {
      fault = input.error;
      return false;
    }
    const auto text = source::read_input(input, limit, buffer_);
    if (!text.ok()) {
      fault = text.error().message;
      return false;
    }
    text_ = *text;
    return true;
  }

  void parse(const std::string& path, const document::Limits& limits, std::string& fault) {
    const document::Syntax syntax = document::syntax_of(path);
    for (const document::Slice& slice : document::split(text_, syntax)) {
      reader_.read(slice, syntax, limits, scratch_);
      if (!scratch_.complete()) {
        if (fault.empty()) fault = "what begins in line " + std::to_string(slice.first_line) + " cannot be read";
        continue;
      }
      if (scratch_.empty()) continue;
      const schema::ObjectIdentity root = schema::identity_of(scratch_, 0);
      if (meaning_of(scratch_, path, root) != Meaning::kObject) continue;
      std::vector<Object> objects;
      unpack(scratch_, root, objects);
      for (const Object& object : objects) add(object);
      documents_.push_back(scratch_.take());
    }
  }

 private:
  void add(const Object& object) {
    const schema::ObjectIdentity& identity = object.identity;
    if (!identity.is_complete()) return;
    std::string name(identity.name);
    if (name.empty() && !identity.generate_name.empty()) name = std::string(identity.generate_name) + "*";
    Key key(group_of(identity.api_version), identity.kind, identity.namespace_, std::move(name), 0);
    std::get<4>(key) = repeated_[key]++;
    members_.emplace(std::move(key), Member{documents_.size(), object.node, std::string(identity.api_version)});
  }

  source::Buffer buffer_;
  std::string_view text_;
  document::Reader reader_;
  Document scratch_;  // has room to grow, of which take() keeps none
  std::vector<Document> documents_;
  std::map<Key, Member> members_;
  std::map<Key, int> repeated_;  // how often each was there, by the first one's key
};

ObjectChange change_of(Action action, const Key& key, const ObjectSet::Member& member) {
  ObjectChange change;
  change.action = action;
  change.api_version = member.api_version;
  change.kind = std::get<1>(key);
  change.namespace_ = std::get<2>(key);
  change.name = std::get<3>(key);
  return change;
}

// Null stands for a side that lacks the set.
void compare_set(const std::string& path, const Input* before, const Input* after, const document::Limits& limits,
                 report::Changes& out) {
  SetChanges set;
  set.name = path;
  set.action = before == nullptr ? Action::kAdded : after == nullptr ? Action::kDeleted : Action::kChanged;
  ObjectSet old_set, new_set;
  const bool readable = (before == nullptr || old_set.load(*before, limits.file_bytes, set.fault)) &&
                        (after == nullptr || new_set.load(*after, limits.file_bytes, set.fault));
  if (readable) {
    if (before != nullptr && after != nullptr && old_set.text() == new_set.text()) return;
    old_set.parse(path, limits, set.fault);
    new_set.parse(path, limits, set.fault);
  }
  for (const auto& [key, member] : old_set.members()) {
    const auto found = new_set.members().find(key);
    if (found == new_set.members().end()) {
      set.objects.push_back(change_of(Action::kDeleted, key, member));
      continue;
    }
    ObjectChange change = change_of(Action::kChanged, key, found->second);
    const bool secret = change.kind == "Secret" && std::get<0>(key).empty();
    change.fields = field_changes(old_set.document(member), member.node, new_set.document(found->second),
                                  found->second.node, secret);
    if (!change.fields.empty()) set.objects.push_back(std::move(change));
  }
  for (const auto& [key, member] : new_set.members()) {
    if (!old_set.members().contains(key)) set.objects.push_back(change_of(Action::kAdded, key, member));
  }
  if (!set.objects.empty() || !set.fault.empty()) out.sets.push_back(std::move(set));
}

Result<std::map<std::string, Input>> inputs_of(const Options& options) {
  auto selection = select_all(options, options.paths);
  if (!selection.ok()) return selection.error();
  std::map<std::string, Input> inputs;
  while (auto input = selection->next()) {
    if (input->kind == Input::Kind::kSkipped || input->kind == Input::Kind::kStandardInput) continue;
    std::string path = input->path;
    inputs.emplace(std::move(path), std::move(*input));
  }
  return inputs;
}

}  // namespace

Result<std::string> base_of(const RevisionSettings& settings, const std::string& revision, const std::string& folder) {
  const auto repository = source::Repository::open(folder, settings.git_dir);
  if (!repository.ok()) return repository.error();
  const auto since = (*repository)->find(revision);
  if (!since.ok()) return since.error();
  const auto tip = settings.revision.empty() ? (*repository)->head() : (*repository)->find(settings.revision);
  if (!tip.ok()) return tip.error();
  if (tip->id.empty()) return Error{ErrorCode::kArgument, since->name, "there is no commit yet on this branch"};
  const auto base = (*repository)->merge_base(*since, *tip);
  if (!base.ok()) return base.error();
  return base->id;
}

Result<report::Changes> compare(const Options& before, const Options& after) {
  const auto old_inputs = inputs_of(before);
  if (!old_inputs.ok()) return old_inputs.error();
  const auto new_inputs = inputs_of(after);
  if (!new_inputs.ok()) return new_inputs.error();
  report::Changes out;
  auto i = old_inputs->begin();
  auto j = new_inputs->begin();
  while (i != old_inputs->end() || j != new_inputs->end()) {
    const bool only_old = j == new_inputs->end() || (i != old_inputs->end() && i->first < j->first);
    const bool only_new = i == old_inputs->end() || (j != new_inputs->end() && j->first < i->first);
    const Input* const was = only_new ? nullptr : &i->second;
    const Input* const is = only_old ? nullptr : &j->second;
    compare_set(only_new ? j->first : i->first, was, is, after.limits, out);
    if (!only_new) ++i;
    if (!only_old) ++j;
  }
  return out;
}

}  // namespace kubegate::run

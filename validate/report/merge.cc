// Each shard numbers the inputs of the whole run, so joining parts is a merge of sorted lists by that number; nothing is
// judged again. What no shard can know alone, that there was not one object in all the run, is decided here: each part
// brings what is to be told then.
//
// Nothing is written before all parts are read to their ends, and so each line is read twice: a report that breaks off at
// a damaged part would be worse than none. Parts come from other machines, so whatever they hold is bounded (a line, the
// nesting, which is the records' own), and what forms write as it is (rules, targets, nouns) may hold nothing that
// controls a terminal.
//
// Tested in tests/validate/report/merge_test.cc and, against runs of one machine, tests/validate/shard_test.cc; fuzzed by
// tests/fuzz/fuzz_part.cc.
#include "validate/report/merge.h"

#include <rapidjson/document.h>
#include <rapidjson/error/en.h>

#include <algorithm>
#include <optional>
#include <type_traits>
#include <utility>

#include "validate/report/text.h"

namespace kubegate::report {

namespace {

// The bytes of a text that part.cc made UTF-8. False: it made no such text.
bool to_bytes(std::string_view text, std::string& bytes) {
  const auto digit = [](char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; };
  bytes.clear();
  bytes.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\0') {
      bytes += text[i];
      continue;
    }
    if (text.size() - i < 3) return false;
    const int high = digit(text[i + 1]), low = digit(text[i + 2]);
    if (high < 0 || low < 0) return false;
    bytes += static_cast<char>(high << 4 | low);
    i += 2;
  }
  return true;
}

bool is_safe(std::string_view text) {
  std::string safe;
  append_safe(safe, text);
  return safe == text;
}

// Reads the members of a record from a JSON object, all of which must be there.
class MemberReader {
 public:
  explicit MemberReader(std::set<std::string, std::less<>>& texts) : texts_(texts) {}

  template <class Record>
  bool read(const rapidjson::Value& json, Record& record) {
    get(json, record);
    return fault_.empty();
  }
  const std::string& fault() const { return fault_; }

  template <class T, class... Most>
  void operator()(const char* name, T& value, Most... most) {
    if (!fault_.empty()) return;
    const auto member = object_->FindMember(name);
    if (member == object_->MemberEnd()) {
      fault_ = std::string("there is no ") + name;
      return;
    }
    get(member->value, value, most...);
    if (fault_ == kMisfit) fault_ = std::string("what ") + name + " says cannot be";
  }

 private:
  void misfit() { fault_ = kMisfit; }

  static constexpr std::string_view kMisfit = "this is no record";

  void get(const rapidjson::Value& json, bool& value) {
    if (!json.IsBool()) return misfit();
    value = json.GetBool();
  }
  void get(const rapidjson::Value& json, std::uint32_t& value) {
    if (!json.IsUint()) return misfit();
    value = json.GetUint();
  }
  void get(const rapidjson::Value& json, std::uint64_t& value) {
    if (!json.IsUint64()) return misfit();
    value = json.GetUint64();
  }
  template <class Enum>
  void get(const rapidjson::Value& json, Enum& value, Enum most) {
    if (!json.IsUint() || json.GetUint() > static_cast<unsigned>(most)) return misfit();
    value = static_cast<Enum>(json.GetUint());
  }
  void get(const rapidjson::Value& json, std::string& value) {
    if (!json.IsString() || !to_bytes({json.GetString(), json.GetStringLength()}, value)) misfit();
  }
  void get(const rapidjson::Value& json, std::string_view& value) {
    std::string text;
    get(json, text);
    if (fault_.empty()) value = *texts_.insert(std::move(text)).first;
  }
  template <class T>
  void get(const rapidjson::Value& json, std::vector<T>& values) {
    if (!json.IsArray()) return misfit();
    values.clear();
    for (const rapidjson::Value& element : json.GetArray()) {
      get(element, values.emplace_back());
      if (!fault_.empty()) return;
    }
  }
  template <class T>
  void get(const rapidjson::Value& json, std::optional<T>& value) {
    value.reset();
    if (!json.IsNull()) get(json, value.emplace());
  }
  template <class Record>
  requires std::is_class_v<Record>
  void get(const rapidjson::Value& json, Record& record) {
    if (!json.IsObject()) return misfit();
    const rapidjson::Value* const outer = std::exchange(object_, &json);
    fields(*this, record);
    object_ = outer;
  }

  std::set<std::string, std::less<>>& texts_;
  const rapidjson::Value* object_ = nullptr;  // whose members are being read
  std::string fault_;                         // why it cannot be read; "" is none
};

std::string listed(const std::vector<std::uint32_t>& numbers) {
  constexpr std::size_t kMost = 20;
  std::string text;
  for (std::size_t i = 0; i < std::min(numbers.size(), kMost); ++i) {
    text += (i == 0 ? "" : i + 1 == numbers.size() ? " and " : ", ") + std::to_string(numbers[i]);
  }
  if (numbers.size() > kMost) text += " and " + std::to_string(numbers.size() - kMost) + " more";
  return text;
}

// Parts list all that there can be, in one order.
void add(std::vector<Tally>& sum, const std::vector<Tally>& part) {
  sum.resize(std::max(sum.size(), part.size()));
  for (std::size_t i = 0; i < part.size(); ++i) sum[i] = {sum[i].count + part[i].count, part[i].one, part[i].many};
}

void add(Summary& sum, const Summary& part) {
  sum.standard_input |= part.standard_input;
  sum.files += part.files;
  sum.objects += part.objects;
  sum.errors += part.errors;
  sum.warnings += part.warnings;
  sum.ignored += part.ignored;
  sum.known += part.known;
  sum.rules_not_evaluated += part.rules_not_evaluated;
  sum.files_not_read += part.files_not_read;
  sum.objects_skipped += part.objects_skipped;
  add(sum.files_skipped, part.files_skipped);
  add(sum.besides, part.besides);
  sum.folders_skipped += part.folders_skipped;
  sum.valid += part.valid;
  sum.invalid += part.invalid;
  sum.unjudged += part.unjudged;
  sum.skipped += part.skipped;
}

// The path of the folder that a run starts in, from the top of its repository.
std::string_view place_of(const PartEnd& end) {
  const std::string_view folder = end.folder, root = end.root;
  return folder.starts_with(root) ? folder.substr(root.size()) : folder;
}

}  // namespace

// The lines of one part.
class Merge::Reader {
 public:
  Reader(const PartText& part, std::set<std::string, std::less<>>& texts)
      : name_(part.name), rest_(part.text), texts_(texts) {}

  bool at_end() const { return rest_.empty(); }

  Result<Done> begin() {
    const std::string_view line = next_line();
    if (line == kPartBegin) return Done{};
    if (line.starts_with(kPartFamily)) return refuse("it was written by another version of kubegate");
    return refuse("this is no part of a report, as `kubegate validate --output part=FILE` writes it");
  }

  // The next record: a resource, or where there is none left, the end.
  Result<bool> next(Resource& resource, PartEnd& end) {
    if (rest_.empty() || rest_.find('\n') == rest_.npos) return refuse("the part is cut off");
    const std::string_view line = next_line();
    if (line.size() > kMostPartLine) return refuse("the line is longer than any that kubegate writes");
    rapidjson::Document json;
    json.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag>(line.data(), line.size());
    if (json.HasParseError()) return refuse(rapidjson::GetParseError_En(json.GetParseError()));
    MemberReader members(texts_);
    if (json.IsObject() && json.HasMember("resources")) {
      if (!members.read(json, end)) return refuse(members.fault());
      return false;
    }
    resource = {};
    if (!members.read(json, resource)) return refuse(members.fault());
    return true;
  }

  Error refuse(std::string message) const {
    return {ErrorCode::kData, name_, "line " + std::to_string(line_) + ": " + std::move(message)};
  }

 private:
  std::string_view next_line() {
    const std::string_view line = rest_.substr(0, rest_.find('\n'));
    rest_.remove_prefix(std::min(line.size() + 1, rest_.size()));
    ++line_;
    return line;
  }

  const std::string& name_;
  std::string_view rest_;
  std::size_t line_ = 0;
  std::set<std::string, std::less<>>& texts_;
};

Result<Merge> Merge::open(std::vector<PartText> parts) {
  if (parts.empty()) return Error{ErrorCode::kArgument, "", "there are no parts to merge"};
  Merge merge(std::move(parts));
  const auto checked = merge.check();
  if (!checked.ok()) return checked.error();
  return merge;
}

Result<Done> Merge::check() {
  for (const PartText& part : parts_) {
    const auto checked = check_part(part);
    if (!checked.ok()) return checked;
  }
  return check_run();
}

Result<Done> Merge::check_part(const PartText& part) {
  Reader reader(part, texts_);
  const auto begun = reader.begin();
  if (!begun.ok()) return begun;
  PartEnd end;
  std::uint64_t resources = 0;
  for (std::uint64_t order = 0;; ++resources) {
    Resource resource;
    const auto more = reader.next(resource, end);
    if (!more.ok()) return more.error();
    if (!*more) break;
    if (resource.order < order) return reader.refuse("the resources are not in order");
    order = resource.order;
    for (const LocatedFinding& finding : resource.findings) {
      if (!is_safe(finding.rule)) return reader.refuse("this is no rule");
    }
  }
  if (!reader.at_end()) return reader.refuse("there is more behind the end");
  if (end.resources != resources) {
    return reader.refuse("there should be " + std::to_string(end.resources) + " resources, not " +
                         std::to_string(resources));
  }
  const Share& share = end.share;
  if (share.index < 1 || share.index > share.count) return reader.refuse("no run has such a part");
  bool safe = end.targets.size() <= kMaxTargets;
  for (const std::string& target : end.targets) safe &= is_safe(target);
  for (const auto* tallies : {&end.summary.files_skipped, &end.summary.besides}) {
    for (const Tally& tally : *tallies) safe &= is_safe(tally.one) && is_safe(tally.many);
  }
  if (share.when_empty) {
    for (const LocatedFinding& finding : share.when_empty->findings) safe &= is_safe(finding.rule);
  }
  if (!safe) return reader.refuse("this is no end of a part");
  ends_.push_back(std::move(end));
  return Done{};
}

// Whether these are all parts of one run, each once.
Result<Done> Merge::check_run() {
  const PartEnd& first = ends_.front();
  const std::uint32_t count = first.share.count;
  std::vector<std::uint32_t> missing;
  if (count > kMostParts) return Error{ErrorCode::kLimit, parts_.front().name, "no run has so many parts"};
  by_index_.assign(count, parts_.size());
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    const PartEnd& end = ends_[i];
    const auto refuse = [&](const std::string& what) {
      return Error{ErrorCode::kData, parts_[i].name,
                   "this is of another run than " + parts_.front().name + ": " + what};
    };
    if (end.version != first.version) {
      return refuse("kubegate " + end.version + " wrote it, not " + first.version);
    }
    if (end.share.count != count) {
      return refuse("it is part " + std::to_string(end.share.index) + " of " + std::to_string(end.share.count) +
                    ", not of " + std::to_string(count));
    }
    if (end.targets != first.targets) return refuse("it is for other Kubernetes versions");
    for (std::size_t k = 0; k < std::max(end.share.settings.size(), first.share.settings.size()); ++k) {
      const auto& mine = end.share.settings;
      const auto& others = first.share.settings;
      if (k < mine.size() && k < others.size() && mine[k] == others[k]) continue;
      return refuse((k < mine.size() ? mine : others)[k].first + " differs");
    }
    if (place_of(end) != place_of(first)) return refuse("it ran in another folder of the repository");
    if (end.share.inputs != first.share.inputs) {
      return refuse("the files differ, or their order; is it of another commit?");
    }
    std::size_t& place = by_index_[end.share.index - 1];
    if (place < parts_.size()) {
      return Error{ErrorCode::kData, parts_[i].name,
                   "this is part " + std::to_string(end.share.index) + ", and so is " + parts_[place].name};
    }
    place = i;
  }
  for (std::uint32_t i = 0; i < count; ++i) {
    if (by_index_[i] == parts_.size()) missing.push_back(i + 1);
  }
  if (missing.empty()) return Done{};
  return Error{ErrorCode::kData, "",
               (missing.size() == 1 ? "part " : "parts ") + listed(missing) + " of " + std::to_string(count) +
                   (missing.size() == 1 ? " is" : " are") + " missing"};
}

Merge::Outcome Merge::write(Output& output) {
  struct Head {
    Reader reader;
    Resource resource;
    bool there = false;
  };
  PartEnd end;
  Outcome outcome;
  std::vector<Head> heads;
  // A part that was read to its end once is read so again.
  const auto advance = [&](Head& head) {
    const auto more = head.reader.next(head.resource, end);
    head.there = more.ok() && *more;
  };
  for (const std::size_t i : by_index_) {
    heads.push_back({Reader(parts_[i], texts_), {}});
    static_cast<void>(heads.back().reader.begin());
    advance(heads.back());
    add(outcome.summary, ends_[i].summary);
  }
  const auto tell = [&](const Resource& resource) {
    if (resource.status == Status::kError && resource.findings.empty()) {
      outcome.errors.push_back({ErrorCode::kIo, std::string(resource.path), resource.note});
    }
    output.write(resource);
  };
  while (true) {
    Head* next = nullptr;
    for (Head& head : heads) {
      if (head.there && (next == nullptr || head.resource.order < next->resource.order)) next = &head;
    }
    if (next == nullptr) break;
    // All of one input are of one part.
    for (const std::uint64_t order = next->resource.order; next->there && next->resource.order == order;) {
      tell(next->resource);
      advance(*next);
    }
  }

  Summary& summary = outcome.summary;
  summary.targets = run().targets;
  summary.standard_input &= summary.files == 1;
  const bool nothing = summary.objects == 0 && summary.errors == 0 && summary.files_not_read == 0;
  // Where a part has found something else to check, it brings none.
  const bool all =
      std::all_of(ends_.begin(), ends_.end(), [](const PartEnd& e) { return e.share.when_empty.has_value(); });
  if (nothing && all) {
    tell(*run().share.when_empty);
    ++summary.errors;
    ++summary.unjudged;
  }
  output.finish(summary);
  return outcome;
}

}  // namespace kubegate::report

// A cluster has versions and CRDs of its own, so it has a catalogue of its own. A file that goes to several is judged by
// the checks of each, in one walk: what they say alike becomes one finding whose targets are those of all (locate.cc).
// The bits of a catalogue's targets are its own; here they become those of the run.
//
// Tested in tests/validate/run/clusters_test.cc.
#include "validate/run/clusters.h"

#include <re2/re2.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "validate/base/digest.h"
#include "validate/run/crds.h"

namespace kubegate::run {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostJudges = 1024;  // combinations of clusters

// The checks of one catalogue on objects that another may have resolved.
class OnTargets final : public Check {
 public:
  OnTargets(std::shared_ptr<const schema::Catalogue> catalogue, std::shared_ptr<const Check> check,
            const std::vector<schema::Target>& all)
      : catalogue_(std::move(catalogue)), check_(std::move(check)) {
    for (const schema::Target& target : catalogue_->targets()) {
      const auto at = std::find_if(all.begin(), all.end(),
                                   [&](const schema::Target& other) { return other.version == target.version; });
      bits_.push_back(TargetMask{1} << (at - all.begin()));
    }
  }

  std::unique_ptr<Memory> make_memory() const override { return check_->make_memory(); }
  void begin(const document::Document& document, std::string_view path, Memory& memory) const override {
    check_->begin(document, path, memory);
  }

  std::optional<std::string> inputs(std::string_view path) const override { return check_->inputs(path); }

  schema::ObjectVerdict check(const document::Document& document, const Object& object, const schema::Resolution&,
                              Memory* memory, std::vector<Finding>& out) const override {
    schema::Resolution resolution;
    if (object.identity.is_complete()) {
      resolution = catalogue_->resolve(object.identity.api_version, object.identity.kind);
    }
    // What checks of other clusters found is not this one's to see.
    std::vector<Finding> own;
    const schema::ObjectVerdict verdict = check_->check(document, object, resolution, memory, own);
    for (Finding& finding : own) {
      if (finding.targets != kAllTargets) finding.targets = translated(finding.targets);
      out.push_back(std::move(finding));
    }
    return verdict;
  }

 private:
  TargetMask translated(TargetMask targets) const {
    TargetMask all = 0;
    for (std::size_t i = 0; i < bits_.size(); ++i) {
      if (targets >> i & 1) all |= bits_[i];
    }
    return all;
  }

  const std::shared_ptr<const schema::Catalogue> catalogue_;
  const std::shared_ptr<const Check> check_;
  std::vector<TargetMask> bits_;  // by the bit of the catalogue's target
};

// The run's own checks of one catalogue, one behind the other: later ones look at what earlier ones found.
class InOrder final : public Check {
 public:
  explicit InOrder(std::vector<std::shared_ptr<const Check>> checks) : checks_(std::move(checks)) {}

  std::optional<std::string> inputs(std::string_view path) const override { return inputs_of(checks_, path); }

  schema::ObjectVerdict check(const document::Document& document, const Object& object,
                              const schema::Resolution& resolution, Memory*, std::vector<Finding>& out) const override {
    schema::ObjectVerdict all;
    for (const auto& check : checks_) {
      const schema::ObjectVerdict verdict = check->check(document, object, resolution, nullptr, out);
      all.missing_schema |= verdict.missing_schema;
      all.has_ignores |= verdict.has_ignores;
      all.may_differ |= verdict.may_differ;
      all.rules_not_evaluated += verdict.rules_not_evaluated;
    }
    return all;
  }

 private:
  const std::vector<std::shared_ptr<const Check>> checks_;
};

}  // namespace

std::vector<schema::Target> all_targets(const Options& options) {
  std::vector<schema::Target> all = options.targets;
  for (const ClusterOptions& cluster : options.clusters) {
    for (const schema::Target& target : cluster.targets) {
      const bool there = std::any_of(all.begin(), all.end(),
                                     [&](const schema::Target& other) { return other.version == target.version; });
      if (!there) all.push_back(target);
    }
  }
  std::sort(all.begin(), all.end(),
            [](const schema::Target& a, const schema::Target& b) { return a.version < b.version; });
  return all;
}

// ---- Which files go where -------------------------------------------------------------------------------------------

struct ClusterMap::Pattern {
  std::uint32_t cluster;
  std::unique_ptr<RE2> expression;
};

ClusterMap::~ClusterMap() = default;

Result<std::shared_ptr<const ClusterMap>> ClusterMap::make(const Options& options) {
  auto map = std::shared_ptr<ClusterMap>(new ClusterMap);
  std::error_code failed;
  map->working_folder_ = fs::current_path(failed).string();
  map->root_ = (fs::path(map->working_folder_) / options.clusters_root).lexically_normal().string();
  for (std::uint32_t i = 0; i < options.clusters.size(); ++i) {
    for (const std::string& overlay : options.clusters[i].overlays) {
      auto expression = std::make_unique<RE2>(overlay, RE2::Quiet);
      if (!expression->ok()) return Error{ErrorCode::kArgument, "overlays " + overlay, expression->error()};
      map->patterns_.push_back({i, std::move(expression)});
    }
  }
  return std::shared_ptr<const ClusterMap>(std::move(map));
}

std::vector<std::uint32_t> ClusterMap::clusters_of(std::string_view path) const {
  std::vector<std::uint32_t> clusters;
  if (patterns_.empty()) return clusters;
  const fs::path whole = (fs::path(working_folder_) / path).lexically_normal();
  const std::string relative = whole.lexically_relative(root_).string();
  for (const Pattern& pattern : patterns_) {
    if (!clusters.empty() && clusters.back() == pattern.cluster) continue;
    if (RE2::PartialMatch(relative, *pattern.expression)) clusters.push_back(pattern.cluster);
  }
  return clusters;
}

// ---- By what they are judged ----------------------------------------------------------------------------------------

Judges::Judges(const Options& options, std::shared_ptr<const ClusterMap> map,
               std::shared_ptr<const gitops::Surroundings> surroundings)
    : options_(options), map_(std::move(map)), surroundings_(std::move(surroundings)), targets_(all_targets(options)) {
  judges_.reserve(kMostJudges);
}

Result<Done> Judges::read_definitions(const std::vector<std::string>& paths) {
  if (given_.contains(paths)) return Done{};
  Digester digest(options_.verdicts != nullptr);
  auto loaded = load_crds(paths, options_.limits, digest);
  if (!loaded.ok()) return loaded.error();
  given_.emplace(paths, Given{std::move(*loaded), digest.finish()});
  return Done{};
}

Result<Done> Judges::prepare() {
  const auto own = read_definitions(options_.crds);
  if (!own.ok()) return own.error();
  for (const ClusterOptions& cluster : options_.clusters) {
    const auto given = read_definitions(cluster.crds);
    if (!given.ok()) return given.error();
  }
  auto judge = make({});
  if (!judge.ok()) return judge.error();
  judges_.push_back(std::move(*judge));
  numbers_.emplace(std::vector<std::uint32_t>(), 0);
  // A setting that cannot be used is an error of the run, whether or not a file goes there.
  for (std::uint32_t i = 0; i < options_.clusters.size(); ++i) {
    const auto tried = make({i});
    if (!tried.ok()) return tried.error();
  }
  return Done{};
}

Result<Done> Judges::find(const schema::CrdSet& found) {
  found_ = &found;
  for (const auto& [clusters, number] : numbers_) {
    auto judge = make(clusters);
    if (!judge.ok()) return judge.error();
    judges_[number] = std::move(*judge);
  }
  return Done{};
}

Result<std::uint32_t> Judges::number_for(std::string_view path) {
  if (map_->empty()) return 0;
  std::vector<std::uint32_t> clusters = map_->clusters_of(path);
  const auto there = numbers_.find(clusters);
  if (there != numbers_.end()) return there->second;
  auto judge = make(clusters);
  if (!judge.ok()) return judge.error();
  // Others read the list meanwhile: it must stay where it is.
  if (judges_.size() == judges_.capacity()) {
    return Error{ErrorCode::kLimit, "clusters",
                 "files go to more than " + std::to_string(kMostJudges) + " combinations of clusters"};
  }
  const auto number = static_cast<std::uint32_t>(judges_.size());
  judges_.push_back(std::move(*judge));
  numbers_.emplace(std::move(clusters), number);
  return number;
}

Result<std::unique_ptr<Judge>> Judges::make(const std::vector<std::uint32_t>& clusters) const {
  schema::CheckOptions check;
  check.strict = options_.strict;
  check.ignore_missing_schemas = options_.ignore_missing_schemas;
  std::vector<std::shared_ptr<const Check>> checks;
  std::shared_ptr<const schema::Catalogue> first;
  Digester about(options_.verdicts != nullptr);  // the catalogues
  const auto& [file_bytes, document_bytes, depth, nodes] = options_.limits;
  for (const std::uint64_t limit : {file_bytes, std::uint64_t{document_bytes}, std::uint64_t{depth}, std::uint64_t{nodes}}) {
    about.add(limit);
  }
  // What the bits of a finding's targets mean.
  about.add(targets_.size());
  for (const schema::Target& target : targets_) about.add(target.name);
  about.add(options_.clusters.size());
  const auto add = [&](const std::vector<schema::Target>& targets, const std::vector<std::string>& bundles,
                       const std::vector<std::string>& crds) -> Result<Done> {
    auto catalogue = schema::Catalogue::make({targets, bundles}, &given_.at(crds).set, found_);
    if (!catalogue.ok()) return catalogue.error();
    about.add(targets.size()).add(bundles.size()).add(given_.at(crds).digest);
    for (const schema::Target& target : targets) about.add(target.name);
    for (const std::string& bundle : bundles) about.add(bundle);
    auto own = make_checks(*catalogue, check);
    if (options_.clusters.empty()) {
      checks = std::move(own);
    } else {
      checks.push_back(std::make_shared<OnTargets>(*catalogue, std::make_shared<InOrder>(std::move(own)), targets_));
    }
    if (first == nullptr) first = *catalogue;
    return Done{};
  };
  if (clusters.empty()) {
    const auto added = add(options_.targets, options_.crd_bundles, options_.crds);
    if (!added.ok()) return added.error();
  }
  for (const std::uint32_t i : clusters) {
    const ClusterOptions& cluster = options_.clusters[i];
    const auto added = add(cluster.targets, cluster.crd_bundles, cluster.crds);
    if (!added.ok()) return Error{added.error().code, "cluster " + cluster.name, added.error().text()};
  }
  if (options_.policies != nullptr) checks.push_back(options_.policies);
  return std::make_unique<Judge>(
      JudgeOptions{options_.strict, options_.verbose, options_.skip, options_.reject, options_.policies != nullptr,
                   options_.ignore_missing_schemas, surroundings_},
      first, std::move(checks), found_ == nullptr ? about.finish() : "");
}

}  // namespace kubegate::run

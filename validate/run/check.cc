#include "validate/run/check.h"

#include <algorithm>
#include <utility>

#include "validate/apiserver/metadata.h"
#include "validate/base/digest.h"
#include "validate/schema/crd.h"

namespace kubegate::run {
namespace {

class SchemaCheck final : public Check {
 public:
  SchemaCheck(std::shared_ptr<const schema::Catalogue> catalogue, const schema::CheckOptions& options)
      : catalogue_(std::move(catalogue)), options_(options) {}

  std::optional<std::string> inputs(std::string_view) const override { return ""; }

  schema::ObjectVerdict check(const document::Document& document, const Object& object,
                              const schema::Resolution& resolution, Memory*, std::vector<Finding>& out) const override {
    return schema::check_object(*catalogue_, document, object.node, object.identity, resolution, object.pointer,
                                options_, out);
  }

 private:
  const std::shared_ptr<const schema::Catalogue> catalogue_;
  const schema::CheckOptions options_;
};

class MetadataCheck final : public Check {
 public:
  explicit MetadataCheck(TargetMask targets) : targets_(targets) {}

  std::optional<std::string> inputs(std::string_view) const override { return ""; }

  schema::ObjectVerdict check(const document::Document& document, const Object& object,
                              const schema::Resolution& resolution, Memory*, std::vector<Finding>& out) const override {
    if (resolution.table == nullptr) return {};  // nothing is known of the kind
    schema::ObjectVerdict verdict;
    verdict.has_ignores = apiserver::check_metadata(document, object.node, object.pointer,
                                                    apiserver::metadata_rules(resolution), targets_, out);
    return verdict;
  }

 private:
  const TargetMask targets_;
};

// A CustomResourceDefinition that was decoded: the server validates no other.
class DefinitionCheck final : public Check {
 public:
  explicit DefinitionCheck(TargetMask targets) : targets_(targets) {}

  std::optional<std::string> inputs(std::string_view) const override { return ""; }

  schema::ObjectVerdict check(const document::Document& document, const Object& object, const schema::Resolution&,
                              Memory*, std::vector<Finding>& out) const override {
    if (object.identity.kind != "CustomResourceDefinition" ||
        object.identity.api_version != "apiextensions.k8s.io/v1") {
      return {};
    }
    const bool decoded = std::none_of(out.begin(), out.end(), [](const Finding& finding) {
      return finding.rule.starts_with("schema/") && finding.severity == Severity::kError;
    });
    if (decoded) schema::check_crd(document, object.node, object.pointer, targets_, out);
    return {};
  }

 private:
  const TargetMask targets_;
};

}  // namespace

std::optional<std::string> inputs_of(const std::vector<std::shared_ptr<const Check>>& checks, std::string_view path) {
  Digester all;
  for (const auto& check : checks) {
    const auto inputs = check->inputs(path);
    if (!inputs) return std::nullopt;
    all.add(*inputs);
  }
  return all.finish();
}

std::vector<std::shared_ptr<const Check>> make_checks(std::shared_ptr<const schema::Catalogue> catalogue,
                                                      const schema::CheckOptions& options) {
  std::vector<std::shared_ptr<const Check>> checks;
  const TargetMask targets = catalogue->all_targets();
  checks.push_back(std::make_shared<SchemaCheck>(std::move(catalogue), options));
  checks.push_back(std::make_shared<MetadataCheck>(targets));
  checks.push_back(std::make_shared<DefinitionCheck>(targets));
  return checks;
}

}  // namespace kubegate::run

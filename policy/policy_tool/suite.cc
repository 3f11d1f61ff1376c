// Reading suites. gator unmarshals them with Go's JSON rules, so a field of an unknown name means nothing to it; here
// that is a warning, since a misspelt `message` makes a test that proves less than it says.
//
// Tested in tests/policy/policy_tool/suite_test.cc.
#include "policy/policy_tool/suite.h"

#include <re2/re2.h>

#include <algorithm>
#include <filesystem>
#include <span>

#include "policy/gatekeeper/review.h"
#include "policy/policy_tool/objects.h"
#include "validate/document/read.h"

namespace kubegate::policy_tool {

namespace fs = std::filesystem;
using document::Document;
using document::Kind;
using document::kNoNode;
using document::NodeIndex;

namespace {

constexpr std::string_view kGroup = "test.gatekeeper.sh";

class SuiteReader {
 public:
  explicit SuiteReader(Suite& suite) : suite_(suite), document_(suite.document->document) {}

  void read() {
    static constexpr std::string_view kFields[] = {"apiVersion", "kind", "metadata", "tests", "skip"};
    check_fields(0, kFields);
    suite_.skip = flag(0, "skip");
    const NodeIndex tests = member(0, "tests", Kind::kSequence, "a list");
    for (NodeIndex item = first(tests); item < end(tests); item = document_.next(item)) {
      if (is_map(item)) read_test(item);
    }
    if (!suite_.faults.empty()) {
      for (const auto& fault : suite_.faults) {
        if (suite_.error.empty() && fault.finding.severity == Severity::kError) {
          suite_.error = "invalid yaml: " + fault.finding.message;
        }
      }
    }
  }

 private:
  NodeIndex first(NodeIndex list) const { return list == kNoNode ? kNoNode : list + 1; }
  NodeIndex end(NodeIndex list) const { return list == kNoNode ? 0 : document_[list].children.end; }

  void fault(NodeIndex at, std::string message, Severity severity = Severity::kError) {
    suite_.faults.push_back(gatekeeper::policy_finding(suite_.document, 0, at, "policy/suite", std::move(message)));
    suite_.faults.back().finding.severity = severity;
  }

  bool is_map(NodeIndex node) {
    if (document_[node].kind != Kind::kMap) fault(node, "must be a mapping");
    return document_[node].kind == Kind::kMap;
  }

  // The value of a field, if it is there, is not null and has the type.
  NodeIndex member(NodeIndex map, std::string_view key, Kind kind, std::string_view type) {
    const NodeIndex node = document_.find(map, key);
    if (node == kNoNode || document_[node].kind == Kind::kNull) return kNoNode;
    if (document_[node].kind == kind) return node;
    fault(node, std::string(key) + " must be " + std::string(type));
    return kNoNode;
  }
  bool flag(NodeIndex map, std::string_view key) {
    const NodeIndex node = member(map, key, Kind::kBool, "true or false");
    return node != kNoNode && document_[node].boolean;
  }
  std::string text(NodeIndex map, std::string_view key) {
    const NodeIndex node = member(map, key, Kind::kString, "a text");
    return node == kNoNode ? std::string() : std::string(document_.text(node));
  }

  void check_fields(NodeIndex map, std::span<const std::string_view> known) {
    for (NodeIndex key = map + 1; key < document_[map].children.end; key = document_.next(key + 1)) {
      const std::string_view name = document_.text(key);
      if (std::find(known.begin(), known.end(), name) != known.end()) continue;
      std::string message = "unknown field \"" + std::string(name) + "\" means nothing here";
      fault(key, std::move(message), Severity::kWarning);
    }
  }

  void read_test(NodeIndex node) {
    static constexpr std::string_view kFields[] = {"name",  "template", "constraint", "expansion",
                                                   "cases", "invalid",  "skip"};
    check_fields(node, kFields);
    SuiteTest test;
    test.node = node;
    test.name = text(node, "name");
    test.template_ = text(node, "template");
    test.constraint = text(node, "constraint");
    test.expansion = text(node, "expansion");
    test.invalid = flag(node, "invalid");
    test.skip = flag(node, "skip");
    const NodeIndex cases = member(node, "cases", Kind::kSequence, "a list");
    for (NodeIndex item = first(cases); item < end(cases); item = document_.next(item)) {
      if (is_map(item)) test.cases.push_back(read_case(item));
    }
    suite_.tests.push_back(std::move(test));
  }

  Case read_case(NodeIndex node) {
    static constexpr std::string_view kFields[] = {"name", "object", "inventory", "assertions", "skip"};
    check_fields(node, kFields);
    Case out;
    out.node = node;
    out.name = text(node, "name");
    out.object = text(node, "object");
    out.skip = flag(node, "skip");
    const NodeIndex inventory = member(node, "inventory", Kind::kSequence, "a list");
    for (NodeIndex item = first(inventory); item < end(inventory); item = document_.next(item)) {
      if (document_[item].kind != Kind::kString) {
        fault(item, "a file of the inventory must be a text");
      } else {
        out.inventory.emplace_back(document_.text(item));
      }
    }
    const NodeIndex assertions = member(node, "assertions", Kind::kSequence, "a list");
    for (NodeIndex item = first(assertions); item < end(assertions); item = document_.next(item)) {
      if (is_map(item)) out.assertions.push_back(read_assertion(item));
    }
    return out;
  }

  Assertion read_assertion(NodeIndex node) {
    static constexpr std::string_view kFields[] = {"violations", "message"};
    check_fields(node, kFields);
    Assertion out;
    if (member(node, "message", Kind::kString, "a text") != kNoNode) out.message = text(node, "message");
    const NodeIndex violations = document_.find(node, "violations");
    if (violations == kNoNode || document_[violations].kind == Kind::kNull) return out;
    if (document_[violations].kind == Kind::kString) {
      out.words = document_.text(violations);
    } else if (document_[violations].kind == Kind::kInt) {
      out.count = document_[violations].integer;
    } else {
      fault(violations, "violations must be yes, no or a number");
    }
    return out;
  }

  Suite& suite_;
  const Document& document_;
};

// Reads the file into `out` if it is a suite.
Result<Done> add_suite(const std::string& path, std::vector<Suite>& out) {
  auto bytes = read_bytes(path);
  if (!bytes.ok()) return bytes.error();
  if (bytes->find(kGroup) == std::string::npos) return Done{};
  const auto documents =
      gatekeeper::keep_documents(path, std::move(*bytes), document::Syntax::kYaml, {}, document::ScalarTable::kYaml12);
  if (documents.empty()) return Done{};
  Suite suite;
  suite.path = path;
  suite.document = documents.front();
  const Document& document = suite.document->document;
  for (const Finding& fault : document.faults()) {
    suite.faults.push_back({suite.document, 0, fault});
    if (suite.error.empty()) suite.error = "invalid yaml: " + fault.message;
  }
  if (document.empty() || !document.complete()) {
    out.push_back(std::move(suite));
    return Done{};
  }
  const gatekeeper::Subject subject = gatekeeper::subject_of(suite.document->value(0));
  if (subject.group != kGroup || subject.kind != "Suite") return Done{};
  SuiteReader(suite).read();
  out.push_back(std::move(suite));
  return Done{};
}

bool is_yaml(const fs::path& path) { return path.extension() == ".yaml" || path.extension() == ".yml"; }

}  // namespace

Result<std::vector<Suite>> read_suites(const std::string& path) {
  constexpr std::string_view kBelow = "/...";
  const bool recursive = path.ends_with(kBelow);
  const std::string root = recursive ? path.substr(0, path.size() - kBelow.size() + 1) : path;
  std::error_code error;
  const fs::file_status status = fs::status(root, error);
  if (!fs::exists(status)) return Error{ErrorCode::kIo, root, "No such file or directory"};
  std::vector<std::string> files;
  if (!fs::is_directory(status)) {
    if (recursive) return Error{ErrorCode::kArgument, root, "is no folder to look below"};
    if (!is_yaml(root)) return Error{ErrorCode::kArgument, root, "unsupported extension: a suite is a .yaml or .yml"};
    files.push_back(root);
  } else if (recursive) {
    for (fs::recursive_directory_iterator entry(root, error), last; !error && entry != last; entry.increment(error)) {
      if (!entry->is_directory(error) && is_yaml(entry->path())) files.push_back(entry->path().string());
    }
  } else {
    for (fs::directory_iterator entry(root, error), last; !error && entry != last; entry.increment(error)) {
      if (!entry->is_directory(error) && is_yaml(entry->path())) files.push_back(entry->path().string());
    }
  }
  if (error) return Error{ErrorCode::kIo, root, error.message()};
  std::sort(files.begin(), files.end());
  std::vector<Suite> suites;
  for (const std::string& file : files) {
    if (auto done = add_suite(file, suites); !done.ok()) return done.error();
  }
  return suites;
}

Filter::Filter() = default;
Filter::Filter(Filter&&) noexcept = default;
Filter::~Filter() = default;

Result<Filter> Filter::make(std::string_view run) {
  Filter filter;
  if (run.empty()) return filter;
  const std::size_t separator = run.find("//");
  if (separator != run.npos && run.find("//", separator + 2) != run.npos) {
    return Error{ErrorCode::kArgument, "--run", "invalid test filter: a filter may include at most one \"//\""};
  }
  RE2::Options quiet;
  quiet.set_log_errors(false);
  filter.either_ = separator == run.npos;
  filter.test_ = std::make_unique<RE2>(run.substr(0, separator), quiet);
  if (!filter.either_) filter.case_ = std::make_unique<RE2>(run.substr(separator + 2), quiet);
  for (const auto* expression : {filter.test_.get(), filter.case_.get()}) {
    if (expression != nullptr && !expression->ok()) {
      return Error{ErrorCode::kArgument, "--run", "invalid test filter: " + expression->error()};
    }
  }
  return filter;
}

bool Filter::matches(const SuiteTest& test) const {
  if (test_ == nullptr || RE2::PartialMatch(test.name, *test_)) return true;
  return either_ && std::any_of(test.cases.begin(), test.cases.end(),
                                [&](const Case& one) { return RE2::PartialMatch(one.name, *test_); });
}

bool Filter::matches(const SuiteTest& test, const Case& one) const {
  if (test_ == nullptr) return true;
  const bool in_test = RE2::PartialMatch(test.name, *test_);
  if (either_) return in_test || RE2::PartialMatch(one.name, *test_);
  return in_test && RE2::PartialMatch(one.name, *case_);
}

}  // namespace kubegate::policy_tool

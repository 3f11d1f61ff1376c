// Measuring. A review is timed one by one, as gator does, so what the clock takes is in it: some 40 ns. Objects are read
// and bound before; what a review makes is made again each time.
#include "policy/policy_tool/bench.h"

#include <sys/resource.h>

#include <algorithm>
#include <memory>
#include <set>
#include <thread>

#include "policy/gatekeeper/inventory.h"
#include "policy/gatekeeper/policies.h"
#include "policy/gatekeeper/reviewer.h"
#include "policy/policy_tool/findings.h"
#include "policy/policy_tool/json_text.h"
#include "policy/policy_tool/namespaces.h"
#include "policy/value/document_root.h"

namespace kubegate::policy_tool {

namespace {

using Clock = std::chrono::steady_clock;
using rego_tool::Report;

constexpr std::uint32_t kIterationsForP99 = 1000;

// An object that is ready to be judged.
struct Ready {
  std::unique_ptr<policy::DocumentRoot> root;
  gatekeeper::Review review;
};

class Bench {
 public:
  explicit Bench(const BenchOptions& options) : options_(options) {}

  Report run() {
    if (options_.iterations < kIterationsForP99) {
      report_.err += "warning: " + std::to_string(options_.iterations) +
                     " iterations tell little of a P99: " + std::to_string(kIterationsForP99) + " are few enough\n";
    }
    BenchFigures baseline;
    if (!options_.compare.empty() && !read_baseline(baseline)) return std::move(report_);
    auto begin = Clock::now();
    const auto lap = [&](Nanoseconds& out) {
      const auto now = Clock::now();
      out = now - begin;
      begin = now;
    };
    auto read = read_objects(options_.paths, options_.standard_input);
    if (!read.ok()) return fail(read.error().text());
    objects_ = std::move(*read);
    lap(figures_.setup_client);
    if (!compile()) return std::move(report_);
    lap(figures_.setup_templates);
    make_ready();
    lap(figures_.setup_data);
    if (ready_.empty()) return fail("no objects to review found in input");
    measure();
    tell();
    if (!options_.save.empty() && !save()) return std::move(report_);
    if (!options_.compare.empty()) {
      const auto comparisons = compare_runs(baseline, figures_, options_.threshold, options_.min_threshold);
      report_.out += "\n" + comparison_table(comparisons, options_.threshold);
      if (std::any_of(comparisons.begin(), comparisons.end(), [](const auto& each) { return !each.passed; })) {
        report_.exit_code = 1;
      }
    }
    return std::move(report_);
  }

 private:
  const Report& fail(const std::string& message) {
    report_.err += "kubegate: " + message + "\n";
    report_.exit_code = 1;
    return report_;
  }

  bool compile() {
    gatekeeper::PolicySet set;
    for (const auto& document : objects_.documents) set.add(document);
    std::vector<gatekeeper::PolicyFinding> faults = std::move(objects_.faults);
    policies_ = set.compile(faults);
    for (const auto& fault : faults) {
      report_.err += line_of(fault) + "\n";
      if (fault.finding.severity == Severity::kError) report_.exit_code = 1;
    }
    if (report_.exit_code != 0) return false;
    std::set<std::string_view> kinds;
    for (const auto& constraint : policies_->constraints()) kinds.insert(constraint.kind);
    figures_.templates = set.templates().size();
    figures_.constraints = policies_->constraints().size();
    if (set.templates().empty())
      fail("no ConstraintTemplates found in input");
    else if (kinds.empty())
      fail("no Constraints found in input");
    return report_.exit_code == 0;
  }

  // Policies are not reviewed here.
  void make_ready() {
    namespaces_ = std::make_unique<Namespaces>(Namespaces::Rule::kTest, catalogue_of(objects_));
    for (const Object& object : objects_.objects) {
      const auto role = gatekeeper::role_of(object.identity.api_version, object.identity.kind);
      if (role == gatekeeper::Role::kTemplate || role == gatekeeper::Role::kConstraint) continue;
      namespaces_->add(object);
      if (policies_->inventory().wants(object.identity.kind)) inventory_.add(object.document, object.node);
      Ready ready;
      ready.root = std::make_unique<policy::DocumentRoot>(object.document->document, policy::NumberMode::kFloat64);
      ready.root->freeze();
      ready.review.object = gatekeeper::subject_of(ready.root->value_of(object.node));
      ready_.push_back(std::move(ready));
    }
    for (Ready& ready : ready_) namespaces_->place(ready.review);
    figures_.objects = ready_.size();
  }

  // One thread's part of the rounds: each round is divided among the threads by turns.
  void review(gatekeeper::Reviewer& reviewer, std::uint32_t thread, std::uint32_t rounds,
              std::vector<Nanoseconds>* times, std::uint64_t& found) const {
    std::vector<gatekeeper::Violation> violations;
    for (std::uint32_t round = 0; round < rounds; ++round) {
      for (std::size_t i = thread; i < ready_.size(); i += options_.concurrency) {
        violations.clear();
        const auto begin = Clock::now();
        reviewer.review(ready_[i].review, violations);
        if (times == nullptr) continue;
        times->push_back(Clock::now() - begin);
        found += violations.size();
      }
    }
  }

  void measure() {
    const policy::Value inventory = inventory_.value();
    struct Part {
      std::unique_ptr<gatekeeper::Reviewer> reviewer;
      std::vector<Nanoseconds> times;
      std::uint64_t violations = 0;
    };
    std::vector<Part> parts(options_.concurrency);
    for (std::uint32_t i = 0; i < parts.size(); ++i) {
      parts[i].reviewer = std::make_unique<gatekeeper::Reviewer>(policies_);
      parts[i].reviewer->set_inventory(inventory);
      review(*parts[i].reviewer, i, options_.warmup, nullptr, parts[i].violations);
    }
    const auto begin = Clock::now();
    std::vector<std::thread> threads;
    for (std::uint32_t i = 1; i < parts.size(); ++i) {
      threads.emplace_back(
          [&, i] { review(*parts[i].reviewer, i, options_.iterations, &parts[i].times, parts[i].violations); });
    }
    review(*parts[0].reviewer, 0, options_.iterations, &parts[0].times, parts[0].violations);
    for (std::thread& thread : threads) thread.join();
    figures_.total = Clock::now() - begin;
    std::vector<Nanoseconds> times;
    for (const Part& part : parts) {
      times.insert(times.end(), part.times.begin(), part.times.end());
      figures_.violations += part.violations;
    }
    figures_.iterations = options_.iterations;
    figures_.concurrency = options_.concurrency;
    figures_.reviews_per_second =
        static_cast<double>(times.size()) / std::chrono::duration<double>(figures_.total).count();
    figures_.latencies = latencies_of(std::move(times));
    rusage usage;
    if (options_.memory && getrusage(RUSAGE_SELF, &usage) == 0) {
      figures_.peak_memory = static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
    }
  }

  void tell() {
    const std::string json = options_.form == BenchOptions::Form::kTable ? "" : bench_json(figures_);
    report_.out += options_.form == BenchOptions::Form::kTable  ? bench_table(figures_)
                   : options_.form == BenchOptions::Form::kJson ? indented_json(json, 2) + "\n"
                                                                : yaml_of_json(json);
  }

  static bool is_yaml(const std::string& path) { return path.ends_with(".yaml") || path.ends_with(".yml"); }

  bool save() {
    const std::string json = saved_json(figures_);
    const auto written =
        write_bytes(options_.save, is_yaml(options_.save) ? yaml_of_json(json) : indented_json(json, 2));
    if (!written.ok()) {
      fail(written.error().text());
      return false;
    }
    report_.err += "\nResults saved to: " + options_.save + "\n";
    return true;
  }

  bool read_baseline(BenchFigures& out) {
    auto bytes = read_bytes(options_.compare);
    if (!bytes.ok()) {
      fail(bytes.error().text());
      return false;
    }
    const auto documents =
        gatekeeper::keep_documents(options_.compare, std::move(*bytes), document::syntax_of(options_.compare), {});
    if (!documents.empty() && !documents.front()->document.empty() && read_saved(documents.front()->value(0), out)) {
      return true;
    }
    fail(options_.compare + ": holds no saved results of the rego engine");
    return false;
  }

  const BenchOptions& options_;
  Report report_;
  Objects objects_;
  std::shared_ptr<const gatekeeper::Policies> policies_;
  gatekeeper::Inventory inventory_;
  std::unique_ptr<Namespaces> namespaces_;
  std::vector<Ready> ready_;
  BenchFigures figures_;
};

}  // namespace

Latencies latencies_of(std::vector<Nanoseconds> times) {
  Latencies out;
  if (times.empty()) return out;
  std::sort(times.begin(), times.end());
  Nanoseconds total{0};
  for (const Nanoseconds time : times) total += time;
  const auto percentile = [&](double part) {
    const double rank = part * static_cast<double>(times.size() - 1);
    const auto lower = static_cast<std::size_t>(rank);
    if (lower + 1 >= times.size()) return times.back();
    const double weight = rank - static_cast<double>(lower);
    return Nanoseconds(static_cast<std::int64_t>(static_cast<double>(times[lower].count()) * (1 - weight) +
                                                 static_cast<double>(times[lower + 1].count()) * weight));
  };
  out.min = times.front();
  out.max = times.back();
  out.mean = total / static_cast<std::int64_t>(times.size());
  out.p50 = percentile(0.50);
  out.p95 = percentile(0.95);
  out.p99 = percentile(0.99);
  return out;
}

std::vector<Comparison> compare_runs(const BenchFigures& baseline, const BenchFigures& current, double threshold,
                                     Nanoseconds min_threshold) {
  std::vector<Comparison> out;
  const auto delta = [](double before, double now) {
    return before != 0 ? (now - before) / before * 100 : now == 0 ? 0.0 : 100.0;
  };
  const auto least = static_cast<double>(min_threshold.count());
  const auto latency = [&](const char* name, Nanoseconds before, Nanoseconds now) {
    const auto a = static_cast<double>(before.count()), b = static_cast<double>(now.count());
    out.push_back({name, a, b, delta(a, b), delta(a, b) <= threshold || (least > 0 && b - a < least)});
  };
  latency("P50 Latency", baseline.latencies.p50, current.latencies.p50);
  latency("P95 Latency", baseline.latencies.p95, current.latencies.p95);
  latency("P99 Latency", baseline.latencies.p99, current.latencies.p99);
  latency("Mean Latency", baseline.latencies.mean, current.latencies.mean);
  // Of the throughput less is worse; the least difference that counts is that of the latency, in proportion.
  const double before = baseline.reviews_per_second, now = current.reviews_per_second;
  const auto mean = static_cast<double>(baseline.latencies.mean.count());
  const bool small = least > 0 && mean > 0 && before - now < before * (least / mean);
  out.push_back({"Throughput", before, now, delta(before, now), -delta(before, now) <= threshold || small});
  return out;
}

Report bench(const BenchOptions& options) { return Bench(options).run(); }

}  // namespace kubegate::policy_tool

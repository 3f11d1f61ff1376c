// Micro benchmarks of the rooms, on overlays of the farm: what a byte and a node cost on one core.
//
//   build/release/bench/kubegate_micro --benchmark_filter=read
//
// Each benchmark first makes sure that its work is right (no faults, no findings): a wrong answer can be had faster.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "bench/manifests.h"
#include "validate/document/block_reader.h"
#include "validate/document/builder.h"
#include "validate/document/document.h"
#include "validate/document/guard.h"
#include "validate/document/marks.h"
#include "validate/document/read.h"
#include "validate/schema/bundle.h"
#include "validate/schema/catalogue.h"
#include "validate/schema/check.h"
#include "validate/schema/compile.h"

namespace kubegate::bench {
namespace {

using document::Document;
using document::Kind;
using document::Limits;
using document::NodeIndex;
using document::Slice;
using document::Syntax;

constexpr unsigned kOverlays = 40;  // 1.1 MB: larger than the second-level cache, as a farm is

const std::string& yaml_text() {
  static const std::string text = [] {
    std::string out;
    for (unsigned i = 0; i < kOverlays; ++i) {
      for (const std::string& document : overlay(1, i)) out.append("---\n").append(document);
    }
    return out;
  }();
  return text;
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out.append("\\").append(1, c);
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", c);
      out += escape;
    } else {
      out += c;
    }
  }
  out += '"';
}

void append_json(std::string& out, const Document& in, NodeIndex node) {
  switch (in[node].kind) {
    case Kind::kNull: out += "null"; return;
    case Kind::kBool: out += in[node].boolean ? "true" : "false"; return;
    case Kind::kInt: out += std::to_string(in[node].integer); return;
    case Kind::kFloat: out += std::to_string(in[node].number); return;
    case Kind::kString: append_json_string(out, in.text(node)); return;
    case Kind::kMap:
    case Kind::kSequence: break;
  }
  const bool map = in[node].kind == Kind::kMap;
  out += map ? '{' : '[';
  for (NodeIndex child = node + 1; child < in.next(node); child = in.next(child)) {
    if (child != node + 1) out += ',';
    if (map) {
      append_json_string(out, in.text(child++));
      out += ':';
    }
    append_json(out, in, child);
  }
  out += map ? '}' : ']';
}

// The same documents as JSON, a line each, as `kubectl get -o json` and other tools hand them over.
const std::string& json_text() {
  static const std::string text = [] {
    std::string out;
    Document document;
    for (const Slice& slice : document::split(yaml_text(), Syntax::kYaml)) {
      document::read(slice, Syntax::kYaml, Limits{}, document);
      append_json(out, document, 0);
      out += '\n';
    }
    return out;
  }();
  return text;
}

const std::string& text_of(Syntax syntax) { return syntax == Syntax::kJson ? json_text() : yaml_text(); }

// Seconds a node, which the report prints with its unit (7.3n).
void count_nodes(benchmark::State& state, std::size_t nodes) {
  state.counters["time/node"] = benchmark::Counter(
      static_cast<double>(nodes), benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

void split(benchmark::State& state, Syntax syntax) {
  const std::string& text = text_of(syntax);
  for (auto _ : state) benchmark::DoNotOptimize(document::split(text, syntax));
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
}
BENCHMARK_CAPTURE(split, yaml, Syntax::kYaml)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(split, json, Syntax::kJson)->Unit(benchmark::kMillisecond);

void read(benchmark::State& state, Syntax syntax) {
  const std::string& text = text_of(syntax);
  const std::vector<Slice> slices = document::split(text, syntax);
  Document document;
  std::size_t nodes = 0;
  for (const Slice& slice : slices) {
    document::read(slice, syntax, Limits{}, document);
    if (!document.faults().empty()) return state.SkipWithError(document.faults()[0].message.c_str());
    nodes += document.size();
  }
  document::Reader reader;
  for (auto _ : state) {
    for (const Slice& slice : slices) {
      reader.read(slice, syntax, Limits{}, document);
      benchmark::DoNotOptimize(document.nodes());
    }
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
  count_nodes(state, nodes);
}
BENCHMARK_CAPTURE(read, yaml, Syntax::kYaml)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(read, json, Syntax::kJson)->Unit(benchmark::kMillisecond);

// Recorded output of kustomize and helm: $KUBEGATE_SHARED/corpus, or shared/corpus beside the repository.
std::filesystem::path corpus_folder() {
  const char* const shared = std::getenv("KUBEGATE_SHARED");
  return std::filesystem::path(shared != nullptr ? shared : KUBEGATE_SOURCE_DIR "/../shared") / "corpus";
}

std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// Whether the block reader leaves a document to yaml-cpp.
bool declines(std::string_view source) {
  document::Marks marks;
  marks.mark(source);
  Document document;
  document::Builder builder(document, source, 1, Limits{});
  return (marks.odd() && !document::check_bytes(source, Syntax::kYaml, builder)) ||
         !document::BlockReader().read(source, marks, builder);
}

// Reads the corpus, and counts how many of its documents the block reader declines. The farm tells nothing about that:
// it is made after our own idea of what the tools emit.
void read_corpus(benchmark::State& state) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(corpus_folder())) {
    if (entry.path().extension() == ".yaml") files.push_back(content_of(entry.path()));
  }
  std::vector<Slice> slices;
  std::size_t bytes = 0, declined = 0;
  for (const std::string& file : files) {
    for (const Slice& slice : document::split(file, Syntax::kYaml)) {
      slices.push_back(slice);
      bytes += slice.bytes.size();
      declined += declines(slice.bytes);
    }
  }
  document::Reader reader;
  Document document;
  for (auto _ : state) {
    for (const Slice& slice : slices) {
      reader.read(slice, Syntax::kYaml, Limits{}, document);
      benchmark::DoNotOptimize(document.nodes());
    }
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * bytes));
  state.counters["documents"] = static_cast<double>(slices.size());
  state.counters["declined"] = static_cast<double>(declined);
}

schema::CatalogueOptions options_for(const std::vector<std::string>& versions) {
  schema::CatalogueOptions options;
  options.targets = schema::parse_targets(versions).value();
  return options;
}

// The processor time of this thread, in seconds: what other programs take meanwhile is not in it.
double thread_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

// Against so many Kubernetes versions in one pass. Documents are checked as they are in a run: when the reader has just
// written them. So an overlay is read, which is not timed, and checked, which is.
void check(benchmark::State& state, const std::vector<std::string>& versions) {
  const auto catalogue = schema::Catalogue::make(options_for(versions), nullptr, nullptr);
  if (!catalogue.ok()) return state.SkipWithError(catalogue.error().text().c_str());
  constexpr std::size_t kTogether = 50;
  const std::vector<Slice> slices = document::split(yaml_text(), Syntax::kYaml);
  std::vector<Document> documents(kTogether);
  std::vector<Finding> findings;
  document::Reader reader;
  std::size_t nodes = 0;
  for (auto _ : state) {
    double time = 0;
    nodes = 0;
    for (std::size_t first = 0; first < slices.size(); first += kTogether) {
      const std::size_t count = std::min(kTogether, slices.size() - first);
      for (std::size_t i = 0; i < count; ++i) {
        reader.read(slices[first + i], Syntax::kYaml, Limits{}, documents[i]);
        nodes += documents[i].size();
      }
      const double begin = thread_seconds();
      for (std::size_t i = 0; i < count; ++i) {
        benchmark::DoNotOptimize(schema::check_object(**catalogue, documents[i], 0, "", {}, findings));
      }
      time += thread_seconds() - begin;
    }
    state.SetIterationTime(time);
    if (!findings.empty()) return state.SkipWithError(findings[0].message.c_str());
  }
  count_nodes(state, nodes);
}
BENCHMARK_CAPTURE(check, one_version, {"1.29"})->UseManualTime()->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(check, two_versions, {"1.28", "1.29"})->UseManualTime()->Unit(benchmark::kMillisecond);

// What every run pays before the first byte is read.
void make_catalogue(benchmark::State& state) {
  const schema::CatalogueOptions options = options_for({"1.28", "1.29"});
  for (auto _ : state) benchmark::DoNotOptimize(schema::Catalogue::make(options, nullptr, nullptr));
}
BENCHMARK(make_catalogue)->Unit(benchmark::kMicrosecond);

// What the build does with Kubernetes' bundle, and a run with the user's CRDs: text to table.
void compile(benchmark::State& state) {
  const std::string text = content_of(KUBEGATE_SOURCE_DIR "/schemas/kubernetes.bundle");
  const auto bundle = schema::parse_bundle(text, "kubernetes.bundle");
  if (!bundle.ok()) return state.SkipWithError(bundle.error().text().c_str());
  for (auto _ : state) benchmark::DoNotOptimize(schema::compile_table({&*bundle, 1}, {}, {}));
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
}
BENCHMARK(compile)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace kubegate::bench

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  const std::filesystem::path corpus = kubegate::bench::corpus_folder();
  if (std::filesystem::exists(corpus)) {
    benchmark::RegisterBenchmark("read/corpus", kubegate::bench::read_corpus)->Unit(benchmark::kMillisecond);
  } else {
    std::fprintf(stderr, "read/corpus is left out: there is no %s\n", corpus.c_str());
  }
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}

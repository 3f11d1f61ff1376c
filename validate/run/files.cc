// The pipeline: bytes → slices → documents → results, a file a task, and the documents of a large file in chunks. Each
// result has its own place, so the order of the input is kept without waiting for anything, and what a thread holds is
// one file and one document.
//
// A command that checks one small file is over before a pool of threads has come up. So the calling thread begins
// alone, and the pool is made only when it has read kAlone bytes and there is more to do.
//
// Whether a walked file is a manifest at all can be told only when all of its documents are read: a file in which no
// document has an apiVersion or a kind is something else (values, a dashboard, a pipeline), but next to an object such
// a document has lost its first lines.
//
// Tested in tests/validate/run/files_test.cc.
#include "validate/run/files.h"

#include <oneapi/tbb/enumerable_thread_specific.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/info.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>

#include <algorithm>
#include <iterator>
#include <numeric>
#include <utility>

namespace kubegate::run {

namespace {

constexpr std::size_t kAlone = 64 << 10;      // bytes that the calling thread reads before others join
constexpr std::size_t kChunk = 128 << 10;     // bytes of a large file that one task takes
constexpr std::size_t kKeptBuffer = 8 << 20;  // bytes that a thread keeps for the next file
constexpr std::size_t kKeptNodes = 1 << 18;   // nodes that a thread keeps for the next document

using document::Slice;
using document::Syntax;

// The syntax of a file. Where the name says nothing (standard input, a pipe), the beginning does: `{"`, as no manifest
// in YAML's flow style begins.
Syntax syntax_of(const source::Input& input, std::string_view content) {
  if (!input.once) return document::syntax_of(input.path);
  constexpr std::string_view kSpace = " \t\r\n";
  std::size_t at = content.find_first_not_of(kSpace);
  if (at == content.npos || content[at] != '{') return Syntax::kYaml;
  at = content.find_first_not_of(kSpace, at + 1);
  return at != content.npos && (content[at] == '"' || content[at] == '}') ? Syntax::kJson : Syntax::kYaml;
}

// A file that is larger than what is read.
DocumentResult too_large(const source::Input& input, std::uint64_t limit) {
  report::LocatedFinding finding;
  finding.rule = "document/limit";
  finding.message = "the file is larger than " + std::to_string(limit >> 20) + " MiB, the most that is read";
  report::Resource resource;
  resource.path = input.path;
  resource.status = report::Status::kError;
  resource.findings.push_back(std::move(finding));
  DocumentResult result;
  result.complete = false;
  result.counts.errors = 1;
  result.counts.count(resource.status);
  result.resources.push_back(std::move(resource));
  return result;
}

// Leaves out of a walked file what is no manifest, or the file as a whole.
void drop_other_things(Documents& documents, std::optional<source::SkipReason>& skipped) {
  if (documents.manifest) return;
  bool broken = false, kustomization = false, other = false;
  for (const DocumentResult& document : documents.open) {
    broken |= !document.complete;
    kustomization |= document.meaning == Meaning::kKustomization;
    other |= document.meaning == Meaning::kNoManifest;
  }
  if (broken) {
    std::erase_if(documents.open, [](const DocumentResult& document) {
      return document.complete && document.meaning != Meaning::kNothing;
    });
  } else if (kustomization || other) {
    skipped = kustomization ? source::SkipReason::kKustomization : source::SkipReason::kNoManifest;
    documents = {};
  }
}

}  // namespace

struct Files::Worker {
  source::Buffer buffer;
  Judge::Scratch scratch;
  std::size_t bytes_read = 0;
};

struct Files::Pool {
  explicit Pool(int threads)
      : control(tbb::global_control::max_allowed_parallelism, static_cast<std::size_t>(threads)), arena(threads) {}

  tbb::global_control control;
  tbb::task_arena arena;
  tbb::enumerable_thread_specific<Worker> workers;
};

Files::Files(std::span<const source::Input> inputs, const document::Limits& limits, int threads, int standard_input)
    : inputs_(inputs), limits_(limits), threads_(threads), standard_input_(standard_input),
      first_(std::make_unique<Worker>()) {}

Files::~Files() = default;

int Files::threads() {
  if (threads_ <= 0) threads_ = tbb::info::default_concurrency();
  return threads_;
}

Files::Pool& Files::pool() {
  if (!pool_) pool_ = std::make_unique<Pool>(threads());
  return *pool_;
}

void Files::for_each(std::size_t count, const std::function<void(std::size_t, Worker&)>& work) {
  std::size_t next = 0;
  while (next < count && ((first_->bytes_read < kAlone && !pool_) || threads() == 1)) work(next++, *first_);
  if (next == count) return;
  pool().arena.execute([&] {
    tbb::parallel_for(
        next, count, [&](std::size_t i) { work(i, pool_->workers.local()); }, tbb::simple_partitioner());
  });
}

std::vector<FileResult> Files::judge(const Judge& judge) {
  std::vector<FileResult> results(inputs_.size());
  for_each(inputs_.size(), [&](std::size_t i, Worker& worker) { results[i] = judge_file(inputs_[i], judge, worker); });
  return results;
}

void Files::judge_again(const Judge& judge, const std::function<bool(const DocumentResult&)>& wanted,
                        std::vector<FileResult>& results) {
  std::vector<std::size_t> files;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const auto& documents = results[i].documents.open;
    if (std::any_of(documents.begin(), documents.end(), wanted)) files.push_back(i);
  }
  for_each(files.size(), [&](std::size_t i, Worker& worker) {
    judge_file_again(inputs_[files[i]], judge, wanted, worker, results[files[i]]);
  });
}

FileResult Files::judge_file(const source::Input& input, const Judge& judge, Worker& worker) {
  FileResult file;
  if (input.kind == source::Input::Kind::kSkipped) {
    file.skipped = input.reason;
    return file;
  }
  if (input.kind == source::Input::Kind::kFailed) {
    file.error = input.error;
    return file;
  }
  if (input.once) file.content = std::make_unique<source::Buffer>();
  source::Buffer& buffer = input.once ? *file.content : worker.buffer;
  const auto content = input.kind == source::Input::Kind::kStandardInput
                           ? source::read_descriptor(standard_input_, limits_.file_bytes, buffer)
                           : source::read_file(input.path, limits_.file_bytes, buffer);
  if (!content.ok()) {
    if (content.error().code == ErrorCode::kLimit) {
      file.documents.open.push_back(too_large(input, limits_.file_bytes));
    } else {
      file.error = content.error().message;
    }
    file.content.reset();
    return file;
  }
  worker.bytes_read += content->size();
  if (input.chart_template && !input.named && content->find("{{") != content->npos) {
    file.skipped = source::SkipReason::kChartTemplate;
    return file;
  }
  const Syntax syntax = syntax_of(input, *content);
  const std::vector<Slice> slices = document::split(*content, syntax);
  std::vector<std::uint32_t> all(slices.size());
  std::iota(all.begin(), all.end(), 0);
  file.documents = judge_slices(slices, all, syntax, input, judge, worker);
  if (!input.named) drop_other_things(file.documents, file.skipped);
  const bool again = std::any_of(file.documents.open.begin(), file.documents.open.end(),
                                 [](const DocumentResult& document) { return !document.custom.empty(); });
  if (!again) file.content.reset();
  worker.buffer.trim(kKeptBuffer);
  return file;
}

Documents Files::judge_slices(std::span<const Slice> slices, std::span<const std::uint32_t> chosen, Syntax syntax,
                              const source::Input& input, const Judge& judge, Worker& worker) {
  const auto judge_range = [&](std::span<const std::uint32_t> range, Worker& by) {
    Documents documents;
    for (const std::uint32_t number : range) {
      by.scratch.reader.read(slices[number], syntax, limits_, by.scratch.document);
      DocumentResult result = judge.judge(input.path, by.scratch);
      result.slice = number;
      documents.manifest |= result.meaning == Meaning::kObject;
      if (result.is_settled()) {
        documents.settled += result.counts;
      } else {
        documents.open.push_back(std::move(result));
      }
      if (by.scratch.document.size() > kKeptNodes) by.scratch.document = document::Document();
    }
    return documents;
  };

  // Chunks of neighbours, each of about kChunk bytes.
  std::vector<std::span<const std::uint32_t>> chunks;
  std::size_t bytes = 0, begin = 0;
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    bytes += slices[chosen[i]].bytes.size();
    if (bytes < kChunk && i + 1 < chosen.size()) continue;
    chunks.push_back(chosen.subspan(begin, i + 1 - begin));
    begin = i + 1;
    bytes = 0;
  }
  if (chunks.size() < 2 || threads() == 1) return judge_range(chosen, worker);

  Pool& all = pool();
  std::vector<Documents> parts(chunks.size());
  const auto judge_chunks = [&] {
    tbb::parallel_for(
        std::size_t{0}, chunks.size(), [&](std::size_t i) { parts[i] = judge_range(chunks[i], all.workers.local()); },
        tbb::simple_partitioner());
  };
  if (&worker == first_.get()) {
    all.arena.execute(judge_chunks);
  } else {
    // Isolated: while this thread waits for the chunks it must not begin another file, which would need its buffer.
    tbb::this_task_arena::isolate(judge_chunks);
  }
  Documents whole;
  for (Documents& part : parts) {
    whole.settled += part.settled;
    whole.manifest |= part.manifest;
    std::move(part.open.begin(), part.open.end(), std::back_inserter(whole.open));
  }
  return whole;
}

void Files::judge_file_again(const source::Input& input, const Judge& judge,
                             const std::function<bool(const DocumentResult&)>& wanted, Worker& worker,
                             FileResult& file) {
  constexpr std::string_view kChanged = "it changed while it was being checked";
  std::string_view content;
  if (file.content) {
    content = file.content->content();
  } else {
    const auto read = source::read_file(input.path, limits_.file_bytes, worker.buffer);
    if (!read.ok()) {
      file.error = read.error().message;
      return;
    }
    content = *read;
  }
  const Syntax syntax = syntax_of(input, content);
  const std::vector<Slice> slices = document::split(content, syntax);
  std::vector<std::uint32_t> again;
  for (const DocumentResult& document : file.documents.open) {
    if (wanted(document)) again.push_back(document.slice);
  }
  if (again.back() >= slices.size()) {
    file.error = kChanged;
    return;
  }
  Documents judged = judge_slices(slices, again, syntax, input, judge, worker);
  auto& open = file.documents.open;
  std::erase_if(open, wanted);
  std::move(judged.open.begin(), judged.open.end(), std::back_inserter(open));
  std::stable_sort(open.begin(), open.end(),
                   [](const DocumentResult& a, const DocumentResult& b) { return a.slice < b.slice; });
  file.documents.settled += judged.settled;
  worker.buffer.trim(kKeptBuffer);
}

}  // namespace kubegate::run

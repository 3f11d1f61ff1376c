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

#include <oneapi/tbb/blocked_range.h>
#include <oneapi/tbb/enumerable_thread_specific.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/info.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>

#include <algorithm>
#include <utility>

namespace kubegate::run {

namespace {

constexpr std::size_t kAlone = 64 << 10;         // bytes that the calling thread reads before others join
constexpr std::size_t kChunk = 128 << 10;        // bytes of a large file that one task takes
constexpr std::size_t kKeptBuffer = 8 << 20;     // bytes that a thread keeps for the next file
constexpr std::size_t kKeptNodes = 1 << 18;      // nodes that a thread keeps for the next document

using document::Slice;
using document::Syntax;

// The syntax of a file. Where the name says nothing (standard input, a pipe), the beginning does: `{"`, as no manifest in
// YAML's flow style begins.
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

// What is left of the documents of a file once all are known.
void settle(const source::Input& input, std::vector<DocumentResult>&& documents, FileResult& file) {
  using source::SkipReason;
  if (!input.named) {
    bool manifest = false, broken = false, kustomization = false, other = false;
    for (const DocumentResult& document : documents) {
      manifest |= document.meaning == Meaning::kObject;
      broken |= !document.complete;
      kustomization |= document.meaning == Meaning::kKustomization;
      other |= document.meaning == Meaning::kNoManifest;
    }
    if (!manifest && !broken && (kustomization || other)) {
      file.skipped = kustomization ? SkipReason::kKustomization : SkipReason::kNoManifest;
      return;
    }
    if (!manifest) {
      std::erase_if(documents, [](const DocumentResult& document) {
        return document.complete && document.meaning != Meaning::kNothing;
      });
    }
  }
  for (DocumentResult& document : documents) {
    if (document.is_settled()) {
      file.counts += document.counts;
    } else {
      file.documents.push_back(std::move(document));
    }
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
    : inputs_(inputs), limits_(limits), threads_(threads > 0 ? threads : tbb::info::default_concurrency()),
      standard_input_(standard_input), first_(std::make_unique<Worker>()) {}

Files::~Files() = default;

Files::Pool& Files::pool() {
  if (!pool_) pool_ = std::make_unique<Pool>(threads_);
  return *pool_;
}

void Files::for_each(std::size_t count, const std::function<void(std::size_t, Worker&)>& work) {
  std::size_t next = 0;
  while (next < count && (threads_ == 1 || (first_->bytes_read < kAlone && !pool_))) work(next++, *first_);
  if (next == count) return;
  pool().arena.execute([&] {
    tbb::parallel_for(next, count, [&](std::size_t i) { work(i, pool_->workers.local()); }, tbb::simple_partitioner());
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
    const auto& documents = results[i].documents;
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
      file.documents.push_back(too_large(input, limits_.file_bytes));
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
  settle(input, judge_slices(document::split(*content, syntax), syntax, input, judge, worker), file);
  const bool open = std::any_of(file.documents.begin(), file.documents.end(),
                                [](const DocumentResult& document) { return !document.custom.empty(); });
  if (!open) file.content.reset();
  worker.buffer.trim(kKeptBuffer);
  return file;
}

std::vector<DocumentResult> Files::judge_slices(std::span<const Slice> slices, Syntax syntax,
                                                const source::Input& input, const Judge& judge, Worker& worker) {
  std::vector<DocumentResult> results(slices.size());
  const auto judge_range = [&](std::size_t begin, std::size_t end, Worker& by) {
    for (std::size_t i = begin; i < end; ++i) {
      document::read(slices[i], syntax, limits_, by.scratch.document);
      results[i] = judge.judge(input.path, by.scratch);
      results[i].slice = static_cast<std::uint32_t>(i);
      if (by.scratch.document.size() > kKeptNodes) by.scratch.document = document::Document();
    }
  };

  // Chunks of neighbours, each of about kChunk bytes.
  std::vector<std::size_t> ends;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < slices.size(); ++i) {
    bytes += slices[i].bytes.size();
    if (bytes < kChunk && i + 1 < slices.size()) continue;
    ends.push_back(i + 1);
    bytes = 0;
  }
  if (threads_ == 1 || ends.size() < 2) {
    judge_range(0, slices.size(), worker);
    return results;
  }
  const auto judge_chunks = [&] {
    tbb::parallel_for(std::size_t{0}, ends.size(), [&](std::size_t chunk) {
      judge_range(chunk == 0 ? 0 : ends[chunk - 1], ends[chunk], pool_->workers.local());
    }, tbb::simple_partitioner());
  };
  if (&worker != first_.get()) {
    // Isolated: while this thread waits for the chunks it must not begin another file, which would need its buffer.
    tbb::this_task_arena::isolate(judge_chunks);
  } else {
    pool().arena.execute(judge_chunks);
  }
  return results;
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
  std::vector<Slice> again;
  std::vector<std::size_t> places;  // of their results in file.documents
  for (std::size_t i = 0; i < file.documents.size(); ++i) {
    if (!wanted(file.documents[i])) continue;
    if (file.documents[i].slice >= slices.size()) {
      file.error = kChanged;
      return;
    }
    again.push_back(slices[file.documents[i].slice]);
    places.push_back(i);
  }
  std::vector<DocumentResult> results = judge_slices(again, syntax, input, judge, worker);
  for (std::size_t i = 0; i < results.size(); ++i) {
    results[i].slice = file.documents[places[i]].slice;
    file.documents[places[i]] = std::move(results[i]);
  }
  worker.buffer.trim(kKeptBuffer);
}

}  // namespace kubegate::run

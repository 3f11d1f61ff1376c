// The pipeline: bytes → slices → documents → results. What is taken, and in which pieces, is intake.cc; how the threads
// share it, pipeline.cc; here is what is done with a piece. What a thread holds of its own is one file and one document,
// in memory that it uses again.
//
// Tested in tests/validate/run/files_test.cc.
#include "validate/run/files.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "validate/document/read.h"
#include "validate/run/pipeline.h"
#include "validate/run/progress.h"
#include "validate/run/verdicts.h"

namespace kubegate::run {

namespace {

constexpr std::size_t kKeptBuffer = 1 << 20;  // bytes that a thread keeps for the next file
constexpr std::size_t kKeptNodes = 1 << 16;   // nodes that a thread keeps for the next document

using document::Slice;
using document::Syntax;

// A file of which no document can be judged.
DocumentResult unreadable(const source::Input& input, std::uint32_t slice, std::string_view rule, std::string why) {
  report::LocatedFinding finding;
  finding.rule = rule;
  finding.message = std::move(why);
  report::Resource resource;
  resource.path = input.path;
  resource.status = report::Status::kError;
  resource.findings.push_back(std::move(finding));
  DocumentResult result;
  result.slice = slice;
  result.complete = false;
  result.counts.errors = 1;
  result.counts.count(resource.status);
  result.resources.push_back(std::move(resource));
  return result;
}

// A file that is larger than what is read.
DocumentResult too_large(const source::Input& input, std::uint32_t slice, std::uint64_t limit) {
  return unreadable(input, slice, "document/limit",
                    "the file is larger than " + std::to_string(limit >> 20) + " MiB, the most that is read");
}

// What Git LFS leaves in a commit, and in a work tree where it is not set up, instead of a file.
constexpr std::string_view kLargeFilePointer = "version https://git-lfs.github.com/spec/";

// One thread's work.
class Worker {
 public:
  Worker(const JudgeOf& judge_of, const document::Limits& limits, Progress* progress, Verdicts* verdicts)
      : judge_of_(judge_of), limits_(limits), progress_(progress), verdicts_(verdicts) {}

  void work(const Piece& piece, std::vector<FilePart>& parts) {
    if (piece.large) {
      parts.push_back(judge_part(piece));
      std::uint64_t bytes = 0;
      for (const Slice& slice : piece.slices) bytes += slice.bytes.size();
      return count(parts.back(), bytes);
    }
    for (const Task& task : piece.files) {
      parts.push_back(judge_file(task));
      count(parts.back(), task.size);
    }
  }

 private:
  void count(const FilePart& part, std::uint64_t bytes) const {
    if (progress_ == nullptr) return;
    std::uint64_t errors = part.documents.settled.errors;
    for (const DocumentResult& document : part.documents.open) errors += document.counts.errors;
    progress_->judged(bytes, errors, part.last);
  }

  FilePart judge_file(const Task& task) {
    FilePart file;
    file.input = task.input;
    file.tag = task.tag;
    file.judge = task.judge;
    const source::Input& input = *task.input;
    if (input.kind == source::Input::Kind::kSkipped) {
      file.skipped = input.reason;
      return file;
    }
    if (input.kind == source::Input::Kind::kFailed) {
      file.error = input.error;
      return file;
    }
    if (!task.texts.empty()) {
      for (const KeptText& text : task.texts) {
        judge_slice({text.bytes, text.first_line}, text.slice, text.syntax, file);
        file.end = text.slice + 1;
      }
      return file;
    }
    const auto content = source::read_input(input, limits_.file_bytes, buffer_, task.size);
    if (!content.ok()) {
      if (content.error().code == ErrorCode::kLimit) {
        file.documents.open.push_back(too_large(input, 0, limits_.file_bytes));
      } else {
        file.error = content.error().message;
      }
      return file;
    }
    if (input.chart_template && !input.named && content->find("{{") != content->npos) {
      file.skipped = source::SkipReason::kChartTemplate;
      return file;
    }
    if (content->starts_with(kLargeFilePointer)) {
      file.documents.open.push_back(
          unreadable(input, 0, "document/lfs-pointer",
                     "this is Git LFS's pointer to the file, not the file: git lfs pull fetches it"));
      return file;
    }
    const Judge& judge = judge_of_(task.judge);
    std::string key;
    if (verdicts_ != nullptr && task.from == 0 && task.chosen.empty() && !input.once) {
      key = verdicts_->key_of(judge, input, *content);
    }
    if (!key.empty() && verdicts_->find(key, judge, file)) {
      buffer_.trim(kKeptBuffer);
      return file;
    }
    const Syntax syntax = syntax_of(input, *content);
    document::Splitter splitter(*content, syntax);
    while (const auto slice = splitter.next()) {
      const std::uint32_t number = file.end++;
      if (task.wants(number)) judge_slice(*slice, number, syntax, file);
    }
    if (!key.empty()) verdicts_->keep(key, file);
    buffer_.trim(kKeptBuffer);
    return file;
  }

  FilePart judge_part(const Piece& piece) {
    FilePart part;
    part.input = piece.large->input;
    part.tag = piece.large->tag;
    part.judge = piece.large->judge;
    part.end = piece.first_slice;
    part.last = piece.last;
    part.error = piece.error;
    if (piece.is_template) part.skipped = source::SkipReason::kChartTemplate;
    for (const Slice& slice : piece.slices) {
      const std::uint32_t number = part.end++;
      if (piece.large->wants(number)) judge_slice(slice, number, piece.syntax, part);
    }
    if (piece.over_limit) part.documents.open.push_back(too_large(*part.input, part.end, limits_.file_bytes));
    return part;
  }

  void judge_slice(const Slice& slice, std::uint32_t number, Syntax syntax, FilePart& part) {
    scratch_.reader.read(slice, syntax, limits_, scratch_.document);
    DocumentResult result = judge_of_(part.judge).judge(part.input->path, scratch_, part.judge);
    result.slice = number;
    part.documents.manifest |= result.meaning != Meaning::kNothing && result.meaning != Meaning::kNoManifest;
    part.documents.lasting &= result.lasting;
    part.documents.asked_patch |= result.asked_patch;
    if (result.is_settled()) {
      part.documents.settled += result.counts;
    } else {
      if (part.input->once && !result.custom.empty()) {
        part.texts.push_back({number, slice.first_line, syntax, std::string(slice.bytes)});
      }
      part.documents.open.push_back(std::move(result));
    }
    if (scratch_.document.size() > kKeptNodes) scratch_.document = document::Document();
  }

  const JudgeOf& judge_of_;
  const document::Limits& limits_;
  Progress* const progress_;
  Verdicts* const verdicts_;
  source::Buffer buffer_;
  Judge::Scratch scratch_;
};

}  // namespace

Files::Files(const document::Limits& limits, int threads, int standard_input, Progress* progress, Verdicts* verdicts)
    : limits_(limits),
      threads_(threads > 0 ? static_cast<std::size_t>(threads) : std::max(1u, std::thread::hardware_concurrency())),
      standard_input_(standard_input), progress_(progress), verdicts_(verdicts) {}

void Files::judge(const Judge& judge, std::function<std::optional<Task>()> next,
                  const std::function<void(FilePart&)>& tell) const {
  this->judge([&](std::uint32_t) -> const Judge& { return judge; }, std::move(next), tell);
}

void Files::judge(const JudgeOf& judge_of, std::function<std::optional<Task>()> next,
                  const std::function<void(FilePart&)>& tell) const {
  struct Slot {
    Piece piece;
    std::vector<FilePart> parts;
  };
  Intake intake(std::move(next), limits_.file_bytes, standard_input_);
  std::vector<Slot> slots(slots_for(threads_));
  std::vector<std::unique_ptr<Worker>> workers(threads_);
  Steps steps;
  steps.take = [&](std::size_t slot) {
    if (progress_ != nullptr) progress_->took_piece();
    return intake.take(slots[slot].piece);
  };
  steps.work = [&](std::size_t slot, std::size_t thread) {
    if (!workers[thread]) workers[thread] = std::make_unique<Worker>(judge_of, limits_, progress_, verdicts_);
    workers[thread]->work(slots[slot].piece, slots[slot].parts);
  };
  steps.give = [&](std::size_t slot) {
    for (FilePart& part : slots[slot].parts) tell(part);
    slots[slot].parts.clear();
  };
  steps.is_more = [&] { return intake.is_more(); };
  run_pipeline(threads_, steps);
}

}  // namespace kubegate::run

// A shard judges its own sets, but two things of the others matter to it: their CRDs, which serve the custom resources of
// the whole run, and that they are what the other shards see, since parts of two commits must not pass as one run. So each
// shard reads everything once. Reading and hashing is a small part of the work of judging, and of the files only those that
// can define a kind are parsed: all that hold the word for such an object, and, since it can be written with escapes, all
// that hold one of those.
//
// Tested in tests/validate/shard_test.cc.
#include "validate/run/survey.h"

#include <cstdio>
#include <memory>
#include <optional>
#include <utility>

#include "validate/base/fnv.h"
#include "validate/source/read.h"

namespace kubegate::run {

namespace {

using Kind = source::Input::Kind;

// Whether there can be an object in it for which CrdSet::defines_kinds() holds.
bool can_define_kinds(std::string_view content) {
  for (const std::string_view kind : {"CustomResourceDefinition", "ConstraintTemplate"}) {
    if (content.find(kind) != content.npos) return true;
  }
  for (std::size_t at = content.find('\\'); at != content.npos; at = content.find('\\', at + 2)) {
    if (at + 1 < content.size() && std::string_view("xuU\r\n").find(content[at + 1]) != content.npos) return true;
  }
  return false;
}

std::string hex(std::uint64_t value) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value));
  return text;
}

// Adds an input to the digest. `buffer` holds its content then.
void add(const source::Input& input, std::uint64_t limit, source::Buffer& buffer, Fnv& digest) {
  digest.add(input.path);
  buffer.clear();
  if (input.kind != Kind::kFile || input.once) {
    digest.add(input.kind == Kind::kSkipped ? source::noun_of(input.reason).one : input.error);
    return;
  }
  const auto content = source::read_file(input.path, limit, buffer);
  digest.add(content.ok() ? *content : std::string_view(content.error().message));
  if (!content.ok()) buffer.clear();
}

}  // namespace

Result<Survey> survey(const Options& options, const JudgeOf& judge_of) {
  auto selection = source::Selection::make(options.paths, options.ignore_patterns);
  if (!selection.ok()) return selection.error();
  Survey survey;
  Fnv digest;
  source::Buffer buffer;
  std::vector<source::Input> defining;
  std::uint64_t order = 0;
  while (auto input = selection->next()) {
    if (input->once) {
      return Error{ErrorCode::kArgument, input->path, "--shard is for files that every machine of the run can read"};
    }
    input->order = ++order;
    add(*input, options.limits.file_bytes, buffer, digest);
    if (can_define_kinds(buffer.content())) defining.push_back(*input);
    if (options.is_own(input->argument)) survey.own.push_back(std::move(*input));
  }
  survey.digest = hex(digest.value());

  std::size_t at = 0;
  const auto next = [&]() -> std::optional<Task> {
    if (at == defining.size()) return std::nullopt;
    Task task;
    task.input = std::make_shared<const source::Input>(std::move(defining[at++]));
    return task;
  };
  const Files files(options.limits, options.threads, options.standard_input, nullptr);
  files.judge(judge_of, next, [&](FilePart& part) {
    for (DocumentResult& document : part.documents.open) {
      if (document.crds) survey.crds.append(std::move(*document.crds));
    }
  });
  return survey;
}

std::string digest_of(std::span<const std::string> paths, std::uint64_t limit) {
  Fnv digest;
  source::Buffer buffer;
  if (const auto inputs = source::select(paths, {}); inputs.ok()) {
    for (const source::Input& input : *inputs) add(input, limit, buffer, digest);
  }
  return hex(digest.value());
}

}  // namespace kubegate::run

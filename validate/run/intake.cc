// Files are of any size, and pieces of work should be of one: so small that all threads end together, so large that
// handing one over costs nothing against the work. Small files go together, and are read by whoever judges them. A
// large file is read here, a window at a time, and cut between documents (document/split.h says why that is right): so
// what is in memory of it is the windows that are under way, or its largest document, whichever is more. Of JSON, where
// only reading tells where a value ends, a large file is kept whole while its values are handed out.
//
// Tested in tests/validate/run/files_test.cc.
#include "validate/run/intake.h"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

namespace kubegate::run {

namespace {

constexpr std::size_t kWindow = 128 << 10;  // bytes of a piece
constexpr std::size_t kFileCost = 4 << 10;  // bytes that could be judged in the time that opening a file takes
constexpr std::size_t kAlone = 64 << 10;    // bytes that one thread takes before others join

using document::Syntax;
using source::Input;

std::uint64_t size_of(const Input& input) {
  struct stat status;
  if (input.kind == Input::Kind::kContent) return input.content->size();
  if (input.kind != Input::Kind::kFile || stat(input.path.c_str(), &status) != 0) return 0;
  return static_cast<std::uint64_t>(std::max<off_t>(status.st_size, 0));
}

// Whether there is a `{{` in the file; false when it cannot be read, which shows again.
bool has_template(const std::string& path) {
  auto stream = source::Stream::open(path);
  if (!stream.ok()) return false;
  source::Buffer buffer;
  while (true) {
    const auto ended = stream->read(buffer, kWindow);
    if (!ended.ok()) return false;
    if (buffer.content().find("{{") != std::string_view::npos) return true;
    if (*ended) return false;
    buffer.assign(std::string(buffer.content().substr(buffer.content().size() - 1)));
  }
}

}  // namespace

Syntax syntax_of(const Input& input, std::string_view beginning) {
  if (!input.once) return document::syntax_of(input.path);
  constexpr std::string_view kSpace = " \t\r\n";
  std::size_t at = beginning.find_first_not_of(kSpace);
  if (at == beginning.npos || beginning[at] != '{') return Syntax::kYaml;
  at = beginning.find_first_not_of(kSpace, at + 1);
  return at != beginning.npos && (beginning[at] == '"' || beginning[at] == '}') ? Syntax::kJson : Syntax::kYaml;
}

bool Task::wants(std::uint32_t slice) const {
  return slice >= from && (chosen.empty() || std::binary_search(chosen.begin(), chosen.end(), slice));
}

void Piece::clear() {
  files.clear();
  large.reset();
  slices.clear();
  first_slice = 0;
  last = is_template = over_limit = false;
  error.clear();
  window.trim(2 * kWindow);
  whole.reset();
}

bool Intake::fetch() {
  if (!pending_ && !ended_) {
    pending_ = next_();
    ended_ = !pending_;
    pending_size_ = pending_ && pending_->texts.empty() ? size_of(*pending_->input) : 0;
  }
  return pending_.has_value();
}

bool Intake::is_more() const { return taken_ >= kAlone && (large_ || pending_); }

bool Intake::take(Piece& piece) {
  piece.clear();
  if (!large_) {
    const std::uint64_t end = taken_ + (taken_ < kAlone ? kAlone : kWindow);
    while (taken_ < end && fetch()) {
      const Input& input = *pending_->input;
      const bool read =
          pending_->texts.empty() && input.kind != Input::Kind::kSkipped && input.kind != Input::Kind::kFailed;
      // Content is in memory, or one thing to fetch: there is nothing of it to read by and by.
      if (read && input.kind != Input::Kind::kContent && (input.once || pending_size_ > kWindow)) {
        if (!piece.files.empty()) return true;
        if (begin_large(piece)) break;
      }
      if (read) taken_ += pending_size_ + kFileCost;
      pending_->size = pending_size_;
      piece.files.push_back(std::move(*pending_));
      pending_.reset();
    }
  }
  if (large_) {
    piece.large = large_->task;
    large_->whole ? take_values(piece) : take_window(piece);
  }
  fetch();
  return large_ || piece.large || !piece.files.empty();
}

// False: it cannot be opened, and whoever reads it will tell why.
bool Intake::begin_large(Piece& piece) {
  const Input& input = *pending_->input;
  if (input.kind == Input::Kind::kStandardInput) {
    large_.emplace(Large{std::move(*pending_), source::Stream::of(standard_input_), {}, {}, 0, 1, 0, {}, {}});
  } else {
    auto stream = source::Stream::open(input.path);
    if (!stream.ok()) return false;
    large_.emplace(Large{std::move(*pending_), std::move(*stream), {}, {}, 0, 1, 0, {}, {}});
  }
  pending_.reset();
  large_->syntax = syntax_of(*large_->task.input, {});
  piece.over_limit = large_->stream.file_size() > limit_;
  return true;
}

void Intake::finish(Piece& piece) {
  piece.last = true;
  large_.reset();
}

void Intake::take_window(Piece& piece) {
  Large& large = *large_;
  const Input& input = *large.task.input;
  if (piece.over_limit) return finish(piece);
  if (large.bytes == 0 && input.chart_template && !input.named && has_template(input.path)) {
    piece.is_template = true;
    return finish(piece);
  }
  piece.window.assign(large.carry.content());
  for (std::size_t size = std::max(kWindow, 2 * large.carry.content().size());; size *= 2) {
    const std::size_t before = piece.window.content().size();
    const auto ended = large.stream.read(piece.window, size);
    const std::string_view content = piece.window.content();
    if (!ended.ok()) {
      piece.error = ended.error().message;
      return finish(piece);
    }
    if (large.bytes == 0) large.syntax = syntax_of(input, content);
    large.bytes += content.size() - before;
    taken_ += content.size() - before;
    if (large.bytes > limit_) {
      piece.over_limit = true;
      return finish(piece);
    }
    piece.syntax = large.syntax;
    if (large.syntax == Syntax::kJson) {
      if (!*ended) continue;
      large.whole = std::make_shared<source::Buffer>(std::move(piece.window));
      piece.window = {};
      large.splitter.emplace(large.whole->content(), Syntax::kJson);
      return take_values(piece);
    }

    const std::string_view lines = *ended ? content : content.substr(0, content.rfind('\n') + 1);
    document::Splitter splitter(lines, Syntax::kYaml, large.line);
    piece.slices.clear();
    while (const auto slice = splitter.next()) piece.slices.push_back(*slice);
    const document::Slice rest = splitter.rest();
    piece.first_slice = large.slice;
    if (*ended) return finish(piece);
    if (lines.empty() || rest.first_line == large.line) continue;  // the window is not one document yet
    if (!piece.slices.empty() && piece.slices.back().bytes.data() >= rest.bytes.data()) piece.slices.pop_back();
    large.carry.assign(content.substr(static_cast<std::size_t>(rest.bytes.data() - content.data())));
    large.line = rest.first_line;
    large.slice += static_cast<std::uint32_t>(piece.slices.size());
    return;
  }
}

// Of JSON: values of about a window together.
void Intake::take_values(Piece& piece) {
  Large& large = *large_;
  piece.whole = large.whole;
  piece.syntax = Syntax::kJson;
  piece.first_slice = large.slice;
  for (std::size_t bytes = 0; bytes < kWindow;) {
    const auto slice = large.splitter->next();
    if (!slice) return finish(piece);
    piece.slices.push_back(*slice);
    bytes += slice->bytes.size();
    ++large.slice;
  }
}

}  // namespace kubegate::run

// CRDs of the input serve the custom resources of the same run, wherever those stand, and the report is in the order of
// the input. So while nothing but kinds of Kubernetes itself came by, results are told as they come. From the first
// object on that a CRD could yet define, what has something to tell waits for the end of the input; what is only to be
// counted is counted. Then all CRDs are known: what they define is judged again, by a second look at just those
// documents, and everything is told.
//
// What waits is little, since most of it is valid: sixteen bytes an object. Findings are more, and there may be any
// number of them behind such an object; when they take more memory than the budget, they are dropped, and their files
// are read and judged a second time when their turn has come. An input that can be read but once is never dropped.
//
// Whether a walked file is a manifest at all can be told only when all of its documents are read: a file in which no
// document has an apiVersion or a kind is something else (values, a dashboard, a pipeline), but next to an object such
// a document has lost its first lines. Results of a large file wait for its first object too.
//
// Tested in tests/validate/run/files_test.cc and run_test.cc.
#include "validate/run/hold.h"

#include <algorithm>
#include <iterator>

namespace kubegate::run {

namespace {

// About what a result takes of memory.
std::size_t weight_of(const DocumentResult& document) {
  std::size_t bytes = sizeof document;
  for (const CustomKind& custom : document.custom) bytes += sizeof custom + custom.group.size() + custom.kind.size();
  for (const report::Resource& resource : document.resources) {
    bytes += sizeof resource + resource.name.size() + resource.note.size();
    for (const report::LocatedFinding& finding : resource.findings) {
      bytes += sizeof finding + finding.message.size() + finding.excerpt.text.size() + finding.pointer.size() +
               finding.field.size();
    }
  }
  return bytes;
}

std::size_t weight_of(const Documents& documents) {
  std::size_t bytes = 0;
  for (const DocumentResult& document : documents.open) bytes += weight_of(document);
  return bytes;
}

// Whether it is one valid object and a kind that may be defined, and no more.
bool is_plain(const DocumentResult& document) {
  const Counts& counts = document.counts;
  return document.resources.empty() && document.custom.size() == 1 && counts.objects == 1 && counts.valid == 1 &&
         counts.errors == 0 && counts.warnings == 0 && counts.objects_skipped == 0;
}

// Of a walked file without a manifest in it, but broken: only what broke it is told, since it may have hidden one.
bool is_left_out(const DocumentResult& document) { return document.complete && document.meaning != Meaning::kNothing; }

}  // namespace

void Hold::add(FilePart& part) {
  if (!current_) {
    current_ = File();  // emplace() would ask clang whether File has defaults, which it cannot tell inside Hold
    current_->input = part.input;
    current_->judge = part.judge;
    current_->manifest = part.input->named;
    current_->rest = std::make_unique<FilePart>();
  }
  File& file = *current_;
  take(part, file);
  if (weight_ > budget_ && !file.input->once) forget(file);
  if (part.last) {
    File closed = std::move(file);
    current_.reset();
    return close(std::move(closed));
  }
  if (held_.empty() && file.manifest && !file.custom && !file.forgotten) {
    Told told = told_of(file, false);
    tell_(told);
    file.from = part.end;
  }
}

void Hold::take(FilePart& part, File& file) {
  FilePart& rest = *file.rest;
  rest.skipped = part.skipped;
  rest.error = std::move(part.error);
  rest.end = part.end;
  file.manifest |= part.documents.manifest;
  if (!file.forgotten) rest.documents.settled += part.documents.settled;
  std::move(part.texts.begin(), part.texts.end(), std::back_inserter(rest.texts));
  for (DocumentResult& document : part.documents.open) {
    if (document.crds && !known_) found_.append(std::move(*document.crds));
    document.crds.reset();
    file.broken |= !document.complete;
    file.other |= document.meaning == Meaning::kNoManifest;
    file.custom |= !document.custom.empty();
    if (file.forgotten) continue;
    if (is_plain(document)) {
      const auto rules = static_cast<std::uint32_t>(document.counts.rules_not_evaluated);
      file.waiting.push_back({document.slice, number_of(document.custom.front()), rules});
    } else if (document.is_settled()) {
      rest.documents.settled += document.counts;
    } else {
      weight_ += weight_of(document);
      rest.documents.open.push_back(std::move(document));
    }
  }
}

void Hold::close(File file) {
  FilePart& rest = *file.rest;
  auto& open = rest.documents.open;
  if (!file.manifest && file.broken) {
    weight_ -= weight_of(rest.documents);
    std::erase_if(open, is_left_out);
    weight_ += weight_of(rest.documents);
  } else if (!file.manifest && file.other) {
    forget(file);
    file.forgotten = false;
    rest.skipped = source::SkipReason::kNoManifest;
  }

  const bool is_counted_only = open.empty() && !rest.skipped && rest.error.empty();
  if (!file.custom && !file.forgotten && (held_.empty() || is_counted_only)) {
    Told told = told_of(file, true);
    return tell_(told);
  }
  if (is_counted_only && !file.forgotten && rest.texts.empty()) {
    Told told;
    told.input = file.input.get();
    told.settled = rest.documents.settled;
    told.ends = false;
    tell_(told);
    file.rest.reset();
  }
  file.waiting.shrink_to_fit();
  held_.push_back(std::move(file));
}

// Of documents that are not told: they are to be judged again.
void Hold::forget(File& file) {
  weight_ -= weight_of(file.rest->documents);
  file.rest->documents = {};
  file.waiting = {};
  file.forgotten = true;
}

// Takes out of a file all that there is to tell.
Told Hold::told_of(File& file, bool ends) {
  Told told;
  told.input = file.input.get();
  told.ends = ends;
  if (file.rest) {
    weight_ -= weight_of(file.rest->documents);
    told.settled = file.rest->documents.settled;
    told.open = std::move(file.rest->documents.open);
    told.skipped = file.rest->skipped;
    told.error = std::move(file.rest->error);
    file.rest->documents = {};
  }
  for (const Waiting& waiting : file.waiting) {
    ++told.settled.objects;
    ++told.settled.valid;
    told.settled.rules_not_evaluated += waiting.rules_not_evaluated;
  }
  return told;
}

std::uint32_t Hold::number_of(const CustomKind& custom) {
  const auto next = static_cast<std::uint32_t>(kinds_.size());
  return kinds_.try_emplace({custom.group, custom.kind}, next).first->second;
}

// ---- The second pass ------------------------------------------------------------------------------------------------

bool Hold::is_wanted(const DocumentResult& document) const {
  return std::any_of(document.custom.begin(), document.custom.end(),
                     [&](const CustomKind& custom) { return found_.defines(custom.group, custom.kind); });
}

// The documents that found_ defines kinds of.
std::vector<std::uint32_t> Hold::wanted_of(const File& file) const {
  std::vector<std::uint32_t> wanted;
  if (found_.empty()) return wanted;
  for (const Waiting& waiting : file.waiting) {
    if (wanted_[waiting.kind]) wanted.push_back(waiting.slice);
  }
  if (file.rest) {
    for (const DocumentResult& document : file.rest->documents.open) {
      if (is_wanted(document)) wanted.push_back(document.slice);
    }
  }
  std::sort(wanted.begin(), wanted.end());
  return wanted;
}

std::optional<Task> Hold::next() {
  if (wanted_.empty()) {
    wanted_.resize(kinds_.size() + 1);
    for (const auto& [name, number] : kinds_) wanted_[number] = found_.defines(name.first, name.second);
  }
  for (; next_ < held_.size(); ++next_) {
    const File& file = held_[next_];
    Task task;
    if (!file.forgotten) {
      task.chosen = wanted_of(file);
      if (task.chosen.empty()) continue;
      if (file.input->once) {
        for (KeptText& text : file.rest->texts) {
          if (task.wants(text.slice)) task.texts.push_back(std::move(text));
        }
      }
    }
    task.input = file.input;
    task.judge = file.judge;
    task.from = file.from;
    task.tag = next_++;
    return task;
  }
  return std::nullopt;
}

void Hold::add_again(FilePart& part) {
  tell_until(part.tag);
  File& file = held_[part.tag];
  Told told;
  told.input = file.input.get();
  told.settled = part.documents.settled;
  told.error = std::move(part.error);
  told.ends = part.last;
  auto& judged = part.documents.open;
  if (file.forgotten) {
    if (!file.manifest) std::erase_if(judged, is_left_out);
    told.open = std::move(judged);
  } else {
    const std::vector<std::uint32_t> wanted = wanted_of(file);
    if (part.last && told.error.empty() && !wanted.empty() && wanted.back() >= part.end) {
      told.error = "it changed while it was being checked";
    }
    // What was judged anew, among what was not.
    std::vector<DocumentResult> kept;
    if (file.rest) {
      for (DocumentResult& document : file.rest->documents.open) {
        if (is_wanted(document) || (!part.last && document.slice >= part.end) || document.slice < file.from) continue;
        kept.push_back(std::move(document));
      }
    }
    std::merge(std::make_move_iterator(kept.begin()), std::make_move_iterator(kept.end()),
               std::make_move_iterator(judged.begin()), std::make_move_iterator(judged.end()),
               std::back_inserter(told.open),
               [](const DocumentResult& a, const DocumentResult& b) { return a.slice < b.slice; });
    file.from = part.end;
    if (part.last) {
      std::erase_if(file.waiting, [&](const Waiting& waiting) { return wanted_[waiting.kind]; });
      const Told rest = [&] {
        if (file.rest) file.rest->documents.open.clear();
        return told_of(file, true);
      }();
      told.settled += rest.settled;
      if (told.error.empty()) told.error = rest.error;
    }
  }
  tell_(told);
  if (!part.last) return;
  held_[part.tag] = {};
  told_ = part.tag + 1;
}

void Hold::tell_until(std::size_t end) {
  for (; told_ < end; ++told_) {
    Told told = told_of(held_[told_], true);
    tell_(told);
    held_[told_] = {};
  }
}

void Hold::finish() { tell_until(held_.size()); }

}  // namespace kubegate::run

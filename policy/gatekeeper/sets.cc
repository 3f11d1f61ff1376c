#include "policy/gatekeeper/sets.h"

#include <sys/mman.h>
#include <unistd.h>

#include "policy/gatekeeper/load.h"
#include "validate/base/digest.h"
#include "validate/run/intake.h"
#include "validate/source/read.h"
#include "validate/source/select.h"

namespace kubegate::gatekeeper {

namespace {

void keep_wanted(const std::shared_ptr<const KeptDocument>& document, const InventoryUse& use, Inventory& out,
                 Digester& digest) {
  for (const run::Object& object : objects_of(*document)) {
    if (!object.identity.is_complete() || !use.wants(object.identity.kind)) continue;
    out.add(document, object.node);
    digest.add(document->path).add(document->document.source()).add(object.node);
  }
}

// Standard input, to be read a second time.
Result<Done> copy_standard_input(run::Options& options, std::string& text) {
  source::Buffer buffer;
  source::Stream stream = source::Stream::of(options.standard_input);
  const auto read = stream.read(buffer, options.limits.file_bytes);
  if (!read.ok()) return Error{read.error().code, "standard input", read.error().message};
  text = buffer.content();
  const int copy = memfd_create("standard input", MFD_CLOEXEC);
  std::size_t written = 0;
  while (copy >= 0 && written < text.size()) {
    const ssize_t n = write(copy, text.data() + written, text.size() - written);
    if (n <= 0) break;
    written += static_cast<std::size_t>(n);
  }
  if (copy < 0 || written < text.size() || lseek(copy, 0, SEEK_SET) != 0) {
    return Error{ErrorCode::kIo, "standard input", "cannot be kept in memory"};
  }
  options.standard_input = copy;
  return Done{};
}

}  // namespace

Result<Done> Sets::gather(const InventoryUse& use, std::span<const std::string> shared, run::Options& options) {
  using Kind = source::Input::Kind;
  std::vector<std::shared_ptr<const KeptDocument>> everywhere;
  const auto read =
      read_documents(shared, "--inventory", options.limits, [&](const auto& each) { everywhere.push_back(each); });
  if (!read.ok()) return read;
  source::Buffer buffer;
  for (std::size_t i = 0; i < options.paths.size(); ++i) {
    const std::string& path = options.paths[i];
    auto selection = run::select_all(options, std::span(&path, 1));
    if (!selection.ok()) return selection.error();
    auto set = std::make_unique<Set>();
    Digester digest;
    for (const auto& document : everywhere) keep_wanted(document, use, set->objects, digest);
    while (const auto input = selection->next()) {
      if (input->kind == Kind::kSkipped || input->kind == Kind::kFailed) continue;
      if (!set_of_.emplace(input->path, sets_.size()).second) continue;  // a set has it already
      if (!options.is_own(i)) continue;                                  // which is judged elsewhere
      std::string text;
      if (input->kind == Kind::kStandardInput) {
        const auto copied = copy_standard_input(options, text);
        if (!copied.ok()) return copied;
      } else if (input->once) {
        return Error{ErrorCode::kArgument, input->path,
                     "cannot be read twice, as policies that read data.inventory need it: give a file"};
      } else {
        const auto content = source::read_input(*input, options.limits.file_bytes, buffer);
        if (!content.ok()) continue;
        text = *content;
      }
      const document::Syntax syntax = run::syntax_of(*input, text);
      for (const auto& document : keep_documents(input->path, std::move(text), syntax, options.limits)) {
        keep_wanted(document, use, set->objects, digest);
      }
    }
    set->inventory = set->objects.value();
    set->digest = digest.finish();
    sets_.push_back(std::move(set));
  }
  return Done{};
}

Sets::View Sets::view(std::string_view path) const {
  const auto found = set_of_.find(std::string(path));
  if (found == set_of_.end()) return {};
  const Set& set = *sets_[found->second];
  return {&set.objects, set.inventory, set.digest};
}

}  // namespace kubegate::gatekeeper

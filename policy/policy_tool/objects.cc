#include "policy/policy_tool/objects.h"

#include <sys/stat.h>
#include <unistd.h>

#include "validate/report/new_file.h"
#include "validate/report/sink.h"
#include "validate/run/object.h"
#include "validate/source/read.h"
#include "validate/source/select.h"

namespace kubegate::policy_tool {

namespace {

constexpr const char* kStandardInput = "stdin";

// A text that begins as JSON does is JSON, where no name says anything.
document::Syntax syntax_of_text(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  const bool json = first != text.npos && text[first] == '{';
  return json ? document::Syntax::kJson : document::Syntax::kYaml;
}

}  // namespace

bool has_standard_input() {
  struct stat info;
  return fstat(STDIN_FILENO, &info) == 0 && !S_ISCHR(info.st_mode);
}

Result<std::string> read_bytes(const std::string& path) {
  source::Buffer buffer;
  const auto content = source::read_file(path, document::Limits{}.file_bytes, buffer);
  if (!content.ok()) return Error{content.error().code, path, content.error().message};
  return std::string(*content);
}

void add_file(const std::string& name, std::string bytes, document::Syntax syntax, document::ScalarTable table,
              Objects& out) {
  ++out.files;
  std::vector<run::Object> objects;
  for (const auto& kept : gatekeeper::keep_documents(name, std::move(bytes), syntax, {}, table)) {
    const document::Document& document = kept->document;
    out.documents.push_back(kept);
    for (const Finding& fault : document.faults()) out.faults.push_back({kept, 0, fault});
    if (document.empty() || !document.complete()) continue;
    const schema::ObjectIdentity root = schema::identity_of(document, 0);
    if (run::meaning_of(document, name, root) != run::Meaning::kObject) continue;
    objects.clear();
    run::unpack(document, root, objects);
    for (const run::Object& object : objects) {
      if (object.identity.is_complete()) {
        out.objects.push_back({kept, object.node, object.identity});
      } else {
        out.faults.push_back(gatekeeper::policy_finding(kept, object.node, object.node, "schema/no-kind",
                                                        "an object needs an apiVersion and a kind"));
      }
    }
  }
}

Result<Objects> read_objects(const std::vector<std::string>& paths, bool standard_input) {
  Objects out;
  auto selection = source::Selection::make(paths, {});
  if (!selection.ok()) return selection.error();
  while (const auto input = selection->next()) {
    switch (input->kind) {
      case source::Input::Kind::kSkipped: continue;
      case source::Input::Kind::kFailed: return Error{ErrorCode::kIo, input->path, input->error};
      case source::Input::Kind::kStandardInput: standard_input = true; continue;
      case source::Input::Kind::kFile:
      case source::Input::Kind::kContent: break;
    }
    auto bytes = read_bytes(input->path);
    if (!bytes.ok()) return bytes.error();
    add_file(input->path, std::move(*bytes), document::syntax_of(input->path), document::ScalarTable::kCluster, out);
  }
  if (!standard_input) return out;
  source::Buffer buffer;
  source::Stream stream = source::Stream::of(STDIN_FILENO);
  const auto ended = stream.read(buffer, document::Limits{}.file_bytes);
  if (!ended.ok()) return Error{ended.error().code, kStandardInput, ended.error().message};
  if (!*ended) return Error{ErrorCode::kLimit, kStandardInput, "is longer than 1 GiB"};
  out.standard_input = out.files == 0;
  add_file(kStandardInput, std::string(buffer.content()), syntax_of_text(buffer.content()),
           document::ScalarTable::kCluster, out);
  return out;
}

Result<Done> write_bytes(const std::string& path, std::string bytes) {
  auto file = report::NewFile::create(path);
  if (!file.ok()) return file.error();
  report::Sink sink(file->descriptor());
  sink.text().swap(bytes);
  sink.flush();
  if (const auto written = sink.status(); !written.ok()) return written;
  return file->commit();
}

}  // namespace kubegate::policy_tool

// What the commands read: the objects of files, folders and standard input, each with the bytes it came from.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "policy/gatekeeper/kept_document.h"
#include "policy/gatekeeper/template.h"
#include "validate/base/result.h"
#include "validate/schema/check.h"

namespace kubegate::policy_tool {

// An object of a kept document: its root, or an item of a List.
struct Object {
  std::shared_ptr<const gatekeeper::KeptDocument> document;
  document::NodeIndex node = 0;
  schema::ObjectIdentity identity;  // views into the document
};

struct Objects {
  std::vector<std::shared_ptr<const gatekeeper::KeptDocument>> documents;  // in order, unreadable ones too
  std::vector<Object> objects;                                             // of them, in the same order
  std::vector<gatekeeper::PolicyFinding> faults;                           // of documents
  std::uint64_t files = 0;
  bool standard_input = false;  // the only file is that
};

// Reads what the paths select (validate/source/select.h), then standard input where `standard_input` says so. Documents
// that are no manifests (kustomizations, values of charts) are passed over, Lists are unpacked. An Error is a path that
// cannot be read.
Result<Objects> read_objects(const std::vector<std::string>& paths, bool standard_input);

// Whether something is piped or redirected to standard input: it is no terminal and no other device. Rule: readStdin of
// gator's reader.
bool has_standard_input();

// The objects of one file, or what is wrong with it, appended to `out`. `name`: as reports show it.
void add_file(const std::string& name, std::string bytes, document::Syntax syntax, document::ScalarTable table,
              Objects& out);

// The content of a file.
Result<std::string> read_bytes(const std::string& path);
// Makes it a file's content, whole or not at all.
Result<Done> write_bytes(const std::string& path, std::string bytes);

}  // namespace kubegate::policy_tool

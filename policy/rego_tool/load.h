// What the commands of Rego read: policies, data documents and the input, from files, folders and standard input.
//
// Rules: OPA's loader (v1/loader). A folder is read with all below it; files named .rego are policies, .json, .yaml and
// .yml data. A data document stands in `data` below the names of the folders that it lies in, counted from the folder
// that was given, and below the prefix of `prefix.of.data:path`. Objects merge; where they disagree that is an error.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "policy/rego/evaluate.h"
#include "policy/value/arena.h"
#include "policy/value/document_root.h"
#include "policy/value/value.h"
#include "validate/base/result.h"
#include "validate/document/document.h"
#include "validate/document/read.h"

namespace kubegate::rego_tool {

// Documents read into memory, and values that refer to them. What values() returns lives as long as this.
class Documents {
 public:
  // Reads the one document of `text`, whose name is for messages. An empty text is null.
  Result<policy::Value> read(std::string_view name, std::string text, document::Syntax syntax);
  // As an input is read: JSON, or where it is none, YAML.
  Result<policy::Value> read_input(std::string_view name, std::string text);
  policy::ValueArena& arena() { return arena_; }

 private:
  struct Entry {
    std::string text;
    document::Document document;
    policy::DocumentRoot root;
  };
  std::deque<Entry> entries_;
  policy::ValueArena arena_;  // of merged objects
};

struct Loaded {
  std::vector<rego::PolicySource> policies;  // in the order of the command line, inside a folder by name
  policy::Value data;                        // an object; undefined where there were no data documents
};

struct LoadOptions {
  bool policies_only = false;       // data documents are passed over
  std::vector<std::string> ignore;  // patterns of names (fnmatch) of files and folders to pass over
};

// Reads everything at the paths. `documents` owns what the data refers to.
Result<Loaded> load(const std::vector<std::string>& paths, const LoadOptions& options, Documents& documents);

// The content of a file; "-" is standard input.
Result<std::string> read_text(const std::string& path);

// What policies may reach beyond what they are given.
struct Access {
  bool network = false;      // http.send, net.lookup_ip_addr
  bool environment = false;  // opa.runtime
  // The built-ins, for CompileOptions::switched_on.
  std::vector<std::string> switched_on() const;
};

// What opa.runtime answers where it may: {"env": …}, the variables of this process; their texts are copied.
policy::Value runtime_document(policy::ValueArena& arena);

// Whether the base document at a path below `data` exists, for CompileOptions::path_exists.
bool path_exists(policy::Value data, const std::vector<std::string>& path);

}  // namespace kubegate::rego_tool

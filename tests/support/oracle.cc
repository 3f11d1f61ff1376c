#include "tests/support/oracle.h"

#include <gtest/gtest.h>
#include <rapidjson/pointer.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "validate/document/read.h"

namespace kubegate::testing {

using document::Document;
using document::Kind;
using document::Node;
using document::NodeIndex;
using Json = rapidjson::Value;
using Allocator = rapidjson::Document::AllocatorType;

std::string shared_folder() {
  return std::filesystem::exists(KUBEGATE_SHARED_DIR "/README.md") ? KUBEGATE_SHARED_DIR : "";
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

Json to_json(const Document& document, NodeIndex index, Allocator& allocator) {
  const Node& node = document[index];
  auto text = [&](NodeIndex i) {
    const std::string_view view = document.text(i);
    return Json(view.data(), static_cast<rapidjson::SizeType>(view.size()), allocator);
  };
  switch (node.kind) {
    case Kind::kNull: return Json();
    case Kind::kBool: return Json(node.boolean);
    case Kind::kInt: return Json(node.integer);
    case Kind::kFloat: return Json(node.number);
    case Kind::kString: return text(index);
    case Kind::kSequence: {
      Json list(rapidjson::kArrayType);
      for (NodeIndex item = index + 1; item < node.children.end; item = document.next(item)) {
        list.PushBack(to_json(document, item, allocator), allocator);
      }
      return list;
    }
    case Kind::kMap: {
      Json map(rapidjson::kObjectType);
      for (NodeIndex key = index + 1; key < node.children.end; key = document.next(key + 1)) {
        map.AddMember(text(key), to_json(document, key + 1, allocator), allocator);
      }
      return map;
    }
  }
  return Json();
}

namespace {

// JSON Patch (RFC 6902) with the three operations that the recordings use.
void apply(rapidjson::Document& object, const Json& operation) {
  const std::string path = operation["path"].GetString();
  const std::string op = operation["op"].GetString();
  const std::size_t slash = path.rfind('/');
  const rapidjson::Pointer parent_pointer(path.substr(0, slash).c_str());
  Json* parent = parent_pointer.Get(object);
  ASSERT_NE(parent, nullptr) << path;
  std::string last = path.substr(slash + 1);
  for (std::size_t at; (at = last.find("~1")) != std::string::npos;) last.replace(at, 2, "/");
  for (std::size_t at; (at = last.find("~0")) != std::string::npos;) last.replace(at, 2, "~");
  Allocator& allocator = object.GetAllocator();
  Json value;
  if (op != "remove") value.CopyFrom(operation["value"], allocator);
  if (parent->IsArray()) {
    if (op == "add" && last == "-") {
      parent->PushBack(value, allocator);
      return;
    }
    const auto index = static_cast<rapidjson::SizeType>(std::stoul(last));
    if (op == "remove") {
      parent->Erase(parent->Begin() + index);
    } else if (op == "replace") {
      (*parent)[index] = value;
    } else {
      parent->PushBack(Json(), allocator);
      for (rapidjson::SizeType i = parent->Size() - 1; i > index; --i) (*parent)[i] = (*parent)[i - 1];
      (*parent)[index] = value;
    }
    return;
  }
  if (op == "remove") {
    parent->RemoveMember(last.c_str());
  } else if (parent->HasMember(last.c_str())) {
    (*parent)[last.c_str()] = value;
  } else {
    parent->AddMember(Json(last.c_str(), allocator), value, allocator);
  }
}

std::string text_of(const Json& object, const char* key) {
  return object.HasMember(key) && object[key].IsString() ? object[key].GetString() : "";
}

Verdict read_verdict(const Json& json) {
  Verdict verdict;
  verdict.code = json["code"].GetInt();
  verdict.reason = text_of(json, "reason");
  verdict.message = text_of(json, "message");
  if (json.HasMember("fields")) {
    for (const Json& field : json["fields"].GetArray()) verdict.fields.emplace_back(field.GetString());
  }
  if (json.HasMember("causes")) {
    for (const Json& cause : json["causes"].GetArray()) {
      verdict.causes.push_back({text_of(cause, "reason"), text_of(cause, "field"), text_of(cause, "message")});
    }
  }
  return verdict;
}

// The bases were read by a YAML library for which a bare y or n is a string.
void keep_letters(const Document& document, NodeIndex index, Json& json) {
  const Node& node = document[index];
  if (node.kind == Kind::kMap) {
    for (NodeIndex key = index + 1; key < node.children.end; key = document.next(key + 1)) {
      keep_letters(document, key + 1, json[std::string(document.text(key)).c_str()]);
    }
  } else if (node.kind == Kind::kSequence) {
    rapidjson::SizeType at = 0;
    for (NodeIndex item = index + 1; item < node.children.end; item = document.next(item)) {
      keep_letters(document, item, json[at++]);
    }
  } else if (node.kind == Kind::kBool && node.length == 1) {
    json.SetString(rapidjson::StringRef(document.source()[node.begin] == 'y' ? "y" : "n"));
  }
}

std::vector<OracleCase> load() {
  std::vector<OracleCase> cases;
  const std::string folder = shared_folder();
  if (folder.empty()) return cases;
  std::map<std::string, rapidjson::Document> bases;
  for (const auto& entry : std::filesystem::directory_iterator(folder + "/oracle/bases")) {
    const std::string text = read_file(entry.path());
    int number = 0;
    for (const document::Slice& slice : document::split(text, document::Syntax::kYaml)) {
      Document read;
      document::read(slice, document::Syntax::kYaml, document::Limits{}, read);
      EXPECT_TRUE(read.faults().empty()) << entry.path();
      rapidjson::Document& base = bases[entry.path().filename().string() + "#" + std::to_string(number++)];
      static_cast<Json&>(base) = to_json(read, 0, base.GetAllocator());
      keep_letters(read, 0, base);
    }
  }
  std::istringstream lines(read_file(folder + "/oracle/create.jsonl"));
  for (std::string line; std::getline(lines, line);) {
    rapidjson::Document json;
    json.Parse(line.c_str(), line.size());
    OracleCase one;
    one.id = json["id"].GetString();
    one.base = json["base"].GetString();
    one.kind = json["kind"].GetString();
    one.category = json["category"].GetString();
    rapidjson::Document object;
    object.CopyFrom(bases.at(one.base), object.GetAllocator());
    for (const Json& operation : json["patch"].GetArray()) apply(object, operation);
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
    object.Accept(writer);
    one.object.assign(buffer.GetString(), buffer.GetSize());
    for (const auto& member : json["verdicts"].GetObject()) {
      std::istringstream versions(member.name.GetString());
      for (std::string version; std::getline(versions, version, ',');) {
        one.verdicts[version] = read_verdict(member.value);
      }
    }
    cases.push_back(std::move(one));
  }
  return cases;
}

// The segments of a field, list indexes left out unless `indexes`. Go's decoder names the embedded struct that holds a
// field (1.35: "containers.livenessProbe.ProbeHandler.tcpSocket"), and leaves out the keys of maps; both are evened
// out: no field of a native kind starts with a capital, and the maps of structs are the `properties` of CRD schemas.
std::vector<std::string> segments(std::string_view field, bool indexes, bool map_keys) {
  std::vector<std::string> out;
  std::string part;
  bool after_properties = false;
  auto flush = [&] {
    const bool embedded = !part.empty() && std::isupper(static_cast<unsigned char>(part[0]));
    const bool dropped = embedded || (after_properties && !map_keys);
    after_properties = part == "properties" && !(after_properties && !map_keys);
    if (!part.empty() && !dropped) out.push_back(part);
    part.clear();
  };
  for (std::size_t i = 0; i < field.size(); ++i) {
    if (field[i] == '.') {
      flush();
    } else if (field[i] == '[' && !indexes) {
      i = std::min(field.find(']', i), field.size() - 1);
    } else {
      part += field[i];
    }
  }
  flush();
  return out;
}

}  // namespace

const std::vector<OracleCase>& oracle_create() {
  static const std::vector<OracleCase> cases = load();
  return cases;
}

bool same_field(std::string_view ours, std::string_view theirs) {
  if (ours == theirs || theirs.empty()) return true;
  const bool indexed = theirs.find('[') != std::string_view::npos;
  const std::vector<std::string> named = segments(theirs, indexed, true);
  for (const bool map_keys : {true, false}) {
    const std::vector<std::string> found = segments(ours, indexed, map_keys);
    if (found.size() >= named.size() && std::equal(named.begin(), named.end(), found.begin())) return true;
  }
  return false;
}

}  // namespace kubegate::testing

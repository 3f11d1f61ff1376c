// What a part of a report says, in one place for who writes it and who reads it: each fields() hands all members of a
// record, with their names in the file, to an Io that writes or reads them. The bindings name every member, so that a new
// one does not compile until it stands here; a change of what stands here is a new number in kPartBegin.
//
// A part is text, a JSON value a line: kPartBegin, the resources in their order, and last a PartEnd.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "validate/report/report.h"

namespace kubegate::report {

inline constexpr std::string_view kPartFamily = "{\"kubegate\":\"part of a report\",\"format\":";
inline constexpr std::string_view kPartBegin = "{\"kubegate\":\"part of a report\",\"format\":1}";

// What is known at the end of a run: whether the part is whole, what it is a part of, and the sums.
struct PartEnd {
  std::uint64_t resources = 0;  // that stand in front of it
  std::string version, folder, root;
  std::vector<std::string> targets;
  Share share;
  Summary summary;
};

template <class Io, class Record>
void fields(Io& io, Record& record) {
  using Kind = std::remove_const_t<Record>;
  if constexpr (std::is_same_v<Kind, Excerpt>) {
    auto& [text, begin, length, cut_before, cut_after] = record;
    io("text", text);
    io("begin", begin);
    io("length", length);
    io("cutBefore", cut_before);
    io("cutAfter", cut_after);
  } else if constexpr (std::is_same_v<Kind, LocatedFinding>) {
    auto& [rule, severity, message, line, column, excerpt, pointer, field, targets] = record;
    io("rule", rule);
    io("severity", severity, Severity::kWarning);
    io("message", message);
    io("line", line);
    io("column", column);
    io("source", excerpt);
    io("pointer", pointer);
    io("field", field);
    io("targets", targets);
  } else if constexpr (std::is_same_v<Kind, Suppressed>) {
    auto& [finding, kind, reason] = record;
    io("finding", finding);
    io("kind", kind, Suppressed::Kind::kKnown);
    io("reason", reason);
  } else if constexpr (std::is_same_v<Kind, Resource>) {
    auto& [path, order, api_version, kind, namespace_, name, line, column, status, note, findings, suppressed,
           left_out] = record;
    io("path", path);
    io("order", order);
    io("apiVersion", api_version);
    io("kind", kind);
    io("namespace", namespace_);
    io("name", name);
    io("line", line);
    io("column", column);
    io("status", status, Status::kSkipped);
    io("note", note);
    io("findings", findings);
    io("suppressed", suppressed);
    io("findingsLeftOut", left_out);
  } else if constexpr (std::is_same_v<Kind, Tally>) {
    auto& [count, one, many] = record;
    io("count", count);
    io("one", one);
    io("many", many);
  } else if constexpr (std::is_same_v<Kind, Share>) {
    auto& [index, count, inputs, settings, when_empty] = record;
    io("index", index);
    io("of", count);
    io("inputs", inputs);
    io("settings", settings);
    io("whenEmpty", when_empty);
  } else if constexpr (std::is_same_v<Kind, std::pair<std::string, std::string>>) {
    auto& [name, value] = record;
    io("name", name);
    io("value", value);
  } else if constexpr (std::is_same_v<Kind, Summary>) {
    // The targets and the share stand in the PartEnd.
    auto& [targets, standard_input, files, objects, besides, errors, warnings, ignored, known, rules_not_evaluated,
           files_not_read, objects_skipped, files_skipped, folders_skipped, valid, invalid, unjudged, skipped, share] =
        record;
    static_cast<void>(targets);
    static_cast<void>(share);
    io("standardInput", standard_input);
    io("files", files);
    io("objects", objects);
    io("besides", besides);
    io("errors", errors);
    io("warnings", warnings);
    io("ignored", ignored);
    io("known", known);
    io("rulesNotEvaluated", rules_not_evaluated);
    io("filesNotRead", files_not_read);
    io("objectsSkipped", objects_skipped);
    io("filesSkipped", files_skipped);
    io("foldersSkipped", folders_skipped);
    io("valid", valid);
    io("invalid", invalid);
    io("unjudged", unjudged);
    io("skipped", skipped);
  } else {
    static_assert(std::is_same_v<Kind, PartEnd>);
    auto& [resources, version, folder, root, targets, share, summary] = record;
    io("resources", resources);
    io("version", version);
    io("folder", folder);
    io("root", root);
    io("targets", targets);
    io("part", share);
    io("summary", summary);
  }
}

}  // namespace kubegate::report

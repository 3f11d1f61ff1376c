// The text is Terraform's idea of a plan: a line an object behind `+`, `~` or `-`, its fields below it, the sum last. In
// Markdown the same lines stand in blocks that GitHub colours as a diff, for which their signs lead the line.
//
// Tested in tests/validate/report/changes_test.cc.
#include "validate/report/changes.h"

#include <algorithm>

#include "validate/report/json_text.h"
#include "validate/report/text.h"

namespace kubegate::report {

namespace {

constexpr std::size_t kMostValue = 160;  // bytes of a value in a line

std::string_view name_of(Action action) {
  switch (action) {
    case Action::kAdded: return "added";
    case Action::kChanged: return "changed";
    case Action::kDeleted: return "deleted";
  }
  return "";
}

char sign_of(Action action) { return "+~-"[static_cast<int>(action)]; }

// A line's text made fit for a terminal, and short.
std::string shown(std::string_view value) {
  std::string out;
  append_safe(out, head(value, kMostValue));
  if (value.size() > kMostValue) out += "… (" + std::to_string(value.size()) + " bytes)";
  return out;
}

std::string title_of(const ObjectChange& object) {
  std::string out = object.api_version + " " + object.kind + " ";
  if (!object.namespace_.empty()) out += object.namespace_ + "/";
  return out + object.name;
}

// Calls `put(sign, depth, text)` for each line of a set below its name.
template <class Put>
void lines_of(const SetChanges& set, const Put& put) {
  if (!set.fault.empty()) put('!', 1, "cannot be compared: " + shown(set.fault));
  for (const ObjectChange& object : set.objects) {
    put(sign_of(object.action), 1, shown(title_of(object)));
    for (const FieldChange& field : object.fields) {
      std::string text = shown(field.path);
      if (field.lines.empty()) {
        text += ": ";
        if (!field.before.empty()) text += shown(field.before);
        if (!field.before.empty() && !field.after.empty()) text += " → ";
        if (!field.after.empty()) text += shown(field.after);
      }
      put(sign_of(field.action), 3, text);
      for (const std::string& line : field.lines) put(line.front(), 5, shown(std::string_view(line).substr(1)));
    }
  }
}

std::string plural(std::uint64_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

std::string sum_of(const Changes& changes) {
  const std::uint64_t added = changes.count(Action::kAdded), changed = changes.count(Action::kChanged),
                      deleted = changes.count(Action::kDeleted);
  std::uint64_t places = 0, faults = 0;
  for (const SetChanges& set : changes.sets) {
    places += !set.objects.empty();
    faults += !set.fault.empty();
  }
  std::string out = "no object differs";
  if (places > 0) {
    out = plural(added + changed + deleted, "object") + " in " + plural(places, "place") + ": " +
          std::to_string(added) + " added, " + std::to_string(changed) + " changed, " + std::to_string(deleted) +
          " deleted";
  }
  return faults == 0 ? out : out + "; " + plural(faults, "place") + " could not be compared";
}

std::string name_line(const SetChanges& set) {
  std::string out;
  append_safe(out, set.name);
  if (set.action != Action::kChanged) out += " (" + std::string(name_of(set.action)) + ")";
  return out;
}

std::string text_of(const Changes& changes, bool colour) {
  std::string out;
  for (const SetChanges& set : changes.sets) {
    out += colour ? "\033[1m" + name_line(set) + "\033[0m\n" : name_line(set) + "\n";
    lines_of(set, [&](char sign, int depth, const std::string& text) {
      const char* shade = !colour       ? ""
                          : sign == '+' ? "\033[32m"
                          : sign == '~' ? "\033[33m"
                          : sign == ' ' ? ""
                                        : "\033[31m";
      out.append(static_cast<std::size_t>(2 * depth), ' ');
      out += shade;
      out += sign;
      out += ' ';
      out += text;
      if (*shade != '\0') out += "\033[0m";
      out += '\n';
    });
    out += '\n';
  }
  return out + sum_of(changes) + "\n";
}

std::string markdown_of(const Changes& changes, std::size_t most) {
  std::string out = "<!-- kubegate diff -->\n**What this changes:** " + sum_of(changes) + ".\n";
  std::size_t left_out = 0;
  for (const SetChanges& set : changes.sets) {
    std::string name;
    for (const char c : name_line(set)) {
      if (c == '<' || c == '>' || c == '&' || c == '@' || c == '#' || c == '`') {
        name += "&#" + std::to_string(static_cast<unsigned char>(c)) + ";";
      } else {
        name += c;
      }
    }
    std::string block = "\n<details><summary><code>" + name + "</code>: " + plural(set.objects.size(), "object") +
                        "</summary>\n\n````diff\n";
    lines_of(set, [&](char sign, int depth, const std::string& text) {
      // What GitHub colours must lead the line; `!` is its sign of a change.
      block += sign == '~' ? '!' : sign;
      block.append(static_cast<std::size_t>(2 * depth - 1), ' ');
      // No line may end the block.
      for (std::size_t i = 0; i < text.size(); ++i) {
        block += text[i];
        if (text.compare(i, 4, "````") == 0) block += "\u200b";
      }
      block += '\n';
    });
    block += "````\n</details>\n";
    if (out.size() + block.size() > most) {
      ++left_out;
    } else {
      out += block;
    }
  }
  if (left_out > 0) out += "\n" + plural(left_out, "more place") + " did not fit: `kubegate diff` shows all.\n";
  return out;
}

void write_field(PrettyJson& json, const FieldChange& field) {
  json.begin_object();
  json.member("path", field.path);
  json.member("action", name_of(field.action));
  // They are JSON, and stay values.
  const auto value = [&](std::string_view name, const std::string& text) {
    if (text.empty()) return;
    json.key(name);
    json.writer().RawValue(text.data(), text.size(), rapidjson::kObjectType);
  };
  value("before", field.before);
  value("after", field.after);
  json.end_object();
}

std::string json_of(const Changes& changes) {
  std::string out;
  PrettyJson json(out);
  json.writer().SetIndent(' ', 2);
  json.begin_object();
  json.member("base", changes.base);
  json.begin_array("sets");
  for (const SetChanges& set : changes.sets) {
    json.begin_object();
    json.member("name", set.name);
    json.member("action", name_of(set.action));
    if (!set.fault.empty()) json.member("fault", set.fault);
    json.begin_array("objects");
    for (const ObjectChange& object : set.objects) {
      json.begin_object();
      json.member("action", name_of(object.action));
      json.member("apiVersion", object.api_version);
      json.member("kind", object.kind);
      json.member("namespace", object.namespace_);
      json.member("name", object.name);
      json.begin_array("fields");
      for (const FieldChange& field : object.fields) write_field(json, field);
      json.end_array();
      json.end_object();
    }
    json.end_array();
    json.end_object();
  }
  json.end_array();
  json.begin_object("summary");
  for (const Action action : {Action::kAdded, Action::kChanged, Action::kDeleted}) {
    json.number(name_of(action), changes.count(action));
  }
  json.end_object();
  json.end_object();
  return out + "\n";
}

}  // namespace

std::uint64_t Changes::count(Action action) const {
  std::uint64_t count = 0;
  for (const SetChanges& set : sets) {
    count += static_cast<std::uint64_t>(std::count_if(
        set.objects.begin(), set.objects.end(), [&](const ObjectChange& object) { return object.action == action; }));
  }
  return count;
}

bool Changes::comparable() const {
  return std::all_of(sets.begin(), sets.end(), [](const SetChanges& set) { return set.fault.empty(); });
}

Result<ChangesForm> parse_changes_form(std::string_view name) {
  if (name == "text") return ChangesForm::kText;
  if (name == "json") return ChangesForm::kJson;
  if (name == "markdown") return ChangesForm::kMarkdown;
  return Error{ErrorCode::kArgument, "--output " + std::string(name),
               "there is no such form, only text, json, markdown"};
}

std::string print_changes(const Changes& changes, ChangesForm form, bool colour, std::size_t most) {
  switch (form) {
    case ChangesForm::kText: return text_of(changes, colour);
    case ChangesForm::kJson: return json_of(changes);
    case ChangesForm::kMarkdown: return markdown_of(changes, most);
  }
  return "";
}

}  // namespace kubegate::report

// Tested in tests/validate/report/outputs_test.cc.
#include "validate/report/outputs.h"

#include <filesystem>

#include "validate/base/suggest.h"

namespace kubegate::report {

namespace {

bool same_file(const std::string& a, const std::string& b) {
  std::error_code failed;
  const auto whole = [&](const std::string& path) { return std::filesystem::weakly_canonical(path, failed); };
  return whole(a) == whole(b);
}

}  // namespace

Result<Destination> parse_destination(std::string_view text) {
  const std::size_t equals = text.find('=');
  const std::string_view name = text.substr(0, equals);
  const auto format = format_named(name);
  if (!format) {
    std::string message = "there is no " + std::string(name) + ", only ";
    for (std::size_t i = 0; i < format_names().size(); ++i) {
      message += (i == 0 ? "" : ", ") + std::string(format_names()[i]);
    }
    const std::string_view nearest = nearest_name(name, format_names());
    if (!nearest.empty()) message += "; did you mean " + std::string(nearest) + "?";
    return Error{ErrorCode::kArgument, "--output", message};
  }
  Destination destination{*format, ""};
  if (equals == text.npos) return destination;
  destination.file = text.substr(equals + 1);
  if (destination.file.empty()) {
    return Error{ErrorCode::kArgument, "--output " + std::string(text), "name the file behind ="};
  }
  if (destination.file == "-") destination.file.clear();
  return destination;
}

Result<std::unique_ptr<Outputs>> Outputs::open(const std::vector<Destination>& destinations,
                                               const OutputOptions& options, int standard_output) {
  auto outputs = std::make_unique<Outputs>();
  const auto refuse = [](const Destination& destination, std::string message) {
    const std::string name(format_names()[static_cast<std::size_t>(destination.format)]);
    const std::string argument = destination.file.empty() ? name : name + '=' + destination.file;
    return Error{ErrorCode::kArgument, "--output " + argument, std::move(message)};
  };
  for (std::size_t i = 0; i < destinations.size(); ++i) {
    const Destination& destination = destinations[i];
    for (std::size_t j = 0; j < i; ++j) {
      const std::string& other = destinations[j].file;
      if (destination.file.empty() && other.empty()) {
        return refuse(destination, "only one output can go to standard output; give the others a file: NAME=FILE");
      }
      if (!destination.file.empty() && !other.empty() && same_file(destination.file, other)) {
        return refuse(destination, "another output goes to this file");
      }
    }
    OutputOptions form_options = options;
    Form form;
    if (destination.file.empty()) {
      form.sink = std::make_unique<Sink>(standard_output);
      form.sink->share(options.terminal);
    } else {
      form_options.colour = false;
      form_options.width = 0;
      auto file = NewFile::create(destination.file);
      if (!file.ok()) return refuse(destination, file.error().message);
      form.file = std::make_unique<NewFile>(std::move(*file));
      form.sink = std::make_unique<Sink>(form.file->descriptor(), destination.file);
    }
    form.output = make_output(destination.format, std::move(form_options), *form.sink);
    outputs->forms_.push_back(std::move(form));
  }
  return outputs;
}

void Outputs::write(const Resource& resource) {
  for (const Form& form : forms_) form.output->write(resource);
}

void Outputs::finish(const Summary& summary) {
  for (const Form& form : forms_) form.output->finish(summary);
}

Result<Done> Outputs::commit() {
  Result<Done> first = Done{};
  for (Form& form : forms_) {
    form.sink->flush();
    auto done = form.sink->status();
    if (done.ok() && form.file) done = form.file->commit();
    if (!done.ok() && first.ok()) first = std::move(done);
  }
  return first;
}

}  // namespace kubegate::report

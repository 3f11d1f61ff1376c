// Parts to the report of the whole, and parts that are none.
#include "validate/report/merge.h"

#include <gtest/gtest.h>

#include <regex>

#include "tests/validate/report/sample.h"

namespace kubegate::report {
namespace {

using namespace testing;

OutputOptions options_of_run() {
  OutputOptions options;
  options.targets = {"1.28", "1.29"};
  options.version = "1.2.3";
  options.folder = "/srv/repo/clusters";
  options.root = "/srv/repo";
  return options;
}

// What the shard `index` of `count` writes of the sample: every count-th file is its own. All counts are the first's.
std::string part(std::uint32_t index, std::uint32_t count, Share share = {}) {
  std::vector<Resource> own;
  std::uint64_t order = 0;
  std::string_view path;
  auto all = sample_resources();
  for (Resource& resource : all) {
    order += resource.path != path;
    path = resource.path;
    resource.order = order;
    if (order % count == index - 1) own.push_back(std::move(resource));
  }
  share.index = index;
  share.count = count;
  Summary summary = index == 1 ? sample_summary() : Summary();
  summary.targets = sample_summary().targets;
  if (index != 1) summary.files_skipped = {{0, "kustomization", "kustomizations"}};
  summary.share = &share;
  return written(Format::kPart, options_of_run(), own, summary);
}

std::string merged(std::vector<PartText> parts, Format format, bool verbose) {
  auto merge = Merge::open(std::move(parts));
  if (!merge.ok()) return merge.error().text();
  OutputOptions options;
  options.targets = merge->run().targets;
  options.version = merge->run().version;
  options.folder = merge->run().folder;
  options.root = merge->run().root;
  options.verbose = verbose;
  Sink sink;
  merge->write(*make_output(format, options, sink));
  return sink.text();
}

std::string without_times(const std::string& text) {
  return std::regex_replace(text, std::regex(" time=\"[^\"]*\""), "");
}

TEST(Merge, IsTheReportOfTheWholeInEveryForm) {
  for (std::size_t format = 0; format < format_names().size(); ++format) {
    for (const bool verbose : {false, true}) {
      OutputOptions options = options_of_run();
      options.verbose = verbose;
      if (static_cast<Format>(format) == Format::kPart) continue;
      const std::string whole = written(static_cast<Format>(format), options, sample_resources(), sample_summary());
      for (const std::uint32_t count : {1u, 2u, 3u, 7u, 12u}) {
        std::vector<PartText> parts;
        for (std::uint32_t i = count; i > 0; --i) parts.push_back({"p" + std::to_string(i), part(i, count)});
        EXPECT_EQ(without_times(merged(std::move(parts), static_cast<Format>(format), verbose)), without_times(whole))
            << format_names()[format] << " of " << count;
      }
    }
  }
}

TEST(Merge, TellsOfAnEmptyRunOnlyWhenAllPartsAre) {
  Share share;
  share.when_empty = resource("a, b", "", "", "", 0, Status::kError,
                              {finding("run/no-objects", Severity::kError, "there are no objects", 1, 1, {})});
  const auto empty = [&](std::uint32_t index, std::uint64_t objects) {
    share.index = index;
    share.count = 2;
    Summary summary;
    summary.objects = objects;
    summary.share = &share;
    return PartText{"p", written(Format::kPart, options_of_run(), {}, summary)};
  };
  const std::string none = merged({empty(1, 0), empty(2, 0)}, Format::kConcise, false);
  EXPECT_NE(none.find("there are no objects"), none.npos) << none;
  EXPECT_NE(none.find("1 error"), none.npos) << none;
  const std::string some = merged({empty(1, 0), empty(2, 3)}, Format::kConcise, false);
  EXPECT_EQ(some.find("there are no objects"), some.npos) << some;
}

TEST(Merge, SaysWhichPartsDoNotBelongTogether) {
  Share other_inputs, other_settings;
  other_inputs.inputs = "00";
  other_settings.settings = {{"--skip", "Secret"}};
  struct Case {
    std::vector<std::string> parts;
    const char* error;
  };
  const Case cases[] = {
      {{part(1, 3)}, "parts 2 and 3 of 3 are missing"},
      {{part(1, 3), part(3, 3)}, "part 2 of 3 is missing"},
      {{part(1, 2), part(2, 2), part(2, 2)}, "c: this is part 2, and so is b"},
      {{part(1, 2), part(3, 3)}, "b: this is of another run than a: it is part 3 of 3, not of 2"},
      {{part(1, 2), part(2, 2, other_inputs)}, "b: this is of another run than a: the files differ"},
      {{part(1, 2), part(2, 2, other_settings)}, "b: this is of another run than a: --skip differs"},
      {{part(1, 2), std::regex_replace(part(2, 2), std::regex("1\\.2\\.3"), "9")},
       "b: this is of another run than a: kubegate 9 wrote it, not 1.2.3"},
      {{part(1, 2), std::regex_replace(part(2, 2), std::regex("\"1\\.29\""), "\"1.30\"")},
       "b: this is of another run than a: it is for other Kubernetes versions"},
      {{part(1, 2), std::regex_replace(part(2, 2), std::regex("repo/clusters"), "repo")},
       "b: this is of another run than a: it ran in another folder"},
      {{}, "there are no parts"},
  };
  for (const Case& test : cases) {
    std::vector<PartText> parts;
    for (std::size_t i = 0; i < test.parts.size(); ++i) {
      parts.push_back({std::string(1, static_cast<char>('a' + i)), test.parts[i]});
    }
    const auto merge = Merge::open(std::move(parts));
    ASSERT_FALSE(merge.ok()) << test.error;
    EXPECT_EQ(merge.error().text().substr(0, std::string(test.error).size()), test.error);
  }
}

TEST(Merge, TakesNoDamagedPart) {
  const std::string sound = part(1, 1);
  ASSERT_TRUE(Merge::open({{"p", sound}}).ok());
  // Cut off anywhere.
  for (std::size_t size = 0; size < sound.size(); size += 37) {
    EXPECT_FALSE(Merge::open({{"p", sound.substr(0, size)}}).ok()) << size;
  }
  struct Case {
    const char* from;
    const char* to;
    const char* error;  // part of it
  };
  for (const auto& [from, to, error] : {
           Case{"part of a report", "report", "this is no part of a report"},
           Case{"\"format\":1", "\"format\":2", "another version of kubegate"},
           Case{"\"line\":41", "\"line\":-1", "line 3: what line says cannot be"},
           Case{"\"line\":41,", "", "line 3: there is no line"},
           Case{"\"severity\":0", "\"severity\":2", "what severity says cannot be"},
           Case{"\"status\":1", "\"status\":4", "what status says cannot be"},
           Case{"\"findings\":\\[\\]", "\"findings\":[0]", "what findings says cannot be"},
           Case{"schema/type", "schema/\\u001b[31m", "this is no rule"},
           Case{"\"1\\.29\"", "\"\\u202e\"", "this is no end of a part"},
           Case{"\\\\u0000ff", "\\u0000fg", "says cannot be"},
           Case{"\"resources\":9", "\"resources\":8", "there should be 8 resources, not 9"},
           Case{"\"order\":1,", "\"order\":7,", "not in order"},
           Case{"\"index\":1", "\"index\":2", "no run has such a part"},
           Case{"\"of\":1", "\"of\":4000000000", "no run has so many parts"},
           Case{"\\}\n$", "}\n{}\n", "there is more behind the end"},
       }) {
    const std::string damaged =
        std::regex_replace(sound, std::regex(from), to, std::regex_constants::format_first_only);
    ASSERT_NE(damaged, sound) << from;
    const auto merge = Merge::open({{"p", damaged}});
    ASSERT_FALSE(merge.ok()) << from;
    EXPECT_NE(merge.error().text().find(error), std::string::npos) << merge.error().text();
  }
  const std::string deep = std::string(kPartBegin) + "\n" + std::string(1'000'000, '[') + "\n";
  EXPECT_FALSE(Merge::open({{"p", deep}}).ok());
}

}  // namespace
}  // namespace kubegate::report

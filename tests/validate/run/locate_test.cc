// Findings in a document to findings in a file.
#include "validate/run/locate.h"

#include <gtest/gtest.h>

#include "validate/document/read.h"

namespace kubegate::run {
namespace {

using document::Document;

// A document that starts on line 10 of its file.
Document document_of(std::string_view text) {
  Document document;
  document::read({text, 10}, document::Syntax::kYaml, {}, document);
  return document;
}

Finding finding_at(std::uint32_t begin, std::uint32_t length, std::string message = "m", TargetMask targets = 1) {
  Finding finding;
  finding.rule = "schema/type";
  finding.message = std::move(message);
  finding.span = {begin, length};
  finding.targets = targets;
  return finding;
}

TEST(Locate, PlacesAndExcerpts) {
  const Document document = document_of("größe: über\r\nb: c\n");
  std::vector<Finding> findings = {finding_at(16, 4), finding_at(9, 5), finding_at(100, 1)};
  std::vector<report::LocatedFinding> located;
  locate(document, findings, located);
  ASSERT_EQ(located.size(), 3u);
  EXPECT_EQ(located[0].line, 10u);
  EXPECT_EQ(located[0].column, 8u);  // characters, not bytes
  EXPECT_EQ(located[0].excerpt.text, "größe: über");
  EXPECT_EQ(located[0].excerpt.begin, 9u);
  EXPECT_EQ(located[0].excerpt.length, 5u);
  EXPECT_EQ(located[1].line, 11u);
  EXPECT_EQ(located[1].column, 1u);
  EXPECT_EQ(located[1].excerpt.text, "b: c");
  EXPECT_EQ(located[2].line, 12u);  // behind the end
  EXPECT_EQ(located[2].excerpt.text, "");
}

TEST(Locate, WhatSpansLinesEndsWithTheFirst) {
  const Document document = document_of("a:\n  b: c\n  d: e\n");
  std::vector<Finding> findings = {finding_at(5, 12)};
  std::vector<report::LocatedFinding> located;
  locate(document, findings, located);
  EXPECT_EQ(located[0].excerpt.text, "  b: c");
  EXPECT_EQ(located[0].excerpt.length, 4u);
}

TEST(Locate, OfAnEndlessLineAPieceIsKept) {
  std::string text = "a: \"";
  for (int i = 0; i < 5000; ++i) text += "ä";
  text += "\"\n";
  const Document document = document_of(text);
  std::vector<Finding> findings = {finding_at(4 + 2000 * 2, 2)};
  std::vector<report::LocatedFinding> located;
  locate(document, findings, located);
  const report::Excerpt& excerpt = located[0].excerpt;
  EXPECT_EQ(located[0].column, 2005u);
  EXPECT_TRUE(excerpt.cut_before);
  EXPECT_TRUE(excerpt.cut_after);
  EXPECT_LT(excerpt.text.size(), 2000u);
  EXPECT_EQ(excerpt.text.substr(excerpt.begin, excerpt.length), "ä");
  EXPECT_EQ(excerpt.text.substr(0, 2), "ä");  // cut between characters
  EXPECT_EQ(excerpt.text.substr(excerpt.text.size() - 2), "ä");
}

TEST(Locate, TheSameForDifferentTargetsIsOne) {
  const Document document = document_of("a: b\n");
  std::vector<Finding> findings = {finding_at(3, 1, "x", 1), finding_at(3, 1, "y", 1), finding_at(0, 1, "x", 2),
                                   finding_at(3, 1, "x", 4), finding_at(3, 0, "x", 8)};
  std::vector<report::LocatedFinding> located;
  locate(document, findings, located);
  ASSERT_EQ(located.size(), 4u);
  EXPECT_EQ(located[0].targets, 2u);
  EXPECT_EQ(located[1].targets, 5u);
  EXPECT_EQ(located[2].message, "y");
  EXPECT_EQ(located[3].targets, 8u);
}

TEST(Locate, BeyondTheBoundFindingsAreCountedAlone) {
  const Document document = document_of("a: b\n");
  std::vector<Finding> findings;
  for (std::size_t i = 0; i < kMaxFindings + 7; ++i) findings.push_back(finding_at(0, 1, std::to_string(i)));
  std::vector<report::LocatedFinding> located;
  locate(document, findings, located);
  EXPECT_EQ(located.size(), kMaxFindings);
  EXPECT_EQ(findings.size(), kMaxFindings + 7);
}

}  // namespace
}  // namespace kubegate::run

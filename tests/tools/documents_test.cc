// Folders of annotated documents, and predictions matched with gold.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/tools/temporary_folder.h"
#include "tools/annotation_lines.h"
#include "tools/document_reader.h"
#include "tools/exit_codes.h"
#include "tools/gold.h"

namespace radie::tools {
namespace {

TEST(DocumentReader, FindsEveryFormatInAFolderInOrder) {
  const Folder folder;
  folder.Write("d/b.ann", "");
  folder.Write("d/b.txt", "x");
  folder.Write("d/a/c.conll", "右\tO\n");
  folder.Write("d/z.jsonl", R"({"id":"j","text":"x","entities":[]})");
  folder.Write("d/alone.txt", "x");
  folder.Write("d/readme.md", "x");
  DocumentReader reader(folder.path() + "/d");
  std::vector<std::string> ids;
  for (SourceDocument document; reader.Next(document);) ids.push_back(document.id);
  EXPECT_EQ(ids, (std::vector<std::string>{"a/c", "b", "j"}));
  EXPECT_EQ(reader.notes().texts_alone, 1u);
  folder.Write("e/readme.md", "x");
  EXPECT_THROW(DocumentReader(folder.path() + "/e"), ExitError);
}

TEST(DocumentReader, KnowsTextsBesideCompressedAnnotations) {
  const Folder folder;
  for (const char* name : {"a.conll", "b.conll.gz", "c.bio.zst", "d.ann.gz"}) {
    folder.Write(std::string("d/") + name, "");
    folder.Write(std::string("d/") + name[0] + ".txt", "x");
  }
  DocumentReader reader(folder.path() + "/d");
  EXPECT_EQ(reader.notes().texts_alone, 1u);  // annotations of brat are read plain
}

TEST(GoldReader, RefusesAnIdTwice) {
  const Folder folder;
  GoldReader reader(folder.Write("g.jsonl", R"({"id":"a","text":"x","entities":[]}
{"id":"b","text":"x","entities":[]}
{"id":"a","text":"y","entities":[]}
)"));
  GoldReport report;
  EXPECT_TRUE(reader.Next(report));
  EXPECT_TRUE(reader.Next(report));
  try {
    reader.Next(report);
    FAIL();
  } catch (const ExitError& error) {
    EXPECT_EQ(error.code(), kExitSomeFailed);
    EXPECT_NE(std::string(error.what()).find("g.jsonl line 3: id: used twice"), std::string::npos);
  }
}

TEST(DocumentReader, DecodesTheNamesThatExtractGivesToFiles) {
  EXPECT_EQ(PercentDecoded("a%2Fb%E5%8F%B3%25"), "a/b右%");
  EXPECT_EQ(PercentDecoded("100%"), "100%");
  EXPECT_EQ(PercentDecoded("%2f%4"), "%2f%4");
  EXPECT_EQ(PercentDecoded("%FF"), "%FF");
  const Folder folder;
  folder.Write("d/a%2Fb.ann", "");
  DocumentReader reader(folder.path() + "/d");
  SourceDocument document;
  ASSERT_TRUE(reader.Next(document));
  EXPECT_EQ(document.id, "a/b");
}

TEST(Predictions, AreMatchedByIdWithAndWithoutTxt) {
  const Folder folder;
  Predictions predictions(folder.Write("p.jsonl", R"({"id":"a.txt","entities":[]}
{"id":"b","entities":[],"relations":[]}
{"id":"c","error":{}}
)"));
  EXPECT_TRUE(predictions.have_relations());
  const auto gold = [](const std::string& id) {
    GoldReport report;
    report.id = id;
    return report;
  };
  ASSERT_NE(predictions.Take(gold("a")), nullptr);
  ASSERT_NE(predictions.Take(gold("b.txt")), nullptr);
  EXPECT_EQ(predictions.Take(gold("d")), nullptr);
  EXPECT_THROW(predictions.Take(gold("b")), ExitError);
  EXPECT_EQ(predictions.NotTaken(), std::vector<std::string>{"c"});
}

TEST(Predictions, RefuseAnotherTextAndAnIdTwice) {
  const Folder folder;
  Predictions predictions(folder.Write("p.jsonl", R"({"id":"a","text":"x","entities":[]})"));
  GoldReport gold;
  gold.id = "a";
  const SourceDocument* document = predictions.Take(gold);
  ASSERT_NE(document, nullptr);
  EXPECT_NO_THROW(predictions.ReportOf(*document, "x"));
  EXPECT_THROW(predictions.ReportOf(*document, "y"), ExitError);
  EXPECT_THROW(
      Predictions(folder.Write("q.jsonl", "{\"id\":1,\"entities\":[]}\n{\"id\":1,\"error\":{}}\n")),
      ExitError);
}

}  // namespace
}  // namespace radie::tools

// The parts of bulk runs: compressed data as a stream, shards, digests, manifests.
#include <gtest/gtest.h>
#include <unistd.h>

#include <random>

#include "radie/error.h"
#include "tests/tools/temporary_folder.h"
#include "tools/compression.h"
#include "tools/exit_codes.h"
#include "tools/item_digest.h"
#include "tools/open_file.h"
#include "tools/run_file.h"
#include "tools/run_manifest.h"
#include "tools/shard.h"

#if defined(RADIE_WITH_COMPRESSION)
#include <zlib.h>
#include <zstd.h>
#endif

namespace radie::tools {
namespace {

// ---- compressed data ----

TEST(Compression, NamesAndBeginnings) {
  EXPECT_EQ(NameInside("d/a.jsonl.gz"), "d/a.jsonl");
  EXPECT_EQ(NameInside("a.zst"), "a");
  EXPECT_EQ(NameInside("a.gz.txt"), "a.gz.txt");
  EXPECT_EQ(CompressionOfName("a.zst"), Compression::kZstd);
  EXPECT_EQ(CompressionOfName("gz"), Compression::kNone);
  EXPECT_EQ(CompressionOfContent("", false), std::nullopt);
  EXPECT_EQ(CompressionOfContent("", true), Compression::kNone);
  EXPECT_EQ(CompressionOfContent("\x1F\x8B", false), std::nullopt);
  EXPECT_EQ(CompressionOfContent("\x1F\x8B", true), Compression::kNone);
  EXPECT_EQ(CompressionOfContent("\x1F\x8B\x08", false), Compression::kGzip);
  EXPECT_EQ(CompressionOfContent("\x28\xB5\x2F", false), std::nullopt);
  EXPECT_EQ(CompressionOfContent("\x28\xB5\x2F\xFD", false), Compression::kZstd);
  EXPECT_EQ(CompressionOfContent("\x5F\x2A\x4D\x18", false), Compression::kZstd);
  EXPECT_EQ(CompressionOfContent("(a", false), Compression::kNone);
  EXPECT_EQ(CompressionOfContent("{", false), Compression::kNone);
  EXPECT_EQ(CompressionOfContent("P*", false), std::nullopt);
  EXPECT_EQ(CompressionOfContent("P*x", false), Compression::kNone);
}

#if defined(RADIE_WITH_COMPRESSION)

std::string Gzip(const std::string& plain) {
  z_stream stream = {};
  deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&stream, plain.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

std::string Zstd(const std::string& plain) {
  std::string packed(ZSTD_compressBound(plain.size()), '\0');
  packed.resize(ZSTD_compress(packed.data(), packed.size(), plain.data(), plain.size(), 3));
  return packed;
}

std::string Sample(std::size_t size, unsigned seed) {
  std::mt19937 random(seed);
  std::string plain;
  while (plain.size() < size)
    plain += std::string(random() % 50, static_cast<char>('a' + random() % 20));
  plain.resize(size);
  return plain;
}

// All of a file, in reads of `step` bytes.
std::string ReadBySteps(const std::string& path, std::size_t step) {
  OpenFile file(path);
  std::string plain, piece(step, '\0');
  for (std::size_t got = 1; got > 0;) {
    got = file.Read(piece.data(), step);
    plain.append(piece, 0, got);
  }
  EXPECT_EQ(file.Read(piece.data(), step), 0u);
  return plain;
}

TEST(OpenFile, ReadsMembersAndFramesAsOne) {
  const Folder folder;
  for (auto* pack : {&Gzip, &Zstd}) {
    const std::string a = Sample(300000, 1), b = Sample(70000, 2);
    const std::string path = folder.Write("f", (*pack)(a) + (*pack)("") + (*pack)(b));
    for (std::size_t step : {std::size_t{1000}, std::size_t{1} << 16, std::size_t{1} << 20})
      EXPECT_TRUE(ReadBySteps(path, step) == a + b);
    OpenFile file(path);
    EXPECT_EQ(ReadUpTo(file, 5000), a.substr(0, 5000));
    const std::string small = folder.Write("g", (*pack)("abc"));
    EXPECT_EQ(ReadBySteps(small, 1), "abc");
  }
}

TEST(OpenFile, EveryCutIsNoticed) {
  const Folder folder;
  for (auto* pack : {&Gzip, &Zstd}) {
    const std::string first = (*pack)(Sample(500, 3)), packed = first + (*pack)(Sample(3000, 4));
    for (std::size_t size = 5; size < packed.size(); ++size) {
      if (size == first.size()) continue;  // a whole member is a whole file
      const std::string path = folder.Write("f", packed.substr(0, size));
      try {
        ReadBySteps(path, 4096);
        FAIL() << size;
      } catch (const ExitError& error) {
        EXPECT_EQ(error.code(), kExitSomeFailed);
        EXPECT_EQ(error.what(),
                  path + ": byte " + std::to_string(size) + ": compressed data that end too early");
      }
    }
  }
}

TEST(OpenFile, DamageIsAnErrorAndNothingElse) {
  const Folder folder;
  std::mt19937 random(5);
  std::string plain(5000, ' ');  // without runs: in a run, damage may mean the same
  for (char& c : plain) c = static_cast<char>('a' + random() % 20);
  const std::string packed = Gzip(plain);
  int failed = 0;
  for (int round = 0; round < 300; ++round) {
    std::string damaged = packed;
    damaged[10 + random() % (damaged.size() - 10)] ^= static_cast<char>(1 << random() % 8);
    const std::string path = folder.Write("f", damaged);
    try {
      EXPECT_TRUE(ReadBySteps(path, 4096) == plain);
    } catch (const ExitError& error) {
      ++failed;
      EXPECT_EQ(std::string(error.what()).rfind(path + ": byte ", 0), 0u) << error.what();
    }
  }
  // Behind gzip's header all is under its checksum, but for the bits that fill up the last byte.
  EXPECT_GE(failed, 298);
}

// What comes out of a file in reads of `step` bytes until one of them throws, as it must.
std::string ReadUntilDamage(const std::string& path, std::size_t step) {
  OpenFile file(path);
  std::string plain, piece(step, '\0');
  try {
    for (std::size_t got = 1; got > 0;) {
      got = file.Read(piece.data(), step);
      plain.append(piece, 0, got);
    }
    ADD_FAILURE() << "no damage was noticed";
  } catch (const ExitError&) {
  }
  return plain;
}

TEST(OpenFile, WhatCameBeforeTheDamageIsRead) {
  const Folder folder;
  const std::string plain = Sample(300000, 9);
  std::string packed = Gzip(plain);
  packed[packed.size() - 8] ^= 1;  // its checksum
  // Two blocks, the second one a run of 100,000 bytes, then one of no known kind.
  const std::string frame =
      std::string("\x28\xb5\x2f\xfd\x00\x38\x18\0\0abc", 12) + std::string(
                                                                   "\x02\x35\x0c"
                                                                   "x"
                                                                   "\x06\0\0",
                                                                   7);
  const std::string run = "abc" + std::string(100000, 'x');
  for (std::size_t step : {std::size_t{1}, std::size_t{1000}, std::size_t{1} << 16, run.size()}) {
    EXPECT_TRUE(ReadUntilDamage(folder.Write("a", packed), step) == plain) << step;
    EXPECT_TRUE(ReadUntilDamage(folder.Write("b", frame), step) == run) << step;
  }
}

TEST(OpenFile, ZerosBehindGzipArePadding) {
  const Folder folder;
  const std::string plain = Sample(3000, 10), packed = Gzip(plain) + Gzip("more");
  for (std::size_t zeros : {1, 511, 200000}) {
    const std::string padded = packed + std::string(zeros, '\0');
    EXPECT_TRUE(ReadBySteps(folder.Write("f", padded), 4096) == plain + "more");
    EXPECT_TRUE(ReadUntilDamage(folder.Write("f", padded + packed), 4096) == plain + "more");
  }
}

TEST(Decompressor, GoesOnWithAnyPieces) {
  const std::string plain = Sample(100000, 7);
  for (Compression kind : {Compression::kGzip, Compression::kZstd}) {
    const std::string packed = kind == Compression::kGzip ? Gzip(plain) : Zstd(plain);
    const std::unique_ptr<Decompressor> decompressor = MakeDecompressor(kind);
    EXPECT_FALSE(decompressor->MayEnd());
    std::mt19937 random(8);
    std::string out;
    for (std::size_t at = 0; at < packed.size();) {
      const std::string piece = packed.substr(at, 1 + random() % 700);
      at += piece.size();
      std::string_view rest = piece;
      std::string room(1 + random() % 3000, '\0');
      for (std::size_t got = room.size(); got == room.size();) {
        got = decompressor->Next(rest, room.data(), room.size());
        out.append(room, 0, got);
      }
      ASSERT_TRUE(rest.empty());
    }
    EXPECT_TRUE(out == plain);
    EXPECT_TRUE(decompressor->MayEnd());
  }
}

#else

TEST(OpenFile, SaysWhatThisBuildCannotRead) {
  const Folder folder;
  OpenFile file(folder.Write("f", std::string("\x1F\x8B\x08\0\0", 5)));
  char byte;
  EXPECT_THROW(file.Read(&byte, 1), ExitError);
}

#endif

// ---- shards ----

TEST(Shard, EveryReportIsInOne) {
  for (std::size_t count : {1u, 2u, 7u}) {
    for (std::uint64_t before = 0; before < 50; ++before) {
      std::size_t owners = 0;
      for (std::size_t number = 1; number <= count; ++number)
        owners += Shard{number, count}.Has(before);
      EXPECT_EQ(owners, 1u);
    }
  }
  EXPECT_TRUE((Shard{1, 3}.Has(0)));
  EXPECT_EQ(ShardFromText("12/300")->Text(), "12/300");
  for (const char* wrong :
       {"", "/", "1", "0/1", "2/1", "1/", "/1", "1/ 2", "+1/2", "1/2x", "1/1000001"})
    EXPECT_FALSE(ShardFromText(wrong)) << wrong;
}

// ---- what was read ----

std::string DigestOf(const std::vector<ExtractItem>& items) {
  ItemDigest digest;
  for (const ExtractItem& item : items) digest.Add(item);
  return digest.hex();
}

TEST(ItemDigest, TellsEverythingThatTheOutputDependsOn) {
  ExtractItem base;
  base.id = "a";
  base.text = "text";
  base.mentions.push_back({"T", {1, 2}});
  std::vector<ExtractItem> others(9, base);
  others[0].id = std::nullopt;
  others[1].id = "ate";
  others[1].text = "xt";
  others[2].mentions[0].range.end = 3;
  others[3].mentions[0].type = "U";
  others[4].unit = OffsetUnit::kUtf8;
  others[5].json_member = "x";
  others[6].line = 1;
  others[7].error = Error(ErrorCode::kInvalidInput, "no");
  others[8].warnings.push_back({"code", "message"});
  EXPECT_EQ(DigestOf({base, base}), DigestOf({base, base}));
  EXPECT_NE(DigestOf({base, base}), DigestOf({base}));
  for (std::size_t i = 0; i < others.size(); ++i)
    EXPECT_NE(DigestOf({others[i]}), DigestOf({base})) << i;
  EXPECT_NE(DigestOf({base, others[1]}), DigestOf({others[1], base}));
}

// ---- manifests and the file ----

TEST(RunManifest, ComesBackAsItWasWritten) {
  const Folder folder;
  const std::string path = folder.path() + "/m";
  EXPECT_FALSE(ReadManifest(path));
  RunManifest manifest;
  manifest.settings = {{"b", "1"}, {"a", "\"\n"}};
  manifest.done = {7, std::uint64_t{1} << 40, true, "ff"};
  WriteManifest(path, manifest);
  WriteManifest(path, manifest);
  const std::optional<RunManifest> back = ReadManifest(path);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->settings, manifest.settings);
  EXPECT_EQ(back->done.reports, 7u);
  EXPECT_EQ(back->done.output_bytes, std::uint64_t{1} << 40);
  EXPECT_TRUE(back->done.some_failed);
  EXPECT_EQ(back->done.input_digest, "ff");
  EXPECT_NO_THROW(RequireSameRun("o", back->settings, manifest.settings));
  EXPECT_THROW(RequireSameRun("o", back->settings, {{"b", "1"}}), ExitError);
  EXPECT_THROW(RequireSameRun("o", {}, manifest.settings), ExitError);
}

TEST(RunFile, GoesOnBehindItsCheckpointOnly) {
  const Folder folder;
  const std::string path = folder.path() + "/out";
  {
    RunFile file(path, false, {{"a", "1"}});
    file.output().Write("one\n");
    RunDone done;
    done.reports = 1;
    file.Checkpoint(done);
    EXPECT_THROW(RunFile(path, true, {{"a", "1"}}), ExitError);  // it is locked
    file.output().Write("two\nthr");
  }
  EXPECT_THROW(RunFile(path, false, {{"a", "1"}}), ExitError);
  EXPECT_THROW(RunFile(path, true, {{"a", "2"}}), ExitError);
  RunFile file(path, true, {{"a", "1"}});
  EXPECT_EQ(file.done().reports, 1u);
  EXPECT_EQ(std::filesystem::file_size(path), 4u);
  file.output().Write("two\n");
  EXPECT_EQ(std::filesystem::file_size(path), 8u);
}

}  // namespace
}  // namespace radie::tools

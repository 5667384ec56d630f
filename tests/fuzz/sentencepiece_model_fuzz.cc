// Any bytes as a SentencePiece model: refused, or a tokenizer that keeps its promises. The library
// behind it trusts what it reads; the check before it must not let anything through that it cannot
// bear.
#include <memory>
#include <string>
#include <vector>

#include "fuzz.h"
#include "libradie/tokenize/sentencepiece_check.h"
#include "libradie/tokenize/sentencepiece_tokenizer.h"
#include "libradie/tokenize/tokenizer.h"
#include "radie/error.h"
#include "tests/tokenize/token_order.h"
#if defined(RADIE_FUZZING)
#include "protobuf_mutation.h"
#endif

namespace radie::fuzz {

RADIE_FUZZ_TARGET(sentencepiece_model) {
  if (!HasSentencePiece()) return;
  try {
    CheckSentencePieceModel(bytes);
    std::vector<std::string> pieces = SentencePieces(bytes);
    TokenizerConfig config = TokenizerConfig::Of("sentencepiece");
    config.sentencepiece_model = bytes;
    config.unk_token = config.cls_token = config.sep_token = pieces.front();
    const auto tokenizer = MakeTokenizer(config, std::make_shared<const Vocab>(std::move(pieces)));
    static const std::string text = "右肺に 12mm の結節、A\u0301B、ｶﾞ㎜。\n(No change) 𠮷\uFFFD";
    ExpectInOrder(tokenizer->Tokenize(text, {0, text.size()}), text, {0, text.size()});
  } catch (const Error& error) {
    ASSERT_TRUE(error.code() == ErrorCode::kInvalidModel ||
                error.code() == ErrorCode::kUnsupportedModel)
        << error.what();
  }
}

#if defined(RADIE_FUZZING)
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t most, unsigned seed) {
  std::mt19937 random(seed);
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const std::string changed = MutateMessage(bytes, random, 2);
  if (changed.size() > most) return LLVMFuzzerMutate(data, size, most);
  changed.copy(reinterpret_cast<char*>(data), changed.size());
  return changed.size();
}
#endif

}  // namespace radie::fuzz

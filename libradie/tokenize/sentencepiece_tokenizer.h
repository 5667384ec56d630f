// Profile `sentencepiece`: a SentencePiece Unigram model. Only sentencepiece_tokenizer.cc sees the
// library.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "libradie/tokenize/tokenizer.h"

namespace radie {

// Reads config.sentencepiece_model. A piece's id is its place in the vocabulary; one that is not
// there is an unknown token.
//
// Throws Error: kUnsupportedModel where radie was built without SentencePiece, and as
// CheckSentencePieceModel does.
std::unique_ptr<const Tokenizer> MakeSentencePieceTokenizer(const TokenizerConfig& config,
                                                            std::shared_ptr<const Vocab> vocab);

// The model's pieces, in order: the vocabulary of a model that has no other. Throws as above.
std::vector<std::string> SentencePieces(std::string_view model);

// Whether this build has such tokenizers (RADIE_WITH_SENTENCEPIECE).
bool HasSentencePiece() noexcept;

}  // namespace radie

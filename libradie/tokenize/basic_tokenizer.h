// BERT's BasicTokenizer: from text to words, every character of a word with the text it came from.
#pragma once

#include <string_view>
#include <vector>

#include "libradie/base/ranges.h"
#include "libradie/tokenize/characters.h"

namespace radie {

struct BasicTokenizerOptions {
  bool do_lower_case = true;
  bool strip_accents = true;
  bool tokenize_chinese_chars = true;
};

// The words that transformers' BasicTokenizer (the Python one) makes of text[range]: control
// characters left out, CJK ideographs set apart, NFC, split at white space, lower case, accents
// stripped (NFD without nonspacing marks), split at punctuation. A character that a stripped mark
// followed has that mark's text as well.
std::vector<Word> BasicTokenize(std::string_view text, TextRange range,
                                const BasicTokenizerOptions& options);

}  // namespace radie

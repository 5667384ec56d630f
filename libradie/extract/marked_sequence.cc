#include "libradie/extract/marked_sequence.h"

namespace radie::internal {

std::vector<std::int32_t> BuildMarkedSequence(const std::vector<std::int32_t>& tokens,
                                              TokenRange text, const Tokenizer& tokenizer,
                                              std::vector<MarkedMention>& mentions) {
  std::vector<std::int32_t> sequence;
  sequence.reserve(text.size() + 2 * mentions.size() + 2);
  sequence.push_back(tokenizer.cls());
  std::size_t opened = 0,
              closed = 0;  // mentions whose start, end marker is written; both follow their order
  for (std::size_t t = text.begin; t <= text.end; ++t) {
    while (closed < opened && mentions[closed].tokens.end <= t) {
      mentions[closed].end_row = sequence.size();
      sequence.push_back(mentions[closed++].end_id);
    }
    while (opened < mentions.size() && mentions[opened].tokens.begin <= t) {
      mentions[opened].start_row = sequence.size();
      sequence.push_back(mentions[opened++].start_id);
    }
    if (t < text.end) sequence.push_back(tokens[t]);
  }
  sequence.push_back(tokenizer.sep());
  return sequence;
}

}  // namespace radie::internal

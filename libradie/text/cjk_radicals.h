// CJK radicals, which text taken out of PDF files holds in place of the ideographs they look like.
#pragma once

namespace radie {

// The ideograph that a radical of U+2E80–U+2EF3 stands for (Unicode's
// Equivalent_Unified_Ideograph; the one exception is in the .cc), or the code point itself.
char32_t IdeographOfRadical(char32_t code_point);

}  // namespace radie

// The activation functions a layer may end with.
#pragma once

namespace radie {

enum class Activation { kNone, kGeluErf, kGeluTanh, kRelu, kTanh };

}  // namespace radie

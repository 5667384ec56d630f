// Everything public, in one include.
#pragma once

#include "radie/benchmark.h"
#include "radie/encoder.h"
#include "radie/error.h"
#include "radie/evaluation.h"
#include "radie/extractor.h"
#include "radie/heads.h"
#include "radie/model.h"
#include "radie/options.h"
#include "radie/report.h"
#include "radie/terms.h"
#include "radie/version.h"
#include "radie/writer.h"

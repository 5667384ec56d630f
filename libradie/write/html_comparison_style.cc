#include "libradie/write/html_comparison_style.h"

namespace radie {
namespace {

// A difference is told by a letter and a number in a badge; the outline's kind says it once more.
constexpr std::string_view kComparisonStyle = R"css(
.x{font-size:.66rem;line-height:1;font-weight:700;white-space:nowrap;padding:.1em .4em;margin:0 .15em;border-radius:.2em;background:var(--bad-fg);color:var(--on);text-decoration:none;-webkit-user-select:none;user-select:none;font-variant-numeric:tabular-nums}
.text .x{vertical-align:.5em}
.text .x::before{content:"\2060"}
.e.d{outline:2px solid var(--bad-fg);outline-offset:1px;margin:0 .12em}
.e.mis{outline-style:dashed}
.e.spu{outline-style:dotted;outline-width:3px}
.part h4{font-size:.8rem;margin:.8rem 0 .2rem;color:var(--soft);font-weight:600}
.over{list-style:none;margin:0;padding:0;display:flex;flex-wrap:wrap;gap:.3rem 1rem}
.arrow{color:var(--soft);padding:0 .25em}
.top .figures{margin:1rem 0 0;background:var(--card);border:1px solid var(--rule);border-radius:.6rem;padding:.7rem 1rem;overflow-x:auto}
.figures h2,.list h2{font-size:1rem;margin:0 0 .4rem}
.figures table+table{margin-top:1.2rem}
.figures td,.figures thead th+th{text-align:right;font-variant-numeric:tabular-nums}
.figures tbody td{min-width:0}
.figures thead th{white-space:normal}
.figures tbody th{font-weight:400;min-width:6em}
.figures tbody th.main{font-weight:700}
.figures tbody th.sub{padding-left:1.2em}
.list{margin:1rem 0 0;background:var(--card);border:1px solid var(--rule);border-radius:.6rem;padding:.7rem 1rem;font-size:.92rem}
.list ol{margin:0;padding-left:2.4em;columns:24rem auto;column-gap:2.5rem}
.list li{break-inside:avoid;overflow-wrap:anywhere;margin:0 0 .2rem}
.list .counts{color:var(--soft);font-size:.85rem;margin-left:.5em}
.kinds{list-style:none;display:flex;flex-wrap:wrap;gap:.35rem 1.3rem;margin:.5rem 0 0;padding:0}
.found *+table,.found *+h3,.found details{margin-top:1.2rem}
.found details,.figures details{font-size:.9rem}
.figures details{margin-top:.7rem}
.figures summary+table{margin-top:.9rem}
summary{cursor:pointer;color:var(--link)}
summary:focus-visible{outline:3px solid var(--hit);outline-offset:2px}
.found details ul{margin:.4rem 0 0;padding-left:1.2em}
.back{font-size:.82rem;margin:.8rem 0 0}
@media screen and (min-width:60rem){.pair{display:grid;grid-template-columns:1fr 1fr}
.pair .part+.part{border-top:0;border-left:1px solid var(--rule)}
.pair+.part{border-top:1px solid var(--rule)}}
.pair+.part{border-top:1px solid var(--rule)}
@media screen and (max-width:45rem){.figures tbody td{display:inline-block;padding:0 1.1em 0 0;text-align:left}
.figures tbody td::before{position:static;content:attr(data-label) " "}
.figures tbody th.sub{padding-left:0}
.list ol{columns:auto}}
@media print{.list,.figures{border:0;padding:.3rem 0}
.list ol{columns:2}
.back{display:none}
.x{font-size:7pt}}
)css";

}  // namespace

std::string_view HtmlComparisonStyle() { return kComparisonStyle; }

}  // namespace radie

#include "libradie/write/html_style.h"

namespace radie {
namespace {

// Colour is never the only cue: objects are boxed and numbered, attributes underlined, each type in
// a way of its own, and every badge says its type in a letter. Hues are far apart for all common
// kinds of colour blindness (after Okabe and Ito), darkened to AA contrast.
constexpr std::string_view kStyle = R"css(
:root{color-scheme:light dark;
--page:#f3f5f7;--card:#ffffff;--ink:#16202b;--soft:#51606f;--rule:#d5dce3;--head:#eef2f5;--link:#0b5394;--hit:#c25e00;
--obs-bg:#d9e8fb;--obs-fg:#0b4f9e;--dx-bg:#f8dcec;--dx-fg:#94135f;--cer-bg:#fdf0c8;--cer-fg:#755000;
--loc-bg:#dcf2e8;--loc-fg:#0a6145;--siz-bg:#e8e2fa;--siz-fg:#5635a8;--chr-bg:#e6ebf0;--chr-fg:#44525f;
--chg-bg:#fde3d6;--chg-fg:#9c3600;--oth-bg:#ededea;--oth-fg:#56564d;--bad-bg:#fdeceb;--bad-fg:#9f1d14;--on:#ffffff}
@media screen and (prefers-color-scheme:dark){:root{
--page:#10161c;--card:#19222b;--ink:#e9eef3;--soft:#a9b6c2;--rule:#35424e;--head:#212c37;--link:#8ec5ff;--hit:#ffb454;
--obs-bg:#173a63;--obs-fg:#8ec5ff;--dx-bg:#55163c;--dx-fg:#ff9fd0;--cer-bg:#473708;--cer-fg:#f2cd5c;
--loc-bg:#0f4031;--loc-fg:#6fdcb0;--siz-bg:#382a66;--siz-fg:#c5b3ff;--chr-bg:#323e49;--chr-fg:#c3ced8;
--chg-bg:#57280f;--chg-fg:#ffb48c;--oth-bg:#3a3a36;--oth-fg:#d0d0c6;--bad-bg:#4d1714;--bad-fg:#ffaaa3;--on:#10161c}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--ink);line-height:1.6;
font-family:"Hiragino Sans","Yu Gothic UI","BIZ UDPGothic","Noto Sans JP","Noto Sans CJK JP",Meiryo,system-ui,sans-serif}
a{color:var(--link)}
a:focus-visible,[tabindex]:focus-visible{outline:3px solid var(--hit);outline-offset:2px}
.skip{position:absolute;left:-100vw}
.skip:focus{left:1rem;top:.5rem;background:var(--card);padding:.3rem .8rem;z-index:1}
.top,main,.foot{max-width:96rem;margin:0 auto;padding:0 1.25rem}
.top{padding-top:1.5rem}
h1{font-size:1.3rem;margin:0 0 .6rem;overflow-wrap:anywhere}
.legend{font-size:.85rem;color:var(--soft);background:var(--card);border:1px solid var(--rule);border-radius:.6rem;padding:.7rem 1rem}
.legend h2{font-size:inherit;margin:0 0 .3rem;color:var(--ink)}
.legend ul{list-style:none;display:flex;flex-wrap:wrap;gap:.35rem 1.3rem;margin:0;padding:0}
.legend p{margin:.45rem 0 0}
.legend .e{color:var(--ink)}
.report{background:var(--card);border:1px solid var(--rule);border-radius:.6rem;margin:1.25rem 0}
.name{display:flex;flex-wrap:wrap;align-items:baseline;justify-content:space-between;gap:.1rem 1.5rem;padding:.7rem 1.25rem;background:var(--head);border-bottom:1px solid var(--rule);border-radius:.55rem .55rem 0 0}
.name h2{font-size:1.05rem;margin:0;overflow-wrap:anywhere}
.name p{margin:0;font-size:.85rem;color:var(--soft)}
.part{padding:.9rem 1.25rem 1.1rem}
.part+.part{border-top:1px solid var(--rule)}
.found{overflow-x:auto}
h3{font-size:.85rem;margin:0 0 .4rem;color:var(--soft);font-weight:600}
.text{white-space:pre-wrap;overflow-wrap:anywhere;unicode-bidi:isolate;font-size:1.05rem;line-height:2.15;max-width:46em}
.e{padding:.1em .15em;border-radius:.2em;-webkit-box-decoration-break:clone;box-decoration-break:clone;text-underline-offset:.24em;text-decoration-thickness:2px;text-decoration-skip-ink:none}
.obs,.dx{font-weight:700}
.e.obs{background:var(--obs-bg);box-shadow:inset 0 0 0 1.5px var(--obs-fg)}
.e.dx{background:var(--dx-bg);box-shadow:inset 0 0 0 1.5px var(--dx-fg),inset 0 -4px 0 var(--dx-fg)}
.e.cer{background:var(--cer-bg);text-decoration:underline wavy 1.5px var(--cer-fg)}
.e.loc{background:var(--loc-bg);text-decoration:underline solid 2.5px var(--loc-fg)}
.e.siz{background:var(--siz-bg);text-decoration:underline double 1.5px var(--siz-fg)}
.e.chr{background:var(--chr-bg);text-decoration:underline dotted 2.5px var(--chr-fg)}
.e.chg{background:var(--chg-bg);text-decoration:underline dashed 2px var(--chg-fg)}
.e.oth{background:var(--oth-bg);text-decoration:underline solid 1px var(--oth-fg)}
.n,.b{font-size:.64rem;line-height:1;font-weight:700;white-space:nowrap;-webkit-user-select:none;user-select:none;font-variant-numeric:tabular-nums}
.text .n,.text .b{vertical-align:.5em}
.text .n::before,.text .b::before{content:"\2060"}
.n{padding:.03em .52em;margin:0 .15em;color:var(--on);text-decoration:none;border-radius:1em}
.n.obs{background:var(--obs-fg)}
.n.dx{background:var(--dx-fg);border-radius:.15em}
.n.oth{background:var(--oth-fg);border-radius:.4em}
.b{margin:0 .2em 0 .1em}
.b,.b a{text-decoration:none}
.b.obs,.b.obs a{color:var(--obs-fg)}.b.dx,.b.dx a{color:var(--dx-fg)}.b.cer,.b.cer a{color:var(--cer-fg)}
.b.loc,.b.loc a{color:var(--loc-fg)}.b.siz,.b.siz a{color:var(--siz-fg)}.b.chr,.b.chr a{color:var(--chr-fg)}
.b.chg,.b.chg a{color:var(--chg-fg)}.b.oth,.b.oth a{color:var(--oth-fg)}
.b a:hover,.v a:hover{text-decoration:underline}
table{border-collapse:collapse;width:100%;font-size:.9rem}
caption{text-align:left;font-size:.85rem;font-weight:600;color:var(--soft);padding:0 0 .4rem}
th,td{text-align:left;vertical-align:top;padding:.45rem .65rem .45rem 0;border-top:1px solid var(--rule);overflow-wrap:anywhere}
th:last-child,td:last-child{padding-right:0}
thead th{font-size:.78rem;font-weight:600;color:var(--soft);border-top:0;border-bottom:2px solid var(--rule);white-space:nowrap}
tbody tr:first-child>*{border-top:0}
tbody th{font-weight:700;min-width:8em}
tbody th .kind{display:block;font-weight:400;font-size:.78rem;color:var(--soft)}
tbody td{min-width:6.2em}
.v{display:inline-block;text-wrap:balance}
.v a{color:inherit;text-decoration:none}
td .v{font-weight:400}
.none{color:var(--soft)}
.c{display:inline-block;font-size:.78rem;line-height:1.5;font-weight:600;padding:0 .5em;margin-right:.3em;border-radius:.25em;border:1.5px solid currentColor;white-space:nowrap}
.c.sure{color:var(--loc-fg)}
.c.open{color:var(--cer-fg);border-style:dashed}
.c.denied{color:var(--on);background:var(--chr-fg);border-color:var(--chr-fg)}
.code{font-weight:400;font-size:.78rem;color:var(--soft)}
.rest{font-size:.92rem;margin:1rem 0 0}
.rest dl{margin:0}
.rest dl>div{display:flex;gap:.9em;align-items:baseline;margin:0 0 .2rem}
.rest dt{flex:0 0 5.5em;font-size:.78rem;color:var(--soft);font-weight:600}
.rest dd{margin:0}
.warn,.fail{border-left:4px solid var(--bad-fg);background:var(--bad-bg);color:var(--bad-fg);padding:.5rem .8rem;margin:1rem 0 0;font-size:.9rem;overflow-wrap:anywhere}
.warn ul{margin:0;padding-left:1.2em}
.fail{margin:0}
.foot{color:var(--soft);font-size:.8rem;padding-bottom:2rem}
:target{outline:3px solid var(--hit);outline-offset:2px;border-radius:.2em;scroll-margin:30vh 0}
tr:target{outline-offset:-3px}
@media screen and (min-width:85rem){.cols{display:grid;grid-template-columns:minmax(22rem,5fr) minmax(0,6fr)}
.cols .part+.part{border-top:0;border-left:1px solid var(--rule)}
.cols>.part:first-child{position:sticky;top:0;align-self:start;max-height:100vh;overflow-y:auto}}
@media screen and (max-width:45rem){.top,main,.foot{padding-left:.75rem;padding-right:.75rem}
.name,.part{padding-left:.9rem;padding-right:.9rem}
thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
table,tbody,caption{display:block}
tbody tr{display:block;padding:.6rem 0;border-top:1px solid var(--rule)}
tbody tr:first-child{border-top:2px solid var(--rule)}
tbody th,tbody td{display:block;min-width:0;border:0;padding:.1rem 0}
tbody td{position:relative;padding-left:5.5em}
tbody th{font-size:1rem;margin-bottom:.15rem}
tbody th .kind{display:inline;margin-left:.5em}
tbody td::before{content:attr(data-label);position:absolute;left:0;top:.25em;color:var(--soft);font-size:.82rem}
tbody td:empty{display:none}}
@media print{:root{--page:#fff;--rule:#b9c2cb;--head:#f3f5f7}
@page{margin:14mm}
*{-webkit-print-color-adjust:exact;print-color-adjust:exact}
body{font-size:9pt;line-height:1.45}
.top,main,.foot{max-width:none;padding:0}
.skip{display:none}
.report{border:0;margin:.8rem 0 0}
.found{overflow:visible}
.report+.report{break-before:page;margin-top:0}
.name,.part{padding-left:.2rem;padding-right:.2rem}
.text{font-size:10.5pt;line-height:2;max-width:none}
.part{padding-top:.5rem;padding-bottom:.5rem}
th,td{padding-top:.2rem;padding-bottom:.2rem}
tbody th .kind{display:inline-block;margin-left:.4em}
.n,.b{font-size:7pt}
thead{display:table-header-group}
tr,.legend,.warn,.rest div{break-inside:avoid}
h2,h3,caption{break-after:avoid}
:target{outline:0}}
)css";

}  // namespace

std::string_view HtmlStyle() { return kStyle; }

}  // namespace radie

"""Writes text_radiology_ja.jsonl: normalised text and sentences as the training code makes them.

    python tests/golden/make_text_golden.py --output tests/golden

One record a line: `text`, `normalized`, `sentences` ([begin, end] code points of the normalised
text) and `source` ([begin, end] code points of `text` that each normalised code point came from).
Every text is made up here; none is from a report.
"""

import argparse
import random
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "weights_converter"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from radie_train.text import normalize, split_sentences

from golden_json import write_lines

_SEED = 31
_MIXED = 120

_LINES = (
    "", " ", "\n", "\r\n", "\ufeff", "\0", "　", "。", ".", ",", "!?", "…", "・", "【所見】",
    "【所見】右肺尖に空洞性病変があります。", "《胸部》両側に胸水。", "〈腹部〉胆石あり。",
    "[CT]肝に嚢胞", "<結論>経過観察", "  【 診断 】  膿瘍疑い", "右肺【中葉】に索状影",
    "【ここはとてもとても長くて閉じるのが遠い】本文",
    "【あいうえおかきくけこさしすせそたちつて】本文", "【所見]右肺", "[1]大動脈弁の石灰化",
    "[a。b]続く文", "<5mmの小結節が散在", "【】空", "【所見】【肺】結節",
    "左S6に18×12mmの腫瘤．辺縁に棘状突起あり．",
    "左S6に18×12mmの腫瘤，辺縁に棘状突起，胸膜陥入像．", "大きさは1.8cm，前回2.1cm．",
    "1,200 HU程度の石灰化，ほか著変なし", "No.3リンパ節が腫大", "No. 3 リンパ節が腫大",
    "径 ３．２ ｃｍ、厚さ １．５㎜", ".5mm程度", "5.", "５．", "vs. 前回",
    "i.e. abscess. Next line", "r/o TB.\nfollow up.", "a.,b", ",,,", "..", "．．．", "。。",
    "…。", "‥", "S1.2.3", "１，２，３", "A.B", "⒈右肺", "⒈", "㏂㏘", "①右肺 ②左肺", "㈠所見",
    "Ⅱ度の拡張", "ⅲ", "㎜㎝㎞㏄㎎", "㍉㌢㌔", "½大", "¾程度", "±2℃", "10⁻³", "H₂O", "ﬁbrosis",
    "最⻑径２０㎜", "⼤動脈、⼩葉、⾻、⾎管", "⻘⻲⺟⻄⻝", "⺀⺚⿕", "⺟指⽅向", "⻑⻑\u3099",
    "〜・～・∼・~", "−1、‐2、‑3、‒4、–5、—6、―7、－8、-9、ー", "∙肝 •脾 ･腎 ・膵",
    "10✕20✖30⨯40×50", "｡､｢｣", "ﾘﾝﾊﾟ節ﾊ腫大ｼﾃｲﾅｲ｡", "ｶﾞ\uff9eｷﾞ", "ｱ\uff9eｳﾞﾊ\uff9f",
    "か\u3099き\u3099は\u309aひ\u309a", "か\u200b\u3099", "か\0\u3099", "か\n\u3099", " \u3099",
    "\u3099", "a\u0301\u0323", "x\u0301\u0323", "x\u0323\u0301", "é e\u0301 E\u0302\u0301",
    "\u1112\u1161\u11ab", "한\u11ab글", "ㄱㅏ", "\u1100\u1161\u1161", "葛\U000e0100\u3000辻",
    "神経\ufe00", "\U0002f81a\uf914", "𠮷田", "👨\u200d👩\u200d👧", "❤\ufe0f☑", "🇯🇵",
    "1\ufe0f\u20e3", "ﷺ", "ﬀ\u0301", "\u0344", "\u212b\u2126", "\u00ad\u202e",
    "\u200b\u200c\u200d\u2060\ufeff", "a\x01b\x1fc\x7fd\x85e\x9ff", "\x1c\x1d\x1e\x1f",
    "\u2028\u2029", "\u00a0\u2003\u202f\u205f\u3000", "\t\tタブ\t", "\v\f", "\r\r\n\n\r",
    "右\r左\r\n上\n下", "肺\r\n\u3099", "（所見あり。）次の文。", "「変化なし。」とのこと。",
    "『a』。』b", "終わり!)続き", "本当?(疑い)", "疑い?】", "!!", "?!。", "はい。」』)]}】いいえ",
    "（造影前）", "(1)肝 (2)腎", "右中葉と舌区に気管支拡張があり粘液栓を\n伴っています。",
    "右中葉と舌区に気管支拡張があり粘液栓を\n・肝に嚢胞",
    "右中葉と舌区に気管支拡張があり粘液栓を\n  伴っています",
    "右中葉と舌区に気管支拡張があり粘液栓を\n\n伴っています",
    "右中葉と舌区に気管支拡張があり粘液栓を\n1.肝",
    "右中葉と舌区に気管支拡張があり粘液栓を\n10mm大の",
    "右中葉と舌区に気管支拡張があり粘液栓を\n１）肝",
    "右中葉と舌区に気管支拡張があり粘液栓を\n①肝", "右中葉と舌区に気管支拡張があり粘液栓を\n②",
    "あいうえおかきくけこさしすせそ\n続き", "あいうえおかきくけこさしすせそた\n続き",
    "あいうえおかきくけこさしすせそた\nあいうえおかきくけこさしすせそたちつてとな",
    "あいうえおかきくけこさしすせそた\nあいうえおかきくけこさしすせそたちつてとなに",
    "あいうえおかきくけこさしすせそ：\n続き", "あいうえおかきくけこさしすせそた: \n続き",
    "あいうえおかきくけこさしすせ【所見】\n続き", "あいうえおかきくけこさしすせそた>\n続き",
    "あいうえおかきくけこさしすせそた。\n続き", "あいうえおかきくけこさしすせそた  \n続き",
    "あいうえおかきくけこさしすせそた\r\n続き\r\n\r\n別",
    "あいうえおかきくけこさしすせそた\n　　　\n続き",
    "　　　　　　　　　　　　　　　　　　\n続き", "あいうえおかきくけこさしすせそた\n→経過",
    "あいうえおかきくけこさしすせそた\n＃1 肝", "あいうえおかきくけこさしすせそた\n＊注",
    "あいうえおかきくけこさしすせそた\n－なし", "あいうえおかきくけこさしすせそた\n•なし",
    "あいうえおかきくけこさしすせそた\n＜結論＞なし",
    "あいうえおかきくけこさしすせそた\n［結論］なし", "あいうえおかきくけこさしすせそた\n3：なし",
    "あいうえおかきくけこさしすせそた\n3", "あいうえおかきくけこさしすせそた\n①：なし",
    "あいうえおかきくけこさしすせそた\n3，なし", "あいうえおかきくけこさしすせそた\n",
    "あいうえおかきくけこさしすせそた\n\0\n続き",
    "A long English line that runs on and on\nand goes on in the next. End.",
    "Impression:\nNo acute abnormality in the abdomen.",
    "1. Liver: cyst.\n2. Kidney: stone, 4.5 mm.", "肝:SOLなし\n腎:結石あり\n膵:n.p.",
)  # fmt: skip
_PARTS = (
    "右肺尖に", "左肺底に", "肝右葉に", "2.5㎝大の", "８×６mmの", "最⻑径１２㎜の", "辺縁不整な",
    "空洞を伴う", "腫瘤を認め，", "斑状影があり、", "嚢胞を認めます．", "石灰化のみ。",
    "ｺﾝｿﾘﾃﾞｰｼｮﾝ(+)", "（前回と同様。）", "【腹部】", "・", "→", "①", "3）", "：", "\n", "\n",
    "\r\n", "\n\n", "　", " ", "…", "〜", "か\u3099", "\u200b", "?", "！", "S1+2", "No. ", "vs.",
    "\t",
)  # fmt: skip


def texts() -> list[str]:
    """The lines, all radicals, reports of several lines, and seeded mixtures of parts."""
    rng = random.Random(_SEED)
    made = [*_LINES, "".join(map(chr, range(0x2E80, 0x3000)))]
    for _ in range(20):
        made.append(rng.choice(("\n", "\r\n")).join(rng.sample(_LINES, 12)))
    for _ in range(_MIXED):
        made.append("".join(rng.choice(_PARTS) for _ in range(rng.randrange(4, 40))))
    return list(dict.fromkeys(made))


def make(output: Path) -> None:
    """Writes text_radiology_ja.jsonl."""
    records = []
    for text in texts():
        normalized = normalize(text)
        records.append(
            {
                "text": text,
                "normalized": normalized.text,
                "sentences": [list(s) for s in split_sentences(normalized.text)],
                "source": [list(s) for s in normalized.source],
            }
        )
    write_lines(output / "text_radiology_ja.jsonl", records)


def main(argv: Sequence[str] | None = None) -> None:
    """Writes the file into the folder given."""
    parser = argparse.ArgumentParser(description="Writes text_radiology_ja.jsonl.")
    parser.add_argument("--output", type=Path, required=True, metavar="FOLDER")
    make(parser.parse_args(argv).output)


if __name__ == "__main__":
    main()

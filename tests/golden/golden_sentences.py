"""The texts of the tokeniser and normalisation golden files: invented, awkward and random ones.

No text here comes from a report. Sentences are put together from the invented parts below.
"""

import random
import unicodedata

_PLACES = (
    "右肺上葉", "左肺下葉S6", "両肺", "肝S8", "縦隔リンパ節", "膵頭部", "右腎下極", "胆嚢",
    "左副腎", "第5腰椎", "下行結腸", "ＲＵＬ", "左肺Ｓ１＋２", "肺門部", "甲状腺右葉", "胸膜",
)  # fmt: skip
_FINDINGS = (
    "結節", "すりガラス影", "浸潤影", "低吸収域", "嚢胞", "石灰化", "胸水", "腫大",
    "気管支拡張", "ring enhancement", "consolidation", "mass", "造影不良域", "瘢痕様変化",
    "小粒状影",
)  # fmt: skip
_SIZES = (
    "15mm大の", "12×8 mmの", "最大径3cmの", "約4.3×3.8cmの", "径８㎜の", "長径2.5㎝ほどの",
    "1,200HUの", "",
)  # fmt: skip
_LOOKS = ("辺縁不整な", "境界明瞭な", "多発する", "軽度の", "spiculaを伴う", "分葉状の", "淡い", "")
_ENDS = (
    "を認めます。", "は認めません。", "を疑います。", "は前回と著変ありません。",
    "が増大しています。", "の可能性は否定できません．", "は消失", "が新たに出現，要follow up。",
    "と考えます",
)  # fmt: skip
_ENGLISH = (
    "No lymphadenopathy is seen in the mediastinum.",
    "A 12 mm nodule in the right upper lobe, unchanged.",
    "Multiple hypoattenuating lesions (up to 3.5cm) suggest metastases.",
    "Follow-up CT in 3-6 months is recommended; don't delay.",
    "Coexisting ground-glass opacities & consolidation, r/o infection!", "T2aN1M0, stage IIB?",
    "naïve café résumé — Ångström, Müller's coöperation",
    "UNREMARKABLE Liver, SPLEEN and PANCREAS.", "the pancreaticoduodenectomy scar",
    "e.g. S1+2, S6, S10; i.e. 40mm", "x" * 99 + " y", "n" * 100, "n" * 101, "o" * 200,
    "肺" * 101, "ァ" * 150, "é" * 101, "e\u0301" * 60, "[CLS] [SEP] text [UNK] [MASK]",
    "##able able ##", "a##b",
)  # fmt: skip
_JAPANESE = (
    "【所見】", "・肝：ＳＯＬなし。", "右肺に\n結節あり。\r\n前回より増大。",
    "造影CT（2相）を施行。", "ＣＴ上、明らかな転移は指摘できず。", "①右上葉 ②左下葉 ③肝",
    "径１０㎜→１２㎜", "PET/CT(+)、SUVmax=4.5", "ﾘﾝﾊﾟ節腫大ﾅｼ", "ﾎﾟﾘｰﾌﾟ、ﾊﾞﾘｳﾑ｡",
    "髙橋先生　御侍史", "〜10mm～12ｍｍ", "ｃT4N3M1ｃ　Ⅳ期", "骨・軟部：異常なし",
    "　全角空白で始まる", "\tタブ\t区切り\t", "胆のう、すい臓、ひ臓に異常をみとめない",
    "㈱放射線㍻㋿", "½量、¼量、¾", "…以上…", "がぎぐげご", "か\u3099き\u3099は\u309a",
    "神經\ufe00症",
)  # fmt: skip
_AWKWARD = (
    "", " ", "  ", "\u3000", "\n", "\r\n", "\t \n", "\u00a0", "a\u00a0b", "a\u3000b",
    "a\u2003b\u2009c", "a\u1680b", "a\u2028b\u2029c", "a\u0085b", "a\u001cb\u001fc", "\u0000",
    "a\u0000b", "\ufffd", "a\ufffdb", "\ufeffBOM", "a\u200bb", "a\u200cb\u200dc", "a\u2060b",
    "soft\u00adhyphen", "a\u202eb\u202cc", "\U0001f600", "肺\U0001f600結節",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f1ef\U0001f1f5", "\u2764\ufe0f",
    "1\ufe0f\u20e3", "\U0001f44d\U0001f3fd", "\u0301", "\u3099", "\u309a\u309a", "a\u0301",
    "a\u0323\u0301", "a\u0301\u0323", "\u00e9", "e\u0301", "\u1e69", "s\u0323\u0307", "\u0344",
    "\u212b", "ｶ\uff9e", "ﾊ\uff9f", "\uff9e", "ｱ\uff9e", "ｳ\uff9eｧ", "ｶﾞｷﾞｸﾞ", "ヷ", "ワ\u3099",
    "①②⑳㊿", "㎜㎝㎏㎥㏄", "½⅓⅔⅛", "…‥", "ﬁﬂﬃ", "ſt", "\u2126\u212a", "⻑⻘⻲",
    "⼀⼤⽀⾻⾆⿊", "豈更車\ufa11\ufa10", "\U0002f800\U0002f81a", "\U00020000\U0002a6d6𠮷野家",
    "\U0002b740\U0002b81d", "\U0002b820\U0002cea1", "葛\U000e0100城", "辻\U000e0101",
    "\u1112\u1161\u11ab", "한글 \u110c\u1161", "ㅎㅏㄴ", "\uffa1\uffc2", "السلام عليكم", "ﷺ ﷻ",
    "مُحَمَّد", "สวัสดีครับ", "น้ำ", "ກຳ", "नमस्ते", "ক্ষ", "\u0f71\u0f72",
    "ΑΒΓ ΟΔΟΣ ΣΑΣ Σ", "İstanbul ıI", "ẞß STRASSE", "ǅ ǆ Ǆ", "ЁЖИК ёжик",
    "\u1e9b\u0323", "´゛゜¨", "〜～∼~", "−-‐‑‒–—―－ー", "｡､･「」｢｣",
    "“quoted” ‘q’ «g»", "†‡§¶•", "$+<=>^`|~", "a_b-c.d,e;f:g!h?i", "(a)[b]{c}",
    "＄＋＜＝＞＾｀｜～", "、。，．・：；？！", "々〆〇ヶヵ", "〒〓〔〕〖〗", "ゟヿ",
    "\u3400\u4db5", "\u9fff", "\ue000\uf8ff", "\U000f0000", "\ufdd0\uffff",
    "\U0001d400\U0001d7ce", "🄰🅐", "₂²³¹ª º", "Ⅳ ⅳ", "㍉㌢㍑", "ﾞ゛", "\u0378a",
    "a\u0300\u0315\u0300b", "\u0f73\u0f75", "\u2ff0", "\u303e", "\u3164", "ᾳ ᾼ ῼ", "ŉ ǰ",
    "ﬀ\u0301", "\u1100\u1161\u11a8\u11a8",
)  # fmt: skip
_RANGES = (
    (0x20, 0x7E), (0x20, 0x7E), (0x80, 0x24F), (0x300, 0x36F), (0x370, 0x5FF), (0x600, 0x6FF),
    (0xE00, 0xEFF), (0x1100, 0x11FF), (0x1E00, 0x1FFF), (0x2000, 0x206F), (0x2070, 0x2BFF),
    (0x2E80, 0x2FDF), (0x3000, 0x30FF), (0x3040, 0x30FF), (0x3100, 0x33FF), (0x4E00, 0x9FFF),
    (0x4E00, 0x9FFF), (0xAC00, 0xD7A3), (0xF900, 0xFAFF), (0xFE00, 0xFEFE), (0xFF00, 0xFFEF),
    (0x1F300, 0x1F6FF), (0x20000, 0x2A6DF), (0x2F800, 0x2FA1D), (0x00, 0x1F),
)  # fmt: skip


def plain_sentences(count: int, seed: int) -> list[str]:
    """Invented sentences, Japanese for the most part."""
    rng = random.Random(seed)
    parts = (_PLACES, _SIZES, _LOOKS, _FINDINGS, _ENDS)
    made = [*_JAPANESE, *_ENGLISH]
    while len(made) < count:
        place, size, look, finding, end = (rng.choice(part) for part in parts)
        sentence = f"{place}に{size}{look}{finding}{end}"
        if rng.random() < 0.15:
            sentence += rng.choice((" ", "\n", "")) + rng.choice(_ENGLISH[:10])
        made.append(sentence)
    return list(dict.fromkeys(made))


def all_texts(seed: int = 7) -> list[str]:
    """Every text: plain, awkward, mixtures of both, random Unicode."""
    rng = random.Random(seed)
    plain = plain_sentences(300, seed)
    texts = [*plain, *_AWKWARD]
    for _ in range(90):
        a, b = rng.choice(plain), rng.choice(plain)
        cut = rng.randrange(len(a) + 1)
        texts.append(a[:cut] + rng.choice(_AWKWARD) + a[cut:] + rng.choice(("", " ", "\n")) + b[:9])
    for _ in range(150):
        length = rng.randrange(1, 24)
        texts.append("".join(_random_character(rng) for _ in range(length)))
    return list(dict.fromkeys(texts))


def _random_character(rng: random.Random) -> str:
    """An assigned character: what is unassigned differs between versions of Unicode."""
    while True:
        character = chr(rng.randint(*rng.choice(_RANGES)))
        if unicodedata.category(character) not in ("Cn", "Cs"):
            return character

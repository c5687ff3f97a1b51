"""Count the pairs of letters of nbs/data/03_letters.ipynb anew: `python .ci/letter_pairs.py FOLDER` prints its tables.

FOLDER holds a file `LANGUAGE.txt` for each language, a line a word and its frequency with a tab between. The tables
were counted in the lists of wordfreq 3.1.1, for German with the words with ß of Debian's wngerman (wordfreq writes
ss), and for Estonian, which it has not, in Debian's myspell-et.
"""

import sys
from collections import Counter
from pathlib import Path

LETTERS = {
    "German": "äöüß", "French": "àâæçéèêëîïôœùûü", "Spanish": "áéíóúüñ", "Italian": "àèéìíòóùú",
    "Portuguese": "áâãàçéêíóôõú", "Danish": "æøåé", "Norwegian": "æøåéòô", "Swedish": "åäöé", "Dutch": "ëïéèöüêáó",
    "Icelandic": "áðéíóúýþæö", "Finnish": "äöåšž", "Catalan": "àçèéíïòóúü", "Estonian": "äöõüšž",
    "Polish": "ąćęłńóśźż", "Czech": "áčďéěíňóřšťúůýž", "Slovak": "áäčďéíĺľňóôŕšťúýž", "Hungarian": "áéíóöőúüű",
    "Romanian": "ăâîşţ", "Croatian": "čćđšž", "Slovene": "čšž", "Turkish": "çğıöşüâî",
    "Lithuanian": "ąčęėįšųūž", "Latvian": "āčēģīķļņšūž", "Russian": "абвгдежзийклмнопрстуфхцчшщъыьэюяё",
    "Greek": "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊ",
}  # fmt: skip
MOST, SHARE = 220, 0.99   # pairs of a language at most, and what share of all of its pairs they are


def pairs(path: Path, letters: str) -> str:
    "The commonest pairs of neighbours with a letter beyond ASCII, one after the other; a blank is a word's end."
    count = Counter[str]()
    for line in path.read_text(encoding="utf-8").splitlines():
        word, frequency = line.split("\t")
        if all(letter.isascii() or letter in letters for letter in word):
            for left, right in zip(f" {word}", f"{word} ", strict=True):
                if not (left + right).isascii():
                    # Between a list of words and a text: titles repeat words less than sentences do.
                    count[left + right] += float(frequency) ** 0.5
    chosen, share = [], 0.0
    for pair, n in sorted(count.items(), key=lambda item: (-item[1], item[0]))[:MOST]:
        if share > SHARE:
            break
        chosen.append(pair)
        share += n / count.total()
    return "".join(chosen)


for language, letters in LETTERS.items():
    text = pairs(Path(sys.argv[1]) / f"{language}.txt", letters)
    lines = [f'        "{text[place : place + 90]}"' for place in range(0, len(text), 90)]
    print(f'    "{language}":\n' + "\n".join(lines) + ",")
